"""Parts of pages that are made once for many readers."""

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import timezone, translation

from web.templatetags import kept

pytestmark = pytest.mark.django_db


def counted(name, *values):
    """What is kept under these values, and how often it was made so far."""
    made.append(name)
    return kept.keep(name, values, lambda: f"{name} {len(made)}")


made: list[str] = []


def test_it_is_made_once_for_the_same_values():
    first = counted("a", "x", "1")
    assert counted("a", "x", "1") == first
    assert counted("a", "x", "2") != first
    assert counted("b", "x", "1") != first
    assert counted("a", "x1") != first  # values are not run together
    kept.forget()
    assert counted("a", "x", "1") != first


def test_each_language_and_time_zone_has_its_own():
    with translation.override("en"):
        english = counted("a", "x")
        with timezone.override("Asia/Urumqi"):
            assert counted("a", "x") != english
        assert counted("a", "x") == english
    with translation.override("zh-hans"):
        assert counted("a", "x") != english


def shown(first, other, words):
    text = "{% load kept %}{% kept 'part' first other %}{{ words }}{% endkept %}"
    return Template(text).render(Context({"first": first, "other": other, "words": words}))


def test_the_tag_keeps_what_is_between_by_its_values():
    assert shown("1", "2", "<b>") == "&lt;b&gt;"
    assert shown("1", "2", "others") == "&lt;b&gt;"
    assert shown("1", "3", "others") == "others"


def test_with_an_empty_first_value_it_is_made_each_time():
    assert shown("", "2", "one") == "one"
    assert shown("", "2", "two") == "two"
    assert shown("1", "2", "three") == "three"


def test_it_must_be_ended():
    with pytest.raises(TemplateSyntaxError):
        Template("{% load kept %}{% kept 'part' first %}")
