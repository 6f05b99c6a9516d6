"""The help: the guides of the reader's role in the reader's language, a place's own help, the tour."""

import re

import pytest
from django.urls import reverse

from pages.help import guides
from pages.help.about import ABOUT
from tests.pages.pages import EVERYBODY, as_, look
from web.shell import _PLACES


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", guides.GUIDES)
def test_each_guide_is_read_in_the_readers_language(founded, name, language):
    html = look(founded["outsider"], "guide", name, language=language).partition('class="guide"')[2]
    assert ("日常办理" in html) is (language == "zh-hans")
    assert ("The day" in html) is (language == "en")
    assert "<ol>" in html
    assert "](" not in html


def test_the_readers_own_guide_stands_first(founded):
    own = {
        "handler": "handler", "handler_head": "handler", "liaison": "liaison", "chair": "chair",
        "seat2": "member", "credit": "credit", "head_office": "head-office", "risk": "risk",
        "auditor": "auditor",
    }  # fmt: skip
    for handle, name in own.items():
        html = look(founded[handle], "help").partition("<main")[2]
        assert re.search(r'href="/help/([a-z-]+)/"', html)[1] == name, handle
        assert html.count('<li><a href="/help/') == len(guides.GUIDES)


def test_every_picture_of_the_guides_is_there_and_nothing_else(founded):
    client = as_(founded["seat2"])
    for name in guides.GUIDES:
        html = look(founded["seat2"], "guide", name)
        for address in {part.partition('"')[0] for part in html.split('<img src="')[1:]}:
            assert client.get(address)["Content-Type"] == "image/png", address
    for name in ("..", "none.png", "..%2F..%2FREADME.md"):
        assert client.get(f"/help/images/{name}").status_code == 404
    assert client.get(reverse("guide", args=["nothing"])).status_code == 404


def test_each_place_of_the_navigation_says_what_it_is_for(founded):
    assert {place for place, _name, _has in _PLACES} - ABOUT.keys() == {"admin:index"}
    for handle in EVERYBODY:
        assert "?from=desk" in look(founded[handle], "desk")
    assert str(ABOUT["board"]) in look(founded["liaison"], "help", **{"from": "board"})
    assert "This page" not in look(founded["liaison"], "help", **{"from": "nothing"})


def test_the_tour_is_shown_until_it_is_ended(founded):
    client = as_(founded["liaison"])
    address = reverse("desk")
    assert "Your first visit" in client.get(address).content.decode()
    assert client.get(reverse("tour-end")).status_code == 405
    sent = client.post(reverse("tour-end"), {"next": "https://elsewhere.example/"})
    assert sent["Location"] == address
    assert "Your first visit" not in client.get(address).content.decode()
