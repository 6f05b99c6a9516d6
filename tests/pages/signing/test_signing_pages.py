"""The pages of signing: a signer's key, the PIN, and the signed file (Art. 21)."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit import clock
from office import keys as office_keys
from office.models import MinutesFile, SignerKey
from tests.documents import signing
from tests.office import signers
from tests.office.signers import PIN, file_of, issued_to, key_for, sign
from tests.page_text import page_text
from tests.pages.pages import as_, look
from tests.stage import Stage


@pytest.fixture
def electronic(settings: Any, tmp_path: Path):
    with signers.installed(settings, tmp_path):
        yield tmp_path


def upload(person: Any, data: bytes, pin: str = PIN) -> Any:
    file = SimpleUploadedFile("key.p12", data, "application/x-pkcs12")
    return as_(person).post(reverse("signing-key"), {"file": file, "pin": pin})


def send(stage: Stage, handle: str, address: str = "", **given: str) -> Any:
    """Send the form of signing as the page shows it."""
    person, address = stage[handle], address or reverse("minutes-sign", args=[stage.meeting.pk])
    browser = as_(person)
    page = browser.get(address).content.decode()
    shown = page.split('name="digest" value="')[1].split('"')[0]
    return browser.post(address, {"digest": shown, "pin": PIN, **given})


def test_a_signer_adds_a_key_and_sees_what_it_is(minuted: Stage, electronic: Path) -> None:
    person = minuted["liaison"]
    assert "Add your key" in look(person, "signing-key")
    assert upload(person, issued_to(person.staff_no).as_pkcs12(PIN)).status_code == 302
    key = SignerKey.objects.get(person=person, withdrawn_at=None)
    page = look(person, "signing-key")
    assert key.fingerprint in page
    assert "refusal" not in page
    assert as_(person).post(reverse("signing-key-withdraw")).status_code == 302
    assert office_keys.key_of(person) is None
    assert as_(person).post(reverse("signing-key-withdraw")).status_code == 302


@pytest.mark.parametrize(
    ("data", "pin", "status", "told"),
    [
        (b"nonsense", PIN, 422, "document/key-unreadable"),
        (b"", PIN, 422, "empty"),
        (None, "000000", 422, "document/wrong-pin"),
        (b"x" * 200_000, PIN, 422, "larger than 100 kB"),
    ],
)
def test_what_is_no_key_is_told_beside_its_field(
    minuted: Stage, electronic: Path, data: bytes | None, pin: str, status: int, told: str
) -> None:
    person = minuted["liaison"]
    response = upload(person, issued_to(person.staff_no).as_pkcs12(PIN) if data is None else data, pin)
    page = response.content.decode()
    assert (response.status_code, told in page) == (status, True)
    assert f'value="{pin}"' not in page
    assert not SignerKey.objects.exists()


def test_expiry_and_revocation_are_shown_on_the_signers_page(minuted: Stage, electronic: Path) -> None:
    person = minuted["liaison"]
    key = key_for(person)
    with clock.frozen(key.valid_until - timedelta(days=20)):
        assert "Your certificate ends on" in page_text(as_(person).get(reverse("signing-key")))
    revoked = {issued_to(person.staff_no).certificate.serial_number: signing.NOW}
    (electronic / "lists" / "ca.crl").write_bytes(signing.root().revoked(revoked, at=signing.NOW))
    assert "The certificate was revoked" in look(person, "signing-key")


def test_the_minutes_are_signed_on_their_pages(minuted: Stage, electronic: Path) -> None:
    for handle in ("liaison", "chair"):
        key_for(minuted[handle])
    assert "Sign with your key" in look(minuted["liaison"], "minutes", minuted.meeting.pk)
    assert "Sign with your key" not in look(minuted["chair"], "minutes", minuted.meeting.pk)
    assert send(minuted, "liaison").status_code == 302
    assert "Still to sign: whoever presides" in " ".join(
        look(minuted["auditor"], "minutes", minuted.meeting.pk).split()
    )
    assert (
        "sign_minutes"
        not in as_(minuted["chair"]).get(reverse("minutes", args=[minuted.meeting.pk])).content.decode()
    )
    assert send(minuted, "chair").status_code == 302
    assert minuted.meeting_state == "signed"
    response = as_(minuted["auditor"]).get(reverse("minutes-file", args=[minuted.meeting.pk]))
    assert response.content == file_of(minuted).path.read_bytes()
    assert response["Content-Disposition"].startswith("attachment")
    assert as_(minuted["handler"]).get(reverse("minutes-file", args=[minuted.meeting.pk])).status_code == 404
    address = reverse("minutes-sign", args=[minuted.meeting.pk])
    assert "21/already-effective" in as_(minuted["chair"]).get(address).content.decode()


def test_the_page_of_signing_without_keys_tells_its_officer_that_it_is_not_to_be_done(
    minuted: Stage, electronic: Path
) -> None:
    """Nor does it say that signing is another officer's alone."""
    address = reverse("meeting-act", args=[minuted.meeting.pk, "sign_minutes"])
    response = as_(minuted["chair"]).get(address)
    assert response.status_code == 200
    assert 'data-code="document/pin-required"' in response.content.decode()


def test_whose_turn_it_is_not_is_told_before_a_pin_is_typed(minuted: Stage, electronic: Path) -> None:
    for handle in ("chair", "liaison"):
        key_for(minuted[handle])
    address = reverse("minutes-sign", args=[minuted.meeting.pk])

    def page(handle: str) -> str:
        return as_(minuted[handle]).get(address).content.decode()

    assert 'data-code="document/signatures-missing"' in page("chair")
    assert 'name="pin"' not in page("chair")
    assert 'name="pin"' in page("liaison")
    send(minuted, "liaison")
    assert 'data-code="document/signed-already"' in page("liaison")
    assert 'name="pin"' in page("chair")


def test_a_wrong_pin_is_told_counted_and_neither_shown_again_nor_logged(
    minuted: Stage, electronic: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = key_for(minuted["liaison"])
    response = send(minuted, "liaison", pin="wrong-13579")
    page = response.content.decode()
    assert (response.status_code, "tries left before the key is locked: 4" in page) == (422, True)
    assert "13579" not in page + caplog.text
    for _ in range(4):
        response = send(minuted, "liaison", pin="wrong-13579")
    assert (response.status_code, "document/key-locked" in response.content.decode()) == (409, True)
    key.refresh_from_db()
    assert key.locked_at is not None
    assert not MinutesFile.objects.exists()
    assert "document/key-locked" in as_(minuted["liaison"]).get(reverse("signing-key")).content.decode()


def test_a_draft_that_was_changed_after_it_was_shown_is_not_signed(minuted: Stage, electronic: Path) -> None:
    key_for(minuted["liaison"])
    address = reverse("minutes-sign", args=[minuted.meeting.pk])
    response = as_(minuted["liaison"]).post(address, {"digest": "0" * 64, "pin": PIN})
    assert (response.status_code, MinutesFile.objects.exists()) == (409, False)


def test_who_has_no_key_and_who_is_not_asked(minuted: Stage, electronic: Path) -> None:
    address = reverse("minutes-sign", args=[minuted.meeting.pk])
    assert "document/no-key" in as_(minuted["liaison"]).get(address).content.decode()
    assert as_(minuted["auditor"]).get(address).status_code == 403
    assert as_(minuted["handler"]).get(address).status_code == 404


def test_without_signing_the_page_says_so_and_the_minutes_are_signed_as_before(minuted: Stage) -> None:
    address = reverse("minutes-sign", args=[minuted.meeting.pk])
    assert "document/not-electronic" in as_(minuted["chair"]).get(address).content.decode()
    page = look(minuted["chair"], "minutes", minuted.meeting.pk)
    assert "Electronic signatures" not in page
    minuted.do("sign_minutes")


def test_the_seats_are_asked_where_the_liaison_says_so(minuted: Stage, electronic: Path) -> None:
    key_for(minuted["liaison"])
    assert send(minuted, "liaison", seats="on").status_code == 302
    assert [each["field"] for each in file_of(minuted).fields] == ["liaison", "seat2", "seat3", "chair"]
    sign(minuted, "seat2")
    assert (
        "seats"
        not in as_(minuted["seat3"])
        .get(reverse("minutes-sign", args=[minuted.meeting.pk]))
        .context["form"]
        .fields
    )


def test_supplementary_minutes_are_signed_on_their_pages(minuted: Stage, electronic: Path) -> None:
    for handle in ("liaison", "chair"):
        key_for(minuted[handle])
        assert send(minuted, handle).status_code == 302
    address = reverse("supplement-sign", args=[minuted.meeting.pk])
    early = as_(minuted["liaison"]).get(address).content.decode()
    assert ("No supplementary minutes are drafted" in early, 'name="pin"' in early) == (True, False)
    supplement = minuted.do("draft_supplement", narrative="Five abstained, not four.")
    where = (minuted.meeting.pk, supplement.pk)
    assert "Sign with your key" in look(minuted["liaison"], "supplement", *where)
    assert "Sign with your key" not in look(minuted["chair"], "supplement", *where)
    for handle in ("liaison", "chair"):
        response = send(minuted, handle, address=address)
        assert (response.status_code, response["Location"]) == (302, reverse("supplement", args=where))
    assert str(supplement) in look(minuted["auditor"], "minutes", minuted.meeting.pk)
    file = MinutesFile.objects.get(minutes=supplement)
    download = reverse("supplement-file", args=where)
    for handle in ("auditor", "seat2", "head_office", "credit"):
        assert as_(minuted[handle]).get(download).content == file.path.read_bytes(), handle
    for handle in ("handler", "outsider"):
        assert as_(minuted[handle]).get(download).status_code == 404, handle
    first = file_of(minuted)
    assert first.minutes_id != supplement.pk
    mistaken = reverse("supplement-file", args=[minuted.meeting.pk, first.minutes_id])
    assert as_(minuted["auditor"]).get(mistaken).status_code == 404


@pytest.mark.parametrize("handle", ["handler", "auditor", "credit", "head_office", "risk", "outsider"])
def test_nobody_else_has_a_page_to_sign_on(minuted: Stage, electronic: Path, handle: str) -> None:
    for name in ("minutes-sign", "supplement-sign"):
        address = reverse(name, args=[minuted.meeting.pk])
        assert {
            as_(minuted[handle]).get(address).status_code,
            as_(minuted[handle]).post(address, {"pin": PIN}).status_code,
        } <= {403, 404}
