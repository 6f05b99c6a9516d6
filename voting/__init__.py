"""How it is decided: votes, ballots, tally."""
