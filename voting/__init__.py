"""Voting: votes, ballots and the tally."""
