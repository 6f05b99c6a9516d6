"""What no paper can show is refused where it is typed, before anything is saved: `document/no-glyph`."""

from __future__ import annotations

import pytest
from django import forms
from django.urls import reverse
from django.utils.translation import override

from api import json_input
from api.arguments import VALUES
from api.verbs import VERBS
from committee.acts import Kind
from pages.plans.editor import parts, steps
from proposals.plan.drafts import parse_draft
from proposals.plan.schema import LINES
from regulation.refused import Refused
from tests.page_text import page_text
from tests.pages.pages import as_
from tests.web.test_fields import SECRET, _stating, all_fields
from web.forms import fields

CANNOT = {"好😀": "😀 (U+1F600)", "שלום": "ש (U+05E9)", "سلام": "س (U+0633)", "\ue000": "U+E000"}
CAN = '㛃𠮷𡋾，。“”①〔2026〕 #read("/etc/passwd") <b>'


def test_every_field_of_every_form_in_which_a_text_is_typed_refuses_it_by_name() -> None:
    walked = 0
    for name, field in all_fields():
        if not isinstance(field, (fields.Line, fields.Prose)) or isinstance(field.widget, SECRET):
            continue
        walked += 1
        for typed, told in CANNOT.items():
            with pytest.raises(forms.ValidationError) as caught, override("zh-hans"):
                field.clean(typed)
            assert caught.value.code == "document/no-glyph", name
            assert told in caught.value.messages[0], name
    assert walked > 25


def test_what_papers_can_show_is_taken() -> None:
    assert fields.Line().clean(CAN) == CAN
    assert fields.Prose().clean(f"{CAN}\n\t{CAN}") == f"{CAN}\n\t{CAN}"
    assert json_input.a_text(("reason",), CAN) == CAN
    assert parse_draft({"title": CAN, "borrower": {"cause": CAN}}).document["title"] == CAN


@pytest.mark.parametrize("typed", CANNOT)
def test_every_text_that_a_program_or_a_rehearsal_gives_a_verb_is_refused(typed: str) -> None:
    walked = 0
    for name, verb in VERBS.items():
        for argument, kind in verb.payload_kinds.items():
            if kind in (Kind.TEXT, Kind.LINE):
                walked += 1
                with pytest.raises(Refused) as caught:
                    VALUES[kind].read((name, argument), typed)
                assert caught.value.code == "document/no-glyph"
                assert CANNOT[typed] in caught.value.message("en")
    assert walked > 15


@pytest.mark.parametrize("typed", CANNOT)
def test_every_text_of_a_plan_is_refused(typed: str) -> None:
    stated = [_stating(key, typed) for key in LINES - {"kind"}]
    for document in [*stated, {"borrower": {"cause": typed}}, {"conditions": {"7.1": typed}}]:
        with pytest.raises(Refused) as caught:
            parse_draft(document)
        assert caught.value.code == "document/no-glyph", document
        assert CANNOT[typed] in caught.value.message("zh-hans")


def test_the_page_says_which_character_and_keeps_what_was_typed(closed) -> None:
    client = as_(closed["liaison"])
    url = reverse("meeting-act", args=[closed.meeting.pk, "draft_minutes"])
    token = page_text(client.get(url)).partition('name="once" value="')[2].partition('"')[0]
    response = client.post(url, {"once": token, "narrative": "会议听取了汇报😀。"})
    shown = page_text(response)
    assert "😀 (U+1F600)" in shown
    assert "会议听取了汇报😀。" in shown
    assert closed.now(closed.meeting).state == "closed"


def test_the_editor_has_no_text_beside_those_of_a_plan() -> None:
    """Its fields are read by `parse_draft`, like a program's plan."""

    def leaves(found):
        for part in found:
            if isinstance(part, parts.Leaf):
                yield part
            yield from leaves(getattr(part, "parts", ()))

    assert (
        sum(
            leaf.kind.control in ("line", "prose", "suggestion")
            for step in steps.STEPS
            for leaf in leaves(step.parts)
        )
        > 20
    )
