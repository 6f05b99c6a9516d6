"""What the database holds when the application is bypassed, and what the verifier finds when it is too."""

import contextlib
import io
from datetime import UTC, datetime

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from audit.chain import head_of_heads
from audit.checking.rows import Fault
from audit.checking.verification import verify_streams
from audit.models import Head
from audit.recording import action, record

MOMENT = datetime(2026, 3, 2, tzinfo=UTC)
DIGEST = b"\x07" * 32


@action
def note(streams, *, by):
    for stream in streams:
        record(stream, "test.noted", "item:1", by=by, payload={"reason": "现金不足"})


@pytest.fixture
def log(fresh_db):
    """A committed log: two streams of four entries."""
    for _ in range(4):
        note(["meeting:1", "proposal:2"], by="system")
    return fresh_db


@contextlib.contextmanager
def refused(error):
    """The database refuses what the cursor executes, to the application's role, with this error."""
    with pytest.raises(DatabaseError) as raised, transaction.atomic(), connection.cursor() as cursor:
        yield cursor
    assert type(raised.value.__cause__) is error


CHANGES = [
    "UPDATE audit_entry SET actor = '1'",
    "UPDATE audit_entry SET stream = stream WHERE false",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
    "TRUNCATE audit_entry, audit_payload, audit_head CASCADE",
    "UPDATE audit_payload SET body = ''",
    "DELETE FROM audit_payload",
    "TRUNCATE audit_payload CASCADE",
    "INSERT INTO audit_payload SELECT * FROM audit_payload ON CONFLICT (commitment) DO UPDATE SET body = ''",
    "MERGE INTO audit_payload p USING audit_head h ON h.stream = 'meeting:1' WHEN MATCHED THEN DELETE",
]
NOT_THE_APPLICATIONS = [
    *CHANGES,
    "SELECT * FROM audit_entry FOR UPDATE",
    "INSERT INTO audit_head VALUES ('meeting:9', 1, '', '')",
    "UPDATE audit_head SET seq = seq",
    "DELETE FROM audit_head",
    "TRUNCATE audit_head",
    "SELECT * FROM audit_head FOR UPDATE",
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "ALTER TABLE audit_entry DISABLE TRIGGER audit_keep",
    "DROP TRIGGER audit_seal ON audit_entry",
    "DROP TABLE audit_payload",
    "CREATE OR REPLACE FUNCTION audit_seal() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TRIGGER mine BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_seal()",
    "CREATE RULE mine AS ON INSERT TO audit_entry DO INSTEAD NOTHING",
    "CREATE TABLE mine (x int)",
    "SET session_replication_role = 'replica'",
    "SET ROLE lianxi_owner",
    "SET SESSION AUTHORIZATION lianxi_owner",
    "SELECT audit_erase('meeting:1', 1, 'by law')",
]


@pytest.mark.parametrize("statement", NOT_THE_APPLICATIONS)
@pytest.mark.django_db
def test_the_application_may_only_add(statement):
    note(["meeting:1"], by="system")
    with refused(psycopg.errors.InsufficientPrivilege) as cursor:
        cursor.execute(statement)
    assert verify_streams(None).entries == 1


def test_the_owner_too_may_only_add_while_the_triggers_stand(log):
    with log.owner(autocommit=True) as own:
        for statement in CHANGES:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"only added to|audit_erase"):
                own.execute(statement)
    assert verify_streams(None).entries == 8


def test_the_triggers_fire_in_replica_mode_too(log):
    with log.cluster.connect(log.name) as superuser:
        superuser.execute("SET session_replication_role = 'replica'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only added to"):
            superuser.execute("DELETE FROM audit_entry")
    with log.cluster.connect(log.name) as superuser:
        states = superuser.execute(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid::regclass::text LIKE 'audit_%'"
            " AND NOT tgisinternal ORDER BY 1, 2"
        ).fetchall()
    assert {name for name, _ in states} == {
        *("audit_seal", "audit_keep", "audit_keep_payload", "audit_payload_told"),
        *("audit_actor", "audit_readable", "audit_own", "voting_claim", "office_signed"),
        *("audit_leaf_follows", "audit_tile_grows", "audit_sealed_rises", "audit_checkpoint_rises"),
    }
    assert {bytes(state) if isinstance(state, bytes) else state.encode() for _, state in states} == {b"A"}


def test_every_function_of_the_log_has_a_pinned_search_path_and_is_nobody_elses(log):
    with log.owner() as own:
        rows = own.execute(
            "SELECT proname, prosecdef, proconfig, has_function_privilege('lianxi_app', oid, 'EXECUTE')"
            " FROM pg_proc WHERE proname LIKE 'audit_%' ORDER BY 1"
        ).fetchall()
    for_all = {"audit_fingerprint": False, "audit_told": False, "audit_touched": False}
    assert {name: definer for name, definer, _, allowed in rows if allowed} == for_all
    assert {name for name, definer, _, allowed in rows if definer and not allowed} == {
        *("audit_check_payload", "audit_erase", "audit_keep", "audit_keep_payload"),
        *("audit_say", "audit_seal", "audit_touch", "audit_vouch"),
        *("audit_leaf_follows", "audit_tile_grows", "audit_sealed_rises", "audit_checkpoint_rises"),
    }
    assert all("search_path=pg_catalog, pg_temp" in settings for _, _, settings, _ in rows)


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["seq", "recorded_at", "prev", "hash"])
def test_the_application_chooses_nothing_of_the_seal(column):
    note(["meeting:1"], by="system")
    columns = f"stream, at, actor, action, subject, commitment, {column}"
    with refused(psycopg.errors.InsufficientPrivilege) as cursor:
        cursor.execute(f"INSERT INTO audit_entry ({columns}) SELECT {columns} FROM audit_entry")


def test_what_the_owner_gives_of_the_seal_is_overridden(log):
    with log.owner() as own:
        own.execute(
            "INSERT INTO audit_entry SELECT 'meeting:1', 77, %s, %s, 'system', 'a', 's', commitment, %s, %s"
            " FROM audit_entry WHERE stream = 'meeting:1' AND seq = 1",
            [MOMENT, MOMENT, DIGEST, DIGEST],
        )
        row = own.execute(
            "SELECT seq, recorded_at, prev, hash FROM audit_entry WHERE action = 'a'"
        ).fetchone()
    assert row[0] == 5
    assert row[1] > MOMENT
    assert DIGEST not in row
    assert verify_streams(["meeting:1"], payloads=False).verified


def test_raw_inserts_of_the_application_are_sealed(log):
    with log.connect() as own:
        for stream in ("meeting:1", "meeting:9"):
            own.execute(
                "INSERT INTO audit_entry (stream, at, actor, action, subject, commitment)"
                " SELECT %s, at, 'system', 'raw', 'item:1', commitment FROM audit_entry WHERE seq = 1",
                [stream],
            )
    report = verify_streams(None)
    assert (report.entries, report.streams, report.verified) == (12, 3, True)


def test_a_table_of_the_same_name_in_the_way_changes_nothing(log):
    with log.connect() as own:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            own.execute("CREATE TEMP TABLE audit_head (stream text, seq bigint, hash bytea)")
        own.rollback()
        own.execute("SET search_path = pg_temp, public")
        own.execute(
            "INSERT INTO audit_entry (stream, at, actor, action, subject, commitment)"
            " SELECT stream, at, 'system', 'raw', 'item:1', commitment FROM audit_entry WHERE seq = 1"
        )
    assert verify_streams(None).entries == 10


@pytest.mark.django_db
@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_commitment_has_32_bytes(length):
    with refused(psycopg.errors.CheckViolation) as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (stream, at, actor, action, subject, commitment)"
            " VALUES ('meeting:1', now(), 'system', 'a', 's', %s)",
            [b"x" * length],
        )


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["stream", "at", "actor", "action", "subject", "commitment"])
def test_nothing_of_an_entry_is_left_out(column):
    given = {"stream": "'m'", "at": "now()", "actor": "'system'", "action": "'a'", "subject": "'s'"}
    given |= {"commitment": "sha256('x')", column: "NULL"}
    with refused(psycopg.errors.NotNullViolation) as cursor:
        cursor.execute(f"INSERT INTO audit_entry ({', '.join(given)}) VALUES ({', '.join(given.values())})")


def test_a_stream_rewritten_whole_still_verifies_but_its_head_of_heads_is_another(log):
    # Why a witness keeps the heads: who owns the database can write another true chain.
    before = verify_streams(["meeting:1"])
    with log.owner() as own:
        own.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_keep")
        own.execute("DELETE FROM audit_entry WHERE stream = 'meeting:1'")
        own.execute("DELETE FROM audit_head WHERE stream = 'meeting:1'")
        own.execute("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_keep")
    note(["meeting:1"] * 4, by="system")
    after = verify_streams(["meeting:1"])
    assert (after.verified, after.entries) == (True, before.entries)
    assert after.head != before.head


def test_the_head_reported_is_that_of_the_streams_verified(log):
    heads = {head.stream: bytes(head.hash) for head in Head.objects.all()}
    assert verify_streams(None).head == head_of_heads(heads)
    assert verify_streams(["meeting:1"]).head == head_of_heads({"meeting:1": heads["meeting:1"]})
    nothing = verify_streams(["meeting:404"])
    assert (nothing.entries, nothing.streams, nothing.verified) == (0, 0, True)


@pytest.mark.django_db
def test_a_transaction_verifies_what_it_has_written_and_goes_on():
    note(["meeting:1"], by="system")
    assert verify_streams(None).entries == 1
    with transaction.atomic():
        note(["meeting:1"], by="system")
        assert verify_streams(["meeting:1"]).entries == 2
        transaction.set_rollback(True)
    assert verify_streams(None).entries == 1


def test_a_transaction_that_found_a_fault_goes_on(log):
    with log.owner() as own:
        own.execute("UPDATE audit_head SET seq = 3")
    with transaction.atomic():
        assert not verify_streams(None).verified
        note(["meeting:3"], by="system")
    assert verify_streams(["meeting:3"]).verified


def test_an_erased_payload_is_gone_and_an_entry_says_so(log):
    note(["meeting:1"], by="system")
    with log.owner() as own:
        (said,) = own.execute("SELECT audit_erase('meeting:1', 2, 'Art. 47 PIPL, \"呼\"\n')").fetchone()
    assert said == 6
    report = verify_streams(None)
    assert (report.verified, report.entries, report.erased) == (True, 10, 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry.seq, entry.action, entry.subject, convert_from(payload.body, 'UTF8')::json"
            " FROM audit_entry AS entry LEFT JOIN audit_payload AS payload USING (commitment)"
            " WHERE stream = 'meeting:1' AND (seq = 2 OR seq = 6) ORDER BY seq"
        )
        erased, saying = cursor.fetchall()
        assert erased == (2, "test.noted", "item:1", None)
        assert saying[:3] == (6, "audit.erased", "entry:2")
        assert saying[3]["reason"] == 'Art. 47 PIPL, "呼"\n'
        assert saying[3]["role"] == "lianxi_owner"
    out = io.StringIO()
    call_command("audit", "verify", stdout=out)
    assert "1 payloads erased" in out.getvalue()


def test_an_erasure_needs_an_entry_and_a_reason(log):
    with log.owner(autocommit=True) as own:
        for given in ("'meeting:9', 1, 'x'", "'meeting:1', 9, 'x'"):
            with pytest.raises(psycopg.errors.NoDataFound):
                own.execute(f"SELECT audit_erase({given})")
        for given in ("'meeting:1', 1, ' —'", "'meeting:1', 1, ''", "'meeting:1', 1, NULL"):
            with pytest.raises(psycopg.errors.CheckViolation):
                own.execute(f"SELECT audit_erase({given})")
    assert verify_streams(None).entries == 8


def test_nothing_is_erased_twice(log):
    with log.owner(autocommit=True) as own:
        own.execute("SELECT audit_erase('meeting:1', 1, 'by law')")
        with pytest.raises(psycopg.errors.NoDataFound):
            own.execute("SELECT audit_erase('meeting:1', 1, 'by law')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            own.execute("DELETE FROM audit_payload")


def test_an_entry_that_only_claims_an_erasure_is_refused_and_would_remove_nothing(log):
    @action
    def claim(*, by):
        record("meeting:1", "audit.erased", "entry:1", by=by, payload={})

    with pytest.raises(DatabaseError, match="by the log's own functions alone"):
        claim(by="system")
    with log.owner(autocommit=True) as owner:
        owner.execute("SELECT audit_say('meeting:1', 'audit.erased', 'entry:1', '{}')")
    report = verify_streams(None)
    assert (report.verified, report.erased) == (True, 0)


def verify(*args):
    out = io.StringIO()
    call_command("audit", "verify", *args, stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_verified(log):
    head = verify_streams(None).head
    assert verify() == f"8 entries in 2 streams verified\nhead {head}\n"
    assert verify("--no-payloads") == verify()
    assert verify("--stream", "meeting:1").startswith("4 entries in 1 streams verified\n")
    with pytest.raises(CommandError, match="There is no stream 'meetings:1'"):
        verify("--stream", "meeting:1", "--stream", "meetings:1")


def test_the_chains_alone_do_not_miss_a_payload(log):
    with log.owner() as own:
        own.execute("ALTER TABLE audit_payload DISABLE TRIGGER USER")
        own.execute("DELETE FROM audit_payload")
    assert verify("--no-payloads").startswith("8 entries")
    with pytest.raises(CommandError, match="meeting:1 #1: has lost its payload"):
        verify()


def no_fault(streams):
    return []


def a_fault(streams):
    yield Fault("meeting:1", 3, f"holds a ballot that is not its commitment's, of {streams}")


def test_apps_above_add_checks_of_their_own(log, settings):
    settings.AUDIT_CHECKS = [f"{__name__}.no_fault"]
    assert verify().startswith("8 entries")
    settings.AUDIT_CHECKS = [f"{__name__}.no_fault", f"{__name__}.a_fault"]
    with pytest.raises(CommandError, match=r"meeting:1 #3: holds a ballot .* of None"):
        verify()
    with pytest.raises(CommandError, match=r"of \['meeting:1'\]"):
        verify("--stream", "meeting:1")
