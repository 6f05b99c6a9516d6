"""No test sees what a request of another left behind in its thread."""

from __future__ import annotations

from django.test import Client
from django.utils import translation


def ask_in_chinese() -> None:
    Client().get("/login/", headers={"accept-language": "zh-hans"})


def test_a_page_is_asked_for_in_chinese(db):
    ask_in_chinese()
    assert translation.get_language() == "zh-hans"


def test_the_test_after_it_speaks_english():
    assert translation.get_language() == "en"
