"""Proofs that an entry is in the log: as files, and made from the database."""
