"""`manage.py audit`: verify the log, seal it, sign checkpoints, prove entries, check the tree."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections, transaction

from audit import log_keys, merkle, private, sealer, witnessing
from audit.checking.fsck import Fsck
from audit.checking.rows import Fault
from audit.checking.verification import anomalies, further_faults, read_one_state, verify_streams
from audit.exports.asked import Asked, CannotExport
from audit.exports.making import Exported, export
from audit.models import Checkpoint, Entry, Head
from audit.note import COSIGNATURE, ED25519, GREATEST, Key, NoteError, Signer
from audit.note import MOST_BYTES as NOTE_BYTES
from audit.proofs import making
from audit.proofs.file import MOST_BYTES, NotProved, Proof
from audit.recording import SYSTEM, Actor

#: errors whose text says all
_SAID = (sealer.Alarm, sealer.CannotSeal, making.NoProof, CannotExport)
#: the number of anomalies, or of faults of the tree, that are listed
LISTED = 100


_NO_KEYS = (
    "No key of the log and no witness is set.\nRemedy: set LOG_KEY_FILE to the file of the log's key"
    " (`manage.py audit keys --make NAME --out FILE` makes one), and LOG_WITNESS_URL and LOG_WITNESS_KEY"
    " if there is a witness."
)


class Command(BaseCommand):
    help = (
        "Verifies the audit log and its tree, seals entries into the tree, signs checkpoints, and makes and"
        " checks proofs. Exit status 1 at a fault, with what and where it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the subcommands."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser("verify", help="re-derive every hash and name the first fault")
        verify.add_argument(
            "--stream", action="append", metavar="NAME", help="only this stream (may be repeated)"
        )
        verify.add_argument(
            "--no-payloads",
            dest="payloads",
            action="store_false",
            help="the chains alone, not what they commit to",
        )
        verbs.add_parser("seal", help="make leaves of the tree of all entries that are none yet")
        checkpoint = verbs.add_parser("checkpoint", help="seal, sign a checkpoint, and have it cosigned")
        checkpoint.add_argument("--out", metavar="FILE", help="write it there, not to the standard output")
        prove = verbs.add_parser("prove", help="write a proof that an entry is in the log (C2SP tlog-proof)")
        prove.add_argument("stream", metavar="STREAM")
        prove.add_argument("seq", metavar="SEQ", type=int)
        prove.add_argument("--out", metavar="FILE", required=True)
        check = verbs.add_parser("check-proof", help="check such a proof, without looking into the database")
        check.add_argument("file", metavar="FILE")
        _add_keys(check)
        keys = verbs.add_parser("keys", help="print the public keys of the log and of its witness")
        keys.add_argument(
            "--make", metavar="NAME", help="make a new key of that name, lianxi.<bank>/<branch>"
        )
        keys.add_argument(
            "--for-witness", action="store_true", help="the new key is a witness's, of any name"
        )
        keys.add_argument("--out", metavar="FILE", help="where the new private key is written, mode 600")
        fsck = verbs.add_parser("fsck", help="make the whole tree again from the entries and compare")
        _add_keys(fsck)
        _add_export(verbs.add_parser("export", help="write a part of the log for audit/verify.py to check"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what the subcommand says; CommandError (exit status 1) has what is wrong."""
        do: Callable[..., None] = getattr(self, options["verb"].replace("-", "_"))
        try:
            do(**options)
        except (*_SAID, ImproperlyConfigured, OSError) as error:
            raise CommandError(str(error)) from error
        finally:
            connections[sealer.ALIAS].close()

    def verify(self, *, stream: list[str] | None, payloads: bool, **_options: Any) -> None:
        """Check everything on one snapshot; CommandError names the first fault, or a stream that is none."""
        for name in stream or ():
            if (
                not Head.objects.filter(stream=name).exists()
                and not Entry.objects.filter(stream=name).exists()
            ):
                raise CommandError(
                    f"There is no stream {name!r}: a stream is meeting:12, proposal:7 or the like."
                )
        with transaction.atomic():
            read_one_state()
            report = verify_streams(stream, payloads=payloads)
            fault = report.fault
            if fault is None and payloads:
                fault = next(islice(further_faults(stream), 1), None)
            odd = list(islice(anomalies(stream), LISTED + 1)) if payloads else []
        self._tell_of(odd)
        if fault is not None:
            raise CommandError(f"{fault} ({report.entries} entries verified before it)")
        self.stdout.write(f"{report.entries} entries in {report.streams} streams verified")
        if report.erased:
            self.stdout.write(f"{report.erased} payloads erased, each with an entry that says so")
        self.stdout.write(f"head {report.head}")

    def _tell_of(self, odd: list[Fault]) -> None:
        """Print what is no fault of the log but should be looked at."""
        for each in odd[:LISTED]:
            self.stdout.write(f"anomaly: {each}")
        if len(odd) > LISTED:
            self.stdout.write(f"and more than these {LISTED} anomalies")

    def seal(self, **_options: Any) -> None:
        """All committed entries are leaves of the tree."""
        self.stdout.write(f"{sealer.seal()} entries sealed")

    def checkpoint(self, *, out: str | None, **_options: Any) -> None:
        """The present tree has a checkpoint, cosigned if a witness is set and answers."""
        sealer.seal()
        if sealer.checkpoint() is None:
            raise CommandError("The log has no entries: there is nothing to sign.")
        try:
            witnessing.cosign()
        except witnessing.NotCosigned as error:
            self.stderr.write(f"not yet cosigned: {error}")
        with sealer.alone() as cursor:
            cursor.execute("SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1")
            (note,) = cursor.fetchone()
        if out is None:
            self.stdout.write(note, ending="")
        else:
            private.write(Path(out), note.encode())

    def prove(self, *, stream: str, seq: int, out: str, **_options: Any) -> None:
        """The file holds the proof of this entry."""
        try:
            proof = making.proved(stream, seq)
        except merkle.Incomplete as error:
            raise CommandError(
                f"The tree is not complete: {error}. `manage.py audit fsck` says where."
            ) from error
        private.write(Path(out), proof.written().encode())
        self.stdout.write(f"entry {seq} of {stream} is leaf {proof.index}; the proof is in {out}")

    def check_proof(self, *, file: str, log: list[str], witness: list[str], **_options: Any) -> None:
        """What the proof shows is printed; CommandError when it shows nothing."""
        keys, witnesses = _keys(log, witness)
        if not keys:
            raise CommandError("Give the log's public key: --log VKEY (`manage.py audit keys` prints it).")
        with Path(file).open("rb") as opened:
            written = opened.read(MOST_BYTES + 1)
        _require_no_container(file, written)
        try:
            shown = making.check(Proof.parse(written), keys, witnesses)
        except (NoteError, NotProved) as error:
            raise CommandError(f"The proof does not hold: {error}") from error
        entry, checkpoint = shown.entry, shown.checkpoint
        self.stdout.write(
            f"The log {checkpoint.origin} holds, as leaf {shown.leaf} of {checkpoint.size}, entry "
            f"{entry['seq']} of {entry['stream']}:\n"
            f"{entry['action']} on {entry['subject']} by {entry['actor']}, {entry['at']}, recorded "
            f"{entry['recorded_at']}\nroot {checkpoint.root.hex()}"
        )
        for name, at in shown.cosigned:
            self.stdout.write(f"cosigned by {name} at {at}")
        if not shown.cosigned and witness:
            names = ", ".join(each.name for each in witnesses)
            raise CommandError(
                f"The checkpoint of the proof is not cosigned by {names}: the log alone says so."
            )
        if not shown.cosigned:
            self.stdout.write("not cosigned by a witness that is known here")

    def keys(self, *, make: str | None, for_witness: bool, out: str | None, **_options: Any) -> None:
        """The public keys are printed, or that of a new private key, which is in the file."""
        if make is not None:
            self._make(make, COSIGNATURE if for_witness else ED25519, out)
            return
        signers, witness = log_keys.signers(), log_keys.witness()
        if not signers and witness is None:
            raise CommandError(_NO_KEYS + _of_demo())
        for signer in signers:
            self.stdout.write(f"log {signer.key}")
        if witness is not None:
            self.stdout.write(f"witness {witness}")

    def _make(self, name: str, kind: int, out: str | None) -> None:
        if out is None:
            raise CommandError("Say where the private key is to be written: --out FILE.")
        if kind == ED25519 and not log_keys.ORIGIN.fullmatch(name):
            raise CommandError(f"The key of a log is named lianxi.<bank>/<branch>, not {name!r}.")
        try:
            signer = Signer.make(name, kind)
        except NoteError as error:
            raise CommandError(str(error)) from error
        opened = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # no file is written over
        with os.fdopen(opened, "w") as file:
            file.write(f"{signer.written()}\n")
        self.stdout.write(f"{'witness' if kind == COSIGNATURE else 'log'} {signer.key}")

    def fsck(self, *, log: list[str], witness: list[str], **_options: Any) -> None:
        """The tree is what the entries make of it; CommandError when it is not, after what was found."""
        keys, witnesses = _keys(log, witness)
        with transaction.atomic():
            read_one_state()
            with connection.cursor() as cursor:
                fsck = Fsck(cursor, keys, witnesses)
                found = list(islice(fsck.faults(), LISTED + 1))
        for each in found[:LISTED]:
            self.stdout.write(str(each))
        if found:
            many = f"more than {LISTED}" if len(found) > LISTED else str(len(found))
            raise CommandError(f"The tree of the audit log does not hold: {many} faults, as above.")
        checked = fsck.checked
        self.stdout.write(
            f"{checked.leaves} leaves, {checked.tiles} tiles and {checked.checkpoints} checkpoints hold"
        )
        if not keys:
            sys.stderr.write("no key of the log is known here: signatures were not checked (--log VKEY)\n")

    def export(
        self,
        *,
        meeting: int | None,
        proposal: int | None,
        since: str | None,
        to: str,
        documents: bool,
        by: str | None,
        **_options: Any,
    ) -> None:
        """What is asked for is in the folder or ZIP, and the log has an entry of it."""
        note = _note_of(since) if since is not None else None
        done = export(
            Asked(meeting=meeting, proposal=proposal, since=note),
            Path(to),
            by=SYSTEM if by is None else _person(by),
            documents=documents,
        )
        self._tell_of_export(done)

    def _tell_of_export(self, done: Exported) -> None:
        self.stdout.write(
            f"{done.entries} entries of {done.streams} streams and {done.documents} documents: {done.path}"
        )
        self.stdout.write(f"checkpoint of {done.size} entries, manifest {done.manifest}")
        if not done.cosigned:
            self.stdout.write("the checkpoint is not cosigned by a witness")
        if done.younger:
            self.stdout.write(
                f"{done.younger} entries are younger than the checkpoint and not in it; "
                "`manage.py audit checkpoint` makes another"
            )
        if done.erased:
            self.stdout.write(f"{done.erased} payloads were erased by law")
        for each in done.lacking:
            self.stdout.write(f"not in it: {each.what} ({each.sha256}), whose file is {each.why}")


def _require_no_container(file: str, written: bytes) -> None:
    """CommandError for a file that has proofs in it and is none; it says how to come to them."""
    if written.startswith(b"PK"):
        raise CommandError(
            f"{file} is a ZIP, which may hold proofs and is none. Unpack it and name one of the files in it"
            " that end in .tlog-proof; an export of the log is checked as a whole: `python verify.py EXPORT"
            " --log VKEY`."
        )
    if written.startswith(b"%PDF"):
        raise CommandError(
            f"{file} is a PDF, which may hold proofs and is none. The page of the dossier has the proofs of"
            " its entries as a ZIP of files that end in .tlog-proof: unpack it and name one of these."
        )


def _add_export(parser: ArgumentParser) -> None:
    asked = parser.add_mutually_exclusive_group(required=True)
    for name in ("meeting", "proposal"):
        what = f"a {name} with all that belongs to it, by its id, the number in its stream's name"
        asked.add_argument(f"--{name}", type=int, metavar="N", help=what)
    what = "what follows a checkpoint: a file with the note, or its number of entries"
    asked.add_argument("--since", metavar="CHECKPOINT", help=what)
    asked.add_argument("--all", action="store_true", help="the whole log")
    parser.add_argument("--to", metavar="PATH", required=True, help="a new folder, or a new file named *.zip")
    parser.add_argument(
        "--no-documents", dest="documents", action="store_false", help="without the files that the log names"
    )
    parser.add_argument("--by", metavar="LOGIN", help="who exports it, for the log; else it is the system")


def _note_of(since: str) -> str:
    """The checkpoint in that file, or the stored one of so many entries; CommandError when there is none."""
    if since.isascii() and since.isdigit():
        row = Checkpoint.objects.filter(size=min(int(since[:19]), GREATEST)).first()
        if row is None:
            raise CommandError(f"There is no stored checkpoint of {since} entries.")
        return row.note
    with Path(since).open("rb") as opened:
        body = opened.read(NOTE_BYTES + 1)
    if len(body) > NOTE_BYTES:
        raise CommandError(f"{since} is no checkpoint: it is too long.")
    return body.decode(errors="replace")


def _person(login: str) -> Actor:
    person = get_user_model().objects.filter(username=login).first()
    if person is None:
        raise CommandError(f"{login} is nobody's login.")
    return person


def _of_demo() -> str:
    """Where the demo has its key of the log, of which its own process alone is told; empty without it."""
    key = Path(settings.VAR_DIR) / "demo" / "log.key"
    if not key.is_file():
        return ""
    return f" The demo has a key of its own: LOG_KEY_FILE={key} manage.py audit keys"


def _add_keys(parser: ArgumentParser) -> None:
    for name, whose in (("--log", "the log's"), ("--witness", "a witness's")):
        parser.add_argument(
            name,
            action="append",
            default=[],
            metavar="VKEY",
            help=f"{whose} public key (repeatable; else that of the settings)",
        )


def _keys(log: list[str], witness: list[str]) -> tuple[list[Key], list[Key]]:
    """The public keys given, or those of the settings."""
    try:
        given = [Key.parse(each) for each in log], [Key.parse(each) for each in witness]
    except NoteError as error:
        raise CommandError(str(error)) from error
    set_for = log_keys.witness() if not given[1] else None
    return (
        given[0] or [each.key for each in log_keys.signers()],
        given[1] or ([set_for] if set_for else []),
    )
