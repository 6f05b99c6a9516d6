"""What happened: one hash chain a stream, written by `recording` and checked by `verify`."""
