"""Duties: who answers for which loans, gaps, and handing loans over in bulk."""
