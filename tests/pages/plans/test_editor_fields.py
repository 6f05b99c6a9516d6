"""What the editor shows at its fields: meanings, files of attachments, the recovery to expect, figures."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from pages.plans.editor.parts import Measures
from proposals.attachments import joined, split
from proposals.plan.measures import MEANINGS, MEASURES
from tests.page_text import page_text
from tests.pages import files
from tests.pages.pages import as_, look

LINE = f"application/pdf; 12 bytes; 2 pages; sha256:{'a' * 64}"


def test_each_measure_has_its_meaning_in_both_languages():
    assert list(MEANINGS)
    assert MEANINGS.keys() == MEASURES.keys()
    for code, row in MEANINGS.items():
        assert set(row) == {"zh", "en"}, code
        assert row["zh"].endswith("。"), code
        assert row["en"].endswith("."), code


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_a_measure_means_stands_beside_the_choice_and_on_the_plan(drafted, language):
    client = as_(drafted["handler"], language)
    key = "en" if language == "en" else "zh"
    html = unescape(page_text(client.get(reverse("plan-step", args=[drafted.proposal.pk, "measures"]))))
    for row in MEANINGS.values():
        assert row[key] in html
    html = unescape(page_text(client.get(reverse("proposal", args=[drafted.proposal.pk]))))
    for code in drafted.plan["measures"]:
        assert MEANINGS[code][key] in html


def test_families_with_chosen_measures_come_first_and_open():
    shown = Measures().show("measures", ["litigation"], {})
    first, *others = shown.inner
    assert next(tick.label for tick in first.inner) == "Litigation"
    assert (first.open, first.number) == (True, 1)
    assert not any(family.open for family in others)


@pytest.mark.parametrize("words", ["", "Signed.", "Two\nlines ", "ends\n"])
def test_the_line_of_a_file_is_apart_from_the_words(words):
    text = joined(words, LINE)
    assert joined(*split(text)) == text
    assert split(text)[1] == LINE
    assert split("Only words") == ("Only words", "")


def test_the_line_of_a_file_is_not_typed_and_not_lost(drafted, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = as_(drafted["handler"])
    step = reverse("plan-step", args=[drafted.proposal.pk, "attachments"])
    given = {"file": SimpleUploadedFile("a.pdf", files.pdf(2)), "text": "Signed", "back": "attachments"}
    response = client.post(reverse("attachments", args=[drafted.proposal.pk]), given)
    assert response.url == step
    html = page_text(client.get(step))
    (area,) = re.findall(r'<textarea\s+id="p-attachments-\d+-text"[^>]*>([^<]*)</textarea>', html)[-1:]
    assert area.strip() == "Signed"
    (name, line) = re.findall(r'name="(attachments-\d+-text-file)" value="([^"]+)"', html)[-1]
    assert "sha256:" in line
    number = name.split("-")[1]
    before = drafted.now(drafted.proposal).present_version.document["attachments"]
    sent = {f"attachments-{n}-{key}": row[key] for n, row in enumerate(before) for key in ("name", "text")}
    sent |= {f"attachments-{number}-text": "Signed by both", name: line, "do": "save"}
    assert client.post(step, sent).status_code == 302
    after = drafted.now(drafted.proposal).present_version.document["attachments"]
    assert after[-1]["text"] == f"Signed by both\n{line}"
    assert look(drafted["handler"], "attachments", drafted.proposal.pk).count("a.pdf") >= 1


def test_the_recovery_to_expect_begins_as_the_total_of_the_schedule(founded):
    stated = {
        key: value for key, value in founded.plan.items() if key not in {"expected_recovery", "executor"}
    }
    founded.proposal = founded.do("draft", plan=stated)
    html = look(founded["handler"], "plan-step", founded.proposal.pk, "execution")
    assert 'value="1,100.00"' in html
    client = as_(founded["handler"])
    at = reverse("plan-step", args=[founded.proposal.pk, "execution"])
    client.post(at, {"executor": "Officer", "expected_recovery": "1,100.00", "do": "save"})
    html = look(founded["handler"], "plan-check", founded.proposal.pk)
    assert "expected-below-schedule" not in html
    assert "expected-above-schedule" not in html


def test_a_plan_without_loans_shows_no_column_of_zeros(founded):
    founded.proposal = founded.do("draft", plan={"title": "New"})
    html = look(founded["handler"], "plan-step", founded.proposal.pk, "borrower")
    assert "appears here once a loan is stated" in html
    assert "Principal owed" not in html
