"""The import of a loan tape: its bytes are copied into a table of texts, all else is statements on sets."""
