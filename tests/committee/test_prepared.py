"""Statements that are put together once."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Q, Value

from audit import clock
from committee import prepared
from committee.models import Committee, LiaisonTerm, Person, Seat
from committee.models.liaison import with_acting
from committee.prepared import AnyOf, Prepared, read_together


def test_it_finds_what_the_queryset_finds_for_each_value(founded):
    seats = Prepared(lambda person: Seat.objects.filter(holder=person).select_related("committee"), int)
    for person in founded.people.values():
        expected = list(Seat.objects.filter(holder=person))
        assert seats(person.pk) == expected
        assert [seat.committee for seat in seats(person.pk)] == [seat.committee for seat in expected]


def test_once_put_together_it_is_one_statement(founded, django_assert_num_queries):
    numbers = Prepared(
        lambda person: Seat.objects.filter(holder=person).values_list("number", flat=True), int
    )
    for handle in ("chair", "seat2", "outsider"):
        with django_assert_num_queries(1):
            found = numbers(founded[handle].pk)
        assert found == list(Seat.objects.filter(holder=founded[handle]).values_list("number", flat=True))


def test_moments_and_texts_are_values_too(founded):
    terms = Prepared(LiaisonTerm.objects.running, datetime)
    assert terms(clock.now() + timedelta(days=1)) == list(LiaisonTerm.objects.running(clock.now()))
    assert terms(clock.now() - timedelta(days=9999)) == []
    logins = Prepared(lambda login: Person.objects.filter(username=login), str)
    assert logins(founded["chair"].username) == [founded["chair"]]


def test_annotations_unions_and_values_in_any_order(founded):
    acting = Prepared(lambda moment: with_acting(Committee.objects.order_by("pk"), moment), datetime)
    assert acting(clock.now())[0].acting == founded["liaison"].pk

    def build(seat, liaison):
        held = (
            Committee.objects.filter(liaison=liaison)
            .annotate(what=Value("liaison"))
            .values_list("what", "pk")
        )
        of_seats = Seat.objects.filter(holder=seat).order_by().annotate(what=Value("seat"))
        return held.order_by().union(of_seats.values_list("what", "committee"), all=True)

    both = Prepared(build, int, int)
    committee = founded.committee.pk
    expected = [("liaison", committee), ("seat", committee)]
    assert sorted(both(founded["seat2"].pk, founded["liaison"].pk)) == expected
    assert both(founded["liaison"].pk, founded["seat2"].pk) == []


def test_as_a_condition_it_is_true_where_there_are_rows(founded):
    liaison = Prepared(lambda pk, person: Committee.objects.filter(pk=pk, liaison=person), int, int)
    written, params = liaison.condition("committee.id", "person.id")
    pairs = "SELECT committee.id, person.id FROM committee_committee committee, committee_person person"
    with connection.cursor() as cursor:
        cursor.execute(f"{pairs} WHERE {written}", params)
        found = cursor.fetchall()
    assert (founded.committee.pk, founded["liaison"].pk) in found
    assert sorted(found) == sorted(Committee.objects.values_list("pk", "liaison"))


@pytest.mark.parametrize(
    ("build", "types"),
    [
        (lambda number: Seat.objects.filter(number__in=range(abs(number) % 3)), [int]),
        (lambda number: Seat.objects.all()[: abs(number) % 7], [int]),
        (lambda text: Person.objects.filter(username__contains=text), [str]),
        (lambda _number: Seat.objects.all(), [int]),
        (lambda number: Person.objects.filter(Q(pk=number) | Q(pk=number + 1)), [int]),
        (lambda number: Seat.objects.filter(number=number), [int]),  # a small column
        (lambda number: LiaisonTerm.objects.filter(person=number).running(clock.now()), [int]),
    ],
)
def test_a_statement_that_depends_on_its_values_or_the_moment_is_not_prepared(
    founded, monkeypatch, build, types
):
    monkeypatch.setattr(clock, "now", iter([clock.now() + timedelta(days=day) for day in range(2)]).__next__)
    with pytest.raises(ValueError, match=r"depends on its values|not prepared"):
        Prepared(build, *types)(1)


def kept_by_the_server():
    """The names of the prepared statements that the server keeps for this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE name LIKE 'prepared%'")
        return {name for (name,) in cursor.fetchall()}


def test_from_its_second_use_on_the_server_keeps_it_also_after_a_rollback(founded):
    seats = Prepared(lambda person: Seat.objects.filter(holder=person), int)
    expected = [[], list(Seat.objects.filter(holder=founded["seat2"]))]
    before = kept_by_the_server()
    for use in range(4):
        with transaction.atomic():
            assert [seats(founded[handle].pk) for handle in ("outsider", "seat2")] == expected
            assert len(kept_by_the_server() - before) == 1, use
            transaction.set_rollback(True)


def test_each_way_gives_the_same(founded):
    """Lists, texts with a per cent sign, moments and constants: first as they are, then as parameters."""
    moment = clock.now()
    statements = [
        (Prepared(lambda pks: Person.objects.filter(AnyOf("pk", pks)), list), ([1, 2, 2**40],)),
        (Prepared(lambda pks: Person.objects.filter(AnyOf("pk", pks)), list), ([],)),
        (Prepared(lambda name: Person.objects.filter(display_name__gte=name), str), ("%s 100% '\\",)),
        (Prepared(lambda at: LiaisonTerm.objects.filter(since__lte=at), datetime), (moment,)),
        (Prepared(lambda pk: Person.objects.filter(display_name__contains="%", pk__gte=pk), int), (0,)),
        (Prepared(lambda pk: Person.objects.annotate(what=Value("100 %")).filter(pk__gte=pk), int), (0,)),
    ]
    for statement, values in statements:
        first = statement(*values)
        assert first == list(statement._build(*values))
        assert [vars(row) | {"_state": 0} for row in statement(*values)] == [
            vars(row) | {"_state": 0} for row in first
        ]
        assert statement(*values) == first


def test_a_number_too_large_for_an_id_finds_nothing(founded):
    people = Prepared(lambda pk: Person.objects.filter(pk=pk), int)
    for _use in range(3):
        assert people(founded["chair"].pk) == [founded["chair"]]
        assert people(10**30) == []


def test_the_server_keeps_only_so_many(founded, monkeypatch):
    monkeypatch.setattr(prepared, "MOST_KEPT", len(prepared._KEPT.get(connection.connection, {})) + 2)
    several = [
        Prepared(lambda pk, n=number: Person.objects.filter(pk=pk, pk__gt=-n), int) for number in range(5)
    ]
    for _use in range(3):
        for each in several:
            assert each(founded["chair"].pk) == [founded["chair"]]
    assert len(kept_by_the_server()) <= prepared.MOST_KEPT


def test_what_fails_is_not_taken_for_kept(founded):
    broken = Prepared(lambda pk: Person.objects.filter(pk=pk).extra(where=["1 / 0 > pk_of_nothing"]), int)
    whole = Prepared(lambda pk: Person.objects.filter(pk=pk), int)
    for _use in range(3):
        with pytest.raises(DatabaseError), transaction.atomic():
            broken(1)
        assert whole(founded["chair"].pk) == [founded["chair"]]


def test_a_statement_forgotten_in_a_broken_transaction_is_well_afterwards(founded, monkeypatch):
    monkeypatch.setattr(prepared, "MOST_KEPT", 1)
    first, second = (
        Prepared(lambda pk, n=number: Person.objects.filter(pk=pk, pk__gt=-n - 9), int) for number in range(2)
    )
    for _use in range(3):
        assert first(founded["chair"].pk) == [founded["chair"]]
    with transaction.atomic():
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        with pytest.raises(DatabaseError):
            second(founded["chair"].pk)
        transaction.set_rollback(True)
    for _use in range(3):
        for each in (first, second):
            assert each(founded["chair"].pk) == [founded["chair"]]


def test_what_is_used_stays_with_the_server(founded, monkeypatch):
    monkeypatch.setattr(prepared, "MOST_KEPT", len(prepared._KEPT.get(connection.connection, {})) + 3)
    used, *others = (
        Prepared(lambda pk, n=number: Person.objects.filter(pk=pk, pk__gt=-n - 99), int)
        for number in range(400)
    )
    for each in others:
        for _use in range(2):
            used(1)
        each(1)
    assert used._name in kept_by_the_server()


def test_a_list_may_lack_an_id_and_a_constant_one_be_empty(founded):
    people = Prepared(lambda pks: Person.objects.filter(AnyOf("pk", pks)), list)
    none = Prepared(lambda pk: Person.objects.filter(AnyOf("pk", []), pk=pk), int)
    for _use in range(3):
        assert people([None, founded["chair"].pk]) == [founded["chair"]]
        assert none(founded["chair"].pk) == []


def test_several_go_to_the_server_as_one_statement(founded, django_assert_num_queries):
    seats = Prepared(lambda person: Seat.objects.filter(holder=person).select_related("committee"), int)
    people = Prepared(lambda login: Person.objects.filter(username=login).values_list("pk", "username"), str)
    none = Prepared(lambda: Committee.objects.filter(abbreviation="%s; SELECT 1").order_by("name"))
    for handle in ("chair", "seat2", "outsider") * 2:  # their text at first, then what the server keeps
        person = founded[handle]
        with django_assert_num_queries(1):
            found = read_together(
                (seats, [person.pk]), (people, [person.username]), (none, []), (people, ["'; --"])
            )
        assert found == [
            list(Seat.objects.filter(holder=person)), [(person.pk, person.username)], [], [],
        ]  # fmt: skip
        with django_assert_num_queries(0):
            assert [seat.committee for seat in found[0]] == [founded.committee] * len(found[0])
    assert read_together() == []


def test_rows_read_together_have_the_columns_asked_for_alone(founded):
    by_time = Prepared(
        lambda person: (
            LiaisonTerm.objects.filter(person=person).values_list("pk").order_by("since").distinct()
        ),
        int,
    )
    pk = founded["liaison"].pk
    assert read_together((by_time, [pk]), (by_time, [pk])) == [by_time(pk), by_time(pk)]


def test_a_fault_in_one_of_several_is_a_fault_of_the_database(founded):
    seats = Prepared(lambda person: Seat.objects.filter(holder=person), int)
    wrong = Prepared(lambda number: Seat.objects.annotate(none=Value(1) / Value(number)), int)
    with pytest.raises(DatabaseError), transaction.atomic():
        read_together((seats, [1]), (wrong, [0]))
    assert read_together((seats, [founded["chair"].pk])) == [seats(founded["chair"].pk)]
