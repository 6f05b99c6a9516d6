"""The minutes of an item in the room and on the screen, and the whole plan read without leaving the room."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from committee.models import AgendaItem
from pages.models import Opened
from tests.page_text import page_text
from tests.pages.pages import as_, look
from tests.stage import Stage, stages
from voting.actions.room_screen import open_room_screen


def planned_and_attached():
    """An item of twenty minutes is deliberated."""
    stage = Stage().to("filed")
    stage.meeting = stage.convene(stage.proposal, minutes=[20])
    stage.step = "convened"
    return stage.to("taken_up")


planned = stages("planned", planned_and_attached)


def whole(stage, handle="seat2", **headers):
    item = AgendaItem.objects.get(meeting=stage.meeting)
    return as_(stage[handle]).get(reverse("paper-whole", args=[stage.meeting.pk, item.pk]), **headers)


def timer(html):
    """The clock of the item: what it counts from, and against."""
    return re.search(r'class="timer"\s+data-since="[^"]+"\s+(?:data-minutes="(\d+)")?', html)[1]


def test_the_clock_of_an_item_counts_against_its_minutes_in_the_room_and_on_the_screen(planned):
    html = look(planned["seat2"], "meeting", planned.meeting.pk)
    assert timer(html) == "20"
    assert "of 20 min" in html
    _link, token = open_room_screen(planned.meeting, by=planned["liaison"])
    wall = Client().get(reverse("room-screen", args=[token])).content.decode()
    assert timer(wall) == "20"


def test_without_minutes_the_clock_counts_on(taken_up):
    html = look(taken_up["seat2"], "meeting", taken_up.meeting.pk)
    assert timer(html) is None
    assert " min<" not in html


def test_the_whole_plan_is_read_within_the_room_and_noted_as_opened(planned):
    html = look(planned["seat2"], "meeting", planned.meeting.pk)
    item = AgendaItem.objects.get(meeting=planned.meeting)
    assert f'data-load="{reverse("paper-whole", args=[planned.meeting.pk, item.pk])}"' in html
    assert not Opened.objects.filter(person=planned["seat2"]).exists()
    text = page_text(whole(planned))
    document = planned.proposal.present_version.plan.document
    assert document["executor"] in text if document.get("executor") else "Schedule" in text
    assert "<html" not in whole(planned).content.decode()
    assert Opened.objects.filter(person=planned["seat2"], digest=item.digest).exists()


def test_what_has_not_changed_is_not_sent_twice(planned):
    first = whole(planned)
    again = whole(planned, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    chinese = as_(planned["seat2"], "zh-hans")
    item = AgendaItem.objects.get(meeting=planned.meeting)
    other = chinese.get(
        reverse("paper-whole", args=[planned.meeting.pk, item.pk]), headers={"If-None-Match": first["ETag"]}
    )
    assert other.status_code == 200


@pytest.mark.parametrize("handle", ["outsider", "other_handler", "other_head"])
def test_whoever_does_not_see_the_item_has_not_its_papers(planned, handle):
    assert whole(planned, handle).status_code == 404


def test_the_room_grows_by_no_whole_plan(planned):
    """The plan itself is fetched when it is unfolded."""
    client = as_(planned["seat2"])
    answer = client.get(reverse("meeting-parts", args=[planned.meeting.pk]), {"has": ""})
    assert "data-load" in answer.json()["parts"]["paper"]
    assert len(answer.json()["parts"]["paper"].encode()) < 5000
