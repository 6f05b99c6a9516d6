"""Dossiers on the pages: who has them, what they show, proofs and the PDF, the list worst first."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pytest
from django.urls import reverse

from audit.models import Entry
from audit.proofs import making
from audit.proofs.file import Proof
from committee.models import Resolution
from documents.attached import attached
from office import preparing
from office.dossier import paper, verdicts
from office.models import Preparation, Verdict
from tests.office.dossier.decided import carried_case
from tests.office.dossier.sealing import LOG, seal_all
from tests.office.dossier.test_articles import tampered
from tests.pages.pages import as_
from tests.stage import stages

carried = stages("carried", carried_case)


def address(name: str, *more: Any) -> str:
    return reverse(name, args=[Resolution.objects.get().pk, *more])


@pytest.mark.parametrize("handle", ["head_office", "auditor", "risk"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_dossier_has_each_article_with_its_outcome_and_no_empty_cell(carried, handle, language):
    page = as_(carried[handle], language).get(address("dossier"))
    assert page.status_code == 200
    shown = page.context["articles"]
    assert [article.number for article in shown] == list(range(1, 26))
    for article in shown:
        assert article.word
        assert article.text
        assert all(line.said and line.word for line in article.lines)
    text = " ".join(page.content.decode().split())
    assert "<dd></dd>" not in text.replace("<dd> </dd>", "<dd></dd>")
    assert "<td></td>" not in text


@pytest.mark.parametrize(
    "handle", ["handler", "handler_head", "chair", "seat2", "liaison", "credit", "outsider"]
)
@pytest.mark.parametrize("name", ["dossier", "dossier-pdf", "dossier-prepared", "dossier-proofs"])
def test_nobody_else_is_shown_one(carried, handle, name):
    assert as_(carried[handle]).get(address(name)).status_code == 404
    assert as_(carried[handle]).get(reverse("dossiers")).status_code == 404
    about = reverse("proposal", args=[carried.proposal.pk])
    assert address("dossier") not in as_(carried[handle]).get(about).content.decode()


@pytest.mark.parametrize("name", ["meeting", "proposal"])
def test_meeting_and_plan_lead_to_it(carried, name):
    about = carried.meeting if name == "meeting" else carried.proposal
    page = as_(carried["auditor"]).get(reverse(name, args=[about.pk]))
    assert address("dossier") in page.content.decode()


def test_what_did_not_hold_is_said_on_its_page(carried):
    tampered("UPDATE committee_observer SET withdrew_at = NULL")
    shown = as_(carried["auditor"]).get(address("dossier")).context["articles"][18]
    assert (shown.word, shown.tone) == ("not held", "stopped")


def test_an_entry_without_a_proof_says_what_it_lacks(carried):
    page = as_(carried["auditor"]).get(address("dossier"))
    rows = page.context["rows"]
    assert {row.sealed for row in rows} == {"not sealed yet"}
    assert not any(row.proof for row in rows)
    assert as_(carried["auditor"]).get(address("dossier-proof", "meeting:1", 1)).status_code == 404


def test_each_entry_has_its_proof_and_all_are_in_a_zip(carried):
    seal_all()
    client = as_(carried["auditor"])
    rows = client.get(address("dossier")).context["rows"]
    assert all(row.proof for row in rows)
    for row in rows[:3]:
        shown = making.check(Proof.parse(client.get(row.proof).content), [LOG.key], [])
        assert (shown.entry["stream"], shown.entry["seq"]) == row.entry.key
    book = zipfile.ZipFile(io.BytesIO(client.get(address("dossier-proofs")).content))
    listed = json.loads(book.read("entries.json"))
    assert len(listed) == len(rows)
    assert {entry["file"] for entry in listed} <= set(book.namelist())


def test_articles_lead_to_the_entries_which_have_a_page_of_their_own(carried):
    seal_all()
    client = as_(carried["auditor"])
    articles, entries = (
        client.get(address("dossier"), {"show": show}).content.decode() for show in ("", "entries")
    )
    anchors = set(re.findall(r'<tr id="([^"]+)"', entries))
    assert anchors
    assert set(re.findall(r'href="\?show=entries#([^"]+)"', articles)) <= anchors
    assert 'id="article-20"' in articles
    assert 'id="article-20"' not in entries
    assert "<tr id=" not in articles


def test_an_entry_of_another_decision_has_no_proof_here(carried):
    seal_all()
    found = Entry.objects.filter(stream__startswith="committee:").first()
    assert found is not None
    bogus = address("dossier-proof", "meeting:999", 1)
    assert as_(carried["auditor"]).get(bogus).status_code == 404


def test_the_pdf_has_findings_and_proofs_attached_and_says_that_it_is_unsealed(carried):
    seal_all()
    made = as_(carried["auditor"]).get(address("dossier-pdf"))
    data = json.loads(attached(made.content, paper.ATTACHED) or b"")
    assert [article["article"] for article in data["articles"]] == list(range(1, 26))
    assert all(Proof.parse(entry["proof"].encode()) for entry in data["entries"])
    content = json.loads(attached(made.content, "paper.json") or b"")
    assert "SEAL_KEY_FILE" in json.dumps(content)


def test_a_long_one_is_the_workers(carried, monkeypatch, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(paper, "is_long", lambda _content: True)
    client = as_(carried["auditor"])
    assert client.get(address("dossier-pdf"))["Location"] == address("dossier-prepared")
    page = client.get(address("dossier-prepared"))
    client.post(address("dossier-prepared"), {"once": page.context.get("once", "")})
    row = Preparation.objects.get(kind=Preparation.Kind.DOSSIER)
    preparing.make(row.pk)
    assert client.get(address("dossier-pdf")).content.startswith(b"%PDF")


def test_the_list_has_the_worst_first_and_tells_why(carried):
    client = as_(carried["risk"])
    assert "not judged yet" in client.get(reverse("dossiers")).content.decode()
    assert verdicts.judge_grown() == 1
    assert verdicts.judge_grown() == 0
    row = Verdict.objects.get()
    assert (row.rank, row.not_held, row.gaps) == (0, [], [])
    tampered("UPDATE committee_observer SET withdrew_at = NULL")
    assert verdicts.judge_oldest() == 1
    row.refresh_from_db()
    assert (row.rank, row.not_held) == (Verdict.WEIGHT, [19])
    assert "Art. 19" in client.get(reverse("dossiers")).content.decode()
    for query, found in (("amiss=1", 1), ("article=19", 1), ("article=20", 0), ("gaps=1", 0), ("q=C-1", 1)):
        page = client.get(f"{reverse('dossiers')}?{query}")
        assert len(page.context["rows"]) == found, query


def test_a_decision_whose_log_has_grown_is_judged_again(carried):
    verdicts.judge_grown()
    carried.do("record_receipt", amount="10.00", received_on=carried.clock.date())
    assert verdicts.judge_grown() == 1


def test_a_resolution_without_a_plan_stands_first_and_says_so(carried):
    tampered("DELETE FROM proposals_tabling")
    verdicts.judge_grown()
    assert Verdict.objects.get().not_held == list(range(1, 26))
    page = as_(carried["auditor"]).get(address("dossier"))
    assert "Report it at once" in page.content.decode()


def test_its_statements_do_not_grow(carried, django_assert_max_num_queries):
    client = as_(carried["auditor"])
    for name, most in (("dossier", 16),):
        client.get(address(name))
        here = address(name)
        client.get(here)
        with django_assert_max_num_queries(most):
            client.get(here)
    client.get(reverse("dossiers"))
    with django_assert_max_num_queries(8):
        client.get(reverse("dossiers"))
