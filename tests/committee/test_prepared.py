"""Statements that are put together once."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Q, Value

from audit import clock
from committee.models import Committee, LiaisonTerm, Person, Seat
from committee.models.liaison import with_acting
from committee.prepared import Prepared


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
