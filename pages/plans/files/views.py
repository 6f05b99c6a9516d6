"""The files of a plan: giving in and taking off, reading page by page, downloading.

No byte of a file ever runs in our origin: what is looked at is drawn anew as PNG on the server, and what is
downloaded goes out as an attachment, of its own type, in a sandbox.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import private
from committee.offices import HANDLER
from pages.plans.annotations import keeping
from pages.plans.annotations.forms import AnnotationForm
from pages.plans.files import attachments
from pages.plans.files.forms import AttachForm
from pages.plans.versions import visible_versions
from proposals import drawing, filetypes, storage
from proposals.actions.attachments import attach, detach
from proposals.models import PlanVersion, Proposal
from proposals.permissions import ACTS
from web import errors, labels, shell
from web.exports.responses import SEALED, OpenedFile
from web.forms.page import Input, Shown, form_page
from web.log import timeline
from web.seen import SeenRow
from web.viewer import Viewer, viewer_of

_PROPOSAL = SeenRow(Proposal, "committee__branch", "unit", "version")
_CHUNK = 256 * 1024
#: so many pages of a file are shown below each other
_MOST_LEAVES = 60
_HEADERS = SEALED | {"Cache-Control": "private, no-cache"}


def _proposal(request: HttpRequest, pk: int) -> Proposal:
    return _PROPOSAL.get_or_404(viewer_of(request).person, pk)


@dataclass(frozen=True, kw_only=True)
class AttachmentsPage:
    """The attachments of the version that the person sees, and the form to give in a file."""

    proposal: Proposal
    attached: list[attachments.AttachmentView]
    version: PlanVersion
    form: AttachForm
    #: whether the page shows what was typed before the session ended
    kept: bool
    #: whether the person may attach files and take them off now
    handles: bool
    refusal: labels.Refusal | None


@dataclass(frozen=True, kw_only=True)
class LeafPage:
    """One page of a file, with the numbers of the pages around; or why it cannot be drawn."""

    proposal: Proposal
    found: attachments.AttachmentView
    number: int
    pages: int
    before: int | None
    after: int | None
    large: bool
    #: pixels
    width: int
    fault: str
    #: the person's own, on this page, and the form of one more
    annotations: list[keeping.Placed]
    annotate: AnnotationForm


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """The attachments of the plan; its handlers give files in here, and take them off."""
    proposal, who = _proposal(request, pk), viewer_of(request)
    handles = who.acts_as(HANDLER, proposal)
    if request.method == "POST" and not handles:
        raise PermissionDenied
    removing = request.POST.get("remove", "")
    with ExitStack() as until_answered, timezone.override(proposal.committee.tz):
        return form_page(
            request,
            form=lambda given: _form(given, proposal, who, removing=bool(removing)),
            act=lambda form: _detach(request, proposal, removing) if removing else _attach(request, form),
            page=lambda shown: _attachments(request, proposal, shown, handles=handles),
            ready=lambda form: bool(removing) or _received(form, until_answered),
        )


def _form(given: Input, proposal: Proposal, who: Viewer, *, removing: bool) -> AttachForm:
    """The form of one file more; what was typed before the session ended had lost its file."""
    saved = given.saved.dict() if given.saved else None
    sent = (None, None) if removing else (given.sent, given.files)
    return AttachForm(*sent, subject=proposal, who=who, initial=saved)


def _attachments(
    request: HttpRequest, proposal: Proposal, shown: Shown[AttachForm], *, handles: bool
) -> HttpResponse:
    story = timeline.read_story(proposal.stream, payloads=False)
    version = visible_versions(proposal, viewer_of(request), story)[-1]
    saved = shown.input.saved
    page = AttachmentsPage(
        proposal=proposal,
        attached=attachments.attachments_of(version),
        version=version,
        form=shown.form,
        kept=bool(saved and "text" in saved),
        handles=handles and proposal.state in ACTS["amend"].states,
        refusal=shown.form.refusal,
    )
    return shell.page(request, "plans/files/attachments.html", page, here="proposals", status=shown.status)


def _received(form: AttachForm, until_answered: ExitStack) -> bool:
    """Whether the file was received and can be attached; the received file lasts until the response."""
    if not form.is_valid():
        return False
    if form.subject.state not in ACTS["amend"].states:
        raise ACTS["amend"].misplaced(form.subject.state)
    chunks = form.cleaned_data["file"].chunks(_CHUNK)
    return form.examine(until_answered.enter_context(storage.received(chunks)))


def _attach(request: HttpRequest, form: AttachForm) -> str:
    """Where giving in the file led."""
    attachment = form.attachment
    attach(form.subject, by=form.who.person, file=form.received, attachment=attachment)
    messages.success(request, _("%(name)s is attached.") % {"name": attachment.name})
    if attachment.pages is None and attachment.media_type in filetypes.DRAWN:
        messages.warning(request, _("It cannot be drawn here: it is read by downloading it."))
    return _back(request, form.subject)


def _detach(request: HttpRequest, proposal: Proposal, sha256: str) -> str:
    """Where taking the file off led."""
    detach(proposal, by=viewer_of(request).person, sha256=sha256)
    messages.success(request, _("The file is taken off the plan."))
    return _back(request, proposal)


def _back(request: HttpRequest, proposal: Proposal) -> str:
    """The step of the editor, for whoever came from there; else the attachments."""
    if request.POST.get("back"):
        return reverse("plan-step", args=[proposal.pk, "attachments"])
    return reverse("attachments", args=[proposal.pk])


@require_safe
def read(request: HttpRequest, pk: int, sha256: str, number: int = 1) -> HttpResponse:
    """A page of the file, drawn, with the way to the next and the one before; or why it cannot be drawn."""
    proposal = _proposal(request, pk)
    found = attachments.visible_file(proposal, viewer_of(request), sha256)
    assert found.file is not None
    requested = request.GET.get("page", "")
    if requested.isdecimal() and len(requested) < len(str(drawing.MOST_PAGES)) + 1:
        return redirect("attachment-page", pk, sha256, attachments.page_within(int(requested), found.file))
    if number != attachments.page_within(number, found.file):
        raise Http404
    large = request.GET.get("size") == "large"
    width, pages = drawing.WIDTHS[large], found.file.pages or 1
    page = LeafPage(
        proposal=proposal,
        found=found,
        number=number,
        pages=pages,
        before=number - 1 if number > 1 else None,
        after=number + 1 if number < pages else None,
        large=large,
        width=width,
        fault=_fault(request, found, number, width),
        annotations=keeping.on_page(proposal, viewer_of(request).person, sha256, number),
        annotate=AnnotationForm(sha256=sha256, page=number),
    )
    keeping.open_paper(proposal, viewer_of(request).person, sha256)
    return shell.page(request, "plans/files/attachment.html", page, here="proposals")


@require_safe
def leaves(request: HttpRequest, pk: int, sha256: str) -> HttpResponse:
    """The pages of the file one below the other, to be read within the room, each fetched when it comes into
    sight; 404 for a file that is not drawn.
    """
    proposal, who = _proposal(request, pk), viewer_of(request)
    found = attachments.visible_file(proposal, who, sha256)
    if not found.drawn or found.file is None:
        raise Http404
    if request.method == "GET":
        keeping.open_paper(proposal, who.person, sha256)
    pages = found.file.pages or 1
    shown = {
        "proposal": proposal,
        "found": found,
        "numbers": range(1, min(pages, _MOST_LEAVES) + 1),
        "more": pages - _MOST_LEAVES,
        "width": drawing.WIDTHS[False],
    }
    response = render(request, "plans/files/leaves.html", shown)
    response["Cache-Control"] = "private, no-cache"
    return response


def _fault(request: HttpRequest, found: attachments.AttachmentView, number: int, width: int) -> str:
    """Why the page cannot be drawn, as a text; empty where it can, or files of this kind are not drawn."""
    if not found.drawn:
        return ""
    try:
        _drawn(request, found, number, width)
    except drawing.Undrawable as undrawable:
        return attachments.fault(undrawable.key)
    return ""


@require_safe
def picture(request: HttpRequest, pk: int, sha256: str, number: int, width: int) -> HttpResponseBase:
    """The page as PNG; 404 for what cannot be drawn, 503 while too much is drawn beside it."""
    found = attachments.visible_file(_proposal(request, pk), viewer_of(request), sha256)
    if not found.drawn or width not in drawing.WIDTHS:
        raise Http404
    try:
        path = _drawn(request, found, number, width)
    except drawing.Undrawable as undrawable:
        if undrawable.key == "busy":
            return HttpResponse(status=503, headers={"Retry-After": str(errors.RETRY_SECONDS)})
        raise Http404 from None
    etag = quote_etag(path.stem)
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None and unchanged.status_code == 304:
        return unchanged
    return HttpResponse(path.read_bytes(), content_type="image/png", headers=_HEADERS | {"ETag": etag})


def _drawn(request: HttpRequest, found: attachments.AttachmentView, number: int, width: int) -> Path:
    """The path of the drawn page; Undrawable if it cannot be drawn. No connection is held while drawing."""
    assert found.file is not None
    if not 1 <= number <= (found.file.pages or 1):
        raise drawing.Undrawable("page")
    target = storage.drawn(found.file.sha256, number, width)
    if not target.exists():
        kind = filetypes.DRAWN[found.file.media_type]
        person = viewer_of(request).person.pk
        if not connection.in_atomic_block:
            connection.close()
        source = storage.place(found.file.sha256)
        private.folder(target.parent)
        drawing.draw(source, kind, page=number, width=width, target=target, person=person)
    return target


@require_safe
def download(request: HttpRequest, pk: int, sha256: str) -> HttpResponseBase:
    """The file as it was given in, to be saved."""
    found_on = _proposal(request, pk)
    found = attachments.visible_file(found_on, viewer_of(request), sha256)
    assert found.file is not None
    keeping.open_paper(found_on, viewer_of(request).person, sha256)
    path, media_type, name = storage.place(sha256), found.file.media_type, found.stated.name
    return OpenedFile(
        path.open("rb"), as_attachment=True, filename=name, content_type=media_type, headers=_HEADERS
    )
