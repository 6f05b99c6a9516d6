"""A voter's own ballots, each found in the sealed log by its receipt."""
