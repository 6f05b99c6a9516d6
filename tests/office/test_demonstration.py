"""The demo's authority: what `make demo` makes is enough to sign minutes and to verify them."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from documents.verify import Outcome
from office import demonstration, on_record
from office import keys as office_keys
from office.actions.signing import sign_electronically
from office.demonstration import PIN
from office.models import Minutes, SignerKey
from tests.office.signers import file_of
from tests.stage import Stage


@pytest.fixture
def demo(settings: Any, tmp_path: Path) -> Path:
    """The settings of the demo, in a folder of its own and without anything made."""
    settings.DEMO = settings.SIGNING = True
    settings.VAR_DIR = tmp_path
    settings.TRUST_ANCHORS = str(tmp_path / "authority" / "anchors")
    settings.REVOCATION_LISTS = str(tmp_path / "authority" / "lists")
    settings.SIGNER_KEYS, settings.MEDIA_ROOT = str(tmp_path / "keys"), tmp_path / "media"
    settings.TSA_URL = ""
    return tmp_path


def test_whoever_signs_has_a_key_and_the_time_is_stamped(minuted: Stage, demo: Path, settings: Any) -> None:
    root, stamps = demonstration.prepared()
    given = set(demonstration.give_keys(root))
    assert given == {minuted["liaison"], *(minuted[seat] for seat in minuted.seats)}
    server = demonstration.stamping(stamps)
    settings.TSA_URL = demonstration.stamps_from(server)
    try:
        for handle in ("liaison", "chair"):
            sign_electronically(minuted.meeting, by=minuted[handle], pin=PIN)
    finally:
        server.shutdown()
        server.server_close()
    assert Minutes.objects.get(meeting=minuted.meeting).state == "signed"
    assert on_record.judge(file_of(minuted).path.read_bytes()).outcome is Outcome.VALID


def test_what_is_made_once_stays_and_is_read_by_its_account_alone(minuted: Stage, demo: Path) -> None:
    root, stamps = demonstration.prepared()
    assert len(list(demonstration.give_keys(root))) == SignerKey.objects.count()
    again, same = demonstration.prepared()
    assert (again.certificate, same.certificate) == (root.certificate, stamps.certificate)
    assert list(demonstration.give_keys(again)) == []
    secrets = [demo / "authority" / name for name in ("authority.pem", "time-stamps.p12")]
    secrets += (demo / "keys").iterdir()
    assert {path.stat().st_mode & 0o077 for path in secrets} == {0}
    key = office_keys.key_of(minuted["chair"])
    assert key is not None
    assert office_keys.standing(key) is None


def test_the_command_makes_keys_in_the_demo_alone(minuted: Stage, demo: Path, settings: Any) -> None:
    out = StringIO()
    call_command("demo_ca", "--keys", stdout=out)
    assert f"key of {minuted['chair'].username}, PIN {PIN}" in out.getvalue()
    settings.DEMO = False
    with pytest.raises(CommandError, match="LIANXI_DEMO"):
        call_command("demo_ca")
