"""The rulebook: articles with what is enforced, set and read; an amendment is seen before it is made."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from audit.models import Entry
from audit.recording import SYSTEM
from committee.models import Interpretation, Person, RegulationVersion
from pages.committee.rulebook import articles
from regulation.articles import ARTICLES
from regulation.codes import CODES
from rehearsal.bank import employ_second_officer
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look, queries
from tests.pages.test_pages import check
from tests.stage import Stage, stages, today

MOST = 25
ZH = "本条所称委员，指届时任职的委员。"
WHY = "两日通知期不足以审阅材料。"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def numbers(stage, **changed):
    """What the form of an amendment is sent with."""
    last = RegulationVersion.objects.filter(committee=stage.committee).order_by("-number")[0]
    given = {"effective_from": today().isoformat(), "reason": WHY}
    return {**last.numbers.as_json(), **given, **changed}


def second_officer(stage):
    """Another officer of the Risk department, made at first use."""
    known = Person.objects.filter(bank=stage.bank.unit, username__startswith="risk2.").first()
    return known or employ_second_officer(stage.bank, by=SYSTEM, password="not known to anybody")


def amend(stage, by="risk", step="preview", **given):
    address = reverse("amend-regulation", args=[stage.committee.pk])
    return as_(stage[by]).post(address, {"step": step, **numbers(stage, **given)})


def interpret(stage, **given):
    given = {"article": 20, "text_zh": ZH} | given
    return stage.do("publish_interpretation", **given)


# -- Reading ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_article_is_there_verbatim_in_both_languages_with_its_anchor(founded, language):
    html = look(founded["seat2"], "regulation", language=language)
    for number, article in ARTICLES.items():
        assert f'id="art-{number}"' in html
        assert article.lead_zh in html
    assert "编者注" in look(founded["seat2"], "regulation", language="zh-hans")


def test_each_article_shows_what_is_enforced_and_refused(founded):
    html = look(founded["seat2"], "regulation")
    for code, entry in CODES.items():
        assert (f"<code>{code}</code>" in html) is (entry.article is not None), code
    assert "A ballot against states its reason." in html


def test_whoever_is_of_no_committee_reads_the_articles_and_no_numbers(founded):
    html = look(founded["outsider"], "regulation")
    assert 'id="art-25"' in html
    assert 'id="versions"' not in html


def test_an_earlier_version_is_read_with_its_numbers(founded):
    founded.do("amend_regulation", changes={"votes_to_pass": 3}, effective_from=today())
    committee = founded.committee.pk
    assert "<del>2 votes</del> <ins>3 votes</ins>" in look(
        founded["seat2"], "regulation", committee=committee
    )
    html = look(founded["seat2"], "regulation", committee=committee, version=1)
    assert "2 votes</dd>" in html
    assert "those of version 1, no longer in force" in html


def test_versions_know_their_time(founded):
    day = timedelta(days=1)
    founded.do("amend_regulation", changes={"notice_days": 3}, effective_from=today() + 10 * day)
    founded.do("amend_regulation", changes={"notice_days": 4}, effective_from=today() + 10 * day)
    founded.do("amend_regulation", changes={"notice_days": 5}, effective_from=today() + 2 * day)
    found = [(each.row.number, each.state, each.until) for each in articles.versions(founded.committee)]
    assert found == [
        (4, "coming", today() + 10 * day), (3, "coming", None), (2, "never", None),
        (1, "in_force", today() + 2 * day),
    ]  # fmt: skip


def two_banks():
    stage = Stage()
    stage.abroad = Stage()
    return stage


apart = stages("apart", two_banks)


def test_nobody_reads_another_banks_numbers_or_readings(apart):
    interpret(apart.abroad, text_zh="他行的解释")
    for handle in EVERYBODY:
        html = look(apart[handle], "regulation", committee=apart.abroad.committee.pk)
        assert "他行的解释" not in html
        assert f'<option value="{apart.abroad.committee.pk}"' not in html
        assert f"/regulation/{apart.abroad.committee.pk}/amend/" not in html
        response = as_(apart[handle]).get(reverse("amend-regulation", args=[apart.abroad.committee.pk]))
        assert response.status_code == 404, handle


def test_the_page_takes_the_same_statements_however_much_there_is(founded):
    address = ("regulation",)
    interpret(founded)
    few = len(queries(founded["risk"], *address))
    for number in range(3):
        interpret(founded, article=number + 1)
        founded.do("amend_regulation", changes={"notice_days": number + 3}, effective_from=today())
    assert len(queries(founded["risk"], *address)) == few <= MOST


# -- Interpretations --------------------------------------------------------------------------------


def publish(stage, by="risk", **given):
    address = reverse("committee-act", args=[stage.committee.pk, "publish_interpretation"])
    return as_(stage[by]).post(address, {"article": 20, "text_zh": ZH, "text_en": "", "replaces": ""} | given)


def test_the_risk_department_publishes_and_it_stands_at_its_article(founded):
    response = publish(founded)
    assert response["Location"] == f"/regulation/?committee={founded.committee.pk}#art-20"
    html = look(founded["seat2"], "regulation")
    article = html[html.index('id="art-20"') : html.index('id="art-21"')]
    assert ZH in article
    assert "Interpretation No. 1 of the Risk department" in article


def test_nobody_else_does(founded):
    for handle in EVERYBODY:
        if handle != "risk":
            assert publish(founded, handle).status_code in (403, 404), handle
    assert not Interpretation.objects.exists()


def test_a_text_that_says_nothing_is_refused_beside_its_field(founded):
    response = publish(founded, text_zh="……")
    html = page_text(response)
    assert response.status_code == 422
    assert 'data-code="24/invalid-regulation"' in html
    assert html.index('id="id_text_zh"') < html.index("data-code") < html.index('id="id_text_en"')


def test_a_later_one_takes_its_place_and_both_stay_readable(founded):
    first = interpret(founded)
    publish(founded, text_zh="第二次解释。", replaces=first.pk)
    html = look(founded["seat2"], "regulation")
    assert ZH in html
    assert "replaced by No. 2" in html


def test_an_interpretation_stands_beside_the_refusals_of_its_article(submitted):
    interpret(submitted, article=14, text_zh="退回须逐项写明理由。")
    address = reverse("proposal-act", args=[submitted.proposal.pk, "return"])
    html = page_text(as_(submitted["liaison"]).post(address, {"reason": ""}))
    assert 'data-code="14/reason-required"' in html
    assert "退回须逐项写明理由。" in html
    assert "/regulation/#art-14" in html


# -- Amending ---------------------------------------------------------------------------------------


def test_only_the_risk_department_amends(founded):
    for handle in EVERYBODY:
        if handle != "risk":
            for step in ("preview", "confirm"):
                assert amend(founded, handle, step, notice_days=3).status_code in (403, 404), handle
    assert RegulationVersion.objects.filter(committee=founded.committee).count() == 1


def test_the_preview_changes_nothing_and_shows_exactly_what_then_happens(convened):
    before = Entry.objects.count()
    html = page_text(amend(convened, notice_days=5, votes_to_pass=3, effective_from="2026-04-01"))
    assert Entry.objects.count() == before
    assert RegulationVersion.objects.filter(committee=convened.committee).count() == 1
    shown = re.findall(r"<del>([^<]+)</del></td><td[^>]*><b>([^<]+)</b>", html)
    assert shown == [("2 votes", "3 votes"), ("2 calendar days", "5 calendar days")]
    assert convened.now(convened.meeting).written_number in html
    response = amend(
        convened, step="confirm", number="2", notice_days=5, votes_to_pass=3, effective_from="2026-04-01"
    )
    assert response.status_code == 302
    assert RegulationVersion.objects.filter(committee=convened.committee).count() == 1
    drafted = response["Location"]
    assert WHY in page_text(as_(convened["risk"]).get(drafted))
    published = as_(second_officer(convened)).post(drafted, {"act": "publish"})
    assert published.status_code == 302
    made = RegulationVersion.objects.get(committee=convened.committee, number=2)
    assert (made.notice_days, made.votes_to_pass) == (5, 3)
    assert made.effective_from.isoformat() == "2026-04-01"
    assert convened.now(convened.meeting).regulation.number == 1
    assert str(published["Location"]).endswith("&version=2")
    assert WHY in look(convened["seat2"], "regulation", version=2)


def test_what_cannot_be_is_refused_beside_its_number_and_keeps_what_was_typed(founded):
    for given, field in (({"votes_to_pass": 1}, "votes_to_pass"), ({"seats": 2}, "seats"),
                         ({"effective_from": "2020-01-01"}, "effective_from")):  # fmt: skip
        response = amend(founded, **given)
        html = page_text(response)
        assert response.status_code == 422
        wrong = html[html.index("field-wrong") :]
        assert f'id="id_{field}"' in wrong
        assert wrong.index(f'id="id_{field}"') < wrong.index('data-code="24/invalid-regulation"')


def test_filled_seats_above_are_named(founded):
    founded.do("amend_regulation", changes={"seats": 5, "votes_to_pass": 3}, effective_from=today())
    founded.do("fill_seat", seat=5, holder=founded["outsider"])
    html = page_text(amend(founded, seats=4))
    assert 'data-code="24/invalid-regulation"' in html
    assert founded["outsider"].display_name in html[html.index("Filled seats above") :]


def test_a_version_made_meanwhile_is_shown_before_anything_is_made(founded):
    given = numbers(founded, notice_days=3)
    founded.do("amend_regulation", changes={"votes_to_pass": 3}, effective_from=today())
    address = reverse("amend-regulation", args=[founded.committee.pk])
    response = as_(founded["risk"]).post(address, {"step": "confirm", "number": "2", **given})
    assert response.status_code == 200
    assert "Another version was made meanwhile" in page_text(response)
    assert RegulationVersion.objects.filter(committee=founded.committee).count() == 2


def test_a_version_that_comes_later_is_pointed_out(founded):
    founded.do("amend_regulation", changes={"notice_days": 9}, effective_from=today() + timedelta(days=60))
    html = page_text(amend(founded, votes_to_pass=3))
    assert "Versions that come into force after it" in html


def test_the_drafter_finds_no_button_to_publish_and_is_refused_who_sends_it_all_the_same(founded):
    drafted = amend(founded, step="confirm", number="2", notice_days=3)["Location"]
    own = page_text(as_(founded["risk"]).get(drafted))
    assert 'value="publish"' not in own
    assert 'value="discard"' in own
    response = as_(founded["risk"]).post(drafted, {"act": "publish"})
    assert response.status_code == 403
    assert "not published by whoever drafted it" in page_text(response)
    assert RegulationVersion.objects.filter(committee=founded.committee).count() == 1
    assert 'value="publish"' in page_text(as_(second_officer(founded)).get(drafted))


def test_while_one_waits_the_page_of_a_new_one_leads_to_it_and_everybody_else_sees_nothing_of_it(founded):
    drafted = amend(founded, step="confirm", number="2", notice_days=3)["Location"]
    address = reverse("amend-regulation", args=[founded.committee.pk])
    assert as_(founded["risk"]).get(address)["Location"] == drafted
    again = amend(founded, step="confirm", number="2", notice_days=4)
    assert again.status_code == 409
    assert drafted in look(founded["risk"], "regulation")
    assert drafted in look(founded["risk"], "desk")
    for handle in EVERYBODY:
        if handle != "risk":
            assert as_(founded[handle]).get(drafted).status_code in (403, 404), handle
            assert drafted not in page_text(as_(founded[handle]).get(reverse("regulation"))), handle


def test_a_discarded_one_stays_to_be_read_and_another_can_be_drafted(founded):
    drafted = amend(founded, step="confirm", number="2", notice_days=3)["Location"]
    assert as_(founded["risk"]).post(drafted, {"act": "discard"}).status_code == 302
    html = page_text(as_(founded["risk"]).get(drafted))
    assert "Discarded by" in html
    assert 'value="publish"' not in html
    assert 'value="discard"' not in html
    assert amend(founded, step="confirm", number="2", notice_days=4).status_code == 302


def test_one_that_another_version_has_overtaken_can_only_be_discarded(founded):
    drafted = amend(founded, step="confirm", number="2", notice_days=3)["Location"]
    founded.do("amend_regulation", changes={"votes_to_pass": 3}, effective_from=today())
    html = page_text(as_(second_officer(founded)).get(drafted))
    assert "Another version was made since it was drafted" in html
    assert 'value="publish"' not in html


def test_an_amendment_without_a_reason_is_refused_beside_the_reason(founded):
    response = amend(founded, step="confirm", number="2", notice_days=3, reason="……")
    html = page_text(response)
    assert response.status_code == 422
    assert html.index('id="id_reason"') < html.index('data-code="24/invalid-regulation"')


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_are_sound_in_both_languages(founded, language):
    interpret(founded)
    check(founded, "seat2", "regulation", language=language)
    check(founded, "risk", "regulation", language=language)
    check(founded, "risk", "amend-regulation", founded.committee.pk, language=language)
    amend(founded, step="confirm", number="2", notice_days=3)
    check(founded, "risk", "amendment", founded.committee.pk, 1, language=language)
    for verb in ("publish_interpretation", "appoint_liaison", "appoint_stand_in", "end_stand_in"):
        check(founded, "risk", "committee-act", founded.committee.pk, verb, language=language)
