"""Many repayments of an institution's plans from one sheet: read, tried, shown, and recorded all or none."""
