"""The calendar of meetings; convening one, at once in an emergency; changing one (Art. 9, 15, 16)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from committee.models import Committee, Meeting, RegulationVersion, Seat
from committee.offices import CHAIR, LIAISON
from committee.period import first_day
from pages.meetings import notice
from pages.meetings.convening import meeting_calendar
from pages.meetings.convening.forms import MOVES, ChangeForm, ConveneForm, NowForm, moved, sent_minutes
from proposals.actions import agenda
from proposals.models import Proposal
from web import labels, offers, shell
from web.forms.page import Input, Shown, form_page
from web.offers import offer_for
from web.seen import SeenRow
from web.viewer import Viewer, committee_of_viewer, viewer_of

_MEETING = SeenRow(Meeting, "committee__branch", "regulation", "acting_seat")
#: what is offered on an emergency that is not open yet
_BEFORE = frozenset({"send_notice", "deliver_notice", "change_meeting", "cancel_meeting"})


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """A month of the meetings that the person sees, with the days that the period of notice allows."""
    who = viewer_of(request)
    committee = next(iter([*(seat.committee for seat in who.seats), *who.liaison_of]), None)
    zone = committee.tz if committee else timezone.get_current_timezone()
    now = clock.now()
    today = now.astimezone(zone).date()
    regulation = RegulationVersion.objects.in_force(committee, today) if committee else None
    earliest = first_day(now, regulation.notice_days, zone) if regulation else None
    first = meeting_calendar.first_of(request.GET.get("month", ""), today)
    rows = meeting_calendar.within(Meeting.objects.visible_to(who.person), first, zone)
    meetings = list(rows.select_related("committee").order_by("at", "pk"))
    shown = meeting_calendar.MonthPage(
        month=first,
        weeks=meeting_calendar.weeks(first, meetings, today=today, earliest=earliest),
        previous=meeting_calendar.shifted(first, -1),
        following=meeting_calendar.shifted(first, 1),
        committee=committee,
        regulation=regulation,
        earliest=earliest,
        convenes=committee if committee is not None and committee.pk in who.chairs else None,
        notifies=next(iter(who.liaison_of), None),
    )
    return shell.page(request, "meetings/convening/calendar.html", shown, here="meetings")


@require_http_methods(["GET", "HEAD", "POST"])
def convene(request: HttpRequest, pk: int) -> HttpResponse:
    """The chair convenes a meeting of filed plans."""
    committee = committee_of_viewer(request, pk)
    who = _require_chair(request, committee)
    return _compose(
        request,
        committee,
        ConveneForm,
        lambda form: agenda.convene(committee, by=who.person, **form.arguments()),
        done=_("The meeting is convened. The liaison sends the notice."),
        template="meetings/convening/convene.html",
        context={"verb": _("Convene the meeting"), "period": reverse("period", args=[pk])},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def now(request: HttpRequest, pk: int) -> HttpResponse:
    """An emergency from filed plans to the notice sent: the chair's part, the liaison's, and who has it."""
    committee = committee_of_viewer(request, pk)
    who = viewer_of(request)
    chairs, serves = who.acts_as(CHAIR, committee), who.acts_as(LIAISON, committee)
    if not chairs and not (serves and request.method in ("GET", "HEAD")):
        raise PermissionDenied
    running = (
        Meeting.objects.visible_to(who.person)
        .filter(committee=committee, emergency=True, state=Meeting.State.CONVENED)
        .select_related("committee__branch", "committee__liaison", "regulation", "acting_seat", "convened_by")
        .order_by("-pk")
        .first()
    )
    with timezone.override(committee.tz):
        emergency = _emergency(running, who)
        if not chairs:
            filed = Proposal.objects.visible_to(who.person).filter(
                committee=committee, state=Proposal.State.FILED
            )
            chair = (
                Seat.objects.filter(committee=committee, number=Seat.CHAIR).select_related("holder").first()
            )
            shown = {"subject": committee, "filed": filed.count(), "chair": chair, **emergency}
            return shell.page(request, "meetings/convening/convene_now.html", shown, here="meetings")
        return _compose(
            request,
            committee,
            NowForm,
            lambda form: agenda.convene(committee, by=who.person, **form.arguments()),
            done=_("The emergency meeting is convened. The liaison sends the notice now."),
            template="meetings/convening/convene_now.html",
            context={"verb": _("Convene an emergency meeting"), "period": "", **emergency},
            leads_to=lambda _meeting: f"{request.path}#notice",
        )


def _emergency(running: Meeting | None, who: Viewer) -> dict[str, Any]:
    """The emergency that is convened and not open yet, with its notice and what is offered on it."""
    if running is None:
        return {"running": None}
    offered = offers.offered(running, who, only={"send_notice", "change_meeting", "cancel_meeting"})
    return {**shell.named(notice.notice_page(running, who)), "running": running, "offers": offered}


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """The chair changes time, place or items of a convened meeting."""
    meeting = _meeting(request, pk)
    who = viewer_of(request)
    offer = offer_for(Meeting, "change_meeting")
    assert offer is not None
    if not offer.entitled(meeting, who):
        raise PermissionDenied
    stop = offer.refusal_now(meeting, who)
    return _compose(
        request,
        meeting,
        ChangeForm,
        lambda form: agenda.change_meeting(meeting, by=who.person, **form.arguments()),
        done=_("The meeting is changed."),
        template="meetings/convening/convene.html",
        context={
            "verb": _("Change the meeting"),
            "period": reverse("meeting-period", args=[pk]),
            "stop": labels.refusal(stop) if stop else None,
        },
    )


@require_safe
def period(request: HttpRequest, pk: int) -> HttpResponse:
    """What the period of notice says to what is typed so far: a part of the page of convening."""
    committee = committee_of_viewer(request, pk)
    _require_chair(request, committee)
    return _judged(request, ConveneForm, committee)


@require_safe
def meeting_period(request: HttpRequest, pk: int) -> HttpResponse:
    """What the change typed so far means for the notice: a part of the page of changing."""
    meeting = _meeting(request, pk)
    _require_chair(request, meeting.committee)
    return _judged(request, ChangeForm, meeting)


def _judged(request: HttpRequest, form: type[ConveneForm | ChangeForm], subject: Any) -> HttpResponse:
    made = form(request.GET, subject=subject, who=viewer_of(request))
    with timezone.override(made.committee.tz):
        context = {"judgement": made.judge_period(), "form": made}
        return render(request, "meetings/convening/notice_period.html", context)


def _meeting(request: HttpRequest, pk: int) -> Meeting:
    return _MEETING.get_or_404(viewer_of(request).person, pk)


def _require_chair(request: HttpRequest, committee: Committee) -> Viewer:
    who = viewer_of(request)
    if not who.acts_as(CHAIR, committee):
        raise PermissionDenied
    return who


def _compose(
    request: HttpRequest,
    subject: Any,
    made_of: type[ConveneForm | ChangeForm],
    convened: Callable[[Any], Meeting],
    *,
    done: str,
    template: str,
    context: dict[str, Any],
    leads_to: Callable[[Meeting], str] | None = None,
) -> HttpResponse:
    """The form is shown, its rows are moved, or it is done and leads to the meeting."""
    committee = subject if isinstance(subject, Committee) else subject.committee
    named: dict[str, Any] = {"subject": subject, "who": viewer_of(request), "request": request}

    def form(given: Input) -> ConveneForm | ChangeForm:
        order = moved(given.data) if given.data is not None else None
        if order is not None and given.data is not None:
            minutes = sent_minutes(given.data)
            return made_of(initial=given.data.dict(), order=order, typed_minutes=minutes, **named)
        return made_of(given.data, initial=request.GET.dict(), **named)

    def act(form: ConveneForm | ChangeForm) -> str:
        meeting = convened(form)
        messages.success(request, done)
        return leads_to(meeting) if leads_to is not None else reverse("meeting", args=[meeting.pk])

    def page(shown: Shown[ConveneForm | ChangeForm]) -> HttpResponse:
        given: Mapping[str, Any] = shown.input.data or {}
        more = {
            "subject": subject,
            "form": shown.form,
            "judgement": shown.form.judge_period(),
            "move": next(((name, str(given[name])) for name in MOVES if name in given), None),
            "kept": shown.kept,
            **context,
        }
        return shell.page(request, template, more, here="meetings", status=shown.status)

    with timezone.override(committee.tz):
        return form_page(request, form=form, act=act, page=page)
