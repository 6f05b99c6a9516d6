"""The ledger of non-performing loans (不良贷款台账): loans by day, duties, watch and targets."""
