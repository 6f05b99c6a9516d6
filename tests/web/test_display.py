"""The language of an answer: the reader's, or that of the page whose script asks."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.pages.pages import as_


@pytest.mark.parametrize("address", ["desk", "profile", "proposals"])
def test_a_page_is_answered_in_its_own_language_whatever_its_reader_has_chosen_since(founded, address):
    for chosen, own in (("zh-hans", "en"), ("en", "zh-Hans")):
        client = as_(founded["chair"], chosen)
        assert client.get(reverse(address)).headers["Content-Language"] == chosen
        answer = client.get(reverse(address), headers={"X-Page-Language": own})
        assert answer.headers["Content-Language"] == own.lower()
        assert f'lang="{own}"' in answer.content.decode()


def test_so_is_whoever_is_not_signed_in_and_what_there_is_not(db):
    for path, status in ((reverse("login"), 200), ("/nothing/", 404)):
        answer = Client().get(path, headers={"X-Page-Language": "zh-Hans", "Accept-Language": "en"})
        assert (answer.status_code, answer.headers["Content-Language"]) == (status, "zh-hans")


@pytest.mark.parametrize("other", ["", "xx", "../en", "en-GB", "\xff"])
def test_another_language_is_none_of_ours(founded, other):
    answer = as_(founded["chair"], "zh-hans").get(reverse("desk"), headers={"X-Page-Language": other})
    assert answer.headers["Content-Language"] == "zh-hans"
