"""Reading, writing and erasing private annotations; which papers of a meeting a person has opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import clock
from committee.models import Person
from pages.models import Annotation, Note, Opened
from proposals.attachments import stated_attachments
from proposals.models import PlanVersion, Proposal

#: the sections of a plan that can be annotated; their anchors on its page
SECTIONS: dict[str, str | Promise] = {
    "figures": _("Figures"),
    "conditions": _("Conditions"),
    "plan": _("Measures, loans, guarantees, investigation"),
    "execution": _("Schedule and execution"),
}
#: parts of a page: left, top, width and height in thousandths
AREAS: dict[str, str | Promise] = {
    "": _("The whole page"),
    "0,0,1000,333": _("The upper third"),
    "0,333,1000,334": _("The middle third"),
    "0,667,1000,333": _("The lower third"),
}
#: so many annotations one person keeps on a plan
MOST = 500


class Full(Exception):
    """The person keeps as many annotations on the plan as are kept."""


@dataclass(frozen=True)
class Placed:
    """An annotation with its place in words, and the area of the page that it marks, if it marks one."""

    row: Annotation
    where: str
    area: tuple[int, int, int, int] | None

    @property
    def anchor(self) -> str:
        """The section of the plan."""
        return "" if self.row.sha256 else self.row.place


def placed(rows: Iterable[Annotation], version: PlanVersion | None = None) -> list[Placed]:
    """The annotations, their files named as this version of the plan names them."""
    stated = stated_attachments(version.document) if version else ()
    names = {each.sha256: each.name for each in stated if each.sha256}
    return [_placed(row, names) for row in rows]


def _placed(row: Annotation, names: dict[str, str]) -> Placed:
    if not row.sha256:
        return Placed(row, str(SECTIONS.get(row.place) or _("The plan")), None)
    name = names.get(row.sha256) or gettext("A file that was taken off")
    where = gettext("%(name)s, page %(page)s") % {"name": name, "page": row.page}
    return Placed(row, where, area_of(row.place))


def area_of(place: str) -> tuple[int, int, int, int] | None:
    """Left, top, width and height in thousandths of the page; None for none; ValueError for no area."""
    if not place:
        return None
    left, top, width, height = (int(part) for part in place.split(","))
    if min(left, top) < 0 or min(width, height) < 1 or max(left + width, top + height) > 1000:
        raise ValueError(place)
    return left, top, width, height


def own(proposal: Proposal, person: Person) -> list[Annotation]:
    """The person's annotations on the plan: on the plan itself, then by file and page."""
    rows = Annotation.objects.filter(proposal=proposal, person=person)
    return list(rows.order_by("sha256", "page", "made_at", "pk"))


def on_page(proposal: Proposal, person: Person, sha256: str, page: int) -> list[Placed]:
    """The person's annotations on a page of a file."""
    rows = Annotation.objects.filter(proposal=proposal, person=person, sha256=sha256, page=page)
    return placed(rows.order_by("made_at", "pk"))


def write(proposal: Proposal, person: Person, **given: Any) -> Annotation:
    """Keep an annotation of the person on the plan; Full if there are as many as are kept."""
    if Annotation.objects.filter(proposal=proposal, person=person).count() >= MOST:
        raise Full
    return Annotation.objects.create(proposal=proposal, person=person, made_at=clock.now(), **given)


def erase(person: Person, proposal: Proposal | None = None, pk: int | None = None) -> int:
    """Erase an annotation of the person, those on one plan, or all; return how many."""
    rows = Annotation.objects.filter(person=person)
    if proposal is not None:
        rows = rows.filter(proposal=proposal)
    if pk is not None:
        rows = rows.filter(pk=pk)
    return rows.delete()[0]


def exported(person: Person) -> dict[str, Any]:
    """All annotations and notes of the person, by plan; one that is no longer seen has no number."""
    annotations = Annotation.objects.filter(person=person).order_by("proposal", "pk")
    notes = Note.objects.filter(person=person).exclude(text="").order_by("proposal")
    keys = {*annotations.values_list("proposal", flat=True), *notes.values_list("proposal", flat=True)}
    seen = {
        row.pk: row.written_number
        for row in Proposal.objects.visible_to(person).filter(pk__in=keys).select_related("committee")
    }
    return {
        "annotations": [
            {
                "plan": seen.get(row.proposal_id, ""),
                "file_sha256": row.sha256,
                "page": row.page,
                "place": row.place,
                "quote": row.quote,
                "text": row.text,
                "made_at": row.made_at.isoformat(),
            }
            for row in annotations
        ],
        "notes": [{"plan": seen.get(row.proposal_id, ""), "text": row.text} for row in notes],
    }


# -- What was opened --------------------------------------------------------------------------------


def open_paper(proposal: Proposal, person: Person, digest: str) -> None:
    """Keep that the person has opened the plan or the file of this digest, while it is on an agenda."""
    if proposal.item_id is not None:
        row = Opened(person=person, proposal=proposal, digest=digest)
        Opened.objects.bulk_create([row], ignore_conflicts=True)


def opened(proposal: Proposal, person: Person) -> frozenset[str]:
    """The digests of what the person has opened of the plan."""
    rows = Opened.objects.filter(proposal=proposal, person=person)
    return frozenset(rows.values_list("digest", flat=True))
