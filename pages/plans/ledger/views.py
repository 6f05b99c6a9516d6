"""Loans of the ledger fill a plan: one that is edited, or a new one."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from committee.models import Committee
from pages.plans.editor.session import EditingSession, plan_view
from pages.plans.ledger.picking import LoansForm, PickPage, StartPage, picking
from proposals.actions import plans
from proposals.plan.stated import contracts
from web import shell
from web.forms.page import Input, Shown, form_page
from web.viewer import Viewer, viewer_of


@require_http_methods(["GET", "HEAD", "POST"])
@plan_view
def pick(session: EditingSession) -> HttpResponse:
    """The loans that the handler sees in the ledger; those chosen fill the plan with the latest figures."""
    request, proposal, who = session.request, session.proposal, session.viewer

    def act(form: LoansForm) -> str:
        plans.amend(proposal, by=who.person, changes={}, **form.arguments())
        _tell(request, form)
        return reverse("plan-step", args=[proposal.pk, "loans"])

    def page(shown: Shown[LoansForm]) -> HttpResponse:
        stated = contracts(session.version.plan)
        found = picking(who, request.GET, shown.form, stated=stated, of=proposal.pk)
        content = PickPage(proposal=proposal, kept=shown.kept, **found)
        return shell.page(request, "plans/ledger/pick.html", content, here="proposals", status=shown.status)

    def form(given: Input) -> LoansForm:
        return LoansForm(given.data, subject=proposal, who=who)

    return form_page(request, form=form, act=act, page=page)


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """A new draft begins with loans of the ledger, for handlers (Art. 13)."""
    who = viewer_of(request)
    if not who.drafts_for:
        raise PermissionDenied
    committee = _committee(request, who)

    def act(form: LoansForm) -> str:
        made = plans.draft(committee, by=who.person, plan={}, **form.arguments())
        _tell(request, form)
        return reverse("plan", args=[made.pk])

    def page(shown: Shown[LoansForm]) -> HttpResponse:
        content = StartPage(
            committees=who.drafts_for,
            committee=committee,
            kept=shown.kept,
            lead=_(
                "The draft belongs to your institution; nobody else sees it until it is submitted (Art. 13)."
            ),
            **picking(who, request.GET, shown.form),
        )
        return shell.page(request, "plans/ledger/start.html", content, here="proposals", status=shown.status)

    def form(given: Input) -> LoansForm:
        return LoansForm(given.data, subject=committee, who=who)

    with timezone.override(committee.tz):
        return form_page(request, form=form, act=act, page=page)


def _committee(request: HttpRequest, who: Viewer) -> Committee:
    """The committee that was chosen, or the first to which the handler brings plans; 404 for another."""
    named = request.POST.get("committee", "")
    found = next((each for each in who.drafts_for if str(each.pk) == named), None)
    if found is None and named:
        raise Http404
    return found or who.drafts_for[0]


def _tell(request: HttpRequest, form: LoansForm) -> None:
    number = len(form.chosen)
    text = ngettext(
        "%(number)d loan is in the plan, with the ledger's figures. Complete what the ledger lacks.",
        "%(number)d loans are in the plan, with the ledger's figures. Complete what the ledger lacks.",
        number,
    )
    messages.success(request, text % {"number": number})
