"""A plan beside the ledger: taking loans from it, and each loan as stated, on the base date and today."""
