"""The acts on the ledger, a module a noun."""
