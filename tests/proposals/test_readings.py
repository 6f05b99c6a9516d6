"""Readings of the materials: under one's own name, unchangeable (Art. 10)."""

import pytest
from django.db import DatabaseError, connection, transaction

from committee.models import Reading


def test_a_member_reads_under_the_own_name(noticed):
    reading = noticed.do("read_materials", "seat2")
    item = noticed.now(noticed.proposal).item
    assert (reading.person, reading.seat.number, reading.proxy) == (noticed["seat2"], 2, None)
    assert (reading.item, reading.digest) == (item, item.digest)


def test_a_second_reading_of_the_same_materials_is_refused(noticed):
    noticed.do("read_materials", "seat2")
    noticed.refused("state/not-allowed", "read_materials", "seat2")
    noticed.do("read_materials", "chair")


def test_other_materials_are_unread_again(noticed):
    noticed.do("read_materials", "seat2")
    item = noticed.now(noticed.proposal).item
    item.digest = "0" * 64
    item.save(update_fields=["digest"])
    noticed.do("read_materials", "seat2")
    assert Reading.objects.filter(item=item, person=noticed["seat2"]).count() == 2


def test_a_proxy_reads_under_the_own_name_too(noticed):
    proxy = noticed.proxy()
    reading = noticed.do("read_materials", "deputy3")
    assert (reading.person, reading.seat.number, reading.proxy) == (noticed["deputy3"], 3, proxy)
    noticed.do("read_materials", "seat3")


def test_before_the_agenda_and_after_the_vote_nothing_is_read(filed, carried):
    filed.refused("state/not-allowed", "read_materials", "seat2")
    carried.refused("state/not-allowed", "read_materials", "seat2")


@pytest.mark.parametrize("by", ["liaison", "risk", "auditor", "head_office", "handler"])
def test_who_has_no_seat_has_no_reading(noticed, by):
    noticed.refused("20.1/no-seat", "read_materials", by)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE committee_reading SET person_id = person_id",
        "DELETE FROM committee_reading",
        "TRUNCATE committee_reading",
    ],
)
def test_a_reading_never_changes_by_raw_sql(noticed, statement):
    noticed.do("read_materials", "seat2")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Reading.objects.filter(person=noticed["seat2"]).exists()


def test_unread_papers_block_nothing(voting):
    assert not Reading.objects.exists()
    voting.cast()
    voting.do("close_vote")
    assert voting.state == "carried"
