"""Actions and what they record: all of it or nothing, in one statement, in the order of streams."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from audit import clock
from audit.chain import GENESIS, entry_hash
from audit.checking.verification import verify_streams
from audit.models import Entry, Head, Payload
from audit.recording import action, actor_name, record, rehearsed, touched
from committee.models import Person
from regulation.refused import Refused

NOON = datetime(2026, 3, 2, 4, 0, 0, 123456, tzinfo=UTC)


class Chen:
    """A member; the log needs no more of her."""

    pk = 17


CHEN = Chen()


@pytest.fixture(autouse=True)
def chen(request):
    """She is stored, where the test has a database: an entry of nobody is refused."""
    if "fresh_db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("fresh_db" if "fresh_db" in request.fixturenames else "db")
        Person.objects.create(pk=CHEN.pk, username="chen", staff_no="17", display_name="Chen")
        with connection.cursor() as cursor:
            cursor.execute("SELECT audit_touched()")


@action
def note(streams, *, by, refuse=None, **payload):
    for stream in streams:
        record(stream, "test.noted", "item:1", by=by, payload=payload)
    if refuse:
        raise Refused(refuse)
    return len(streams)


def entries(stream):
    return list(Entry.objects.filter(stream=stream).order_by("seq"))


def body(entry):
    return bytes(Payload.objects.get(commitment=entry.commitment).body)


@pytest.mark.django_db
def test_an_entry_says_who_did_what_to_what_and_when():
    with clock.frozen(NOON):
        assert note(["meeting:1"], by=CHEN, reason="现金不足") == 1
    (entry,) = entries("meeting:1")
    assert (entry.stream, entry.seq, entry.at) == ("meeting:1", 1, NOON)
    assert (entry.actor, entry.action, entry.subject) == ("17", "test.noted", "item:1")
    assert body(entry) == '{"reason":"现金不足"}'.encode()
    assert abs(entry.recorded_at - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.django_db
def test_the_database_seals_an_entry_as_the_chain_describes():
    note(["meeting:1"], by=CHEN)
    note(["meeting:1", "proposal:呼"], by="system", votes=9)
    prev = GENESIS
    for entry in entries("meeting:1"):
        assert bytes(entry.prev) == prev
        prev = entry_hash(
            stream=entry.stream,
            seq=entry.seq,
            at=entry.at,
            recorded_at=entry.recorded_at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            commitment=bytes(entry.commitment),
            prev=prev,
        )
        assert bytes(entry.hash) == prev
    head = Head.objects.get(stream="meeting:1")
    assert (head.seq, bytes(head.hash)) == (2, prev)


@pytest.mark.django_db
def test_one_statement_writes_all_streams_in_their_order_and_each_in_the_order_recorded():
    with CaptureQueriesContext(connection) as queries:

        @action
        def all_of_it(*, by):
            for number, stream in enumerate(["proposal:2", "meeting:1", "proposal:10", "meeting:1"]):
                record(stream, f"test.{number}", "item:1", by=by, payload={})

        all_of_it(by=CHEN)
    assert len([query for query in queries if "INTO audit_" in query["sql"]]) == 1
    written = list(Entry.objects.values_list("stream", "seq", "action"))
    assert written == [
        ("meeting:1", 1, "test.1"),
        ("meeting:1", 2, "test.3"),
        ("proposal:10", 1, "test.2"),
        ("proposal:2", 1, "test.0"),
    ]


@pytest.mark.django_db
def test_an_action_inside_an_action_is_part_of_it():
    @action
    def outer(*, by):
        note(["meeting:1"], by=by)
        assert not Entry.objects.exists()
        record("meeting:1", "test.outer", "item:1", by=by, payload={})

    outer(by=CHEN)
    assert [entry.action for entry in entries("meeting:1")] == ["test.noted", "test.outer"]


def test_an_action_that_records_nothing_writes_nothing(fresh_db):
    with CaptureQueriesContext(connection) as queries:
        assert note([], by=CHEN) == 0
    assert [query["sql"] for query in queries] == ["BEGIN", "COMMIT"]


def test_an_outermost_action_is_one_transaction_with_one_statement_for_its_entries(fresh_db):
    with CaptureQueriesContext(connection) as queries:
        note(["meeting:1"], by=CHEN)
    assert len(queries) == 4  # which rows it has changed is asked before


@pytest.mark.django_db
def test_a_refusal_leaves_nothing_but_a_line_in_the_application_log(caplog):
    with caplog.at_level(logging.INFO, "lianxi.refused"), pytest.raises(Refused):
        note(["meeting:1"], by=CHEN, refuse="state/not-allowed")
    assert not Entry.objects.exists()
    assert not Payload.objects.exists()
    assert not Head.objects.exists()
    (line,) = caplog.records
    assert (line.code, line.person) == ("state/not-allowed", 17)
    assert line.action.endswith("test_recording.note")


@pytest.mark.django_db
def test_a_refusal_is_logged_once_with_the_object_that_it_was_about(caplog):
    head = Head(stream="meeting:1")

    @action
    def outer(head, *, by):
        note([], by=by, refuse="access/denied")

    with pytest.raises(Refused):
        outer(head, by=CHEN)
    (line,) = caplog.records
    assert (line.code, line.subject) == ("access/denied", "audit.head:meeting:1")
    assert line.action.endswith("outer")


@pytest.mark.django_db
def test_what_an_inner_action_refused_cannot_be_kept_by_swallowing_it():
    @action
    def outer(*, by):
        record("meeting:1", "test.outer", "item:1", by=by, payload={})
        with pytest.raises(Refused):
            note(["meeting:1"], by=by, refuse="state/not-allowed")

    with pytest.raises(RuntimeError, match="swallowed"):
        outer(by=CHEN)
    assert not Entry.objects.exists()
    note(["meeting:1"], by=CHEN)
    assert len(entries("meeting:1")) == 1


@pytest.mark.django_db
def test_a_row_written_before_a_refusal_is_gone_too():
    @action
    def outer(*, by):
        note([], by=by)
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO audit_payload VALUES ('\\x01', '\\x02', '\\x03')")
        raise Refused("state/not-allowed")

    with pytest.raises(Refused):
        outer(by=CHEN)
    assert not Payload.objects.exists()


def test_recording_outside_of_an_action_is_an_error():
    with pytest.raises(RuntimeError, match="outside of an action"):
        record("meeting:1", "test.noted", "item:1", by=CHEN, payload={})


def test_another_thread_is_outside_of_the_action(fresh_db):
    errors = []

    def elsewhere():
        try:
            record("meeting:1", "test.noted", "item:1", by=CHEN, payload={})
        except RuntimeError as error:
            errors.append(error)

    @action
    def act(*, by):
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()

    act(by=CHEN)
    assert len(errors) == 1


@pytest.mark.parametrize("by", [None, "chen", Head(stream=None), 17])
def test_an_actor_is_a_saved_person_or_the_system(by):
    with pytest.raises(TypeError, match="neither a saved person"):
        actor_name(by)


def test_an_action_asks_for_by():
    with pytest.raises(TypeError, match="keyword-only"):
        action(lambda by: by)
    with pytest.raises(TypeError, match="keyword-only"):
        action(lambda *, by=None: by)


@pytest.mark.django_db
def test_a_payload_is_taken_as_it_was_when_recorded():
    @action
    def act(*, by):
        payload = {"votes": 9}
        record("meeting:1", "test.noted", "item:1", by=by, payload=payload)
        payload["votes"] = 0

    act(by=CHEN)
    assert body(entries("meeting:1")[0]) == b'{"votes":9}'


@pytest.mark.django_db
def test_what_a_rehearsal_does_is_marked():
    with rehearsed("A plan carried"):
        note(["meeting:1"], by=CHEN, votes=9)
    note(["meeting:1"], by=CHEN)
    first, second = entries("meeting:1")
    assert body(first) == b'{"rehearsed":"A plan carried","votes":9}'
    assert body(second) == b"{}"


@pytest.mark.django_db
def test_touched_streams_are_those_written():
    with touched() as outer:
        with touched() as inner:
            note(["meeting:1", "proposal:2"], by=CHEN)
            with pytest.raises(Refused):
                note(["proposal:3"], by=CHEN, refuse="state/not-allowed")
        note(["meeting:2"], by=CHEN)
    note(["meeting:3"], by=CHEN)
    assert inner == {"meeting:1", "proposal:2"}
    assert outer == {"meeting:1", "proposal:2", "meeting:2"}


@pytest.mark.django_db
def test_the_same_payload_twice_has_two_commitments():
    note(["meeting:1", "meeting:1"], by=CHEN)
    first, second = entries("meeting:1")
    assert bytes(first.commitment) != bytes(second.commitment)


def in_threads(count, work):
    """All of `work(i)` ran at once, each on a connection of its own; the first error is raised."""
    ready = threading.Barrier(count)

    def run(number):
        try:
            ready.wait()
            work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(run, range(count)))


def test_eight_writers_on_few_streams_leave_no_gap_no_double_and_no_deadlock(fresh_db):
    streams = ["meeting:1", "meeting:2", "proposal:1"]

    def work(number):
        for turn in range(25):
            # Opposite orders: recorded as they come, the heads would be locked crosswise.
            some = streams if (number + turn) % 2 else streams[::-1]
            note(some[: 1 + turn % 3], by=CHEN, turn=turn)

    in_threads(8, work)
    report = verify_streams(None)
    assert report.fault is None
    assert report.entries == 8 * sum(1 + turn % 3 for turn in range(25))
    for stream in streams:
        written = entries(stream)
        assert [entry.seq for entry in written] == list(range(1, len(written) + 1))


def test_eight_first_writers_of_a_stream_agree_on_its_beginning(fresh_db):
    for trial in range(5):
        in_threads(8, lambda number, trial=trial: note([f"meeting:{trial}"], by=CHEN))
    report = verify_streams(None)
    assert (report.entries, report.streams, report.fault) == (40, 5, None)


def test_a_writer_that_fails_leaves_no_gap(fresh_db):
    def work(number):
        for turn in range(10):
            try:
                with rehearsed("x"):
                    note(["meeting:1"], by=CHEN, refuse="state/not-allowed" if (number + turn) % 2 else None)
            except Refused:
                continue

    in_threads(4, work)
    report = verify_streams(["meeting:1"])
    assert (report.entries, report.fault) == (20, None)


# --- who is told ---

_told = []


def hear(streams):
    _told.append(streams)


def fail(streams):
    raise RuntimeError("a listener's own fault")


@pytest.fixture
def told(settings):
    """What listeners were told; one before them always fails."""
    settings.AUDIT_LISTENERS = [f"{__name__}.{each}" for each in ("fail", "hear")]
    _told.clear()
    return _told


@action
def note_within(streams, *, by):
    note(streams, by=by)
    note(["z", "z"], by=by)
    assert _told == []


def test_listeners_are_told_the_streams_once_they_are_committed_whatever_becomes_of_others(fresh_db, told):
    with transaction.atomic():
        note_within(["a"], by=CHEN)
        assert told == []
    assert told == [frozenset({"a", "z"})]


def test_nobody_is_told_of_what_is_rolled_back_or_leaves_no_entry(fresh_db, told):
    with pytest.raises(Refused):
        note(["a"], by=CHEN, refuse="access/denied")
    note([], by=CHEN)
    assert told == []


@pytest.mark.django_db
def test_the_length_of_a_stream_is_the_number_of_its_entries():
    assert Head.length("test:1") == 0
    note(["test:1", "test:2"], by=CHEN)
    note(["test:1"], by=CHEN)
    assert [Head.length(stream) for stream in ("test:1", "test:2", "test:3")] == [2, 1, 0]
