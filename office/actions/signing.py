"""Signing minutes electronically (Art. 9.4, 21): the liaison first, which freezes the text, the chair last.

The file is on disk and valid before the row that names it is committed, and with the row of the last
signature the minutes take effect. Whatever ends the process in between leaves minutes that are not signed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings

from audit import clock
from audit.recording import action
from committee import messages
from committee.beginning import begin_on_meeting
from committee.messages import announce, settle
from committee.models import Meeting, Person, Seat
from committee.offices import LIAISON, PRESIDING, SEAT
from documents import fields, sign, verify
from documents.fields import CHAIR
from documents.stamp import stamp
from documents.verify import Checked
from office import keys, minutes_paper, signed_files
from office.actions import supplements
from office.actions.minutes import original_of, recorded, take_effect
from office.models import Minutes, MinutesFile, MinutesSignature
from office.permissions import ACTS, require_not_effective, require_signed_minutes
from regulation.refused import Refused

#: the act of the table whose states and refusals are those of signing, with the offices that have a field
_SIGNING = replace(
    ACTS["sign_minutes"], office=LIAISON | SEAT | PRESIDING, code="document/no-signature-asked"
)


_SUPPLEMENT = replace(_SIGNING, states=ACTS["sign_supplement"].states)


@action
def sign_electronically(meeting: Meeting, *, by: Person, pin: str, seats: bool = False) -> Minutes:
    """The minutes have this person's signature; with the last one they are in effect and never change again.

    The liaison's is the first and freezes the text; `seats` then says that the holders of the seats sign too.
    `document/not-electronic`, `document/no-signature-asked`; `21/already-effective`; `state/not-allowed`
    while there are no minutes; `document/signatures-missing`, `document/signed-already`, `document/no-key`;
    what `documents.credentials.require_usable` refuses; `document/no-timestamp`, `document/not-stored`,
    `document/not-valid`.
    """
    meeting = begin_on_meeting(_SIGNING, meeting, by, first=require_not_effective)
    if not keys.required():
        raise Refused("document/not-electronic")
    minutes = original_of(meeting)
    file = _signed_further(minutes, by, pin, seats=seats)
    if file.effective_at is not None:
        take_effect(meeting, minutes, by, file=file.sha256)
    return minutes


@action
def sign_supplement_electronically(meeting: Meeting, *, by: Person, pin: str) -> Minutes:
    """The drafted supplementary minutes have this person's signature: the liaison's, and last the chair's.

    `21/minutes-not-signed`; `state/not-allowed` while none are drafted; else as `sign_electronically`.
    """
    meeting = begin_on_meeting(_SUPPLEMENT, meeting, by, first=require_signed_minutes)
    if not keys.required():
        raise Refused("document/not-electronic")
    supplement = supplements.require_draft_of(meeting)
    file = _signed_further(supplement, by, pin, seats=False)
    if file.effective_at is not None:
        supplements.take_effect(supplement, by, file=file.sha256)
    return supplement


def _signed_further(minutes: Minutes, by: Person, pin: str, *, seats: bool) -> MinutesFile:
    """The file of the locked minutes with this person's signature; with the last one it is in effect."""
    meeting = minutes.meeting
    file = MinutesFile.objects.select_for_update(of=("self",)).filter(minutes=minutes, ended_at=None).first()
    if file is None:
        file, pdf = _freeze(minutes, by, seats=seats)
    else:
        pdf = signed_files.read(file)
    signer, begins = _signer(file, meeting, by), file._state.adding
    _sign(file, pdf, signer, by=by, pin=pin)
    if signer["field"] == CHAIR:
        file.effective_at = clock.now()
        file.save(update_fields=["effective_at"])
        settle("countersign_minutes", about=meeting.subject)
    else:
        recorded("countersign_minutes", minutes, by, file=file.sha256, field=signer["field"])
        _tell_the_next(file, meeting, by, begins=begins)
    return file


def _tell_the_next(file: MinutesFile, meeting: Meeting, by: Person, *, begins: bool) -> None:
    """Tell the seats that they may sign now, once; and whoever presides, when all others have signed."""
    settle("countersign_minutes", about=meeting.subject, people=[by])
    left = waiting_for(file)
    people = [each["person"] for each in left if each["field"] != CHAIR] if begins else []
    if [each["field"] for each in left] == [CHAIR]:
        people = messages.presiding(meeting)
    announce("countersign_minutes", people, by=by, about=meeting.subject, committee=meeting.committee_id)


def refused_before(minutes: Minutes, meeting: Meeting, by: Person) -> Refused | None:
    """The refusal that this person's signature would meet because of the others': whose comes before it, or
    that it is there already. None without one.
    """
    file = MinutesFile.objects.filter(minutes=minutes, ended_at=None).first()
    try:
        if file is None:
            _require_first(meeting, by)
        else:
            _signer(file, meeting, by)
    except Refused as refused:
        return refused
    return None


def waiting_for(file: MinutesFile) -> list[dict[str, Any]]:
    """The signers whose fields are empty, in the order of signing."""
    there = set(file.signatures.values_list("field", flat=True))
    return [each for each in file.fields if each["field"] not in there]


def _freeze(minutes: Minutes, by: Person, *, seats: bool) -> tuple[MinutesFile, bytes]:
    """The unsaved file of the text as it is, with all fields; the liaison alone begins it."""
    meeting = minutes.meeting
    _require_first(meeting, by)
    pdf, placed = minutes_paper.frozen(minutes, signers(meeting, seats=seats))
    file = MinutesFile(minutes=minutes, digest=minutes.digest, fields=placed, frozen_at=clock.now())
    return file, pdf


def _require_first(meeting: Meeting, by: Person) -> None:
    """Raise `document/signatures-missing` for others than the liaison, whose signature is the first."""
    if meeting.committee.liaison_id != by.pk:
        raise Refused("document/signatures-missing", who={"en": "the liaison", "zh-hans": "联络员"})


def signers(meeting: Meeting, *, seats: bool) -> list[dict[str, Any]]:
    """Who signs, in order: the liaison, the holders of the seats but the one who presides, and that one."""
    presiding = meeting.acting_seat.number if meeting.acting_seat else 1
    found: list[dict[str, Any]] = [
        {
            "field": fields.LIAISON,
            "label": "联络员（签名）",
            "seat": None,
            "person": meeting.committee.liaison_id,
        }
    ]
    if seats:
        rows = Seat.objects.filter(committee=meeting.committee_id, holder__isnull=False).order_by("number")
        found += [
            {
                "field": fields.of_seat(row.number),
                "label": f"{row.number}号席位（签名）",
                "seat": row.number,
                "person": row.holder_id,
            }
            for row in rows
            if row.number != presiding
        ]
    return [*found, {"field": CHAIR, "label": "会议主持人（签名）", "seat": None, "person": None}]


def _signer(file: MinutesFile, meeting: Meeting, by: Person) -> dict[str, Any]:
    """The field of this person, still empty; the chair's comes last."""
    own = _asked_of(by, file, meeting)
    left = file.fields if file._state.adding else waiting_for(file)
    if own not in left:
        raise Refused("document/signed-already")
    before = [each for each in left if each["field"] != own["field"]]
    if own["field"] == CHAIR and before:
        raise Refused("document/signatures-missing", who=_named(before))
    return own


def _asked_of(by: Person, file: MinutesFile, meeting: Meeting) -> dict[str, Any]:
    """The field that is for this person, signed or not; the last is for whoever presides."""
    fields_of: dict[int, dict[str, Any]] = {each["person"]: each for each in file.fields}
    if by.pk in fields_of:
        return fields_of[by.pk]
    if not PRESIDING.held_by(by, meeting):
        raise Refused("document/no-signature-asked")
    presiding: dict[str, Any] = file.fields[-1]
    return presiding


def _named(signers: list[dict[str, Any]]) -> dict[str, str]:
    names = [
        ("the liaison", "联络员")
        if each["seat"] is None
        else (f"seat {each['seat']}", f"{each['seat']}号席位")
        for each in signers
    ]
    return {"en": ", ".join(name for name, _ in names), "zh-hans": "、".join(name for _, name in names)}


def _sign(file: MinutesFile, pdf: bytes, signer: dict[str, Any], *, by: Person, pin: str) -> None:
    """The field is signed, the file stored, and the rows name it."""
    fresh = file._state.adding
    key = keys.key_of(by)
    if key is None:
        raise Refused("document/no-key")
    trusted = keys.trusted()
    stamps = sign.timestamper(settings.TSA_URL, settings.TSA_TIMEOUT)
    now = clock.now()
    left, base, right, top = signer["box"]
    here = now.astimezone(file.minutes.meeting.committee.tz)
    drawn = stamp(by.display_name, here, width=right - left, height=top - base, language="zh-hans")
    last = signer["field"] == CHAIR
    with keys.opened(key, pin) as found:
        keys.require_usable(key, found)
        pdf = sign.sign(pdf, field=signer["field"], key=found, timestamps=stamps, stamp=drawn, certify=fresh)
    if last:
        pdf = sign.close(pdf, trust=trusted, timestamps=stamps)
    before = None if fresh else file.path
    file.sha256 = signed_files.put(pdf, lambda again: _holds(verify.check(again, trusted), last=last))
    file.size = len(pdf)
    if fresh:
        file.save()
    else:
        file.save(update_fields=["sha256", "size"])
    MinutesSignature.objects.create(
        file=file, field=signer["field"], person=by, key=key, signed_at=now, sha256=file.sha256
    )
    if before is not None:
        signed_files.remove_when_committed(before)


def _holds(checked: Checked, *, last: bool) -> bool:
    return checked.sound if last else checked.signed
