"""Minutes signed with the keys of their signers (Art. 9.4, 21): who, in what order, to what effect."""

from __future__ import annotations

import copy
import errno
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import DatabaseError, transaction

from audit import clock
from audit.models import Entry, Payload
from audit.recording import rehearsed
from committee.models import Message
from documents import fields, verify
from office import keys as office_keys
from office import minutes_paper, signed_files
from office.actions import keys
from office.actions.signing import sign_electronically, waiting_for
from office.models import Minutes, MinutesFile, MinutesSignature, SignerKey
from office.record import digest
from regulation.refused import Refused
from tests.documents import signing
from tests.office import signers
from tests.office.signers import PIN, file_of, sign
from tests.pages.pages import look
from tests.stage import Stage, said


def refused(code: str, stage: Stage, handle: str, pin: str = PIN, **given: Any) -> Refused:
    with pytest.raises(Refused) as told:
        sign_electronically(stage.meeting, by=stage[handle], pin=pin, **given)
    assert told.value.code == code
    return told.value


def test_an_amendment_makes_a_revision_and_ends_the_file_together_or_neither(
    minuted: Stage, electronic: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    """One that fails at its last step leaves text, revision, file and signature as they were."""
    sign(minuted, "liaison")
    before = Minutes.objects.values().get(meeting=minuted.meeting)

    def broken(*_given: object, **_more: object) -> None:
        raise OSError("broken")

    monkeypatch.setattr("office.actions.minutes.recorded", broken)
    with (
        django_capture_on_commit_callbacks(execute=True),
        pytest.raises(OSError, match="broken"),
        transaction.atomic(),
    ):
        minuted.do("amend_minutes", narrative="Otherwise.")
    monkeypatch.undo()
    file = file_of(minuted)
    assert Minutes.objects.values().get(meeting=minuted.meeting) == before
    assert list(file.minutes.revisions.values_list("number", flat=True)) == [1]
    assert verify.check(file.path.read_bytes(), office_keys.trusted()).signed
    sign(minuted, "chair")


@pytest.mark.article("21")
def test_the_liaison_freezes_and_the_chair_puts_into_effect(minuted: Stage, electronic: Path) -> None:
    drafted = sign(minuted, "liaison")
    assert (drafted.state, minuted.meeting_state) == ("drafted", "minuted")
    effective = sign(minuted, "chair")
    assert (effective.state, effective.signed_by, minuted.meeting_state) == (
        "signed", minuted["chair"], "signed",
    )  # fmt: skip
    file = file_of(minuted)
    assert file.effective_at is not None
    checked = verify.check(file.path.read_bytes(), office_keys.trusted())
    assert checked.sound
    assert [each.field for each in checked.signatures] == ["liaison", "chair"]
    entry = Entry.objects.get(action="sign_minutes", stream=minuted.meeting.stream)
    assert said(entry) == {"minutes": str(effective), "digest": effective.digest, "file": file.sha256}


def test_what_the_minutes_state_is_attached_byte_for_byte(minuted: Stage, electronic: Path) -> None:
    sign(minuted, "liaison")
    minutes = Minutes.objects.get(meeting=minuted.meeting)
    with pikepdf.open(io.BytesIO(signed_files.read(file_of(minuted)))) as pdf:
        attached = pdf.attachments[minutes_paper.ATTACHED]
        assert attached.get_file().read_bytes() == minutes_paper.statement(minutes)
        assert attached.obj.AFRelationship == "/Data"
    assert minutes.digest == digest({"narrative": minutes.narrative, "record": minutes.record})


def test_the_seats_sign_where_the_committee_wants_it(minuted: Stage, electronic: Path) -> None:
    sign(minuted, "liaison", seats=True)
    assert list(fields.state(file_of(minuted).path.read_bytes())) == ["liaison", "seat2", "seat3", "chair"]
    signers.key_for(minuted["chair"])
    told = refused("document/signatures-missing", minuted, "chair")
    assert told.context["who"] == {"en": "seat 2, seat 3", "zh-hans": "2号席位、3号席位"}
    sign(minuted, "seat3")
    sign(minuted, "seat2")
    assert [each["field"] for each in waiting_for(file_of(minuted))] == ["chair"]
    assert sign(minuted, "chair").state == "signed"
    verified = verify.check(file_of(minuted).path.read_bytes(), office_keys.trusted())
    assert [each.field for each in verified.signatures] == ["liaison", "seat3", "seat2", "chair"]
    assert verified.sound


def test_nobody_signs_before_the_liaison_twice_or_unasked(minuted: Stage, electronic: Path) -> None:
    for handle in ("chair", "seat2"):
        signers.key_for(minuted[handle])
        refused("document/signatures-missing", minuted, handle)
    sign(minuted, "liaison")
    refused("document/signed-already", minuted, "liaison")
    refused("document/no-signature-asked", minuted, "seat2")
    refused("document/no-signature-asked", minuted, "risk")
    refused("access/not-found", minuted, "handler")
    sign(minuted, "chair")
    refused("21/already-effective", minuted, "chair")
    refused("21/already-effective", minuted, "liaison")


def test_before_there_are_minutes_nothing_is_signed(closed: Stage, electronic: Path) -> None:
    signers.key_for(closed["liaison"])
    refused("state/not-allowed", closed, "liaison")


def test_the_acting_chair_signs_in_place_of_the_chair(in_session: Stage, electronic: Path) -> None:
    in_session.do("appoint_acting_chair", seat=2)
    for verb in ("close_meeting",):
        in_session.do(verb, "seat2")
    in_session.do("draft_minutes", narrative="Said.")
    sign(in_session, "liaison", seats=True)
    assert [each["field"] for each in file_of(in_session).fields] == ["liaison", "seat1", "seat3", "chair"]
    sign(in_session, "seat3")
    sign(in_session, "chair")
    assert sign(in_session, "seat2").signed_by == in_session["seat2"]


def test_a_verb_without_a_key_is_refused_and_a_key_where_none_is_asked(
    minuted: Stage, electronic: Path, settings: Any
) -> None:
    minuted.refused("document/pin-required", "sign_minutes")
    signers.key_for(minuted["liaison"])
    settings.SIGNING = False
    refused("document/not-electronic", minuted, "liaison")
    minuted.do("sign_minutes")
    assert minuted.meeting_state == "signed"


def test_amending_ends_the_frozen_text_and_its_signatures(
    minuted: Stage, electronic: Path, django_capture_on_commit_callbacks: Any
) -> None:
    sign(minuted, "liaison")
    former = file_of(minuted)
    with django_capture_on_commit_callbacks(execute=True):
        minuted.do("amend_minutes", narrative="Otherwise.")
    assert not MinutesFile.objects.filter(ended_at=None).exists()
    assert not former.path.exists()
    minutes = Minutes.objects.get(meeting=minuted.meeting)
    revision = minutes.revisions.get(number=2)
    assert (revision.narrative, revision.digest) == ("Otherwise.", minutes.digest)
    former.refresh_from_db()
    assert (former.ended_at, former.digest) == (revision.saved_at, minutes.revisions.get(number=1).digest)
    signers.key_for(minuted["chair"])
    refused("document/signatures-missing", minuted, "chair")
    sign(minuted, "liaison")
    assert file_of(minuted).digest == Minutes.objects.get(meeting=minuted.meeting).digest != former.digest
    sign(minuted, "chair")


def test_whose_signature_lapses_is_told_and_the_log_says_so(minuted: Stage, electronic: Path) -> None:
    sign(minuted, "liaison", seats=True)
    sign(minuted, "seat2")
    minuted.do("amend_minutes", narrative="Otherwise.")
    entry = Entry.objects.filter(stream=minuted.meeting.stream, action="amend_minutes").latest("seq")
    assert said(entry)["lapsed"] == ["liaison", "seat2"]
    told = Message.objects.filter(kind="lapse_signature", about=minuted.meeting.subject)
    assert [each.person for each in told] == [minuted["seat2"]]  # seat3 had not signed; the liaison amended
    assert "Your signature on minutes has lapsed" in look(minuted["seat2"], "messages")
    assert "您对会议纪要的签名已失效" in look(minuted["seat2"], "messages", language="zh-hans")
    minuted.do("amend_minutes", narrative="Once more.")
    entry = Entry.objects.filter(stream=minuted.meeting.stream, action="amend_minutes").latest("seq")
    assert "lapsed" not in said(entry)
    assert told.count() == 1


def test_whose_turn_it_is_to_sign_is_told_once(minuted: Stage, electronic: Path) -> None:
    asked = Message.objects.filter(kind="countersign_minutes", about=minuted.meeting.subject)
    waiting = asked.filter(done_at=None).order_by("pk")
    sign(minuted, "liaison", seats=True)
    assert [each.person for each in waiting.all()] == [minuted["seat2"], minuted["seat3"]]
    sign(minuted, "seat3")
    assert [each.person for each in waiting.all()] == [minuted["seat2"]]
    minuted.do("amend_minutes", narrative="Otherwise.")
    assert not waiting.exists()
    sign(minuted, "liaison")
    assert [each.person for each in waiting.all()] == [minuted["chair"]]
    assert "It is your turn to sign minutes" in look(minuted["chair"], "messages")
    assert "请您签署会议纪要" in look(minuted["chair"], "messages", language="zh-hans")
    sign(minuted, "chair")
    assert not waiting.exists()
    assert asked.count() == 3


def test_a_character_that_no_font_has_is_told_before_anything_is_signed(
    minuted: Stage, electronic: Path
) -> None:
    minuted.do("amend_minutes", narrative="A peace sign ☮\ufe0f and שלום")
    signers.key_for(minuted["liaison"])
    refused("document/no-glyph", minuted, "liaison")
    assert not MinutesFile.objects.exists()


# Keys


def test_without_a_key_and_with_a_bad_certificate_nothing_is_signed(minuted: Stage, electronic: Path) -> None:
    refused("document/no-key", minuted, "liaison")
    key = signers.key_for(minuted["liaison"])
    revoked = {signers.issued_to(minuted["liaison"].staff_no).certificate.serial_number: signing.NOW}
    (electronic / "lists" / "ca.crl").write_bytes(signing.root().revoked(revoked, at=signing.NOW))
    refused("document/certificate-revoked", minuted, "liaison")
    told = office_keys.standing(key)
    assert told is not None
    assert told.code == "document/certificate-revoked"
    (electronic / "lists" / "ca.crl").unlink()
    refused("document/certificate-unchecked", minuted, "liaison")
    (electronic / "anchors" / "ca.cer").unlink()
    refused("document/certificate-foreign", minuted, "liaison")
    assert not MinutesFile.objects.exists()
    assert not list((electronic / "media").rglob("*.pdf"))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("weak", "document/certificate-weak"), ("other", "document/certificate-of-another"),
        ("usage", "document/certificate-usage"), ("expired", "document/certificate-expired"),
        ("early", "document/certificate-not-yet"), ("foreign", "document/certificate-foreign"),
        ("revoked", "document/certificate-revoked"),
    ],
)  # fmt: skip
def test_a_bad_certificate_is_not_added(minuted: Stage, electronic: Path, kind: str, code: str) -> None:
    person = copy.copy(minuted["liaison"])
    person.staff_no = "S-001"
    with pytest.raises(Refused) as told:
        keys.add_file(by=person, data=signing.packed(kind), pin=PIN)
    assert told.value.code == code
    assert not SignerKey.objects.exists()
    assert not list((electronic).rglob("*.p12"))


def test_an_empty_file_and_a_wrong_pin_are_not_added(minuted: Stage, electronic: Path) -> None:
    for data, pin, code in (
        (b"", PIN, "document/key-unreadable"),
        (signing.packed(), "0", "document/wrong-pin"),
    ):
        with pytest.raises(Refused) as told:
            keys.add_file(by=minuted["liaison"], data=data, pin=pin)
        assert told.value.code == code


def test_a_key_takes_the_place_of_a_former_one_and_is_kept_from_others(
    minuted: Stage, electronic: Path, django_capture_on_commit_callbacks: Any
) -> None:
    person = minuted["liaison"]
    first = signers.key_for(person)
    assert first.path.stat().st_mode & 0o777 == 0o400
    assert first.path.parent.stat().st_mode & 0o777 == 0o700
    another = signing.root().signer(signing.authority_holder(person.staff_no), at=signing.NOW)
    with django_capture_on_commit_callbacks(execute=True):
        second = keys.add_file(by=person, data=another.as_pkcs12(PIN), pin=PIN)
    assert office_keys.key_of(person) == second
    assert (first.path.exists(), second.path.exists()) == (False, True)
    with django_capture_on_commit_callbacks(execute=True):
        keys.withdraw_key(person, by=person)
    assert (office_keys.key_of(person), second.path.exists()) == (None, False)
    with pytest.raises(Refused) as told:
        keys.withdraw_key(person, by=person)
    assert told.value.code == "document/no-key"
    for act in (
        lambda: keys.withdraw_key(person, by=minuted["chair"]),
        lambda: keys.add_key(person, by=minuted["chair"], certificate=None, kind="file"),
    ):
        with pytest.raises(Refused) as told:
            act()
        assert told.value.code == "access/denied"


def test_a_certificate_is_one_persons(minuted: Stage, electronic: Path) -> None:
    person, other = minuted["liaison"], copy.copy(minuted["chair"])
    signers.key_for(person)
    other.staff_no = person.staff_no  # as if two people had one number
    with pytest.raises(Refused) as told:
        keys.add_file(by=other, data=signers.issued_to(person.staff_no).as_pkcs12("another"), pin="another")
    assert told.value.code == "document/certificate-taken"
    assert keys.try_pin(by=person, pin=PIN)


def test_a_key_whose_file_cannot_be_stored_is_not_added(
    minuted: Stage, electronic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(office_keys.os, "fsync", full)
    with pytest.raises(Refused) as told:
        signers.key_for(minuted["liaison"])
    assert told.value.code == "document/not-stored"
    assert not SignerKey.objects.exists()
    assert not list((electronic / "keys").iterdir())


def test_five_wrong_pins_lock_a_key_and_are_on_record(minuted: Stage, electronic: Path) -> None:
    person = minuted["liaison"]
    key = signers.key_for(person)
    assert keys.try_pin(by=person, pin=PIN) == key
    left = []
    for wrong in ("1", "2", "3", "4"):
        with pytest.raises(Refused) as told:
            keys.try_pin(by=person, pin=wrong)
        left.append((told.value.code, told.value.context["left"]))
    assert left == [("document/wrong-pin", number) for number in (4, 3, 2, 1)]
    for wrong in ("5", PIN):  # the fifth locks it, and then the right one does not open it either
        with pytest.raises(Refused) as told:
            keys.try_pin(by=person, pin=wrong)
        assert told.value.code == "document/key-locked"
    key.refresh_from_db()
    assert key.locked_at is not None
    entry = Entry.objects.get(action="lock_key")
    assert entry.subject == key.subject
    assert said(entry)["certificate"] == key.fingerprint
    refused("document/key-locked", minuted, "liaison")
    told = office_keys.standing(key)
    assert told is not None
    assert told.code == "document/key-locked"
    assert signers.key_for(person).locked_at is None  # added again with its PIN, it is open


def test_a_right_pin_begins_the_count_anew(minuted: Stage, electronic: Path) -> None:
    person = minuted["liaison"]
    signers.key_for(person)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(Refused):
                keys.try_pin(by=person, pin="wrong")
        keys.try_pin(by=person, pin=PIN)


def test_no_pin_is_in_the_database(minuted: Stage, electronic: Path) -> None:
    sign(minuted, "liaison")
    sign(minuted, "chair")
    with pytest.raises(Refused):
        keys.try_pin(by=minuted["chair"], pin="97531-97531")
    for body in Payload.objects.values_list("body", flat=True):
        assert PIN.encode() not in bytes(body)
        assert b"97531" not in bytes(body)


def test_a_lost_file_of_a_key_is_told_and_counts_no_try(minuted: Stage, electronic: Path) -> None:
    person = minuted["liaison"]
    key = signers.key_for(person)
    key.path.unlink()
    for _ in range(6):
        with pytest.raises(Refused) as told:
            keys.try_pin(by=person, pin=PIN)
        assert told.value.code == "document/key-unreadable"


def test_a_certificate_that_ends_within_thirty_days_is_pointed_out(minuted: Stage, electronic: Path) -> None:
    key = signers.key_for(minuted["liaison"])
    for days, soon in ((31, False), (29, True), (-1, True)):
        with clock.frozen(key.valid_until - timedelta(days=days)):
            assert office_keys.expires_soon(key) is soon


# The file


@pytest.mark.parametrize("handle", ["liaison", "chair"])
def test_a_full_disk_leaves_the_minutes_as_they_were(
    minuted: Stage, electronic: Path, monkeypatch: pytest.MonkeyPatch, handle: str
) -> None:
    if handle == "chair":
        sign(minuted, "liaison")
    signers.key_for(minuted[handle])
    before = list(MinutesFile.objects.values_list("sha256", flat=True))

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(signed_files.os, "fsync", full)
    refused("document/not-stored", minuted, handle)
    assert list(MinutesFile.objects.values_list("sha256", flat=True)) == before
    assert [path.stem for path in (electronic / "media" / "signed").rglob("*.*")] == before
    monkeypatch.undo()


def test_what_is_read_back_otherwise_is_not_signed(
    minuted: Stage, electronic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signers.key_for(minuted["liaison"])
    read = Path.read_bytes

    def flipped(path: Path) -> bytes:
        data = read(path)
        return data[:-9] + b"X" + data[-8:] if path.suffix == ".part" else data

    monkeypatch.setattr(Path, "read_bytes", flipped)
    refused("document/not-valid", minuted, "liaison")
    assert not MinutesFile.objects.exists()


def test_a_file_changed_on_disk_is_not_signed_further(minuted: Stage, electronic: Path) -> None:
    sign(minuted, "liaison")
    path = file_of(minuted).path
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"\n% more")
    signers.key_for(minuted["chair"])
    refused("document/not-valid", minuted, "chair")
    path.unlink()
    refused("document/not-valid", minuted, "chair")


def test_without_a_time_stamp_nothing_is_signed(minuted: Stage, electronic: Path, settings: Any) -> None:
    signers.key_for(minuted["liaison"])
    settings.TSA_URL = ""
    refused("document/no-timestamp", minuted, "liaison")
    assert not MinutesFile.objects.exists()
    assert not list((electronic / "media").rglob("*.pdf"))


def test_signed_files_and_signatures_never_change(minuted: Stage, electronic: Path) -> None:
    sign(minuted, "liaison")
    sign(minuted, "chair")
    file = file_of(minuted)
    for change in (
        lambda: MinutesFile.objects.filter(pk=file.pk).update(sha256="0" * 64),
        lambda: MinutesFile.objects.filter(pk=file.pk).update(ended_at=clock.now()),
        lambda: MinutesSignature.objects.filter(file=file).update(field="x"),
        lambda: MinutesSignature.objects.filter(file=file).delete(),
        lambda: SignerKey.objects.filter(person=minuted["chair"]).update(fingerprint="0"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_sweep_removes_what_no_row_names_and_nothing_else(minuted: Stage, electronic: Path) -> None:
    sign(minuted, "liaison")
    kept = file_of(minuted).path
    folder = kept.parent
    left = [folder / f"{'0' * 64}.pdf", folder / f"{'1' * 64}.abcd.part"]
    for path in left:
        path.write_bytes(b"left behind")
    assert signed_files.sweep() == []  # it may be somebody's who is signing just now
    assert set(signed_files.sweep(older_than=-1)) == set(left)
    assert kept.exists()


def test_in_a_rehearsal_minutes_are_signed_as_without_keys(minuted: Stage, electronic: Path) -> None:
    with rehearsed("a case"):
        assert minuted.do("sign_minutes").state == "signed"


def test_the_certificate_of_a_stage_is_its_persons(minuted: Stage, electronic: Path) -> None:
    key = signers.key_for(minuted["chair"])
    certificate = signers.issued_to(minuted["chair"].staff_no).certificate
    assert bytes(key.certificate) == certificate.public_bytes(Encoding.DER)
