"""The table of refusals: complete, worded in both languages, each on an article that exists."""

from __future__ import annotations

import copy
import pickle
import re

import pytest

from regulation.articles import citation
from regulation.codes import CODES, Code
from regulation.refused import Refused

#: Every refusal code that the rules name, by HTTP status: the table has these and no others.
BY_STATUS = {
    403: """
        access/denied 9/only-chair 12/only-liaison 13/not-handling-institution 20.1/no-seat 20.3/own-request
        22/only-credit-department 24/only-risk-department document/no-signature-asked
    """,
    404: "access/not-found",
    409: """
        state/not-allowed 12.6/archive-incomplete 14/not-shortlisted 14/not-filed 16/no-notice
        16/notice-superseded 18/not-deliberated 20/vote-not-open 21/minutes-not-signed 21/already-effective
        22/no-effective-resolution document/no-timestamp document/key-locked document/certificate-unchecked
        document/not-electronic document/signatures-missing document/signed-already document/not-stored
        document/not-valid
    """,
    422: """
        4/too-many-seats 4/one-seat-per-person 5/liaison-may-not-sit 6/not-in-ledger 6/ledger-differs
        6/not-non-performing 7/no-condition
        7/evidence-required 7.6/not-recognised 9/chair-absent 10/not-present 10.5/unclear-choice
        11/document-required 11/scope-required 11/holder-not-eligible 11/out-of-scope 11/after-vote-opened
        11/principal-present 13/already-submitted 13/reason-required 14/reason-required 15/no-items
        15/notice-too-short 15/emergency-reason-required 15/reason-required 16/materials-changed
        19/not-handling-head 19/observer-present 20.1/not-all-present 20.1/already-voted 20.1/ballots-missing
        20.3/reason-required 20.3/consent-required 20.3/no-request 20.3/conflict 20.4/reason-required
        22/terms-deviate 22/reason-required 23/no-substantive-change 23/ruling-required
        24/invalid-regulation 25/not-in-force plan/incomplete plan/unbalanced plan/invalid receipt/invalid
        follow-up/invalid comment/invalid policy/invalid
        warning/channel warning/unexplained warning/excuse-not-accepted warning/measures warning/no-rise
        duty/none duty/overlap duty/lifetime
        task/invalid ranking/no-figures supervision/team supervision/open-findings
        supervision/invalid admonishment/invalid target/locked target/none target/invalid
        target/quota-not-met review/not-in-calendar review/invalid review/not-recovered
        text/required document/no-glyph document/key-unreadable document/wrong-pin document/certificate-weak
        document/certificate-of-another document/certificate-usage document/certificate-not-yet
        document/certificate-expired document/certificate-revoked document/certificate-foreign
        document/certificate-taken document/no-key document/pin-required
        tape/columns tape/control-total tape/day-open tape/unreadable tape/overlap tape/many-rejected
        tape/rows-differ tape/vanished tape/number-damaged tape/money tape/date tape/dates-crossed
        tape/duplicate tape/institution tape/class tape/closed-with-balance tape/missing tape/code
        tape/number tape/text tape/days-differ tape/staff-unknown tape/duty-differs
    """,
}
STATUS = {code: status for status, codes in BY_STATUS.items() for code in codes.split()}
#: of the ledger: no article of the regulation stands behind them, the wording quotes its basis
LEDGER = {
    "admonishment", "duty", "policy", "ranking", "review", "supervision", "tape", "target", "task", "warning",
}  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def wordings(code: Code) -> dict[str, str]:
    return {
        "message_en": code.message_en,
        "remedy_en": code.remedy_en,
        "message_zh": code.message_zh,
        "remedy_zh": code.remedy_zh,
    }


def test_the_table_has_every_code_of_the_rules_and_no_other() -> None:
    assert set(CODES) == set(STATUS)


@pytest.mark.parametrize("code", sorted(STATUS))
def test_each_refusal_has_its_http_status(code: str) -> None:
    assert Refused(code).status == STATUS[code]


@pytest.mark.parametrize("code", sorted(STATUS))
def test_each_refusal_rests_on_an_article_that_exists_or_is_general(code: str) -> None:
    refused = Refused(code)
    area = code.partition("/")[0]
    if area in {"access", "document", "state", "plan", "receipt", "text", "follow-up", "comment", *LEDGER}:
        assert (refused.article, refused.citation(), refused.article_text()) == (None, "", "")
    else:
        assert refused.article == area
        assert refused.citation("zh-hans") == citation(area, "zh-hans")
        assert CHINESE.search(refused.article_text("zh-hans"))
        assert not refused.article_text("en").startswith(refused.article_text("zh-hans")[:4])


@pytest.mark.parametrize("code", CODES.values(), ids=list(CODES))
def test_each_wording_is_a_whole_sentence_in_its_language(code: Code) -> None:
    for name, text in wordings(code).items():
        if name.endswith("_zh"):
            assert CHINESE.search(text)
            assert text.endswith("。")
            assert not re.search(r"[\u4e00-\u9fff][,.;:!?]", text), "Chinese takes full-width punctuation"
        else:
            assert not CHINESE.search(text)
            assert text[0].isupper()
            assert text.endswith(".")
        assert "!" not in text
        assert "！" not in text


@pytest.mark.parametrize("code", CODES.values(), ids=list(CODES))
def test_placeholders_stand_in_optional_segments_and_are_the_same_in_both_languages(code: Code) -> None:
    for name, text in wordings(code).items():
        outside = re.sub(r"\[[^\[\]]*\]", "", text)
        assert not re.search(r"[\[\]{}]", outside), name
        for segment in re.findall(r"\[([^\[\]]*)\]", text):
            assert re.search(r"\{[a-z_]+\}", segment), name
            assert not re.search(r"[{}]", re.sub(r"\{[a-z_]+\}", "", segment)), name

    def names(*texts: str) -> list[str]:
        return sorted(name for text in texts for name in re.findall(r"\{([a-z_]+)\}", text))

    assert names(code.message_en) == names(code.message_zh)
    assert names(code.remedy_en) == names(code.remedy_zh)


@pytest.mark.parametrize("code", sorted(STATUS))
@pytest.mark.parametrize("lang", ["en", "zh-hans"])
def test_each_wording_stands_without_context_and_takes_all_of_it(code: str, lang: str) -> None:
    entry = CODES[code]
    names = re.findall(r"\{([a-z_]+)\}", entry.message_en + entry.remedy_en)
    bare, full = Refused(code), Refused(code, **{name: f"<{name}>" for name in names})
    for text in (bare.message(lang), bare.remedy(lang), full.message(lang), full.remedy(lang)):
        assert not re.search(r"[\[\]{}]", text)
        assert "  " not in text
    shown = full.message(lang) + full.remedy(lang)
    assert all(f"<{name}>" in shown for name in names)


def test_two_refusals_never_say_the_same() -> None:
    for lang in ("en", "zh-hans"):
        assert len({Refused(code).message(lang) for code in CODES}) == len(CODES)


def test_a_code_that_is_not_in_the_table_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        Refused("20.4/no-such-rule")


def test_a_refusal_reads_as_its_code_and_message() -> None:
    refused = Refused("20.4/reason-required", seat=3)
    assert str(refused) == "20.4/reason-required: This ballot needs a reason."
    assert refused.message("zh-hans") == "反对票须填写理由。"
    assert refused.remedy("zh-hans") == "请补充反对理由后再提交。"
    assert refused.citation("zh-hans") == "第二十条第四项"
    assert refused.citation() == "Art. 20(4)"
    assert refused.context == {"seat": 3}


def test_context_is_worded_in_the_language_asked_for() -> None:
    refused = Refused("state/not-allowed", state="in_session", why={"en": "too late", "zh-hans": "为时已晚"})
    assert refused.message("en") == "This is not possible now: too late; the state is “in session”."
    assert refused.message("zh-Hans") == "目前无法办理：为时已晚；当前状态为“会议进行中”。"
    assert Refused("state/not-allowed", state="elsewhere").message().endswith("“elsewhere”.")


def test_context_that_says_nothing_is_left_out_and_lists_are_joined() -> None:
    assert Refused("20.1/not-all-present", seats=None).message() == "Not every seat is represented."
    assert Refused("20.1/not-all-present", seats=[]).message() == "Not every seat is represented."
    refused = Refused("20.1/not-all-present", seats=[2, 9])
    assert refused.message() == "Not every seat is represented; missing: 2, 9."
    assert refused.message("zh-hans") == "委员未全部到会，缺席席位：2、9。"
    archive = Refused("12.6/archive-incomplete", missing=["receipts", "another"])
    assert archive.message("zh-hans") == "会议档案不齐全，尚缺：送达回执、another。"
    assert Refused("4/too-many-seats", seats=0).message() == "The committee has no such seat: it has 0 seats."


def test_context_is_never_read_as_a_template() -> None:
    refused = Refused("plan/invalid", path="$.[{why}]", why="{path}")
    assert refused.message() == "The plan has a value that cannot stand, at $.[{why}]: {path}."


def test_a_refusal_survives_copying_and_pickling() -> None:
    refused = Refused("plan/incomplete", path="$.title")
    for twin in (copy.copy(refused), pickle.loads(pickle.dumps(refused))):
        assert (twin.code, twin.context, str(twin)) == (refused.code, refused.context, str(refused))


def test_the_day_of_a_meeting_stands_with_its_weekday():
    short = Refused("15/notice-too-short", notice_days=2, earliest="2026-12-01", last_day="2026-11-30")
    assert "the earliest date is 2026-12-01 (Tuesday)." in short.message()
    assert "最早可于2026年12月1日（星期二）召开。" in short.message("zh-hans")
    early = Refused("state/not-allowed", cause="meeting/not-begun", opens="2026-03-05 14:00")
    assert early.message("zh-hans") == "会议未到召开时间，应于2026年3月5日（星期四）14:00召开。"
