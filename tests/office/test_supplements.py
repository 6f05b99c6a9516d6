"""Supplementary minutes (补充纪要): what is wrong in minutes in effect is put right beside them (Art. 21)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from audit.models import Entry
from audit.recording import action, record
from committee.models import Person, Unit
from documents.attached import attached
from documents.verify import Outcome
from office import minutes_paper, on_record, packages
from office.actions.signing import sign_supplement_electronically
from office.archives import meeting_file
from office.models import Copy, Dispatch, Minutes, MinutesFile
from office.record import digest
from pages.desk import desks
from regulation.refused import Refused
from tests.documents.sheets import text_of
from tests.office.signers import PIN, key_for, sign
from tests.pages.pages import as_, page_text
from tests.stage import Stage, check_constraints, said
from web.viewer import Viewer

WRONG = "第1项议题：弃权应为5票，纪要误记为4票。"


def drafted(stage: Stage, narrative: str = WRONG) -> Minutes:
    found = stage.do("draft_supplement", narrative=narrative)
    assert isinstance(found, Minutes)
    return found


def department(stage: Stage) -> Unit:
    return Unit.objects.create(
        parent=stage.committee.branch,
        bank=stage.committee.branch.bank,
        kind=Unit.Kind.DEPARTMENT,
        name="合规部",
    )


def full(minutes: Minutes) -> set[int]:
    return set(minutes.copies.filter(full=True).values_list("unit_id", flat=True))


@pytest.mark.article("21")
def test_they_refer_to_the_first_have_their_own_number_and_leave_it_as_it_was(signed: Stage) -> None:
    first = Minutes.objects.get(meeting=signed.meeting)
    before = Minutes.objects.values().get(pk=first.pk)
    supplement = drafted(signed)
    assert supplement.record["supplements"] == {"minutes": str(first), "digest": first.digest}
    assert (supplement.year, supplement.number) == (first.year, first.number + 1)
    assert supplement.digest == digest({"narrative": WRONG, "record": supplement.record})
    signed.do("sign_supplement")
    supplement = Minutes.objects.get(pk=supplement.pk)
    assert (supplement.state, supplement.signed_by) == ("signed", signed["chair"])
    assert Minutes.objects.values().get(pk=first.pk) == before
    assert signed.meeting_state == "signed"
    entry = Entry.objects.get(stream=signed.meeting.stream, action="sign_supplement")
    assert said(entry) == {
        "minutes": str(supplement), "digest": supplement.digest, "supplements": str(first),
    }  # fmt: skip


@pytest.mark.article("21")
def test_before_the_minutes_are_in_effect_there_is_nothing_to_supplement(minuted: Stage) -> None:
    minuted.refused("21/minutes-not-signed", "draft_supplement", narrative=WRONG)
    minuted.refused("21/minutes-not-signed", "sign_supplement")


def test_only_the_liaison_drafts_and_only_whoever_presided_signs(signed: Stage) -> None:
    for handle in ("chair", "seat2", "auditor", "head_office"):
        signed.refused("12/only-liaison", "draft_supplement", handle, narrative=WRONG)
    drafted(signed)
    for handle in ("liaison", "seat2", "auditor", "head_office"):
        signed.refused("9/only-chair", "sign_supplement", handle)
    for verb, given in (("draft_supplement", {"narrative": WRONG}), ("sign_supplement", {})):
        signed.refused("access/not-found", verb, "outsider", **given)


def test_without_a_draft_nothing_is_signed(signed: Stage) -> None:
    refused = signed.refused("state/not-allowed", "sign_supplement")
    assert refused.context["cause"] == "minutes/no-supplement"
    drafted(signed)
    signed.do("sign_supplement")
    signed.refused("state/not-allowed", "sign_supplement")


def test_a_draft_is_gone_on_with_and_never_over_a_newer_one(signed: Stage) -> None:
    first = drafted(signed, "Something.")
    again = signed.do("draft_supplement", narrative=WRONG, over=1)
    assert again.pk == first.pk
    refused = signed.refused("state/not-allowed", "draft_supplement", narrative="Else.", over=1)
    assert (refused.context["cause"], refused.context["revision"]) == ("minutes/newer", 2)
    assert list(first.revisions.values_list("number", "narrative")) == [(1, "Something."), (2, WRONG)]
    signed.do("sign_supplement")
    assert signed.do("draft_supplement", narrative="A second one.", over=0).pk != first.pk


def test_signed_ones_never_change_and_there_is_one_draft_at_a_time(signed: Stage) -> None:
    supplement = drafted(signed)
    copied = Minutes.objects.values().get(pk=supplement.pk)
    with pytest.raises(IntegrityError, match="one_draft_of_supplementary_minutes"), transaction.atomic():
        Minutes.objects.create(**copied | {"id": None, "number": 99})
    with pytest.raises(IntegrityError, match="one_minutes_of_a_meeting"), transaction.atomic():
        Minutes.objects.create(**copied | {"id": None, "number": 99, "supplements_id": None})
    signed.do("sign_supplement")
    with pytest.raises(DatabaseError, match="never change"), transaction.atomic():
        Minutes.objects.filter(pk=supplement.pk).update(narrative="Otherwise.")


def test_the_log_tells_of_signed_ones_alone(signed: Stage) -> None:
    """The database refuses an entry of signing where nothing was signed."""
    supplement = drafted(signed)

    @action
    def untrue(*, by: Person) -> None:
        record(signed.meeting.stream, "sign_supplement", supplement.subject, by=by, payload={})

    def told() -> None:
        untrue(by=signed["chair"])
        check_constraints()

    with pytest.raises(IntegrityError, match="were not signed"), transaction.atomic():
        told()


@pytest.mark.article("21")
def test_whoever_had_the_minutes_in_full_has_them_too_and_no_institution(distributed: Stage) -> None:
    first = Minutes.objects.get(meeting=distributed.meeting)
    assert full(first)
    supplement = drafted(distributed)
    assert not Copy.objects.filter(minutes=supplement).exists()
    distributed.do("sign_supplement")
    assert full(supplement) == full(first)
    assert not supplement.copies.filter(full=False).exists()
    assert Dispatch.objects.filter(copy__minutes=supplement).count() == len(full(first))


@pytest.mark.article("21")
def test_what_is_signed_before_the_distribution_goes_out_with_it(signed: Stage) -> None:
    unit = department(signed)
    supplement = drafted(signed)
    signed.do("sign_supplement")
    assert not full(supplement)
    signed.do("distribute")
    assert unit.pk in full(supplement)
    assert full(supplement) == full(Minutes.objects.get(pk=supplement.supplements_id))


def test_the_file_has_the_paper_of_what_was_signed_without_keys(
    signed: Stage, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    first = Minutes.objects.get(meeting=signed.meeting)
    supplement = drafted(signed)
    signed.do("sign_supplement")
    signed.step = "signed"
    signed.to("archived").do("draw_up_papers")
    files = {each.name: each for each in meeting_file.contents(signed.meeting)}
    (told,) = (name for name in files if "supplement" in name)
    content = files[told].content
    assert isinstance(content, bytes)
    stated = json.loads(content)
    assert (stated["number"], stated["narrative"]) == (str(supplement), WRONG)
    papers = [each for each in files.values() if each.number == str(supplement) and each.name != told]
    assert [each.name for each in papers] == [
        f"papers/minutes-{supplement.year}-{supplement.number:04}-{language}.pdf"
        for language in ("zh-hans", "en")
    ]
    chinese, english = (each.content for each in papers)
    assert isinstance(chinese, Path)
    assert isinstance(english, Path)
    for expected in ("补充会议纪要", "的补充纪要", WRONG, "签发："):
        assert expected in text_of(chinese.read_bytes()), expected
    assert "Supplementary minutes of meeting" in text_of(english.read_bytes())
    assert any(each.number == str(first) for each in files.values())


def test_they_are_signed_electronically_and_verified(minuted: Stage, electronic: Path) -> None:
    sign(minuted, "liaison")
    sign(minuted, "chair")
    supplement = drafted(minuted)
    minuted.refused("document/pin-required", "sign_supplement")
    for handle in ("liaison", "chair"):
        sign_supplement_electronically(minuted.meeting, by=minuted[handle], pin=PIN)
    supplement.refresh_from_db()
    assert supplement.state == "signed"
    file = MinutesFile.objects.get(minutes=supplement)
    pdf = file.path.read_bytes()
    judged = on_record.judge(pdf)
    assert (judged.outcome, judged.minutes) == (Outcome.VALID, supplement)
    assert [each.field for each in judged.checked.signatures] == ["liaison", "chair"]
    stated = attached(pdf, minutes_paper.ATTACHED)
    assert stated is not None
    assert json.loads(stated)["record"]["supplements"]["minutes"] == str(supplement.supplements)
    first = MinutesFile.objects.get(minutes=supplement.supplements_id)
    assert on_record.judge(first.path.read_bytes()).outcome is Outcome.VALID


def test_the_file_has_both_signed_files_and_each_package_its_own(minuted: Stage, electronic: Path) -> None:
    unit = department(minuted)
    sign(minuted, "liaison")
    sign(minuted, "chair")
    minuted.step = "signed"
    minuted.to("distributed")
    supplement = drafted(minuted)
    for handle in ("liaison", "chair"):
        sign_supplement_electronically(minuted.meeting, by=minuted[handle], pin=PIN)
    signed = {each.name: each.number for each in meeting_file.signed(minuted.meeting)}
    first = Minutes.objects.get(pk=supplement.supplements_id)
    assert signed == {"minutes-signed.pdf": str(first), "minutes-supplement-01-signed.pdf": str(supplement)}
    for minutes, name in ((first, "minutes-signed.pdf"), (supplement, "minutes-supplement-01-signed.pdf")):
        sent = packages.files(Dispatch.objects.get(copy__minutes=minutes, unit=unit))
        assert [each.name for each in sent if each.name.endswith("-signed.pdf")] == [name]


def test_electronically_the_liaison_begins_and_a_changed_draft_is_signed_anew(
    minuted: Stage, electronic: Path
) -> None:
    sign(minuted, "liaison")
    sign(minuted, "chair")
    with pytest.raises(Refused) as told:
        sign_supplement_electronically(minuted.meeting, by=minuted["liaison"], pin=PIN)
    assert told.value.context["cause"] == "minutes/no-supplement"
    supplement = drafted(minuted)
    for handle, code in (("chair", "signatures-missing"), ("seat2", "signatures-missing")):
        key_for(minuted[handle])
        with pytest.raises(Refused) as told:
            sign_supplement_electronically(minuted.meeting, by=minuted[handle], pin=PIN)
        assert told.value.code == f"document/{code}"
    sign_supplement_electronically(minuted.meeting, by=minuted["liaison"], pin=PIN)
    drafted(minuted, "Otherwise.")
    assert not MinutesFile.objects.filter(minutes=supplement, ended_at=None).exists()
    with pytest.raises(Refused) as told:
        sign_supplement_electronically(minuted.meeting, by=minuted["chair"], pin=PIN)
    assert told.value.code == "document/signatures-missing"
    with pytest.raises(Refused) as told:
        sign_supplement_electronically(minuted.meeting, by=minuted["outsider"], pin=PIN)
    assert told.value.code == "access/not-found"


@pytest.mark.article("21")
def test_a_drafted_supplement_waits_on_the_desk_of_whoever_signs_it(signed: Stage) -> None:
    def waiting() -> list[str]:
        return [
            row.url
            for section in desks.sections(Viewer(signed["chair"]))
            if str(section.title) == "Minutes to sign"
            for row in section.rows
        ]

    assert waiting() == []
    drafted(signed)
    assert waiting() == [reverse("meeting", args=[signed.meeting.pk])]
    signed.do("sign_supplement")
    assert waiting() == []


@pytest.mark.article("21")
def test_a_supplement_says_something(signed: Stage) -> None:
    signed.refused("text/required", "draft_supplement", narrative=" \n")
    assert not Minutes.objects.supplementary().exists()


def test_a_draft_is_seen_by_those_who_see_drafted_minutes(signed: Stage) -> None:
    supplement = drafted(signed)
    meeting, args = reverse("minutes", args=[signed.meeting.pk]), [signed.meeting.pk, supplement.pk]

    def seen(handle: str) -> tuple[int, bool]:
        page = as_(signed[handle]).get(reverse("supplement", args=args))
        return page.status_code, str(supplement) in page_text(as_(signed[handle]).get(meeting))

    assert (seen("liaison"), seen("seat2"), seen("credit")) == ((200, True), (200, True), (404, False))
    signed.do("sign_supplement")
    assert seen("credit") == (200, True)


def test_the_file_of_a_draft_is_seen_by_the_same(minuted: Stage, electronic: Path) -> None:
    sign(minuted, "liaison")
    sign(minuted, "chair")
    supplement = drafted(minuted)
    sign_supplement_electronically(minuted.meeting, by=minuted["liaison"], pin=PIN)
    address = reverse("supplement-file", args=[minuted.meeting.pk, supplement.pk])
    assert [as_(minuted[who]).get(address).status_code for who in ("seat2", "credit")] == [200, 404]
    sign_supplement_electronically(minuted.meeting, by=minuted["chair"], pin=PIN)
    assert as_(minuted["credit"]).get(address).status_code == 200


def test_a_draft_is_found_by_nobody_s_search_before_it_is_signed(signed: Stage) -> None:
    drafted(signed, "Bandicoot")

    def found(handle: str) -> bool:
        pages = [
            as_(signed[handle]).get(reverse("search"), {"q": "Bandicoot"}),
            as_(signed[handle]).get(reverse("meetings"), {"q": "Bandicoot"}),
        ]
        return any(reverse("meeting", args=[signed.meeting.pk]) in page.content.decode() for page in pages)

    assert not any(map(found, ("credit", "seat2")))
    signed.do("sign_supplement")
    assert all(map(found, ("credit", "seat2")))
