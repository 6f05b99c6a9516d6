"""One's own ballots: the list, and each in the sealed log by its receipt, and the files to check it."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from audit import log_keys
from audit.note import Checkpoint, Malformed, split
from committee.models import Meeting
from office.dossier import own_ballot, sealed_log
from office.dossier.own_ballot import OwnBallot
from voting.models import Ballot
from web import labels, shell
from web.lists.filters import clean
from web.lists.paging import page_of
from web.seen import seen_among
from web.viewer import viewer_of

_DIGITS = 64


@dataclass(frozen=True, kw_only=True)
class MyBallots:
    """The ballots that the person cast, a page of them, each with whether its meeting is still seen."""

    page: Page[Ballot]
    rows: list[tuple[Ballot, bool]]
    #: what was typed as a receipt and is none of one's own
    receipt: str
    query: str = ""


@dataclass(frozen=True, kw_only=True)
class MyBallot:
    """A ballot as its page shows it to whoever cast it."""

    own: OwnBallot
    sealed: str
    #: the hashes of the path, from the leaf upwards; none before the closing
    path: tuple[str, ...]
    #: origin, size and root of the checkpoint, and its note
    checkpoint: Checkpoint | None
    root: str
    note: str
    witness: str


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The person's ballots, the last first; a receipt that is typed leads to its ballot."""
    person = viewer_of(request).person
    receipt = "".join(clean(request.GET.get("receipt", "")).lower().split())[:_DIGITS]
    if receipt and own_ballot.of(person).filter(commitment=receipt).exists():
        return HttpResponseRedirect(reverse("my-ballot", args=[receipt]))
    page = page_of(request, own_ballot.of(person))
    ballots = list(page.object_list)
    seen = seen_among(Meeting, {ballot.vote.meeting_id for ballot in ballots}, person)
    shown = MyBallots(
        page=page,
        rows=[(ballot, ballot.vote.meeting_id in seen) for ballot in ballots],
        receipt=receipt,
    )
    return shell.page(request, "meetings/ballots/list.html", shown, here="meetings")


@require_safe
def detail(request: HttpRequest, receipt: str) -> HttpResponse:
    """The ballot with this receipt: before the closing only that it is in."""
    own = _own(request, receipt)
    proof = own.proved.proof if own.ended else None
    checkpoint = _checkpoint(proof.checkpoint) if proof is not None else None
    witness = log_keys.witness()
    shown = MyBallot(
        own=own,
        sealed=own.sealed[1] if labels.chinese() else own.sealed[0],
        path=tuple(each.hex() for each in proof.path) if proof is not None else (),
        checkpoint=checkpoint,
        root=checkpoint.root.hex() if checkpoint is not None else "",
        note=proof.checkpoint if proof is not None else "",
        witness=witness.name if witness is not None else "",
    )
    with timezone.override(own.vote.meeting.committee.tz):
        return shell.page(request, "meetings/ballots/ballot.html", shown, here="meetings")


@require_safe
def proof(request: HttpRequest, receipt: str) -> HttpResponse:
    """The proof that the entry of casting is in the log, as a file; 404 before the closing and without."""
    own = _own(request, receipt)
    if not own.ended or own.cast is None or own.proved.proof is None:
        raise Http404
    return _attached(own.proved.proof.written(), sealed_log.file_name(*own.cast.key), "text/plain")


@require_safe
def opened(request: HttpRequest, receipt: str) -> HttpResponse:
    """The ballot with its salt, and what its entry tells, as a file; 404 until the vote is closed, and for
    whoever does not see the meeting any more.
    """
    own = _own(request, receipt)
    if not own.closed or not own.visible:
        raise Http404
    return _attached(own_ballot.written(own), f"ballot-{receipt[:8]}.json", "application/json")


def _own(request: HttpRequest, receipt: str) -> OwnBallot:
    """The person's own ballot with this receipt; for others there is none."""
    own = own_ballot.find(viewer_of(request).person, receipt)
    if own is None:
        raise Http404
    return own


def _checkpoint(note: str) -> Checkpoint | None:
    try:
        return Checkpoint.parse(split(note)[0])
    except Malformed:
        return None


def _attached(content: str, name: str, media_type: str) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(
        content, content_type=f"{media_type}; charset=utf-8", headers={"Content-Disposition": disposition}
    )
