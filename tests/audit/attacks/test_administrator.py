"""The administrator of the database, who has not the log's key: what is changed is named, and where.

What the triggers refuse is in tests/audit/test_database.py and test_tree_tables.py, what else is wrong with a
tree in test_sealer.py; here the triggers are out of the way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connections

from audit import sealer, tasks
from audit.models import Checkpoint, Leaf
from tests.audit.attacks.deeds import (
    NOISE,
    cut,
    forget_tree,
    holds,
    replant,
    rewrite,
    says,
    superuser,
    unguarded,
)
from tests.audit.test_sealer import alter, entries, insert
from tests.databases import Database

STREAM = NOISE[7]
OF = "commitment = (SELECT commitment FROM audit_entry WHERE stream = 'other:7' AND seq = 2)"
HERE = "stream = 'other:7' AND seq = 2"
#: statement → the number that `audit verify` names
EDITS = {
    "UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE {}": 2,
    "UPDATE audit_entry SET recorded_at = recorded_at - interval '1 hour' WHERE {}": 2,
    "UPDATE audit_entry SET actor = '99' WHERE {}": 2,
    "UPDATE audit_entry SET action = 'test.other' WHERE {}": 2,
    "UPDATE audit_entry SET subject = 'item:2' WHERE {}": 2,
    "UPDATE audit_entry SET commitment = sha256('x') WHERE {}": 2,
    "UPDATE audit_entry SET prev = sha256('x') WHERE {}": 2,
    "UPDATE audit_entry SET hash = sha256('x') WHERE {}": 2,
    "UPDATE audit_entry SET seq = 99 WHERE {}": 2,
    "UPDATE audit_entry SET stream = 'zzz' WHERE {}": 2,
    "DELETE FROM audit_entry WHERE {}": 2,
    "DELETE FROM audit_entry WHERE stream = 'other:7' AND seq >= 3": 3,
    "DELETE FROM audit_entry WHERE stream = 'other:7'": 1,
    "UPDATE audit_head SET seq = 3 WHERE stream = 'other:7'": 4,
    "UPDATE audit_head SET hash = sha256('x') WHERE stream = 'other:7'": 12,
    "DELETE FROM audit_head WHERE stream = 'other:7'": 12,
    f"UPDATE audit_payload SET body = '{{{{}}}}' WHERE {OF}": 2,
    f"UPDATE audit_payload SET salt = '\\x00' WHERE {OF}": 2,
    f"DELETE FROM audit_payload WHERE {OF}": 2,
    # two exchange their numbers, or what they say
    "UPDATE audit_entry SET seq = 5 - seq + 1000 WHERE stream = 'other:7' AND seq IN (2, 3);"
    "UPDATE audit_entry SET seq = seq - 1000 WHERE stream = 'other:7' AND seq > 1000": 2,
    "UPDATE audit_entry AS one SET actor = two.actor, at = two.at, commitment = two.commitment"
    " FROM audit_entry AS two WHERE one.stream = 'other:7' AND two.stream = 'other:7'"
    " AND one.seq IN (2, 3) AND two.seq = 5 - one.seq": 2,
}
TABLES = ("audit_entry", "audit_payload", "audit_head")


def test_each_edit_is_named_by_verify_with_stream_and_number(log: Database, subtests: Any) -> None:
    with superuser(log) as own:
        for table in TABLES:
            own.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            own.execute(f"CREATE TABLE sound_{table} AS TABLE {table} WITH NO DATA")
            where = "TRUE" if table == "audit_payload" else "stream IN ('other:7', 'zzz')"
            own.execute(f"INSERT INTO sound_{table} SELECT * FROM {table} WHERE {where}")
        for statement, seq in EDITS.items():
            with subtests.test(statement):
                own.execute(statement.format(HERE))
                assert f"CommandError: other:7 #{seq}: " in says("verify", "--stream", STREAM)
                assert not holds("verify")
                assert "CommandError" not in says("verify", "--stream", NOISE[8])
            for table in TABLES:
                where = "TRUE" if table == "audit_payload" else "stream IN ('other:7', 'zzz')"
                own.execute(f"DELETE FROM {table} WHERE {where}")
                own.execute(f"INSERT INTO {table} TABLE sound_{table}")
        assert holds("verify", "fsck")


def test_triggers_dropped_and_restored_hide_no_change(log: Database) -> None:
    triggers = (
        "SELECT tgname, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE tgrelid = 'audit_entry'::regclass AND NOT tgisinternal ORDER BY 1"
    )
    with superuser(log) as own, own.transaction():
        before = own.execute(triggers).fetchall()
        for name, _, _ in before:
            own.execute(f"DROP TRIGGER {name} ON audit_entry")
        own.execute(f"UPDATE audit_entry SET actor = '99' WHERE {HERE}")
        for name, _, definition in before:
            own.execute(definition)
            own.execute(f"ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER {name}")
        assert own.execute(triggers).fetchall() == before
    assert "CommandError: other:7 #2: is not what its hash was made of" in says("verify")


def test_a_session_in_replica_mode_passes_no_guard_and_what_has_none_is_named(
    log: Database, source: Any
) -> None:
    plan = source.stage.proposal.pk
    with superuser(log) as own:
        own.execute("SET session_replication_role = 'replica'")
        for statement in (
            f"UPDATE audit_entry SET actor = '99' WHERE {HERE}",
            "UPDATE voting_ballot SET choice = 'against'",
            "DELETE FROM audit_checkpoint",
        ):
            with pytest.raises(psycopg.Error), own.transaction():
                own.execute(statement)
        own.execute("UPDATE proposals_proposal SET state = 'rejected' WHERE id = %s", [plan])
    found = says("verify")
    assert f"tells of proposals_proposal {plan} otherwise than it is stored: state" in found


def test_the_last_ten_removed_and_the_head_set_back_are_named_by_fsck_and_stop_the_sealer(
    log: Database,
) -> None:
    first = Leaf.objects.get(stream=STREAM, seq=3).index
    cut(log, STREAM, 10)
    assert holds("verify")  # a shorter chain is a chain
    found = says("fsck")
    assert f"leaf {first} is of entry 3 of other:7, which is missing" in found
    assert (
        "other:7: 12 leaves up to entry 12, marked as sealed up to 12, and the stream has 2 entries" in found
    )
    entries(NOISE[0])
    sealer.seal()
    with pytest.raises(sealer.Alarm, match=r"other:7 has 2 entries, and 12 are sealed.* from 3 on"):
        sealer.checkpoint()
    assert Checkpoint.objects.count() == 1


def test_ten_others_in_their_place_are_named_by_fsck(log: Database) -> None:
    first = Leaf.objects.get(stream=STREAM, seq=3).index
    cut(log, STREAM, 10)
    entries(*[STREAM] * 10)
    assert holds("verify")
    assert f"differs at leaf {first}, entry 3 of other:7" in says("fsck")


def test_a_stream_hashed_anew_is_named_by_fsck_at_its_first_changed_leaf(log: Database) -> None:
    index = Leaf.objects.get(stream=STREAM, seq=5).index
    rewrite(log, STREAM, 5)
    assert holds("verify")
    tile = index // 256
    assert f"tile {tile} of level 0 differs at leaf {index}, entry 5 of other:7" in says("fsck")


def test_the_tree_rebuilt_over_another_history_is_not_signed(log: Database) -> None:
    """Without the checkpoint nothing here would tell: see test_key_holder.py."""
    size = Leaf.objects.count()
    rewrite(log, STREAM, 5)
    forget_tree(log)
    sealer.seal()
    assert holds("verify")
    assert f"the checkpoint of {size} leaves has another root than the tree" in says("fsck")
    assert f"the first {size} leaves are not those of the checkpoint" in says("checkpoint")


def test_a_tile_changed_above_is_named_and_stops_the_sealer(log: Database) -> None:
    entries(STREAM)
    alter(log, "UPDATE audit_tile SET hashes = set_byte(hashes, 1, get_byte(hashes, 1) # 1) WHERE level = 1")
    assert "tile 0 of level 1 differs at its hash 0" in says("fsck")
    assert "are not those of the checkpoint that is signed" in says("checkpoint")
    assert Checkpoint.objects.count() == 1


def test_a_leaf_twice_is_refused_and_without_the_constraint_named(log: Database) -> None:
    place = Leaf.objects.get(stream=STREAM, seq=3).index
    twice = "INSERT INTO audit_leaf SELECT max(\"index\") + 1, 'other:7', 2 FROM audit_leaf"
    with psycopg.connect(log.sealer_dsn) as own, pytest.raises(psycopg.errors.UniqueViolation):
        own.execute(twice)
    with unguarded(log, "audit_leaf", "audit_tile") as own:
        own.execute("ALTER TABLE audit_leaf DROP CONSTRAINT leaf_of_an_entry")
        own.execute("UPDATE audit_leaf SET seq = 2 WHERE stream = 'other:7' AND seq = 3")
        replant(own)
    assert f"leaf {place} is of entry 2 of other:7, after entry 2\n" in says("fsck")


def test_what_is_not_committed_is_no_leaf_and_named_where_one_is_made_of_it(log: Database) -> None:
    size = Leaf.objects.count()
    with log.connect() as late:
        insert(late, "meeting:900")
        (digest,) = late.execute("SELECT hash FROM audit_entry WHERE stream = 'meeting:900'").fetchone()
        assert sealer.seal() == 0
        with psycopg.connect(log.sealer_dsn) as own:
            own.execute("INSERT INTO audit_leaf VALUES (%s, 'meeting:900', 1)", [size])
            own.execute("INSERT INTO audit_sealed VALUES ('meeting:900', 1)")
            own.execute(
                "UPDATE audit_tile SET hashes = hashes || sha256('\\x00'::bytea || %s)"
                " WHERE level = 0 AND octet_length(hashes) < 8192",
                [digest],
            )
        late.rollback()
    assert f"leaf {size} is of entry 1 of meeting:900, which is missing" in says("fsck")
    assert "meeting:900 has 0 entries, and 1 are sealed" in says("checkpoint")


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        (lambda log: rewrite(log, STREAM, 5), "differs at leaf"),
        (lambda log: cut(log, STREAM, 10), "which is missing"),
        (lambda log: alter(log, f"UPDATE audit_entry SET actor = '9' WHERE {HERE}", table="audit_entry"),
         "other:7 #2: is not what its hash was made of"),
    ],
    ids=["a stream hashed anew", "a tail removed", "an entry edited"],
)  # fmt: skip
def test_the_nightly_job_writes_it_as_critical(
    log: Database, caplog: Any, attack: Callable[[Database], None], said: str
) -> None:
    attack(log)
    tasks.verify_audit_log(0)
    tasks.fsck_audit_log(0)
    critical = [each.getMessage() for each in caplog.records if each.levelname == "CRITICAL"]
    assert any(said in each for each in critical), critical
    connections["default"].close()
