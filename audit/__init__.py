"""The audit log: one hash chain for each stream, written by `recording` and checked by `verify`."""
