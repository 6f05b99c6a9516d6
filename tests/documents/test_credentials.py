"""Keys and the checks of their certificates (documents/credentials.py, documents/trust.py)."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import traceback
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pkcs11
import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from pkcs11 import Attribute, CertificateType, ObjectClass

from documents import credentials, sign, trust, verify
from documents.authority import Authority, Holder
from documents.credentials import Identity
from regulation.refused import Refused
from tests.documents import signing

ME = Identity("S-001", "signer@bank.example")


def refused(kind: str, identity: Identity = ME, by: trust.Trust | None = None) -> str | None:
    """The refusal of a certificate before it signs, None when it may."""
    key = signing.opened(kind)
    try:
        credentials.require_usable(key.certificate, key.others, by or signing.trust(), identity)
    except Refused as told:
        return told.code
    return None


def test_a_good_certificate_may_sign() -> None:
    assert refused("good") is None


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("weak", "document/certificate-weak"),
        ("other", "document/certificate-of-another"),
        ("usage", "document/certificate-usage"),
        ("early", "document/certificate-not-yet"),
        ("expired", "document/certificate-expired"),
        ("foreign", "document/certificate-foreign"),
        ("revoked", "document/certificate-revoked"),
    ],
)
def test_a_bad_certificate_is_refused_with_what_is_wrong(kind: str, code: str) -> None:
    assert refused(kind) == code


def test_without_a_list_or_with_an_old_one_nobody_knows_whether_it_is_revoked() -> None:
    anchors = signing.trust().anchors
    old = signing.root().revoked({}, at=signing.NOW - timedelta(days=60), days=30)
    for lists in ((), (old,)):
        assert refused("good", by=trust.Trust(anchors, lists)) == "document/certificate-unchecked"


def test_a_list_of_another_authority_tells_nothing() -> None:
    lists = (signing.another_root().revoked({}, at=signing.NOW),)
    assert refused("good", by=trust.Trust(signing.trust().anchors, lists)) == "document/certificate-unchecked"


@pytest.mark.parametrize(
    ("identity", "code"),
    [
        (Identity("s-001"), None),
        (Identity(" S-001 ", "another@bank.example"), None),
        (Identity("", "SIGNER@bank.example"), None),
        (Identity("S-002", "signer@bank.example"), "document/certificate-of-another"),
        (Identity("", "another@bank.example"), "document/certificate-of-another"),
        (Identity("", ""), "document/certificate-of-another"),
    ],
)
def test_a_certificate_names_its_person_by_number_or_by_mail(identity: Identity, code: str | None) -> None:
    assert refused("good", identity) == code


def test_a_certificate_without_number_or_mail_is_nobodys() -> None:
    certificate = signing.root().signer(Holder("签署人"), at=signing.NOW).certificate
    read = x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    assert not credentials.names(read, ME)
    assert credentials.common_name(read) == "签署人"


# PKCS#12


def test_a_pin_opens_and_a_wrong_one_does_not() -> None:
    assert signing.opened().certificate.serial_number == signing.issued().certificate.serial_number
    for wrong in ("246811", "", "２４６８１０", "\0"):
        with pytest.raises(Refused) as told:
            credentials.open_pkcs12(signing.packed(), wrong)
        assert told.value.code == "document/wrong-pin"


def _without_key() -> bytes:
    return pkcs12.serialize_key_and_certificates(
        None, None, signing.issued().certificate, None, BestAvailableEncryption(signing.PIN.encode())
    )


def _rounds(count: int) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"", signing.issued().key, signing.issued().certificate, None,
        PrivateFormat.PKCS12.encryption_builder().kdf_rounds(count).build(signing.PIN.encode()),
    )  # fmt: skip


def _pem() -> bytes:
    return signing.issued().key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\0", b"PK\x03\x04", b"MZ" + b"\0" * 500, b"\x30\x82" + b"\0" * 600, b"x" * 100_001,
        "cut", "key missing", "pem",
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value[:4]!r}",
)  # fmt: skip
def test_what_is_no_pkcs12_with_a_key_is_told_so(data: bytes | str) -> None:
    made = {"cut": signing.packed()[:-100], "key missing": _without_key(), "pem": _pem()}
    with pytest.raises(Refused) as told:
        credentials.open_pkcs12(made[data] if isinstance(data, str) else data, signing.PIN)
    assert told.value.code == "document/key-unreadable"


def test_a_pin_that_is_slowed_for_hours_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    data = _rounds(20_000)
    assert credentials.open_pkcs12(data, signing.PIN)
    monkeypatch.setattr(credentials, "MOST_ROUNDS", 19_999)
    with pytest.raises(Refused) as told:
        credentials.open_pkcs12(data, signing.PIN)
    assert told.value.code == "document/key-unreadable"


def test_a_pin_is_in_no_log_and_in_no_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = signing.PIN[::-1]
    with pytest.raises(Refused) as told:
        credentials.open_pkcs12(signing.packed(), wrong)
    key = credentials.open_pkcs12(signing.packed(), signing.PIN)
    sign.sign(signing.paper(), field="liaison", key=key, timestamps=signing.stamps())
    assert wrong not in "".join(traceback.format_exception(told.value)) + caplog.text + str(
        told.value.context
    )
    assert signing.PIN not in caplog.text + repr(key)


# Folders of authorities and lists


def test_authorities_and_lists_are_read_from_folders(tmp_path: Path) -> None:
    certificate = signing.root().certificate
    (tmp_path / "ca.pem").write_bytes(
        certificate.public_bytes(Encoding.PEM) + signing.another_root().certificate.public_bytes(Encoding.PEM)
    )
    (tmp_path / "same.cer").write_bytes(certificate.public_bytes(Encoding.DER))
    (tmp_path / "notes.txt").write_text("not a certificate")
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "ca.crl").write_bytes(signing.trust().lists[0])
    found = trust.read(tmp_path, lists)
    assert len(found.anchors) == 3
    assert found.lists == signing.trust().lists
    assert found.digest != trust.read(tmp_path).digest
    assert trust.read(None).anchors == trust.read(tmp_path / "none").anchors == ()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(b"\x30\x03\x02\x01\x01")
    with pytest.raises(ValueError, match=r"ca\.pem"):
        trust.read(tmp_path)


def test_an_authority_is_kept_and_read() -> None:
    again = Authority.read(signing.root().as_pem())
    assert again.certificate == signing.root().certificate


# A token

MODULE = next(
    (
        str(path)
        for path in map(Path, ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so"))
        if path.exists()
    ),
    "",
)
TOKEN = "lianxi-signer"


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A SoftHSM2 token with the signer's key and certificate; the module's path."""
    if not MODULE or not shutil.which("softhsm2-util"):
        pytest.skip("SoftHSM2 is not installed")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    key = folder / "key.pem"
    key.write_bytes(_pem())
    for arguments in (
        ["--init-token", "--free", "--label", TOKEN, "--so-pin", "12345678", "--pin", signing.PIN],
        ["--import", str(key), "--token", TOKEN, "--label", "signer", "--id", "01", "--pin", signing.PIN],
    ):
        subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)
    _store_certificate(signing.issued().certificate.public_bytes(Encoding.DER))
    yield MODULE
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


def _store_certificate(data: bytes) -> None:
    with pkcs11.lib(MODULE).get_token(token_label=TOKEN).open(user_pin=signing.PIN, rw=True) as session:
        session.create_object(
            {
                Attribute.CLASS: ObjectClass.CERTIFICATE,
                Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
                Attribute.TOKEN: True,
                Attribute.ID: b"\x01",
                Attribute.LABEL: "signer",
                Attribute.SUBJECT: x509.Certificate.load(data).subject.dump(),
                Attribute.VALUE: data,
            }
        )


def test_a_key_on_a_token_signs(token: str) -> None:
    with credentials.open_token(token, TOKEN, signing.PIN) as key:
        credentials.require_usable(key.certificate, key.others, signing.trust(), ME)
        pdf = sign.sign(signing.paper(), field="liaison", key=key, timestamps=signing.stamps(), certify=True)
    (one,) = verify.check(pdf, signing.trust()).signatures
    assert one.valid, one


def test_a_wrong_pin_of_a_token_and_a_token_that_is_not_there(token: str, tmp_path: Path) -> None:
    def told(module: str, label: str, pin: str, certificate: bytes | None = None) -> str:
        with pytest.raises(Refused) as refused, credentials.open_token(module, label, pin, certificate):
            pass
        return refused.value.code

    assert told(token, TOKEN, "000000") == "document/wrong-pin"
    assert told(token, "nobody", signing.PIN) == "document/key-unreadable"
    assert told(str(tmp_path / "none.so"), TOKEN, signing.PIN) == "document/key-unreadable"
    other = signing.issued("other").certificate.public_bytes(Encoding.DER)
    assert told(token, TOKEN, signing.PIN, other) == "document/key-unreadable"


def test_a_token_that_has_locked_itself_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object, **__: object) -> None:
        raise pkcs11.PinLocked

    monkeypatch.setattr(credentials, "open_pkcs11_session", locked)
    with pytest.raises(Refused) as told, credentials.open_token("module", TOKEN, signing.PIN):
        pass
    assert told.value.code == "document/key-locked"
