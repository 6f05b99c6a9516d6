"""The dossiers of decisions, for head office, auditors and Risk departments: the list, and each one."""
