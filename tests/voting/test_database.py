"""What holds in the database itself, tried with raw SQL by the application's own role (rules.md).

Each statement is one that the application's role may attempt; PostgreSQL refuses it, whoever sends it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from config.database.roles import APP_ROLE, OWNER_ROLE
from tests.stage import MEETING, Stage, stages
from voting.models import AbstentionRequest, Ballot
from voting.sealing import commitment

INTEGRITY, FORBIDDEN = "23", "42501"


def run(sql: str, params: Any = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def refused(sql: str | Callable[[], object], params: Any = (), *, deferred: bool = False) -> str:
    """The statement is refused by a constraint, a trigger or a missing right; return the server's words."""

    def attempt() -> None:
        with transaction.atomic():
            run(sql, params) if isinstance(sql, str) else sql()
            if deferred:
                run("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError) as caught:
        attempt()
    cause = caught.value.__cause__
    assert isinstance(cause, psycopg.Error), caught.value
    state = cause.sqlstate or ""
    assert state.startswith(INTEGRITY) or state == FORBIDDEN, (state, str(cause))
    return str(cause)


def ballot(
    stage: Stage, seat: int, choice: str = "for", reason: str = "", **changed: Any
) -> tuple[str, list[Any]]:
    """An INSERT of a ballot, as the application would make it, but for its entry."""
    row = {
        "vote_id": stage.vote.pk,
        "seat_id": stage.committee.seats.get(number=seat).pk,
        "person_id": stage[stage.seats[seat - 1]].pk,
        "proxy_id": None,
        "choice": choice,
        "reason": reason,
        "conflicted": False,
        "entered": False,
        "salt": os.urandom(32),
        "key": "",
        "cast_at": MEETING,
    } | changed
    made = {"choice": row["choice"], "reason": row["reason"], "person": str(row["person_id"])}
    sealed = commitment(row["salt"], vote=str(row["vote_id"]), seat=seat, **made)
    row = {"commitment": sealed} | row
    marks = ", ".join(["%s"] * len(row))
    return f"INSERT INTO voting_ballot ({', '.join(row)}) VALUES ({marks})", list(row.values())


def entry(stage: Stage, body: str, **changed: Any) -> tuple[str, list[Any]]:
    """An INSERT of an entry of the meeting with this payload, as the application would make it."""
    row = {
        "stream": stage.meeting.stream, "at": MEETING, "actor": str(stage["seat2"].pk), "action": "cast",
        "subject": stage.vote.subject,
    } | changed  # fmt: skip
    salt = os.urandom(16)
    sql = (
        "WITH payload AS (INSERT INTO audit_payload (commitment, salt, body)"
        " VALUES (sha256('lianxi/audit/payload/1'::bytea || '\\x00'::bytea || %s || %s), %s, %s)"
        " RETURNING commitment)"
        " INSERT INTO audit_entry (stream, at, actor, action, subject, commitment)"
        " SELECT %s, %s, %s, %s, %s, commitment FROM payload"
    )
    return sql, [salt, body.encode(), salt, body.encode(), *row.values()]


def stuffed(stage: Stage, seat: int, choice: str = "for", reason: str = "", **changed: Any) -> None:
    """A ballot with an entry that tells of it, both inserted by hand, for somebody who is there."""
    statement, values = ballot(stage, seat, choice, reason, **changed)
    run(statement, values)
    body = f'{{"commitment":"{values[0]}","proxy":false,"seat":{seat}}}'
    run(*entry(stage, body, actor=str(stage[stage.seats[seat - 1]].pk)))
    run("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


# --- the role ---


def test_the_application_works_under_its_own_role_which_owns_nothing(founded):
    assert run("SELECT current_user, session_user") == [(APP_ROLE, APP_ROLE)]
    assert run("SELECT relname FROM pg_class WHERE relowner = current_user::regrole") == []
    assert run("SELECT proname FROM pg_proc WHERE proowner = current_user::regrole") == []
    assert run("SELECT nspname FROM pg_namespace WHERE nspowner = current_user::regrole") == []
    (role,) = run(
        "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    assert role == (False, False, False, False)
    assert run("SELECT 1 FROM pg_auth_members WHERE member = current_user::regrole") == []


GUARDED = [
    "audit_entry", "audit_payload", "audit_head", "voting_ballot", "voting_vote", "voting_voteseat",
    "committee_resolution", "committee_regulationversion", "committee_opinion", "committee_question",
    "committee_answer", "office_minutes", "office_copy", "office_archivefile", "proposals_planversion",
    "proposals_plancontract", "proposals_comparison", "proposals_docketentry", "proposals_receipt",
]  # fmt: skip


@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "ALTER TABLE {} ADD COLUMN note text",
        "DROP TABLE {}",
        "TRUNCATE {} CASCADE",
        "CREATE RULE sly AS ON INSERT TO {} DO INSTEAD NOTHING",
    ],
)
def test_the_application_does_not_loosen_a_guard(founded, table, statement):
    refused(statement.format(table))


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        f"SET ROLE {OWNER_ROLE}",
        f"SET SESSION AUTHORIZATION {OWNER_ROLE}",
        "CREATE TABLE public.sly (id int)",
        "CREATE FUNCTION public.sly() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION voting_check_ballot() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
        "DROP FUNCTION public.voting_check_vote() CASCADE",
        "ALTER FUNCTION public.audit_seal() SECURITY INVOKER",
    ],
)
def test_the_application_does_not_change_its_role_or_the_guards(founded, statement):
    refused(statement)


def test_every_guard_fires_also_in_a_replica_session(founded):
    found = run(
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgenabled <> 'A' AND tgrelid::regclass::text !~ 'procrastinate'"
    )
    assert found == []


# --- ballots ---


def test_a_ballot_without_its_entry_is_refused(voting):
    assert "no entry of the log tells of the ballot" in refused(*ballot(voting, 2), deferred=True)


def test_an_entry_of_another_ballot_is_no_entry_of_this_one(voting):
    def attempt() -> None:
        run(*ballot(voting, 2))
        other = ballot(voting, 3)[1][0]
        run(*entry(voting, f'{{"commitment":"{other}","proxy":false,"seat":2}}'))

    assert "no entry of the log tells of the ballot" in refused(attempt, deferred=True)


def test_an_entry_without_its_ballot_is_refused(voting):
    body = f'{{"commitment":"{ballot(voting, 2)[1][0]}","proxy":false,"seat":2}}'
    assert "nobody did cast" in refused(*entry(voting, body), deferred=True)


@pytest.mark.parametrize(
    "changed",
    [
        {"commitment": "0" * 64},
        {"commitment": None},
        {"salt": b"short", "commitment": "0" * 64},
    ],
)
def test_a_ballot_with_a_commitment_to_another_is_refused(voting, changed):
    assert "commitment is to another ballot" in refused(*ballot(voting, 2, **changed))


@pytest.mark.parametrize(
    "reason", ['"', "\\", "/", "\x07\x1f\x7f", "\b\f\n\r\t", "理由：太长", "\u2028🀄", "</x>"]
)
def test_the_commitment_is_made_again_of_any_text(voting, reason):
    stuffed(voting, 2, "against", f"Too long {reason}")


@pytest.mark.article("20.1")
def test_a_ballot_for_a_seat_that_is_not_there_is_refused(voting):
    voting.do("sign_out", "seat2")
    assert "not all seats are represented" in refused(*ballot(voting, 2))
    assert "not all seats are represented" in refused(*ballot(voting, 3))


@pytest.mark.article("11")
def test_a_ballot_by_somebody_who_is_not_the_seats_is_refused(voting):
    for other in ("seat3", "liaison", "deputy3"):
        assert "does not vote for seat 2" in refused(*ballot(voting, 2, person_id=voting[other].pk))


@pytest.mark.article("11")
def test_a_ballot_under_a_proxy_that_does_not_give_it_is_refused(noticed):
    proxy = noticed.proxy(powers="attend speak")
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    for verb in ("open_meeting", "take_up", "open_vote"):
        noticed.do(verb)
    under = {"person_id": noticed["deputy3"].pk, "proxy_id": proxy.pk}
    assert "does not vote for seat 3" in refused(*ballot(noticed, 3, **under))


def test_an_abstention_is_entered_for_a_proxy_without_the_vote_alone(voting):
    voting.do("request_abstention", reason="A cousin")
    voting.do("grant_abstention", seat=2)
    assert "entered is the abstention" in refused(*ballot(voting, 2, "abstain", "A cousin", entered=True))


@pytest.mark.article("20.3")
@pytest.mark.parametrize("reason", ["", " \n", "..."])
def test_a_vote_is_not_cancelled_without_a_reason_and_somebody(voting, reason):
    given = {"cancelled_at": MEETING, "cancelled_by_id": voting["chair"].pk, "cancel_reason": reason}
    assert "with a reason" in refused(*state(voting, "cancelled", **given))
    assert "with a reason" in refused(
        *state(voting, "cancelled", **given | {"cancel_reason": "x", "cancelled_by_id": None})
    )


@pytest.mark.parametrize("action", ["open_vote", "close_vote", "cancel_vote", "cast"])
def test_an_entry_that_claims_what_nobody_did_with_a_vote_is_refused(voting, action):
    claim = entry(voting, "{}", action=action, actor=str(voting["seat3"].pk))
    assert f"nobody did {action}" in refused(*claim, deferred=True)


def test_an_entry_that_claims_a_signature_is_refused(minuted):
    chair = str(minuted["chair"].pk)
    for subject in ("minutes:1", "x"):
        claim = entry(minuted, "{}", action="sign_minutes", actor=chair, subject=subject)
        assert "were not signed" in refused(*claim, deferred=True)


@pytest.mark.parametrize("actor", ["", "nobody", "0", "999999999", "1e3", "9" * 30])
def test_an_entry_of_nobody_is_refused(voting, actor):
    assert "actor is a person or the system" in refused(*entry(voting, "{}", action="x", actor=actor))


@pytest.mark.parametrize("body", ["", "[]", "1", "{", "\x00"])
def test_an_entry_whose_payload_says_nothing_is_refused(voting, body):
    def attempt() -> None:
        run(*entry(voting, body, action="x"))
        run("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError), transaction.atomic():
        attempt()


def test_an_entry_without_a_payload_is_refused(voting):
    statement = (
        "INSERT INTO audit_entry (stream, at, actor, action, subject, commitment)"
        " VALUES (%s, now(), 'system', 'x', 'x', sha256('x'))"
    )
    assert "has no payload" in refused(statement, [voting.meeting.stream], deferred=True)


@pytest.mark.article("20.1")
def test_a_second_ballot_for_a_seat_in_a_vote_is_refused(voting):
    stuffed(voting, 2)
    assert "one_seat_one_ballot" in refused(*ballot(voting, 2, "against", "Anew"))
    assert "does not vote for seat 2" in refused(*ballot(voting, 2, person_id=voting["liaison"].pk))


@pytest.mark.parametrize("end", ["close_vote", "cancel_vote"])
def test_a_ballot_in_a_vote_that_is_not_open_is_refused(voting, end):
    if end == "close_vote":
        voting.cast()
        voting.do("close_vote")
    else:
        voting.do("cancel_vote", reason="Papers missing")
    assert "is not open" in refused(*ballot(voting, 2))


def test_a_ballot_in_no_vote_is_refused(voting):
    refused(*ballot(voting, 2, vote_id=0))


def test_a_ballot_of_a_seat_that_is_not_the_votes_is_refused(voting):
    other = Stage().committee.seats.get(number=2)
    assert "not a seat" in refused(*ballot(voting, 2, seat_id=other.pk))


@pytest.mark.article("20.4")
@pytest.mark.parametrize("reason", ["", "  ", "...", "。，、", "\t\n", "——", "\u3000", "\u200b", "¿?"])
def test_a_ballot_against_without_a_reason_is_refused(voting, reason):
    assert "states its reason" in refused(*ballot(voting, 2, "against", reason))


@pytest.mark.parametrize("reason", ["Too long", "期限过长", "7", "слишком долго"])
def test_a_ballot_against_with_a_reason_stands(voting, reason):
    stuffed(voting, 2, "against", reason)


@pytest.mark.article("20.3")
@pytest.mark.parametrize("request_state", [None, "pending", "refused", "replaced"])
def test_an_abstention_without_a_granted_request_is_refused(voting, request_state):
    if request_state:
        voting.do("request_abstention", reason="A cousin")
        AbstentionRequest.objects.filter(person=voting["seat2"]).update(
            state=request_state, decided_at=MEETING, decided_by=voting["chair"]
        )
    assert "granted request" in refused(*ballot(voting, 2, "abstain", "A cousin"))


def test_a_granted_request_of_another_seat_or_item_is_none(voting):
    voting.do("request_abstention", "seat3", reason="A cousin")
    voting.do("grant_abstention", seat=3)
    refused(*ballot(voting, 2, "abstain", "A cousin"))
    stuffed(voting, 3, "abstain", "A cousin")


def test_a_seat_in_conflict_abstains_without_a_request_and_does_nothing_else(voting):
    voting.do("declare_conflict", reason="My brother's firm")
    assert "only abstains" in refused(*ballot(voting, 2, "for"))
    assert "only abstains" in refused(*ballot(voting, 2, "against", "Too long"))
    assert "stands on the record" in refused(*ballot(voting, 2, "abstain", "As declared"))
    stuffed(voting, 2, "abstain", "As declared", conflicted=True)


def test_a_seat_whose_proxy_lacks_the_vote_is_entered_as_abstaining(noticed):
    noticed.proxy(powers="attend")
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    for verb in ("open_meeting", "take_up", "open_vote"):
        noticed.do(verb)
    entered = Ballot.objects.get(vote=noticed.vote)
    assert (entered.choice, entered.entered) == ("abstain", True)


@pytest.mark.parametrize("choice", ["veto", "", "FOR"])
def test_an_unclear_choice_is_refused(voting, choice):
    refused(*ballot(voting, 2, choice))


def first_ballot(stage: Stage) -> int:
    return Ballot.objects.filter(vote=stage.vote)[0].pk


#: what it is → its table, the id of one, a change of it
NEVER: dict[str, tuple[str, Callable[[Stage], Any], str]] = {
    "ballot": ("voting_ballot", first_ballot, "choice = 'against'"),
    "ballot's salt": ("voting_ballot", first_ballot, "salt = '\\x00'"),
    "closed tally": ("voting_vote", lambda stage: stage.vote.pk, "for_count = for_count + 1"),
    "closed vote": ("voting_vote", lambda stage: stage.vote.pk, "state = 'open'"),
    "seat of a vote": ("voting_voteseat", lambda stage: stage.vote.seats.all()[0].pk, "post = 'x'"),
    "resolution": ("committee_resolution", lambda stage: stage.vote.resolution_id, "carried = false"),
    "regulation": ("committee_regulationversion", lambda stage: stage.vote.regulation_id, "seat_count = 1"),
    "plan": ("proposals_planversion", lambda stage: stage.vote.version_id, "digest = 'x'"),
}


@pytest.mark.parametrize("what", NEVER)
@pytest.mark.parametrize("way", ["change", "remove", "empty"])
def test_what_never_changes_is_neither_changed_nor_removed(carried, what, way):
    table, key, change = NEVER[what]
    statement = {
        "change": f"UPDATE {table} SET {change} WHERE id = %s",
        "remove": f"DELETE FROM {table} WHERE id = %s",
        "empty": f"TRUNCATE {table} CASCADE",
    }[way]
    refused(statement, [key(carried)] if way != "empty" else ())


@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET {} WHERE true", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
@pytest.mark.parametrize(
    ("table", "change"),
    [("audit_entry", "actor = 'nobody'"), ("audit_payload", "body = ''"), ("audit_head", "seq = 0")],
)
def test_the_log_is_neither_changed_nor_removed(founded, table, change, statement):
    refused(statement.format(table, change))


@pytest.mark.article("21")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE office_minutes SET narrative = 'Otherwise' WHERE meeting_id = %s",
        "UPDATE office_minutes SET state = 'drafted', signed_at = NULL WHERE meeting_id = %s",
    ],
)
def test_signed_minutes_are_neither_changed_nor_removed(signed, statement):
    assert "signed minutes" in refused(statement, [signed.meeting.pk])
    assert "permission denied" in refused(
        "DELETE FROM office_minutes WHERE meeting_id = %s", [signed.meeting.pk]
    )
    refused("TRUNCATE office_minutes CASCADE")


@pytest.mark.parametrize("table", ["office_copy", "office_archivefile"])
def test_copies_and_the_archive_are_neither_changed_nor_removed(archived, table):
    refused(
        f"UPDATE {table} SET digest = 'x'"
        if table == "office_archivefile"
        else f"UPDATE {table} SET content = '{{}}'"
    )
    refused(f"DELETE FROM {table}")


# --- votes ---


def state(stage: Stage, to: str, **tally: Any) -> tuple[str, list[Any]]:
    """An UPDATE of the vote to a state with a tally."""
    changed = {"state": to} | tally
    sets = ", ".join(f"{column} = %s" for column in changed)
    return f"UPDATE voting_vote SET {sets} WHERE id = %s", [*changed.values(), stage.vote.pk]


@pytest.mark.parametrize("end", ["closed", "cancelled"])
@pytest.mark.parametrize("to", ["open", "closed", "cancelled"])
def test_a_vote_does_not_reopen_after_closing_or_cancelling(voting, end, to):
    voting.cast()
    voting.do("close_vote") if end == "closed" else voting.do("cancel_vote", reason="Papers missing")
    assert "never changes" in refused(*state(voting, to))


def test_a_vote_begins_open_and_uncounted(taken_up):
    item = taken_up.now(taken_up.proposal).item
    version = taken_up.now(taken_up.proposal).version
    sql = (
        "INSERT INTO voting_vote (proposal_id, meeting_id, item_id, question, round, state, version_id,"
        " regulation_id, opened_at, opened_by_id, cancel_reason, carried)"
        " VALUES (%s, %s, %s, 'plan', 1, %s, %s, %s, now(), %s, '', %s)"
    )
    own = [taken_up.proposal.pk, taken_up.meeting.pk, item.pk]
    rest = [version.pk, taken_up.now(taken_up.meeting).regulation_id, taken_up["chair"].pk]
    assert "begins open" in refused(sql, [*own, "closed", *rest, None])
    assert "begins open" in refused(sql, [*own, "open", *rest, True])


@pytest.mark.parametrize(
    "column", ["regulation_id", "version_id", "meeting_id", "item_id", "proposal_id", "round"]
)
def test_what_a_vote_is_on_never_changes(voting, column):
    refused(f"UPDATE voting_vote SET {column} = {column} + 1 WHERE id = %s", [voting.vote.pk])


def test_an_open_vote_has_no_tally(voting):
    refused(*state(voting, "open", for_count=3))
    refused(*state(voting, "cancelled", carried=True))


def test_seats_are_not_added_to_a_vote_that_has_ballots(voting):
    voting.cast("for")
    refused(
        "INSERT INTO voting_voteseat (vote_id, seat_id, number, post, holder_id, without_vote)"
        " VALUES (%s, %s, 4, 'x', %s, true)",
        [voting.vote.pk, Stage().committee.seats.get(number=1).pk, voting["liaison"].pk],
    )


def resolution(stage: Stage, counts: tuple[int, int, int], *, carried: bool, **changed: Any) -> int:
    """A resolution of the open vote's ballots with these counts; its id."""
    vote = stage.vote
    rows = [
        {"seat": row.seat.number, "choice": row.choice, "reason": row.reason, "commitment": row.commitment}
        for row in vote.ballots.select_related("seat")
    ]
    row = {
        "item_id": vote.item_id, "question": vote.question, "round": vote.round, "carried": carried,
        "digest": vote.version.digest, "for_count": counts[0], "against_count": counts[1],
        "abstained_count": counts[2], "conflicted_count": 0, "votes_to_pass": 2,
        "ballots": json.dumps(rows), "closed_at": MEETING,
    } | changed  # fmt: skip
    marks = ", ".join(["%s"] * len(row))
    sql = f"INSERT INTO committee_resolution ({', '.join(row)}) VALUES ({marks}) RETURNING id"
    return run(sql, list(row.values()))[0][0]


def close(stage: Stage, counts: tuple[int, int, int], *, carried: bool, resolved: int | None) -> None:
    """Close the open vote with this tally."""
    run(
        "UPDATE voting_vote SET state = 'closed', for_count = %s, against_count = %s, abstained_count = %s,"
        " carried = %s, resolution_id = %s, closed_at = now(), closed_by_id = %s WHERE id = %s",
        [*counts, carried, resolved, stage["liaison"].pk, stage.vote.pk],
    )


def closing(stage: Stage, counts: tuple[int, int, int], *, carried: bool, **resolved: Any) -> str:
    """The server's words on closing with this tally and a resolution that says so but for `resolved`."""
    said = resolved.pop("resolved_carried", carried)
    return refused(
        lambda: close(
            stage, counts, carried=carried, resolved=resolution(stage, counts, carried=said, **resolved)
        )
    )


@pytest.fixture
def two_for_one_against(voting):
    voting.cast("for", "for", "against:Too long")
    return voting


@pytest.fixture
def one_for_two_against(voting):
    voting.cast("for", "against:Too long", "against:Too long")
    return voting


def test_a_tally_that_is_its_ballots_closes(two_for_one_against):
    stage = two_for_one_against
    close(stage, (2, 1, 0), carried=True, resolved=resolution(stage, (2, 1, 0), carried=True))


@pytest.mark.parametrize("counts", [(3, 0, 0), (1, 2, 0), (2, 0, 1), (2, 1, 1), (2, 0, 0)])
def test_a_tally_that_is_not_its_ballots_is_refused(two_for_one_against, counts):
    assert "not its ballots" in closing(two_for_one_against, counts, carried=counts[0] >= 2)


@pytest.mark.article("20.2")
def test_a_carried_tally_with_fewer_than_votes_to_pass_is_refused(one_for_two_against):
    assert "carried by 2 votes" in closing(
        one_for_two_against, (1, 2, 0), carried=True, resolved_carried=False
    )


def test_nor_is_one_with_enough_votes_not_carried(two_for_one_against):
    assert "carried by 2 votes" in closing(
        two_for_one_against, (2, 1, 0), carried=False, resolved_carried=True
    )


def test_a_carried_resolution_with_fewer_than_votes_to_pass_is_refused(one_for_two_against):
    words = refused(lambda: resolution(one_for_two_against, (1, 2, 0), carried=True))
    assert "carried_means_votes_to_pass" in words


def test_a_vote_closes_with_every_ballot(voting):
    voting.cast("for", "for")
    assert "2 ballots of 3" in closing(voting, (2, 0, 0), carried=True)


def test_a_vote_closes_with_a_resolution(two_for_one_against):
    words = refused(lambda: close(two_for_one_against, (2, 1, 0), carried=True, resolved=None))
    assert "not its tally" in words


@pytest.mark.parametrize(
    "changed",
    [
        {"for_count": 3, "against_count": 0},
        {"votes_to_pass": 1},
        {"conflicted_count": 1},
        {"digest": "0" * 64},
        {"round": 2},
        {"question": "special-circumstances"},
        {"ballots": "[]"},
    ],
)
def test_a_resolution_that_is_not_its_tallys_is_refused(two_for_one_against, changed):
    assert "not its tally" in closing(two_for_one_against, (2, 1, 0), carried=True, **changed)


def test_a_resolution_of_no_vote_is_refused(two_for_one_against):
    stage = two_for_one_against
    assert "no closed vote" in refused(lambda: resolution(stage, (2, 1, 0), carried=True), deferred=True)


def test_one_vote_is_open_in_a_meeting(filed):
    other = filed.another("C-2")
    filed.meeting = filed.convene(filed.proposal, other)
    filed.step = "convened"
    filed.to("voting")
    run("SET CONSTRAINTS ALL IMMEDIATE")
    item = filed.now(other).item
    words = refused("UPDATE committee_agendaitem SET voting = true WHERE id = %s", [item.pk])
    assert "one_open_vote_a_meeting" in words


three_voted = stages("three_voted", lambda: Stage().to("voted"))


def test_the_log_holds_the_hash_chain_by_itself(three_voted):
    """seq, prev, hash and the database's clock are the trigger's, whatever is given."""
    stream = three_voted.meeting.stream
    last = run("SELECT seq, hash FROM audit_entry WHERE stream = %s ORDER BY seq DESC LIMIT 1", [stream])[0]
    refused(
        "INSERT INTO audit_entry (stream, at, actor, action, subject, commitment)"
        " SELECT stream, at, actor, action, subject, '\\x00' FROM audit_entry WHERE stream = %s LIMIT 1",
        [stream],
    )
    run(
        "WITH p AS (INSERT INTO audit_payload (commitment, salt, body)"
        " VALUES (sha256('lianxi/audit/payload/1'::bytea || '\\x00'::bytea || %s || '{}'::bytea), %s, '{}')"
        " RETURNING commitment)"
        " INSERT INTO audit_entry (stream, at, actor, action, subject, commitment)"
        " SELECT %s, now(), 'system', 'x', 'x', commitment FROM p",
        [bytes(16), bytes(16), stream],
    )
    new = run("SELECT seq, prev FROM audit_entry WHERE stream = %s ORDER BY seq DESC LIMIT 1", [stream])[0]
    assert (new[0], bytes(new[1])) == (last[0] + 1, bytes(last[1]))
