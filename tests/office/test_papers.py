"""The papers of a meeting: which there are, their numbers, who sees them, what they say (Art. 12, 20, 21)."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest
from django.db import transaction

from audit.models import Entry, Payload
from documents.content import read
from office.models import Paper
from office.papers.sources import papers, sources
from office.papers.wording import Voice, amount_of, numeral, voice_of
from tests.documents.sheets import faults, text_of
from tests.stage import MEETING, Stage

K = Paper.Kind


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def drawn_up(stage: Stage) -> dict[str, list[Paper]]:
    stage.do("draw_up_papers")
    found: dict[str, list[Paper]] = {}
    for paper in Paper.objects.order_by("pk"):
        found.setdefault(paper.kind, []).append(paper)
    return found


def eventful(stage: Stage) -> Stage:
    """A meeting with a proxy, an opinion, a conflict and a ballot with a reason, to its archive."""
    stage.do("send_notice")
    stage.proxy()
    stage.travel(MEETING)
    stage.sign_in("chair", "seat2")
    for verb in ("open_meeting", "take_up"):
        stage.do("sign_in", "deputy3") if verb == "open_meeting" else None
        stage.do(verb)
    stage.do("record_opinion", "seat2", text="还款来源可靠。")
    stage.do("declare_conflict", "chair", reason="亲属关系")
    stage.do("open_vote")
    stage.do("cast", "chair", choice="abstain", reason="回避")
    stage.do("cast", "seat2", choice="for", reason="")
    stage.do("cast", "deputy3", choice="for", reason="方案可行")
    for verb in ("close_vote", "close_meeting"):
        stage.do(verb)
    stage.do("draft_minutes", narrative="会议听取了汇报。")
    for verb in ("sign_minutes", "distribute", "report_decisions", "archive", "approve_credit"):
        stage.do(verb)
    return stage


def test_a_meeting_that_ran_its_course_has_papers_of_every_kind_and_all_are_valid(convened):
    found = drawn_up(eventful(convened))
    assert {kind: len(rows) for kind, rows in found.items()} == {
        **dict.fromkeys(K.values, 2), K.NOTICE: 6, K.BALLOT: 6,
    }  # fmt: skip
    for rows in found.values():
        for paper in rows:
            content = paper.path.read_bytes()
            assert hashlib.sha256(content).hexdigest() == paper.sha256
            assert (len(content), read(paper.data).number) == (paper.size, str(paper))
            assert faults(content) == [], paper


def test_minutes_resolution_and_report_say_what_was_decided(convened):
    found = drawn_up(eventful(convened))
    for kind in (K.MINUTES, K.RESOLUTION, K.REPORT):
        said = text_of(found[kind][0].path.read_bytes())
        for expected in ("王某", "1,110.00元", "C-1", "分期还款协议", "2026年6月30日", "同意2票", "回避1票"):
            assert expected in said, (kind, expected)
    minutes = text_of(found[K.MINUTES][0].path.read_bytes())
    for expected in (
        "应到委员3名，实到3名，其中委托代理1名", "主持：", "记录：", "2026年3月5日（星期四）14:00",
        "会议议定事项", "会议听取了汇报。", "还款来源可靠。", "亲属关系", "抄送：", "印发",
    ):  # fmt: skip
        assert expected in minutes, expected
    resolution = text_of(found[K.RESOLUTION][0].path.read_bytes())
    for name in (convened["chair"].display_name, convened["seat2"].display_name):
        assert name not in resolution


def test_what_is_asked_twice_is_made_once(signed):
    before = {paper.pk for rows in drawn_up(signed).values() for paper in rows}
    signed.refused("state/not-allowed", "draw_up_papers")
    assert set(Paper.objects.values_list("pk", flat=True)) == before
    signed.do("distribute")
    added = signed.do("draw_up_papers")
    assert {paper.kind for paper in added} == {K.DISTRIBUTION}


def test_the_log_has_the_number_and_the_checksum_of_each(signed):
    made = signed.do("draw_up_papers")
    entry = Entry.objects.filter(action="draw_up_papers").get()
    payload = Payload.objects.get(commitment=entry.commitment)
    told = bytes(payload.body).decode()
    for paper in made:
        assert paper.sha256 in told
        assert str(paper) in told


def test_both_languages_have_one_number(signed):
    signed.do("draw_up_papers")
    counted = Counter(
        Paper.objects.values_list("kind", "year", "number", "language").values_list("kind", "year", "number")
    )
    assert set(counted.values()) == {2}


def test_numbers_given_before_are_those_of_the_papers(reported):
    reported.do("draw_up_papers")
    numbers = dict(Paper.objects.filter(language="en").values_list("kind", "number"))
    assert str(Paper.objects.get(kind=K.MINUTES, language="en")) == "呼联纪〔2026〕1号"
    assert str(Paper.objects.get(kind=K.REPORT, language="en")) == "呼联报〔2026〕1号"
    assert numbers[K.FILING] == 1


@pytest.mark.article(20)
def test_no_ballot_is_told_before_its_vote_is_closed(voted):
    voted.do("draw_up_papers")
    secret = {K.BALLOT, K.TALLY, K.RESOLUTION}
    assert not secret & {paper.kind for paper in Paper.objects.all()}
    assert not secret & {source.kind for source in sources(voted.now(voted.meeting))}
    voted.do("close_vote")
    voted.do("draw_up_papers")
    assert secret <= {paper.kind for paper in Paper.objects.all()}


def test_the_ballots_of_a_cancelled_vote_are_no_papers(voting):
    voting.cast("for")
    voting.do("cancel_vote", reason="Papers missing")
    voting.do("draw_up_papers")
    assert not Paper.objects.filter(kind__in=[K.BALLOT, K.TALLY, K.RESOLUTION]).exists()


def test_who_sees_which_papers(reported):
    reported.do("draw_up_papers")
    everything = set(K.values) - {K.PROXY, K.CREDIT, K.INDEX}
    own = {K.PLAN, K.RESOLUTION}

    def seen(handle: str) -> set[str]:
        return set(Paper.objects.visible_to(reported[handle]).values_list("kind", flat=True))

    for handle in ("chair", "seat2", "liaison", "head_office", "auditor", "risk", "credit"):
        assert seen(handle) == everything, handle
    for handle in ("handler", "handler_head"):
        assert seen(handle) == own, handle
    for handle in ("other_handler", "outsider"):
        assert seen(handle) == set(), handle


def test_a_proxy_sees_the_own_authorisation_afterwards(convened):
    eventful(convened).do("draw_up_papers")
    seen = Paper.objects.visible_to(convened["deputy3"]).values_list("kind", flat=True)
    assert set(seen) == {K.PROXY}


def test_only_the_liaison_draws_up(signed):
    for handle in ("chair", "seat2", "head_office", "auditor"):
        signed.refused("12/only-liaison", "draw_up_papers", handle)
    signed.refused("access/not-found", "draw_up_papers", "outsider")


def test_the_index_lists_every_paper_before_it(archived):
    archived.do("draw_up_papers")
    listed = papers(archived.now(archived.meeting), "zh-hans")
    said = text_of(listed[-1].path.read_bytes())
    assert listed[-1].kind == K.INDEX
    for paper in listed[:-1]:
        assert paper.sha256[:8] in said


def test_a_paper_never_changes(signed):
    paper = signed.do("draw_up_papers")[0]
    for change in ({"number": 9}, {"sha256": "0" * 64}, {"data": {}}):
        with pytest.raises(Exception, match=r"permission denied|never change"), transaction.atomic():
            Paper.objects.filter(pk=paper.pk).update(**change)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_on_a_full_disk_nothing_is_drawn_up(signed, monkeypatch, tmp_path, step):
    """Neither rows, numbers nor an entry; no half file is left, and afterwards the numbers begin at 1."""

    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"os.{step}" if step == "fsync" else "pathlib.Path.replace", full)
    with pytest.raises(OSError, match="No space left"):
        signed.do("draw_up_papers")
    monkeypatch.undo()
    assert not Paper.objects.exists()
    assert not Entry.objects.filter(action="draw_up_papers").exists()
    assert [path for path in (tmp_path / "papers").rglob("*") if path.is_file()] == []
    signed.do("draw_up_papers")
    assert set(Paper.objects.filter(kind=K.DOCKET).values_list("number", flat=True)) == {1}


# -- Words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "written"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (99, "九十九"), (100, "100")]
)
def test_numerals(number: int, written: str) -> None:
    assert numeral(number) == written


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        ("亲属关系", "亲属关系。", "亲属关系."), ("He is a cousin", "He is a cousin。", "He is a cousin."),
        ("同意。", "同意。", "同意。"), ("“同意。”", "“同意。”", "“同意。”"), ("why? ", "why?", "why?"),
        ("（见附件）", "（见附件）。", "（见附件）."), ("", "", ""),
    ],
)  # fmt: skip
def test_what_somebody_wrote_ends_as_a_sentence(founded, text: str, chinese: str, english: str) -> None:
    voices = [voice_of(founded.committee, each) for each in ("zh-hans", "en")]
    assert [voice.ended(text) for voice in voices] == [chinese, english]


def test_no_reason_runs_on_in_the_minutes(convened) -> None:
    """Each of the reasons and opinions, written without a full stop, is followed by one."""
    found = drawn_up(eventful(convened))
    chinese, english = (
        "\n".join(block["text"] for block in paper.data["blocks"] if block["is"] == "text")
        for paper in found[K.MINUTES]
    )
    for said in ("亲属关系", "回避", "方案可行"):
        assert f"{said}。" in chinese
        assert f"{said}." in english
    assert "。。" not in chinese


def test_dates_and_sums_as_official_papers_write_them(founded) -> None:
    chinese, english = (voice_of(founded.committee, each) for each in ("zh-hans", "en"))
    assert isinstance(chinese, Voice)
    assert chinese.moment(MEETING) == "2026年3月5日（星期四）14:00"
    assert english.moment("2026-03-05T06:00:00+00:00") == "Thursday, 5 March 2026, 14:00"
    assert (chinese.money("1576147.51"), english.money("1576147.51")) == (
        "1,576,147.51元",
        "CNY 1,576,147.51",
    )
    assert amount_of(None) == "—"
    assert chinese.joined(["甲", "", "乙"]) == "甲、乙"
    assert english.joined(["a", "b"], "；") == "a; b"
    assert chinese.ground("经办机构负责人 / head of the handling institution") == "经办机构负责人"
    assert (
        english.ground("经办机构负责人 / head of the handling institution")
        == "head of the handling institution"
    )
    assert chinese.ground("a / b") == "a / b"
