"""`manage.py demo`: show the bundled rehearsals, then serve a site with the demo's bank."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, transaction
from django.db.models import F

from audit import clock
from audit.recording import SYSTEM, rehearsed
from audit.tasks import checkpoint_log
from committee.models import Message, Unit
from office import demonstration
from office.actions.dispatches import send_dispatch
from office.models import Dispatch
from rehearsal import serving
from rehearsal.bank import (
    ADMINISTRATOR,
    SECOND_OFFICER,
    Bank,
    employ_administrator,
    employ_second_officer,
    existing,
    give_logins,
    hold_founding,
    make_administrator,
)
from rehearsal.demo_log import witnessed
from rehearsal.files import candidates
from rehearsal.ledger import has_ledger, keep_ledger
from rehearsal.management.commands.rehearse import never_fail_to_print
from rehearsal.report import mismatch
from rehearsal.running import Attempt, NotReady, attempts, make_ready
from rehearsal.times import ZONE

HERE = Path(__file__).resolve().parents[2]
BUNDLED, DEMO = HERE / "cases", HERE / "demo"
BANK = "呼和浩特示范银行"
PASSWORD = "lianxi-demo"  # noqa: S105  a public password: such logins exist with LIANXI_DEMO only, on this machine
#: the last step of the demo's files is at 08:30 of their today
DAY_BEGINS = timedelta(hours=9)
#: messages sent before this are marked as read
LATELY = timedelta(days=4)

LOGINS = {
    "handler": "handler 经办人",
    "handler_head": "head of the handling institution 经办机构负责人",
    "liaison": "liaison 联络员",
    "chair": "chair 主任委员",
    "seat2": "member 委员",
    "deputy6": "proxy 代理人",
    "credit": "credit officer 授信管理部",
    "head_office": "head office 总行",
    "risk": "risk department 风险管理部",
    SECOND_OFFICER: "its second officer, who publishes what the first has drafted 风险管理部复核人员",
    "auditor": "auditor 审计",
    "collector": "collector 清收责任人",
    "office": "supervising office 办事处督导",
    "union_risk": "risk department of the union, which hands in tapes 联社风险管理部",
    ADMINISTRATOR: "administrator, at /admin/ 系统管理员",
}


class Command(BaseCommand):
    """Serve the demo until interrupted."""

    help = "Play the bundled rehearsals, make the demo's bank once, and serve the site with its worker."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=_port, default=8000, help="port on 127.0.0.1 (8000)")
        parser.add_argument(
            "--log-folder",
            type=Path,
            default=settings.VAR_DIR / "demo",
            help="where the log's key and its witness are kept (var/demo); for another database another one",
        )

    def handle(self, *, port: int, log_folder: Path, **options: Any) -> None:
        never_fail_to_print()
        if not settings.DEMO:
            raise CommandError(
                "The demo has logins with a known password, so it runs only where LIANXI_DEMO is set.\n"
                "Remedy: run `make demo`."
            )
        try:
            listening = serving.listen(port)
        except OSError as error:
            raise CommandError(
                f"{serving.HOST}:{port} cannot be used: {error.strerror}.\n"
                "Remedy: stop the program that uses it (`ss -ltnp` names it), or take another port: "
                f"make demo PORT={port + 1}"
            ) from error
        try:
            with listening:
                self._rehearse()
                bank = self.bank()
                self._give_keys()
                collect()
                with witnessed(log_folder) as witness:
                    checkpoint_log(0)  # so that ballots and dossiers have their proofs from the first look on
                    serving.serve(listening, ready=lambda: self._welcome(bank, port, witness))
        except KeyboardInterrupt:
            sys.exit(130)
        except NotReady as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"{error}\nRemedy: `make demo-reset` starts over.") from error
        self.stdout.write("\nStopped; `make demo` goes on where you left, `make demo-reset` starts over.")

    def _rehearse(self) -> None:
        make_ready()
        self.stdout.write("The bundled rehearsals, each played and undone:")
        for attempt in attempts(list(candidates([BUNDLED])), keep=False):
            self._tell(attempt)

    def bank(self) -> Bank:
        """Return the demo's bank, played from its files if it does not exist."""
        with transaction.atomic():
            hold_founding()
            if not Unit.objects.filter(parent=None, name=BANK).exists():
                self.stdout.write(f"\nThe demo's bank, {BANK}:")
                today = (clock.now().astimezone(ZONE) - DAY_BEGINS).date()
                for attempt in attempts(list(candidates([DEMO], today=today)), keep=True):
                    self._tell(attempt)
                send_all()
                Message.objects.filter(at__lt=clock.now() - LATELY).update(read_at=F("at"))
            bank = existing(Unit.objects.get(parent=None, name=BANK))
            if bank is None:
                raise CommandError(f"{BANK} is not the demo's.\nRemedy: `make demo-reset` starts over.")
            bank = self._with_ledger(bank)
            without = [handle for handle, person in bank.people.items() if not person.has_usable_password()]
            if without:
                give_logins(bank, by=SYSTEM, handles=without, password=PASSWORD)
            if ADMINISTRATOR not in bank.people:
                administrator = employ_administrator(bank, by=SYSTEM, password=PASSWORD)
                bank = replace(bank, people={**bank.people, ADMINISTRATOR: administrator})
            if SECOND_OFFICER not in bank.people:
                second = employ_second_officer(bank, by=SYSTEM, password=PASSWORD)
                bank = replace(bank, people={**bank.people, SECOND_OFFICER: second})
        if not bank.people[ADMINISTRATOR].is_superuser:
            make_administrator(bank.people[ADMINISTRATOR])
        return bank

    def _with_ledger(self, bank: Bank) -> Bank:
        """The bank with its ledger of loans, whose tapes are handed in at the first start."""
        if not has_ledger(bank):
            self.stdout.write("\nThe ledger of its loans, with the tapes of fourteen days ...")
        return keep_ledger(bank, clock.now().astimezone(ZONE).date())

    def _give_keys(self) -> None:
        """The demo's signers can sign: with keys of its own authority, and its own time stamps."""
        if not settings.SIGNING:
            return
        root, stamps = demonstration.prepared()
        if list(demonstration.give_keys(root)):
            self.stdout.write("\nKeys were made for whoever signs minutes.")
        if not settings.TSA_URL:
            # the port is known only now, and this process alone serves the demo
            settings.TSA_URL = demonstration.stamps_from(demonstration.stamping(stamps))

    def _tell(self, attempt: Attempt) -> None:
        played, name = attempt.played, Path(attempt.candidate.file).name
        if played is None:
            self.stdout.write(f"  invalid  {name}: {attempt.fault}")
        elif played.mismatch:
            self.stdout.write(f"  MISMATCH {name}: {mismatch(played.mismatch)}")
        else:
            self.stdout.write(f"  matched  {played.title} ({len(played.rows)} acts)")

    def _welcome(self, bank: Bank, port: int, witness: str) -> None:
        self.stdout.write(f"\nLianxi 联席 is at http://{serving.HOST}:{port}/ (Ctrl-C stops it).")
        self.stdout.write(f"Everybody at {BANK} has the password {PASSWORD}. One login a role:")
        for handle, role in LOGINS.items():
            self.stdout.write(f"  {bank.people[handle].username:<16} {role}")
        if settings.SIGNING:
            self.stdout.write(
                f"Minutes are signed with a key; the PIN of everybody's is {demonstration.PIN}."
            )
        others = (bank.people[handle].username for handle in ("seat3", "seat9"))
        self.stdout.write(f"Further members are {' to '.join(others)}.")
        if witness:
            self.stdout.write(f"Head office's witness of the audit log shows it at {witness}/")


def collect() -> None:
    """The static files are ready to be served: collected, where pages name them as collected."""
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)  # whitenoise warns of a missing folder
    if settings.STATIC_COLLECTED:
        call_command("collectstatic", interactive=False, verbosity=0)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ArgumentTypeError("expects a number from 1 to 65535")
    return int(text)


def send_all() -> None:
    """What the rehearsals put out is sent, at its time: no worker sees it."""
    for row in Dispatch.objects.filter(sent_at=None).order_by("pk"):
        with clock.frozen(row.made_at), rehearsed("demo"):
            send_dispatch(row, by=SYSTEM)
