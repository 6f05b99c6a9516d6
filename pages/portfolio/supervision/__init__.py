"""Rankings, supervision on site, admonishment talks, and targets of the year."""
