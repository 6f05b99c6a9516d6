"""The ledger of loans: institutions, tapes, loans, households, duties."""
