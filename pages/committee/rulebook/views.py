"""The rulebook: the regulation article by article, and its amendment, seen before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from committee.actions.regulation import amend_regulation, proposed
from committee.models import Committee, Interpretation, RegulationVersion, Seat
from committee.offices import RISK
from pages.committee.rulebook import articles as rulebook
from regulation.articles import TITLE_EN, TITLE_ZH
from regulation.refused import Refused
from web import labels, shell
from web.forms import ActForm, fields
from web.forms.page import Input, Shown, form_page
from web.viewer import viewer_of


@dataclass(frozen=True, kw_only=True)
class RulebookPage:
    """The regulation as one person reads it, with the numbers of one of the person's committees."""

    title: str
    other_title: str
    #: the committees to choose from, and the one chosen; without one there are articles alone
    committees: list[Committee]
    committee: Committee | None
    #: the chapters, each with its articles
    chapters: list[tuple[str, list[rulebook.Entry]]]
    #: the committee's versions with their time in words and their numbers
    versions: list[tuple[rulebook.Version, str, dict[int, list[rulebook.Setting]]]]
    shown: rulebook.Version | None
    #: its time in words
    shown_state: str
    may_amend: bool


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The articles with what is enforced, and the numbers and interpretations of one of the viewer's
    committees.
    """
    who, zh = viewer_of(request), labels.chinese()
    rows = list(rulebook.committees(who))
    committee = rulebook.chosen(rows, request.GET.get("committee", ""))
    found = rulebook.versions(committee) if committee is not None else []
    shown = _shown(found, request.GET.get("version", "")) if found else None
    page = RulebookPage(
        title=TITLE_ZH if zh else TITLE_EN,
        other_title=TITLE_EN if zh else TITLE_ZH,
        committees=rows,
        committee=committee,
        chapters=_chapters(committee, found, shown, chinese=zh),
        versions=[(each, rulebook.dated(each), rulebook.settings(each.row, None)) for each in found],
        shown=shown,
        shown_state=rulebook.dated(shown) if shown is not None else "",
        may_amend=committee is not None and who.acts_as(RISK, committee),
    )
    return shell.page(request, "committee/rulebook/rulebook.html", page, here="regulation")


def _chapters(
    committee: Committee | None,
    found: Sequence[rulebook.Version],
    shown: rulebook.Version | None,
    *,
    chinese: bool,
) -> list[tuple[str, list[rulebook.Entry]]]:
    """The headings with their articles, and beside these the numbers of the version that is shown."""
    settings: dict[int, list[rulebook.Setting]] = {}
    read: dict[int, list[Interpretation]] = {}
    if committee is not None and shown is not None:
        before = next((each.row for each in found if each.row.number == shown.row.number - 1), None)
        settings, read = rulebook.settings(shown.row, before), rulebook.interpretations(committee)
    return [
        (
            chapter.heading_zh if chinese else chapter.heading_en,
            [rulebook.entry(article, settings, read) for article in articles],
        )
        for chapter, articles in rulebook.chapters()
    ]


def _shown(found: list[rulebook.Version], requested: str) -> rulebook.Version:
    """The version with the requested number, else the one in force, else the last made."""
    by_number = next((each for each in found if str(each.row.number) == requested), None)
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


@dataclass(frozen=True, kw_only=True)
class AmendPage:
    """An amendment: its form, or what it would change."""

    committee: Committee
    form: AmendForm
    #: whether the form holds what was entered before the session ended
    kept: bool
    preview: rulebook.Preview | None
    #: whether the version was to be made, but another one has been made since the preview
    meanwhile: bool
    #: filled seats above the new number
    above: list[Seat]
    #: the address of the rulebook
    back: str


@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """An amendment is written, seen with all that it changes, and only then made (Art. 24, 25)."""
    who = viewer_of(request)
    committee = rulebook.committees(who).filter(pk=pk).first()
    if committee is None:
        raise Http404
    if not who.acts_as(RISK, committee):
        raise PermissionDenied
    step = request.POST.get("step", "")
    preview: rulebook.Preview | None = None

    def form(given: Input) -> AmendForm:
        return AmendForm(given.data, initial=_numbers(committee), subject=committee, who=who)

    def ready(form: AmendForm) -> bool:
        nonlocal preview
        if step == "edit" or not form.is_valid():
            return False
        last, numbers = proposed(committee, **form.arguments())
        preview = rulebook.preview(committee, last, numbers, form.cleaned_data["effective_from"])
        return step == "confirm" and request.POST.get("number") == str(preview.number)

    def page(shown: Shown[AmendForm]) -> HttpResponse:
        seats = shown.form.cleaned_data.get("seats") if shown.form.is_valid() else None
        amend_page = AmendPage(
            committee=committee,
            form=shown.form,
            kept=shown.kept,
            preview=preview,
            meanwhile=preview is not None and step == "confirm",
            above=rulebook.filled_above(committee, seats) if seats and preview is None else [],
            back=_address(committee),
        )
        status = 200 if step == "edit" else shown.status
        template = "committee/rulebook/amend.html"
        return shell.page(request, template, amend_page, here="regulation", status=status)

    return form_page(
        request, form=form, act=lambda form: _amended(request, committee, form), page=page, ready=ready
    )


def _numbers(committee: Committee) -> dict[str, Any]:
    last = RegulationVersion.objects.filter(committee=committee).order_by("-number").first()
    found: dict[str, Any] = last.numbers.as_json() if last else {}
    return found | {"effective_from": rulebook.today(committee)}


def _amended(request: HttpRequest, committee: Committee, form: AmendForm) -> str:
    """Where the amendment led: to the version, in the rulebook."""
    version = amend_regulation(committee, by=viewer_of(request).person, **form.arguments())
    messages.success(
        request,
        gettext("Version %(number)d is made; it applies from %(day)s.")
        % {"number": version.number, "day": version.effective_from.isoformat()},
    )
    return _address(committee, version=version.number)


def _address(committee: Committee, version: int | None = None) -> str:
    more = f"&version={version}" if version else ""
    return f"{reverse('regulation')}?committee={committee.pk}{more}"
