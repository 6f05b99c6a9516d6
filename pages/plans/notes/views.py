"""The page of a private note; a script may save it as it is typed."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from pages.plans.notes.forms import NoteForm
from pages.plans.notes.saving import Outdated, note_of, write
from proposals.models import Proposal
from web import idempotent_forms, shell
from web.viewer import viewer_of


@never_cache
@sensitive_post_parameters("text")
@require_http_methods(["GET", "HEAD", "POST"])
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's own note on a plan; others have one of their own at the same address."""
    person = viewer_of(request).person
    proposal = get_object_or_404(Proposal.objects.visible_to(person).select_related("committee"), pk=pk)
    own = note_of(proposal, person)
    kept = idempotent_forms.saved_input(request)
    form = NoteForm(request.POST if request.method == "POST" else kept, note=own)
    by_script = request.headers.get("X-Requested-With") == "fetch"
    outdated = False
    if request.method == "POST" and form.is_valid():
        try:
            own = write(proposal, person, form.cleaned_data["text"], after=form.cleaned_data["after"])
        except Outdated:
            outdated, own = True, note_of(proposal, person)
            form = NoteForm({"text": form.cleaned_data["text"], "after": own.revision}, note=own)
        else:
            if by_script:
                return JsonResponse({"after": own.revision, "saved": _saved(own.saved_at, proposal)})
            messages.success(request, _("Your note is saved."))
            return HttpResponseRedirect(reverse("note", args=[pk]))
    if by_script:
        return HttpResponse(status=409 if outdated else 422)
    status = 409 if outdated else 422 if request.method == "POST" else 200
    context = {"proposal": proposal, "form": form, "outdated": outdated, "kept": kept is not None, "own": own}
    return shell.page(request, "plans/notes/note.html", context, here="proposals", status=status)


def _saved(at: datetime | None, proposal: Proposal) -> str:
    with timezone.override(proposal.committee.tz):
        return _("Saved %(time)s") % {"time": f"{timezone.localtime(at):%H:%M}"} if at else ""
