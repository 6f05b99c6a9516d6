"""The institutions of the ledger: their tree with its figures, and the movement of one by day."""
