"""What is enforced for each article: every article, in both languages, and every number of a version."""

import re
from dataclasses import fields

import pytest

from regulation.articles import ARTICLES, citation
from regulation.enforcement import ENFORCED, SETTINGS
from regulation.numbers import Regulation

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_every_article_says_what_is_enforced():
    assert {int(reference.partition(".")[0]) for reference in ENFORCED} == set(ARTICLES)


@pytest.mark.parametrize("reference", ENFORCED)
def test_each_is_of_an_article_that_exists_and_in_both_languages(reference):
    assert citation(reference)
    for rule in ENFORCED[reference]:
        assert CHINESE.search(rule.zh)
        assert rule.zh.endswith("。")
        assert rule.en.endswith(".")
        assert not CHINESE.search(rule.en.replace("利息最大化", "").replace("利益最大化", ""))


def test_every_number_of_a_version_belongs_to_an_article():
    assert set(SETTINGS) == {field.name for field in fields(Regulation)}
    assert set(SETTINGS.values()) <= set(ARTICLES)
