"""Reporting to head office, and the archive (Art. 12.5, 12.6)."""

import pytest

from office.actions.archive import archive, incomplete, missing_papers, missing_parts
from office.archives.meeting_file import missing
from office.models import ArchiveFile, Report
from regulation.refused import Refused
from tests.pages.pages import look
from tests.stage import Stage, stages


def test_the_liaison_reports_once_the_minutes_are_signed(signed):
    report = signed.do("report_decisions")
    assert str(report) == f"呼联报〔2026〕{report.number}号"
    (item,) = report.content["items"]
    assert item["votes"][0]["counts"]["for"] == 3
    signed.refused("state/not-allowed", "report_decisions")


@pytest.mark.article("21")
@pytest.mark.parametrize("step", ["closed", "minuted"])
def test_unsigned_minutes_are_not_reported(founded, step):
    founded.to(step)
    founded.refused("21/minutes-not-signed", "report_decisions")


@pytest.mark.parametrize("verb", ["report_decisions", "archive"])
def test_reporting_and_archiving_are_the_liaisons(reported, verb):
    for by in ("chair", "seat2", "head_office", "auditor"):
        reported.refused("12/only-liaison", verb, by)
    reported.refused("access/not-found", verb, "handler")


def test_head_office_receives_a_report_once(reported):
    for by in ("liaison", "chair", "risk", "credit"):
        reported.refused("access/denied", "receive_report", by)
    report = reported.do("receive_report")
    assert (report.received_by, report.received_at is not None) == (reported["head_office"], True)
    reported.refused("state/not-allowed", "receive_report")


@pytest.mark.parametrize("step", ["closed", "signed"])
def test_a_report_is_not_received_before_it_was_sent(founded, step):
    founded.to(step)
    founded.refused("state/not-allowed", "receive_report")


def test_a_report_is_received_after_archiving_too(archived):
    archived.do("receive_report")
    assert Report.objects.get(meeting=archived.meeting).received_at is not None


# --- the archive ---


@pytest.mark.article("12.6")
def test_the_complete_file_is_archived_with_a_digest_of_each_part(reported):
    assert missing_parts(reported.now(reported.meeting)) == []
    file = reported.do("archive")
    assert reported.meeting_state == "archived"
    assert [row["part"] for row in file.contents] == [
        "docket", "notice", "materials", "record", "minutes", "distribution", "report",
    ]  # fmt: skip
    assert all(len(row["digest"]) == 64 for row in [*file.contents, {"digest": file.digest}])
    reported.refused("state/not-allowed", "archive")


@pytest.mark.parametrize(
    ("step", "missing"),
    [
        ("closed", ["minutes", "distribution", "report"]),
        ("minuted", ["minutes", "distribution", "report"]),
        ("signed", ["distribution", "report"]),
        ("distributed", ["report"]),
    ],
)
def test_an_incomplete_file_is_not_archived(founded, step, missing):
    founded.to(step)
    refusal = founded.refused("12.6/archive-incomplete", "archive")
    assert refusal.context["missing"] == missing
    assert not ArchiveFile.objects.filter(meeting=founded.meeting).exists()


@pytest.mark.article("12.6")
def test_beside_an_unsigned_supplement_nothing_is_archived(reported):
    supplement = reported.do("draft_supplement", narrative="Five abstained, not four.")
    refusal = reported.refused("12.6/archive-incomplete", "archive")
    assert refusal.message() == (
        "The file of the meeting is not complete; missing: the signature of whoever presided on the "
        f"supplementary minutes {supplement}."
    )
    assert f"会议主持人对补充纪要（{supplement}）的签发" in refusal.message("zh-hans")
    page = look(reported["liaison"], "meeting-act", reported.meeting.pk, "archive")
    assert "supplementary minutes signed" in page
    assert 'data-code="12.6/archive-incomplete"' in page
    reported.do("sign_supplement")
    reported.do("archive")
    assert reported.meeting_state == "archived"


@pytest.mark.article("12.6")
def test_the_archive_asks_for_the_papers_and_names_those_that_are_lacking(reported, settings, tmp_path):
    """Each kind that is not drawn up, in both languages; what comes after the drawing up too."""
    settings.MEDIA_ROOT = tmp_path

    def lacking() -> list[dict[str, str]]:
        with pytest.raises(Refused) as told:
            archive(reported.meeting, by=reported["liaison"])
        assert told.value.code == "12.6/archive-incomplete"
        return told.value.context["missing"]

    assert missing_parts(reported.now(reported.meeting)) == []
    named = lacking()
    assert {"en": "Meeting notice: 3 not drawn up", "zh-hans": "会议通知：3件未制作"} in named
    assert {each["en"].partition(":")[0] for each in named} == {
        "Docket", "Filing of the docket", "Plan", "Meeting notice", "Attendance sheet", "Ballot paper",
        "Tally sheet", "Resolution", "Minutes", "Distribution list", "Decision report",
    }  # fmt: skip
    refused = incomplete(reported.now(reported.meeting))
    assert refused is not None
    assert "会议通知：3件未制作、" in refused.message("zh-hans")
    reported.do("draw_up_papers")
    reported.do("draft_supplement", narrative="第1项议题：弃权应为5票。")
    reported.do("sign_supplement")
    assert [each["en"] for each in lacking()] == ["Minutes: 1 not drawn up"]
    reported.do("draw_up_papers")
    assert archive(reported.meeting, by=reported["liaison"]).digest
    archived = reported.now(reported.meeting)
    assert archived.state == "archived"
    # the index is of what is archived: it is not asked for before, and its absence makes no file incomplete
    assert missing_papers(archived) == []
    assert "Archive index: 1 not drawn up" in [each.text for each in missing(archived)]


def test_a_report_without_distribution_is_not_enough(signed):
    signed.do("report_decisions")
    refusal = signed.refused("12.6/archive-incomplete", "archive")
    assert refusal.context["missing"] == ["distribution"]


def test_the_receipt_of_head_office_is_not_awaited(reported):
    assert Report.objects.get(meeting=reported.meeting).received_at is None
    reported.do("archive")


def nothing_voted() -> Stage:
    stage = Stage().to("in_session")
    stage.step = "carried"
    return stage.to("reported")


unvoted = stages("unvoted", nothing_voted)


def test_a_meeting_without_a_vote_is_archived(unvoted):
    unvoted.do("archive")


def test_a_meeting_whose_vote_was_cancelled_is_archived(voting):
    voting.do("cancel_vote", reason="Papers missing")
    voting.step = "carried"
    voting.to("archived")


def test_a_cancelled_meeting_has_no_file(convened):
    convened.do("cancel_meeting", reason="Ill")
    for verb in ("archive", "distribute", "report_decisions"):
        convened.refused("state/not-allowed", verb)
    convened.refused("state/not-allowed", "draft_minutes", narrative="Said.")


def test_paper_and_acknowledged_receipts_and_presence_make_the_nine(founded):
    founded.to("convened")
    founded.do("send_notice", paper=[2])
    founded.step = "noticed"
    founded.do("acknowledge", "seat3")
    founded.to("archived")
