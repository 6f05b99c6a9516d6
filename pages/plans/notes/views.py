"""The page of a private note; a script may save it as it is typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from pages.models import Note
from pages.plans.notes.forms import NoteForm
from pages.plans.notes.saving import Outdated, note_of, write
from proposals.models import Proposal
from web import idempotent_forms, shell
from web.seen import SeenRow
from web.viewer import viewer_of

_PROPOSAL = SeenRow(Proposal, "committee")


@dataclass(frozen=True, kw_only=True)
class NotePage:
    """A note as it is typed."""

    proposal: Proposal
    form: NoteForm
    #: whether it was changed elsewhere since it was shown
    outdated: bool
    #: whether the page shows what was typed before the session ended
    kept: bool
    own: Note


@never_cache
@sensitive_post_parameters("text")
@require_http_methods(["GET", "HEAD", "POST"])
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's own note on a plan; others have one of their own at the same address."""
    person = viewer_of(request).person
    proposal = _PROPOSAL.get_or_404(person, pk)
    own = note_of(proposal, person)
    if request.method != "POST":
        kept = idempotent_forms.saved_input(request)
        page = NotePage(
            proposal=proposal,
            form=NoteForm(kept, note=own),
            outdated=False,
            kept=kept is not None,
            own=own,
        )
        return _page(request, page, status=422 if _by_script(request) else 200)
    form = NoteForm(request.POST, note=own)
    outdated = False
    if form.is_valid():
        try:
            own = write(proposal, person, form.cleaned_data["text"], after=form.cleaned_data["after"])
        except Outdated:
            outdated, own = True, note_of(proposal, person)
            form = NoteForm({"text": form.cleaned_data["text"], "after": own.revision}, note=own)
        else:
            return _written(request, own, proposal)
    page = NotePage(proposal=proposal, form=form, outdated=outdated, kept=False, own=own)
    return _page(request, page, status=409 if outdated else 422)


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _written(request: HttpRequest, own: Note, proposal: Proposal) -> HttpResponse:
    """The answer to a note that is saved: for a script what it sends with the next one."""
    if _by_script(request):
        return JsonResponse({"after": own.revision, "saved": _saved(own.saved_at, proposal)})
    messages.success(request, _("Your note is saved."))
    return HttpResponseRedirect(reverse("note", args=[proposal.pk]))


def _page(request: HttpRequest, page: NotePage, *, status: int) -> HttpResponse:
    """The page; a script only gets the status."""
    if _by_script(request):
        return HttpResponse(status=status)
    return shell.page(request, "plans/notes/note.html", page, here="proposals", status=status)


def _saved(at: datetime | None, proposal: Proposal) -> str:
    with timezone.override(proposal.committee.tz):
        return _("Saved %(time)s") % {"time": f"{timezone.localtime(at):%H:%M}"} if at else ""
