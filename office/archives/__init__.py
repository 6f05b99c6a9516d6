"""The file of a meeting as it is archived, and archives that were brought back (Art. 12.6)."""
