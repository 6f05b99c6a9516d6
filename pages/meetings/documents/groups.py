"""The papers of a meeting by their kind, in the order of its file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from office.models import Paper

_K = Paper.Kind
#: kinds of which there is one a seat: they are folded
_A_SEAT = (_K.NOTICE, _K.BALLOT)


@dataclass(frozen=True)
class Fold:
    """Papers together: of one plan, or all of the kind."""

    #: number and title of the plan; empty for all
    plan: str
    title: str
    papers: list[Paper]


@dataclass(frozen=True)
class Group:
    """A kind with its papers."""

    kind: str
    name: str
    folded: bool
    folds: list[Fold] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many papers there are."""
        return sum(len(fold.papers) for fold in self.folds)

    @property
    def pages(self) -> int:
        """How many pages they have together."""
        return sum(paper.pages for fold in self.folds for paper in fold.papers)


def by_kind(papers: Iterable[Paper]) -> list[Group]:
    """Return the papers by kind, as they come; ballot papers by plan within, notices by seat."""
    found: dict[str, list[Paper]] = {}
    for paper in papers:
        found.setdefault(paper.kind, []).append(paper)
    return [
        Group(kind, str(_K(kind).label), kind in _A_SEAT, list(_folds(kind, rows)))
        for kind, rows in found.items()
    ]


def _folds(kind: str, rows: list[Paper]) -> Iterable[Fold]:
    if kind != _K.BALLOT:
        yield Fold("", "", sorted(rows, key=_seat) if kind == _K.NOTICE else rows)
        return
    for _vote, ballots in groupby(rows, key=_vote_of):
        papers = list(ballots)
        plan = papers[0].proposal
        yield Fold(plan.written_number if plan else "", plan.title if plan else "", papers)


def _vote_of(paper: Paper) -> str:
    """The vote that a ballot paper is of: "vote:3" of "vote:3:seat:1"."""
    return ":".join(paper.source.split(":")[:2])


def _seat(paper: Paper) -> tuple[int, int]:
    return (paper.seat.number if paper.seat else 0, paper.pk)
