"""Supplementary minutes (补充纪要): what is wrong in minutes in effect is corrected beside them (Art. 21).

Minutes in effect never change. Their supplement has a number of its own in the same series, refers to them by
number and digest, and takes effect like them: with the signature of whoever presided.
"""

from __future__ import annotations

from typing import Any

from audit import clock
from audit.recording import action
from audit.waking import checkpoint_soon
from committee import messages
from committee.agenda import require_text
from committee.beginning import begin_on_meeting
from committee.messages import announce
from committee.models import Meeting, Person, Series
from office import keys
from office import record as meeting_record
from office.actions.minutes import (
    Lapsed,
    in_full,
    keep_revision,
    original_of,
    recorded,
    require_latest,
    reword,
)
from office.actions.outgoing import put_out
from office.models import Copy, Minutes
from office.permissions import ACTS, require_signed_minutes
from regulation.refused import Refused

#: what the record of a supplement has of the one that it corrects: which meeting it is about
_HEAD = ("committee", "meeting", "at", "place")


@action
def draft_supplement(meeting: Meeting, *, by: Person, narrative: str, over: int | None = None) -> Minutes:
    """Supplementary minutes to those in effect are drafted; a draft that stands has this text as its next
    revision, and signatures on it lapse.

    `narrative` says what is put right and why; `over` is the number of the revision over which it was typed,
    0 for none, if that is known. `12/only-liaison`; `21/minutes-not-signed`;
    `state/not-allowed` before the closing, and when `over` is not the latest; `text/required`.
    """
    meeting = begin_on_meeting(ACTS["draft_supplement"], meeting, by, first=require_signed_minutes)
    require_text(narrative)
    original = original_of(meeting)
    supplement = draft_of(meeting)
    latest = require_latest(supplement, over)
    if supplement is None:
        supplement = _numbered(original, by, narrative)
        keep_revision(supplement, 1, by)
        lapsed = Lapsed(meeting, ())
    else:
        lapsed = reword(supplement, narrative, latest + 1, by)
    recorded("draft_supplement", supplement, by, supplements=str(original), **lapsed.told)
    lapsed.announce(by)
    announce(
        "draft_supplement",
        messages.presiding(meeting),
        by=by,
        about=meeting.subject,
        committee=meeting.committee_id,
    )
    return supplement


@action
def sign_supplement(meeting: Meeting, *, by: Person) -> Minutes:
    """The drafted supplementary minutes are in effect and never change again.

    `9/only-chair` (the chair, or the meeting's acting chair); `21/minutes-not-signed`; `state/not-allowed`
    while none are drafted; `document/pin-required` where minutes are signed electronically.
    """
    meeting = begin_on_meeting(ACTS["sign_supplement"], meeting, by, first=require_signed_minutes)
    if keys.required():
        raise Refused("document/pin-required")
    supplement = require_draft_of(meeting)
    take_effect(supplement, by)
    return supplement


def take_effect(supplement: Minutes, by: Person, **file: str) -> None:
    """The locked supplement is signed by whoever presides; `file` names the checksum of its signed file.

    Departments that had the minutes in full have it too. An institution's own copy names nobody, and a
    supplement may: none goes there.
    """
    meeting, original = supplement.meeting, supplement.supplements
    assert original is not None
    supplement.sign(clock.now(), by)
    supplement.save(update_fields=["state", "signed_at", "signed_by"])
    units = [copy.unit for copy in original.copies.filter(full=True).select_related("unit").order_by("pk")]
    put_out(meeting, Copy.objects.bulk_create(in_full(supplement, units, by)), by=by)
    recorded("sign_supplement", supplement, by, supplements=str(original), **file)
    announce(
        "sign_supplement",
        [meeting.committee.liaison_id],
        by=by,
        about=meeting.subject,
        committee=meeting.committee_id,
    )
    checkpoint_soon()


def draft_of(meeting: Meeting) -> Minutes | None:
    """The locked draft of supplementary minutes of the locked meeting; None without one."""
    drafted = Minutes.objects.supplementary().filter(meeting=meeting, state=Minutes.State.DRAFTED)
    found = drafted.select_for_update(of=("self",)).first()
    if found is not None:
        found.meeting = meeting
    return found


def require_draft_of(meeting: Meeting) -> Minutes:
    """The locked draft of supplementary minutes; `state/not-allowed` without one."""
    found = draft_of(meeting)
    if found is None:
        raise Refused("state/not-allowed", cause="minutes/no-supplement")
    return found


def _record(original: Minutes) -> dict[str, Any]:
    """What a supplement states beside its text: of which meeting it is, and what it corrects."""
    return {
        **{name: original.record[name] for name in _HEAD},
        "supplements": {"minutes": str(original), "digest": original.digest},
        "attendance": [],
        "proxies": [],
        "items": [],
    }


def _numbered(original: Minutes, by: Person, narrative: str) -> Minutes:
    """A new draft, with the next number of the series of minutes."""
    meeting, now = original.meeting, clock.now()
    year, number = Series.objects.take(meeting.committee, Series.Kind.MINUTES, now)
    content = _record(original)
    return Minutes.objects.create(
        meeting=meeting,
        supplements=original,
        year=year,
        number=number,
        narrative=narrative,
        record=content,
        digest=meeting_record.digest({"narrative": narrative, "record": content}),
        drafted_by=by,
        drafted_at=now,
    )
