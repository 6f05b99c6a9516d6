"""The pages of a person's own annotations: on one plan, and all of them to export or erase."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from pages.models import Annotation
from pages.plans.annotations import keeping
from pages.plans.annotations.forms import AnnotationForm
from pages.plans.files import attachments
from pages.plans.versions import visible_versions
from proposals.models import PlanVersion, Proposal
from web import idempotent_forms, shell
from web.forms.page import Shown, form_page
from web.lists.filters import LONGEST
from web.log import timeline
from web.seen import SeenRow
from web.viewer import viewer_of

_PROPOSAL = SeenRow(Proposal, "committee__branch", "unit", "version")


@dataclass(frozen=True, kw_only=True)
class AnnotationsPage:
    """A person's annotations on one plan, and the form of one more."""

    proposal: Proposal
    version: PlanVersion
    annotations: list[keeping.Placed]
    form: AnnotationForm
    kept: bool


@dataclass(frozen=True, kw_only=True)
class MinePage:
    """How many annotations the person keeps on each plan that the person sees, and on others."""

    plans: list[tuple[Proposal, int]]
    others: int


@never_cache
@sensitive_post_parameters("text", "quote")
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's own annotations on the plan; others have theirs at the same address."""
    who = viewer_of(request)
    proposal = _PROPOSAL.get_or_404(who.person, pk)
    if "erase" in request.POST:
        return _erase(request, proposal)
    story = timeline.read_story(proposal.stream, payloads=False)
    version = visible_versions(proposal, who, story)[-1]

    def act(form: AnnotationForm) -> str:
        given = form.cleaned_data
        if given["sha256"]:
            found = attachments.visible_file(proposal, who, given["sha256"])
            assert found.file is not None
            given["page"] = attachments.page_within(given["page"], found.file)
        try:
            keeping.write(proposal, who.person, **given)
        except keeping.Full:
            raise ValidationError(_("You keep as many annotations on this plan as are kept.")) from None
        messages.success(request, _("Your annotation is kept."))
        return _place(proposal, given)

    def page(shown: Shown[AnnotationForm]) -> HttpResponse:
        context = AnnotationsPage(
            proposal=proposal,
            version=version,
            annotations=keeping.placed(keeping.own(proposal, who.person), version),
            form=shown.form,
            kept=shown.kept,
        )
        return shell.page(
            request, "plans/annotations/own.html", context, here="proposals", status=shown.status
        )

    return form_page(request, form=lambda given: AnnotationForm(given.data), act=act, page=page)


def _place(proposal: Proposal, given: Mapping[str, Any]) -> str:
    """The address of the place that was annotated."""
    if given["sha256"]:
        return reverse("attachment-page", args=[proposal.pk, given["sha256"], given["page"]]) + "#annotations"
    return reverse("annotations", args=[proposal.pk])


def _erase(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Erase the annotation that is named, or all on the plan; 404 for one that is not the person's own."""
    named, person = request.POST["erase"], viewer_of(request).person
    if named == "all":
        number = keeping.erase(person, proposal)
    else:
        pk = int(named) if named.isdecimal() and len(named) <= LONGEST else 0
        number = keeping.erase(person, proposal, pk)
        if not number:
            raise Http404
    _tell_erased(request, number)
    return HttpResponseRedirect(reverse("annotations", args=[proposal.pk]))


def _tell_erased(request: HttpRequest, number: int) -> None:
    told = ngettext("%(number)s annotation is erased.", "%(number)s annotations are erased.", number)
    messages.success(request, told % {"number": number})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """All plans with annotations of the person; all annotations can be erased."""
    person = viewer_of(request).person
    if request.method == "POST":

        def act() -> str:
            _tell_erased(request, keeping.erase(person))
            return reverse("annotations-mine")

        return idempotent_forms.redirect_to(request, idempotent_forms.carry_out(request, act))
    counted = Annotation.objects.filter(person=person).values("proposal").annotate(number=Count("pk"))
    numbers = dict(counted.values_list("proposal", "number"))
    seen = Proposal.objects.visible_to(person).filter(pk__in=numbers).select_related("committee")
    plans = [(row, numbers[row.pk]) for row in seen.order_by("-pk")]
    page = MinePage(plans=plans, others=sum(numbers.values()) - sum(number for _row, number in plans))
    return shell.page(request, "plans/annotations/mine.html", page, here="proposals")


@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """All annotations and notes of the person as JSON, to be saved."""
    answer = JsonResponse(
        keeping.exported(viewer_of(request).person), json_dumps_params={"ensure_ascii": False, "indent": 2}
    )
    answer["Content-Disposition"] = 'attachment; filename="annotations.json"'
    return answer
