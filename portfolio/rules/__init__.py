"""Rules of the ledger that are functions of values: dates of law and of money, duties, rates and shares."""
