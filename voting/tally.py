"""Counting a vote (Art. 20.2) as functions of values: integers only, a fixed number of votes to pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """The counts of a vote and whether it carried; `abstained` includes abstentions for a conflict of
    interest.
    """

    votes_for: int
    against: int
    abstained: int
    conflicted: int
    votes_to_pass: int

    @property
    def carried(self) -> bool:
        """Whether the votes for reach the number required."""
        return self.votes_for >= self.votes_to_pass

    @property
    def short_by(self) -> int:
        """The number of votes for that are missing; 0 when carried."""
        return max(0, self.votes_to_pass - self.votes_for)


def count(ballots: Iterable[tuple[str, bool]], *, votes_to_pass: int) -> Outcome:
    """Count ballots given as (choice, in conflict of interest).

    Abstentions, conflicts and vacancies do not change `votes_to_pass`: 5-0-4 is not carried, 6-3-0 is (Art.
    20.2). ValueError for a choice other than for, against, abstain.
    """
    cast = list(ballots)
    counts = Counter(choice for choice, _ in cast)
    if unknown := set(counts) - {"for", "against", "abstain"}:
        raise ValueError(f"not a choice: {sorted(unknown)}")
    return Outcome(
        votes_for=counts["for"],
        against=counts["against"],
        abstained=counts["abstain"],
        conflicted=sum(1 for choice, conflicted in cast if choice == "abstain" and conflicted),
        votes_to_pass=votes_to_pass,
    )
