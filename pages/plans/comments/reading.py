"""The threads of comments of a plan, each at its field, for those who may read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from committee.prepared import Prepared
from pages.plans.comments import places
from pages.plans.editor.steps import STEPS, Step, place, step_of
from proposals.models import PlanComment, Proposal
from proposals.permissions import ACTS, COMMENT_READERS
from web.viewer import Viewer

_Side = PlanComment.Side

#: what the log calls a comment; the timeline of others than its readers is without it
COMMENTED = frozenset({"comment"})

OF_PLAN = Prepared(
    lambda pk: PlanComment.objects.filter(proposal=pk).select_related("by", "version").order_by("at", "pk"),
    int,
)


@dataclass(frozen=True)
class Thread:
    """What was said at one field, the first first."""

    #: JSON path in the plan as it is now, and the name of the field in the editor
    path: str
    name: str
    label: str
    step: Step
    rows: Sequence[PlanComment]
    #: what the plan stated there when it was first commented on, and what it states now
    then: str
    now: str
    #: what the person has typed as an answer and not sent
    typed: str = ""
    #: beside a field of the editor it is neither an error nor something missing
    missing: bool = True
    is_thread: bool = True

    @property
    def open(self) -> bool:
        """Whether the institution has still to answer or to change it."""
        return self.rows[-1].side == _Side.LIAISON and not self.changed

    @property
    def changed(self) -> bool:
        """Whether the plan states something else there than when it was commented on last."""
        return self.then != self.now


def reads(proposal: Proposal, who: Viewer) -> bool:
    """Whether the person may read the comments on the plan."""
    return who.acts_as(COMMENT_READERS, proposal)


def to_read(proposal: Proposal, who: Viewer) -> tuple[Prepared[PlanComment], ...]:
    """What the person may read of the comments: all of the plan, or nothing."""
    return (OF_PLAN,) if reads(proposal, who) else ()


def may_comment(proposal: Proposal, who: Viewer) -> bool:
    """Whether the person may write one now."""
    act = ACTS["comment"]
    return proposal.state in act.states and who.acts_as(act.office, proposal)


def threads(
    rows: Iterable[PlanComment], document: Mapping[str, Any], typed: Mapping[str, str] | None = None
) -> list[Thread]:
    """The threads, in the order of the steps, each at its field in the document as it is now."""
    by_path: dict[str, list[PlanComment]] = {}
    for row in rows:
        by_path.setdefault(places.moved(row.field, row.version.document, document), []).append(row)
    found = [
        Thread(
            path,
            place(path),
            places.in_words(path, document),
            step_of(path),
            said,
            _then(said),
            places.stated(path, document),
            (typed or {}).get(path, ""),
        )
        for path, said in by_path.items()
    ]
    return sorted(found, key=lambda thread: STEPS.index(thread.step))


def _then(said: Sequence[PlanComment]) -> str:
    """What the plan stated at the field when the liaison last remarked on it."""
    last = [row for row in said if row.side == _Side.LIAISON] or said
    return places.stated(last[-1].field, last[-1].version.document)


def address(proposal: Proposal, path: str = "", step: str = "") -> str:
    """The address at which the field, or one of the step, is commented on."""
    query = urlencode({name: value for name, value in (("field", path), ("step", step)) if value})
    return reverse("proposal-act", args=[proposal.pk, "comment"]) + (f"?{query}" if query else "")
