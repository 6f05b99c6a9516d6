"""The rulebook: the regulation article by article, and its amendment, seen before it is made."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from committee.actions.regulation import amend_regulation, proposed
from committee.models import Committee, RegulationVersion
from committee.offices import RISK
from pages.committee.rulebook import articles as rulebook
from regulation.articles import TITLE_EN, TITLE_ZH
from regulation.refused import Refused
from web import idempotent_forms, labels, shell
from web.forms import ActForm, fields
from web.viewer import viewer_of


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The articles with what is enforced for each; seats' numbers and readings of one of one's committees."""
    who = viewer_of(request)
    rows = list(rulebook.committees(who))
    committee = rulebook.chosen(rows, request.GET.get("committee", ""))
    context: dict[str, Any] = {
        "title": TITLE_ZH if labels.chinese() else TITLE_EN,
        "other_title": TITLE_EN if labels.chinese() else TITLE_ZH,
        "committees": rows,
        "committee": committee,
    }
    settings, read = {}, {}
    if committee is not None:
        found = rulebook.versions(committee)
        shown = _shown(found, request.GET.get("version", ""))
        before = next((each.row for each in found if each.row.number == shown.row.number - 1), None)
        settings, read = rulebook.settings(shown.row, before), rulebook.interpretations(committee)
        context |= {
            "versions": [(each, rulebook.dated(each), rulebook.settings(each.row, None)) for each in found],
            "shown": shown,
            "shown_state": rulebook.dated(shown),
            "may_amend": who.acts_as(RISK, committee),
        }
    context["chapters"] = [
        (
            chapter.heading_zh if labels.chinese() else chapter.heading_en,
            [rulebook.entry(article, settings, read) for article in articles],
        )
        for chapter, articles in rulebook.chapters()
    ]
    return shell.page(request, "committee/rulebook/rulebook.html", context, here="regulation")


def _shown(found: list[rulebook.Version], asked: str) -> rulebook.Version:
    """The version asked for by its number, else the one in force, else the last made."""
    by_number = next((each for each in found if str(each.row.number) == asked), None)
    in_force = next((each for each in found if each.state == "in_force"), found[0])
    return by_number or in_force


class AmendForm(ActForm):
    """All numbers of the version to be, and its day; the engine judges whether they hold together."""

    beside = {"24/invalid-regulation": ""}
    seats = fields.Whole(label=_("Seats"), help_text=_("Art. 3, 4"))
    votes_to_pass = fields.Whole(
        label=_("Votes to pass"), help_text=_("Art. 20(2): more than half of the seats")
    )
    notice_days = fields.Whole(label=_("Days of notice"), help_text=_("Art. 15: calendar days"))
    proxies_per_holder = fields.Whole(label=_("Proxies a holder"), help_text=_("Art. 11"))
    material_change_pct = fields.Number(
        label=_("Change that is substantive"), help_text=_("Art. 23: per cent of the exposure")
    )
    minutes_due_days = fields.Whole(
        label=_("Days for the minutes"), help_text=_("Art. 21: working days after the meeting")
    )
    effective_from = fields.Day(
        label=_("Effective from"),
        help_text=_("Today or later (Art. 25)"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def refuse(self, refused: Refused) -> None:
        """The refusal names the number beside which it is shown."""
        super().refuse(refused)
        named = str(refused.context.get("field", ""))
        self.refused_field = named if named in self.fields else ""

    def arguments(self) -> dict[str, Any]:
        """The numbers that differ from the last version's, and the day."""
        last = RegulationVersion.objects.filter(committee=self.subject).order_by("-number").first()
        given = {name: self.cleaned_data[name] for name in rulebook.NUMBERS}
        if last is not None:
            given = {name: value for name, value in given.items() if value != getattr(last.numbers, name)}
        return {"changes": given, "effective_from": self.cleaned_data["effective_from"]}


@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """An amendment is written, seen with all that it changes, and only then made (Art. 24, 25)."""
    who = viewer_of(request)
    committee = rulebook.committees(who).filter(pk=pk).first()
    if committee is None:
        raise Http404
    if not who.acts_as(RISK, committee):
        raise PermissionDenied
    kept = idempotent_forms.saved_input(request)
    step = request.POST.get("step", "")
    given = request.POST if request.method == "POST" else kept
    form = AmendForm(given, initial=_numbers(committee), subject=committee, who=who)
    preview, status = None, 200
    if request.method == "POST" and step != "edit":
        status = 422
        if form.is_valid():
            try:
                last, numbers = proposed(committee, **form.arguments())
                preview = rulebook.preview(committee, last, numbers, form.cleaned_data["effective_from"])
                if step == "confirm" and request.POST.get("number") == str(preview.number):
                    return HttpResponseRedirect(_amended(request, committee, form))
                status = 200
            except Refused as refused:
                form.refuse(refused)
                status = refused.status
    seats = form.cleaned_data.get("seats") if form.is_bound and form.is_valid() else None
    context = {
        "committee": committee,
        "form": form,
        "kept": kept is not None,
        "preview": preview,
        "meanwhile": preview is not None and step == "confirm",
        "above": rulebook.filled_above(committee, seats) if seats and preview is None else [],
        "back": _address(committee),
    }
    return shell.page(request, "committee/rulebook/amend.html", context, here="regulation", status=status)


def _numbers(committee: Committee) -> dict[str, Any]:
    last = RegulationVersion.objects.filter(committee=committee).order_by("-number").first()
    found: dict[str, Any] = last.numbers.as_json() if last else {}
    return found | {"effective_from": rulebook.today(committee)}


def _amended(request: HttpRequest, committee: Committee, form: AmendForm) -> str:
    """Where the amendment led: to the version, in the rulebook."""
    arguments = form.arguments()

    def act() -> str:
        assert request.user.is_authenticated
        version = amend_regulation(committee, by=request.user, **arguments)
        messages.success(
            request,
            gettext("Version %(number)d is made; it applies from %(day)s.")
            % {"number": version.number, "day": version.effective_from.isoformat()},
        )
        return _address(committee, version=version.number)

    return idempotent_forms.carry_out(request, act)


def _address(committee: Committee, version: int | None = None) -> str:
    more = f"&version={version}" if version else ""
    return f"{reverse('regulation')}?committee={committee.pk}{more}"
