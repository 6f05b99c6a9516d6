"""The search: by number, name and text, and never beyond what the person may see."""

from __future__ import annotations

import json
import re
from datetime import date
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from committee.models import Meeting
from pages.search import finding as search
from proposals.models import PlanText
from proposals.plan.schema import NUMERIC, PARTS
from tests.pages.pages import EVERYBODY, as_, look
from tests.stage import MEETING, Stage, as_owner, plan, stages
from web import text_search
from web.viewer import Viewer

MOST = 25


def told() -> Stage:
    """A filed plan of a borrower with a name of two characters, and what others may not find."""
    stage = Stage()
    stage.plan = plan(
        "呼合字2026-001",
        title="张三商铺贷款重组方案",
        borrower={
            "name": "张三", "id_no": "1501", "kind": "household", "operating": "reduced",
            "cause": "商铺客流锐减<b>",
        },
        conditions={"7.2": "经营流水连续下降"},
    )  # fmt: skip
    stage.to("filed")
    stage.hidden = stage.another("呼合字2026-777", to="drafted", by="other_handler", title="李四农机方案")
    return stage


found = stages("found", told)


@pytest.fixture(params=["few", "many"], autouse=True)
def frequency(request, monkeypatch):
    """Words are searched one way where few texts have them, another way where many do."""
    if request.param == "many":
        monkeypatch.setattr(text_search, "_COMMON", 0)


def hits(stage, handle, text):
    """The ids of the proposals that the search tells this person of."""
    html = look(stage[handle], "search", q=text).partition("<main")[2]
    return {int(pk) for pk in re.findall(r'href="/proposals/(\d+)/"', html)}


@pytest.mark.parametrize(
    "text",
    ["张三", "张", "三商铺", "1", "〔2026〕1号", "呼合字2026-001", "客流锐减", "流水连续", "张三 客流",
     "张三　客流", "重组", "呼合字２０２６－００１"],
)  # fmt: skip
def test_a_plan_is_found_by_number_name_contract_and_text(found, text):
    assert hits(found, "liaison", text) == {found.proposal.pk}


def test_what_is_found_by_its_contract_is_shown_with_its_title(found):
    html = look(found["liaison"], "search", q="呼合字2026-001").partition("<main")[2]
    assert found.now(found.proposal).title in html


def test_a_number_as_filed_is_found_in_its_own_series(found):
    number = found.now(found.proposal).written_number
    assert hits(found, "liaison", number) == {found.proposal.pk}
    assert hits(found, "liaison", "别联〔2026〕1号") == set()


@pytest.mark.parametrize(
    "text", ["三张", "张 四", "张三李四", "客流激增", "%", "张%三", "张_三", "9" * 60, "'"]
)
def test_what_is_not_there_is_not_found(found, text):
    assert hits(found, "liaison", text) == set()


def test_a_null_character_is_left_out_of_what_is_looked_for(found):
    """Addresses have none; what else asks may."""
    assert [plan.row for plan in search.results(Viewer(found["liaison"]), "张\0三").plans] == [found.proposal]


def test_a_measure_is_found_by_its_name(found):
    found.do("return", on=found.another("Z-1", to="submitted", measures=["litigation"]), reason="x")
    from proposals.plan.measures import MEASURES

    for name in (MEASURES["litigation"]["zh"], MEASURES["litigation"]["en"]):
        assert hits(found, "liaison", name)


@pytest.mark.parametrize("text", ["李四", "农机方案", "呼合字2026-777", "2026-777"])
def test_a_draft_is_found_by_its_institution_and_the_audit_alone(found, text):
    finding = {handle for handle in EVERYBODY if hits(found, handle, text)}
    assert finding == {"other_handler", "other_head", "auditor"}


def test_a_page_without_a_hit_is_the_same_whether_something_invisible_fits_or_not(found):
    def page(text):
        return look(found["liaison"], "search", q=text).replace(text, "").replace(quote(text), "")

    assert page("李四") == page("王五")


def test_what_is_amended_after_a_return_is_found_by_others_once_it_is_submitted(submitted):
    submitted.do("return", reason="Evidence is missing")
    submitted.do("amend", changes={"executor": "钱七"})
    finding = {handle for handle in EVERYBODY if hits(submitted, handle, "钱七")}
    assert finding == {"handler", "handler_head", "auditor"}
    submitted.do("submit")
    assert hits(submitted, "liaison", "钱七") == {submitted.proposal.pk}


def test_what_was_struck_out_before_the_first_submission_is_never_found_by_others(drafted):
    drafted.do("amend", changes={"executor": "孙八"})
    drafted.do("amend", changes={"executor": "周九"})
    drafted.do("submit")
    assert {handle for handle in EVERYBODY if hits(drafted, handle, "孙八")} == set()
    assert hits(drafted, "liaison", "周九")


def test_a_handler_who_holds_a_seat_searches_each_plan_as_it_may_be_read(submitted):
    """Own plans as written, those of others as submitted."""
    submitted.do("vacate_seat", seat=2)
    submitted.do("fill_seat", seat=2, holder=submitted["other_handler"])
    submitted.do("shortlist")
    submitted.do("file_docket", proposals=[submitted.proposal])
    own = submitted.another("O-1", to="drafted", by="other_handler", executor="吴十")
    assert hits(submitted, "other_handler", "吴十") == {own.pk}
    assert hits(submitted, "other_handler", submitted.plan["executor"]) >= {submitted.proposal.pk}


def test_nobody_of_another_bank_finds_anything(found):
    abroad = Stage()
    for handle in EVERYBODY:
        assert not hits(abroad, handle, "张三"), handle


def test_minutes_are_searched_by_those_who_may_read_them(closed):
    closed.do("draft_minutes", narrative="会上讨论了抵押物处置。")
    address = reverse("meeting", args=[closed.meeting.pk])
    reading = {handle for handle in EVERYBODY if address in look(closed[handle], "search", q="抵押物处置")}
    assert reading == {"chair", "seat2", "seat3", "liaison", "risk", "head_office", "auditor"}
    closed.do("sign_minutes")
    assert address in look(closed["credit"], "search", q="处置")
    assert address not in look(closed["handler"], "search", q="处置")


def test_amended_minutes_are_found_by_their_new_words(closed):
    closed.do("draft_minutes", narrative="初稿文字")
    closed.do("amend_minutes", narrative="定稿文字")
    address = reverse("meeting", args=[closed.meeting.pk])
    assert address in look(closed["liaison"], "search", q="定稿")
    assert address not in look(closed["liaison"], "search", q="初稿")


def test_a_former_holder_finds_the_meeting_but_not_its_minutes(closed):
    closed.do("draft_minutes", narrative="会上讨论了抵押物处置。")
    closed.do("vacate_seat", seat=2)
    address = reverse("meeting", args=[closed.meeting.pk])
    assert address in look(closed["seat2"], "search", q="Room 3")
    assert address not in look(closed["seat2"], "search", q="抵押物")


@pytest.mark.parametrize(
    "text", ["三号楼会议室", "会议室", "别名委员会", "会议室 别名", "别名　三号", "room"]
)
def test_a_meeting_is_found_by_its_place_and_its_committee(closed, text):
    """Together, whatever is renamed; nothing is found across the two."""
    address = reverse("meeting", args=[closed.meeting.pk])
    assert (address in look(closed["liaison"], "search", q=text)) is (text == "room")
    Meeting.objects.filter(pk=closed.meeting.pk).update(place="三号楼会议室")
    as_owner("UPDATE committee_committee SET name = '别名委员会' WHERE id = {}", closed.committee.pk)
    listed = look(closed["liaison"], "meetings", q=text).partition("<main")[2]
    assert (address in look(closed["liaison"], "search", q=text)) is (address in listed) is (text != "room")
    assert address not in look(closed["liaison"], "search", q="会议室别名")
    assert address not in look(closed["handler"], "search", q=text)


def test_a_meeting_is_not_found_by_a_word_that_its_minutes_alone_lack(closed):
    closed.do("draft_minutes", narrative="会上讨论了抵押物处置。")
    address = reverse("meeting", args=[closed.meeting.pk])
    assert address in look(closed["liaison"], "search", q="抵押物 处置")
    assert address not in look(closed["liaison"], "search", q="抵押物 Room")


def test_the_words_are_marked_and_nothing_else_of_the_text_is_markup(found):
    html = look(found["liaison"], "search", q="客流锐减")
    assert "<mark>客流锐减</mark>&lt;b&gt;" in html
    assert "<mark>张三</mark>商铺" in look(found["liaison"], "search", q="张三")
    assert "&lt;i&gt;" in look(found["liaison"], "search", q="<i>")


@pytest.mark.parametrize(
    ("text", "words", "pieces"),
    [
        ("张三与张三丰", ["张三"], [("张三", True), ("与", False), ("张三", True), ("丰", False)]),
        ("abcabc", ["abc", "bca"], [("abc", True), ("abc", True)]),
        ("ABC", ["b"], [("A", False), ("B", True), ("C", False)]),
        ("nothing", ["x"], []),
        ("İstanbul", ["i"], []),
    ],
)
def test_pieces_join_to_the_text(text, words, pieces):
    assert text_search.mark_excerpt(text, words) == pieces
    assert "".join(piece for piece, _hit in pieces) in ("", text)


def test_a_long_text_is_cut_about_its_first_hit():
    pieces = text_search.mark_excerpt("前" * 500 + "张三" + "后" * 500, ["张三"])
    assert pieces[0] == ("…", False)
    assert pieces[-1] == ("…", False)
    assert sum(len(piece) for piece, _hit in pieces) < 200


def test_the_index_and_the_question_read_a_text_alike(found):
    """What a word is asked for by stands in the index for each text that has the word."""
    row = PlanText.objects.get(version=found.now(found.proposal).version_id)
    for word in (
        "张三",
        "张三丰",
        "客流锐减",
        "商铺客流锐减",
        "ＡＢ",
        "Ab",
        "重",
        "320101200800",
        "𠮷𠮷𠮷𠮷",
    ):
        with connection.cursor() as cursor:
            cursor.execute("SELECT asked_grams(%s), bigrams(%s)", [word, f"前 {word}后"])
            asked, held = cursor.fetchone()
        assert asked
        assert set(asked) <= set(held)
    assert len(row.grams) > len("张三商铺贷款重组方案")


@pytest.mark.parametrize("handle", ["liaison", "auditor", "handler", "seat2"])
def test_a_search_takes_few_statements(found, handle):
    found.convene(found.proposal, at=MEETING)
    client = as_(found[handle])
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse("search"), {"q": "张三"}).status_code == 200
    assert len(captured) <= MOST


def test_somebody_without_an_office_searches_nothing(found):
    assert search.results(Viewer(found["outsider"]), "张三").nothing


# -- Identifiers, whatever they are made of -----------------------------------------------------------


def numbered() -> Stage:
    """A filed plan whose names and identifiers are digits, dashes and blanks."""
    stage = Stage()
    made = plan("3201012008000471234")
    made["borrower"] |= {"name": "示例户", "id_no": "320000190001010031"}
    made["loans"].append(made["loans"][0] | {"contract_no": "2008–0047 \u200b99", "principal": "0.00"})
    made["collateral"] = [
        {
            "kind": "house", "title_no": "0471 – 8812", "owner": "770011", "value": "654321.00",
            "valued_on": made["base_date"], "appraiser": "880022", "rank": 1, "haircut": "37.25",
        }
    ]  # fmt: skip
    stage.plan = made
    return stage.to("submitted")


digits = stages("digits", numbered)


@pytest.mark.parametrize("handle", ["handler", "liaison"])
@pytest.mark.parametrize(
    "text",
    [
        "3201012008000471234", "32010120", "0471234", "320000190001010031", "1900010100", "2008-0047",
        "2008–004799", "２００８－００４７９９", "2008—0047", "0471-8812", "0471 – 8812", "0471–88", "770011",
        "880022", "3201012008\u200b000471234",
        "3201 0120 0800 0471 234", "３２０１０１２００８０００４７１２３４",
    ],
)  # fmt: skip
def test_an_identifier_is_found_whole_and_by_part_whatever_it_is_made_of(digits, handle, text):
    assert hits(digits, handle, text) == {digits.proposal.pk}


def test_a_long_word_is_looked_up_by_its_fours_alone(db):
    """A pair of digits stands in nearly every text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT asked_grams('2026'), asked_grams('20264'), asked_grams('20')")
        four, five, two = cursor.fetchone()
    assert [len(four), len(five), len(two)] == [1, 2, 1]
    assert set(four) < set(five)
    assert max(five) < -1000


def short() -> Stage:
    """A filed plan with contracts and a title of few digits, and one that looks like a number as filed."""
    stage = Stage()
    made = plan("88")
    rows = ("7", "007", "412", "呼合字（2025）0098号", "[2024]5")
    made["loans"] += [made["loans"][0] | {"contract_no": row, "principal": "0.00"} for row in rows]
    stage.plan = made
    return stage.to("submitted")


few_digits = stages("few_digits", short)


@pytest.mark.parametrize("handle", ["handler", "liaison"])
@pytest.mark.parametrize(
    "text",
    [
        "88", "８８", "7", "007", "412", "呼合字(2025)0098号", "呼合字（2025）0098", "（2025）0098号",
        "[2024]5",
    ],
)  # fmt: skip
def test_an_identifier_of_few_digits_or_like_a_number_as_filed_is_found(few_digits, handle, text):
    assert hits(few_digits, handle, text) == {few_digits.proposal.pk}
    assert hits(few_digits, "other_handler", text) == set()


def test_a_number_of_few_digits_is_shown_with_its_contract(few_digits):
    html = look(few_digits["liaison"], "search", q="88").partition("<main")[2]
    assert "<mark>88</mark>" in html


@pytest.mark.parametrize("text", ["41", "8", "00", "2", "025", "98"])
def test_of_a_number_of_few_digits_no_part_is_looked_for(few_digits, text):
    assert hits(few_digits, "liaison", text) == set()


@pytest.mark.parametrize("text", ["1205", "120", "205会", "〔2020〕3", "A座〔2020〕3号厅"])
def test_a_place_of_digits_is_found_as_a_place(closed, text):
    address = reverse("meeting", args=[closed.meeting.pk])
    assert address not in look(closed["liaison"], "search", q=text)
    Meeting.objects.filter(pk=closed.meeting.pk).update(place="1205会议室 A座〔2020〕3号厅")
    assert address in look(closed["liaison"], "search", q=text)
    assert address in look(closed["liaison"], "meetings", q=text).partition("<main")[2]


@pytest.mark.parametrize("text", ["654321", "654321.00", "37.25", "8.40"])
def test_amounts_and_rates_are_not_found(digits, text):
    assert hits(digits, "handler", text) == set()


def test_dates_are_not_found(digits):
    assert hits(digits, "handler", digits.plan["base_date"]) == set()


@pytest.mark.parametrize("handle", ["other_handler", "seat3"])
def test_an_identifier_is_not_found_by_whoever_may_not_see_the_plan(digits, handle):
    assert hits(digits, handle, "3201012008000471234") == set()


def test_a_contract_of_digits_is_found_in_the_list(digits):
    html = look(digits["liaison"], "proposals", q="3201012008000471234").partition("<main")[2]
    assert f'href="/proposals/{digits.proposal.pk}/"' in html


def test_every_text_of_a_plan_is_indexed_whatever_it_is_made_of_and_no_number_or_date_is(db):
    dates = {name for part in PARTS for name, info in part.model_fields.items() if info.annotation is date}
    for part in PARTS:
        for name, info in part.model_fields.items():
            if name in {*NUMERIC, *dates} or info.annotation is str:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT plan_words(%s)", [json.dumps({"of": {name: "2026-01-02"}})])
                    said = cursor.fetchone()[0]
                assert ("2026-01-02" in said) is (info.annotation is str), name
