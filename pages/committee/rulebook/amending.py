"""The amendment of the regulation: drafted, seen with all that it changes, published by a second officer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from committee.actions.regulation import (
    discard_amendment,
    draft_amendment,
    proposed,
    publish_amendment,
)
from committee.models import Amendment, Committee, RegulationVersion, Seat
from committee.offices import RISK
from pages.committee.rulebook import articles as rulebook
from regulation.refused import Refused
from web import shell
from web.forms import ActForm, fields
from web.forms.page import Input, Shown, form_page
from web.viewer import Viewer, viewer_of


class AmendForm(ActForm):
    """All numbers of the version to be, its day and the reason; the engine judges whether they fit."""

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
    reason = fields.Prose(
        label=_("Reason of the amendment"),
        help_text=_("Stands with the version for everybody who reads the regulation."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def refuse(self, refused: Refused) -> None:
        """The refusal names the number beside which it is shown."""
        super().refuse(refused)
        named = str(refused.context.get("field", ""))
        self.refused_field = named if named in self.fields else ""

    def numbers(self) -> dict[str, Any]:
        """The numbers that differ from the last version's, and the day."""
        last = _last(self.subject)
        given = {name: self.cleaned_data[name] for name in rulebook.NUMBERS}
        if last is not None:
            given = {name: value for name, value in given.items() if value != getattr(last.numbers, name)}
        return {"changes": given, "effective_from": self.cleaned_data["effective_from"]}

    def arguments(self) -> dict[str, Any]:
        """The same with the reason."""
        return self.numbers() | {"reason": self.cleaned_data["reason"]}


@dataclass(frozen=True, kw_only=True)
class AmendPage:
    """An amendment: its form, or what it would change."""

    committee: Committee
    form: AmendForm
    #: whether the form holds what was entered before the session ended
    kept: bool
    preview: rulebook.Preview | None
    #: whether it was to be drafted, but another version has been made since the preview
    meanwhile: bool
    #: filled seats above the new number
    above: list[Seat]
    #: the address of the rulebook
    back: str


@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """An amendment is written, seen with all that it changes, and drafted; another officer publishes it."""
    committee = _committee(request, pk)
    step = request.POST.get("step", "")
    preview: rulebook.Preview | None = None

    def form(given: Input) -> AmendForm:
        return AmendForm(given.data, initial=_numbers(committee), subject=committee, who=viewer_of(request))

    def ready(form: AmendForm) -> bool:
        nonlocal preview
        if step == "edit" or not form.is_valid():
            return False
        last, numbers = proposed(committee, **form.numbers())
        preview = rulebook.preview(committee, last, numbers, form.cleaned_data["effective_from"])
        return step == "confirm" and request.POST.get("number") == str(preview.number)

    def page(shown: Shown[AmendForm]) -> HttpResponse:
        drafted = rulebook.waiting(committee) if shown.input.data is None else None
        if drafted is not None:  # nothing was entered that would be lost
            return HttpResponseRedirect(_page_of(drafted))
        seats = shown.form.cleaned_data.get("seats") if shown.form.is_valid() else None
        amend_page = AmendPage(
            committee=committee,
            form=shown.form,
            kept=shown.kept,
            preview=None if shown.form.refusal else preview,
            meanwhile=preview is not None and step == "confirm",
            above=rulebook.filled_above(committee, seats) if seats and preview is None else [],
            back=_address(committee),
        )
        status = 200 if step == "edit" else shown.status
        template = "committee/rulebook/amend.html"
        return shell.page(request, template, amend_page, here="regulation", status=status)

    return form_page(
        request, form=form, act=lambda form: _drafted(request, committee, form), page=page, ready=ready
    )


def _committee(request: HttpRequest, pk: int) -> Committee:
    """The committee whose regulation the person amends."""
    who = viewer_of(request)
    committee = rulebook.committees(who).filter(pk=pk).first()
    if committee is None:
        raise Http404
    if not who.acts_as(RISK, committee):
        raise PermissionDenied
    return committee


def _last(committee: Committee) -> RegulationVersion | None:
    return RegulationVersion.objects.filter(committee=committee).order_by("-number").first()


def _numbers(committee: Committee) -> dict[str, Any]:
    last = _last(committee)
    return dict(last.numbers.as_json()) if last else {}


def _drafted(request: HttpRequest, committee: Committee, form: AmendForm) -> str:
    """Where drafting led: to the page of the draft."""
    drafted = draft_amendment(committee, by=viewer_of(request).person, **form.arguments())
    messages.success(
        request, gettext("The amendment is drafted. Another officer of the Risk department publishes it.")
    )
    return _page_of(drafted)


def _page_of(drafted: Amendment) -> str:
    return reverse("amendment", args=[drafted.committee_id, drafted.number])


def _address(committee: Committee, version: int | None = None) -> str:
    more = f"&version={version}" if version else ""
    return f"{reverse('regulation')}?committee={committee.pk}{more}"


# -- A draft, before and after its end ---------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AmendmentPage:
    """A drafted amendment with what it changes, and what may be done with it."""

    committee: Committee
    amendment: Amendment
    #: where it stands, in words, with the tone of its mark
    state: str | Promise
    tone: str
    #: what it would change; None once it has ended
    preview: rulebook.Preview | None
    form: ActForm
    #: whether the reader has drafted it, and therefore does not publish it
    own: bool
    #: why it can no longer be published as it is; None if it can
    overtaken: bool
    back: str


@require_http_methods(["GET", "HEAD", "POST"])
def amendment(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A drafted amendment, which another officer than its drafter publishes, and any of them discards."""
    committee, who = _committee(request, pk), viewer_of(request)
    rows = Amendment.objects.filter(committee=committee, number=number)
    found = rows.select_related("base", "version", "drafted_by", "published_by", "discarded_by").first()
    if found is None:
        raise Http404
    publishes = request.POST.get("act") == "publish"

    def act(_form: ActForm) -> str:
        return _published(request, found) if publishes else _discarded(request, found)

    def page(shown: Shown[ActForm]) -> HttpResponse:
        template = "committee/rulebook/amendment.html"
        shown_page = _amendment_page(found, shown.form, who)
        return shell.page(request, template, shown_page, here="regulation", status=shown.status)

    return form_page(
        request, form=lambda given: ActForm(given.data, subject=committee, who=who), act=act, page=page
    )


def _amendment_page(found: Amendment, form: ActForm, who: Viewer) -> AmendmentPage:
    committee, last = found.committee, _last(found.committee)
    preview = None
    overtaken = found.is_waiting and last is not None and last.number != found.base.number
    if found.is_waiting:
        after = found.base.numbers.amended(found.changes)
        preview = rulebook.preview(committee, found.base, after, found.effective_from)
    state, tone = _state(found)
    return AmendmentPage(
        committee=committee,
        amendment=found,
        state=state,
        tone=tone,
        preview=preview,
        form=form,
        own=found.drafted_by_id == who.person.pk,
        overtaken=overtaken,
        back=_address(committee),
    )


def _state(found: Amendment) -> tuple[str | Promise, str]:
    if found.published_at is not None:
        return _("Published"), "good"
    if found.discarded_at is not None:
        return _("Discarded"), "plain"
    return _("Waits for a second officer"), "waiting"


def _published(request: HttpRequest, found: Amendment) -> str:
    """Where publishing led: to the version, in the rulebook."""
    version = publish_amendment(found.committee, by=viewer_of(request).person, number=found.number)
    messages.success(
        request,
        gettext("Version %(number)d is published; it applies from %(day)s.")
        % {"number": version.number, "day": version.effective_from.isoformat()},
    )
    return _address(found.committee, version=version.number)


def _discarded(request: HttpRequest, found: Amendment) -> str:
    """Where discarding led: to the rulebook."""
    discard_amendment(found.committee, by=viewer_of(request).person, number=found.number)
    messages.success(request, gettext("The amendment is discarded; nothing has changed."))
    return _address(found.committee)
