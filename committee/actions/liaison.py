"""Appointment of the liaison and of a stand-in (Art. 5)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from audit import clock
from audit.recording import Actor, action, record
from committee.beginning import begin_on_committee
from committee.locks import lock_committee, lock_running
from committee.messages import announce, settle
from committee.models import Committee, LiaisonTerm, Person, Proxy, Seat
from committee.permissions import ACTS
from regulation.refused import Refused

#: kinds of messages that ask the liaison to act
_OF_THE_LIAISON = ("submit", "convene", "change_meeting", "sign_minutes", "report_follow_up")


@action
def appoint_liaison(committee: Committee, *, by: Person, person: Person) -> Committee:
    """The person is the liaison from now on; whoever was, and a stand-in who acts, is no longer.

    `access/denied` to anyone but the Risk department; `access/not-found` for somebody of another bank or no
    longer active; `state/not-allowed` for whoever acts by appointment already; `5/liaison-may-not-sit`.
    """
    committee = begin_on_committee(ACTS["appoint_liaison"], committee, by)
    _require_of_the_bank(committee, person)
    now = clock.now()
    acting = LiaisonTerm.objects.running(now).filter(committee=committee).first()
    if acting is not None and not acting.stand_in and acting.person_id == person.pk:
        raise Refused("state/not-allowed", cause="liaison/is-liaison")
    _require_free(committee, person)
    LiaisonTerm.objects.running(now).filter(committee=committee).update(until=now)
    LiaisonTerm.objects.create(committee=committee, person=person, since=now)
    former = _switch(committee, person.pk)
    record(
        committee.stream,
        "appoint_liaison",
        committee.subject,
        by=by,
        payload={"liaison": str(person.pk), "former": str(former)},
    )
    announce("appoint_liaison", [person, former], by=by, about=committee.subject, liaison=person.display_name)
    return committee


@action
def appoint_stand_in(
    committee: Committee, *, by: Person, person: Person, since: date, until: date
) -> LiaisonTerm:
    """The person acts as liaison from the first day to the end of the last, then the liaison is back.

    The days are the committee's. `access/denied` to anyone but the Risk department; `access/not-found` for
    somebody of another bank or no longer active; `state/not-allowed` for days in the past or in the wrong
    order, days for which somebody stands in already, and the liaison; `5/liaison-may-not-sit`.
    """
    committee = begin_on_committee(ACTS["appoint_stand_in"], committee, by)
    _require_of_the_bank(committee, person)
    now = clock.now()
    begins, ends = _midnight(committee, since), _midnight(committee, until + timedelta(days=1))
    lasting = LiaisonTerm.objects.lasting(now).filter(committee=committee)
    if since < now.astimezone(committee.tz).date() or until < since:
        raise Refused("state/not-allowed", cause="liaison/days")
    if lasting.filter(stand_in=True, since__lt=ends, until__gt=begins).exists():
        raise Refused("state/not-allowed", cause="liaison/taken")
    if lasting.filter(stand_in=False, person=person).exists():
        raise Refused("state/not-allowed", cause="liaison/is-liaison")
    _require_free(committee, person)
    term = LiaisonTerm.objects.create(
        committee=committee, person=person, stand_in=True, since=max(begins, now), until=ends
    )
    _notify_of_stand_in(committee, person, since, until, by)
    if term.since <= now:
        _switch(committee, person.pk)
    return term


def _notify_of_stand_in(committee: Committee, person: Person, since: date, until: date, by: Person) -> None:
    """Record the stand-in's term and notify the stand-in and the appointed liaison."""
    appointed = LiaisonTerm.objects.lasting(clock.now()).filter(committee=committee, stand_in=False)
    record(
        committee.stream,
        "appoint_stand_in",
        committee.subject,
        by=by,
        payload={"stand_in": str(person.pk), "since": since.isoformat(), "until": until.isoformat()},
    )
    announce(
        "appoint_stand_in",
        [person, *appointed.values_list("person_id", flat=True)],
        by=by,
        about=committee.subject,
        liaison=person.display_name,
        on=since.isoformat(),
        until=until.isoformat(),
    )


@action
def end_stand_in(committee: Committee, *, by: Person) -> LiaisonTerm:
    """The stand-in who acts, or else the next to come, does not act any more; the liaison is back.

    `access/denied` to anyone but the Risk department; `state/not-allowed` when there is none.
    """
    committee = begin_on_committee(ACTS["end_stand_in"], committee, by)
    now = clock.now()
    lasting = LiaisonTerm.objects.lasting(now).filter(committee=committee)
    term = lasting.filter(stand_in=True).order_by("since").first()
    if term is None:
        raise Refused("state/not-allowed", cause="liaison/nobody")
    term.until = max(now, term.since)
    term.save(update_fields=["until"])
    back = LiaisonTerm.objects.acting(committee.pk, now)
    assert back is not None
    _switch(committee, back)
    record(
        committee.stream,
        "end_stand_in",
        committee.subject,
        by=by,
        payload={"stand_in": str(term.person_id), "liaison": str(back)},
    )
    announce("end_stand_in", [term.person_id, back], by=by, about=committee.subject)
    return term


@action
def switch_liaison(committee: Committee, *, by: Actor) -> Committee:
    """The acting liaison is the one of the terms at this moment; nothing is recorded if that is so already.

    Called by the system when a stand-in's term begins or ends: there is no officer to check, so it only
    locks.
    """
    committee = lock_committee(committee.pk)
    acting = LiaisonTerm.objects.acting(committee.pk, clock.now())
    if acting is not None and acting != committee.liaison_id:
        former = _switch(committee, acting)
        record(
            committee.stream,
            "switch_liaison",
            committee.subject,
            by=by,
            payload={"liaison": str(acting), "former": str(former)},
        )
    return committee


def _switch(committee: Committee, acting: int) -> int:
    """Make the person of this id the liaison; return the id of the former one."""
    former = committee.liaison_id
    committee.liaison_id = acting
    committee.save(update_fields=["liaison"])
    if former != acting:
        settle(*_OF_THE_LIAISON, people=[former], committee=committee.pk)
    return former


def _require_of_the_bank(committee: Committee, person: Person) -> None:
    if person.bank_id != committee.bank_id or not person.is_active:
        raise Refused("access/not-found")


def _require_free(committee: Committee, person: Person) -> None:
    """Raise `5/liaison-may-not-sit` for the holder of a seat or of a running proxy; locks its meetings."""
    meetings = lock_running(committee)
    if (
        Seat.objects.filter(committee=committee, holder=person).exists()
        or Proxy.objects.running().filter(meeting__in=meetings, holder=person).exists()
    ):
        raise Refused("5/liaison-may-not-sit")


def _midnight(committee: Committee, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=committee.tz)
