"""Which entries, papers and ballots show each article, and which entries must be there when it applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from office.models import Paper

_K = Paper.Kind


@dataclass(frozen=True)
class Shown:
    """What shows an article: acts in the log, kinds of papers, and whether the ballots do."""

    actions: tuple[str, ...] = ()
    #: of these acts the log has an entry whenever the article applied
    needed: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    ballots: bool = False


SHOWN: Mapping[int, Shown] = {
    1: Shown(("submit", "amend", "draft"), ("submit",), (_K.PLAN,)),
    2: Shown(
        ("shortlist", "file", "open_vote", "close_vote", "approve_credit", "decline_credit"),
        ("shortlist", "file", "close_vote"),
        (_K.FILING, _K.RESOLUTION, _K.CREDIT),
    ),
    3: Shown(("convene", "open_meeting", "open_vote"), ("open_meeting",), (_K.ATTENDANCE, _K.TALLY)),
    4: Shown(("sign_in", "open_vote"), ("open_vote",), (_K.ATTENDANCE, _K.TALLY)),
    5: Shown(("close_vote",), ("close_vote",), (_K.TALLY,)),
    6: Shown(("submit",), ("submit",), (_K.PLAN,)),
    7: Shown(("submit", "open_vote", "close_vote"), ("submit",), (_K.PLAN,)),
    8: Shown(("submit", "close_vote"), ("submit", "close_vote"), (_K.PLAN, _K.RESOLUTION)),
    9: Shown(
        ("convene", "open_meeting", "appoint_acting_chair", "take_up", "open_vote", "close_meeting",
         "sign_minutes"),
        ("convene", "open_meeting", "take_up", "open_vote"),
        (_K.MINUTES, _K.ATTENDANCE),
    ),
    10: Shown(
        ("read_materials", "sign_in", "sign_out", "record_opinion", "take_down_opinion", "confirm_opinion",
         "cast"),
        ("sign_in",),
        (_K.ATTENDANCE, _K.BALLOT),
        ballots=True,
    ),
    11: Shown(
        ("authorise_proxy", "revoke_proxy", "sign_in"), ("authorise_proxy",), (_K.PROXY,), ballots=True
    ),
    12: Shown(
        ("send_notice", "close_vote", "draft_minutes", "distribute", "report_decisions", "receive_report",
         "archive", "draw_up_papers"),
        ("send_notice", "close_vote"),
        (_K.DISTRIBUTION, _K.REPORT, _K.INDEX),
    ),
    13: Shown(("draft", "amend", "submit", "revise"), ("submit",), (_K.PLAN,)),
    14: Shown(
        ("return", "shortlist", "file", "table"), ("shortlist", "file", "table"), (_K.DOCKET, _K.FILING)
    ),
    15: Shown(("convene", "change_meeting", "send_notice"), ("convene", "send_notice"), (_K.NOTICE,)),
    16: Shown(
        ("send_notice", "deliver_notice", "acknowledge", "open_meeting"),
        ("send_notice", "open_meeting"),
        (_K.NOTICE, _K.PLAN),
    ),
    17: Shown(("file", "convene"), ("file", "convene"), (_K.FILING, _K.NOTICE)),
    18: Shown(
        ("take_up", "record_opinion", "take_down_opinion", "confirm_opinion", "open_vote"),
        ("take_up", "open_vote"),
        (_K.MINUTES,),
    ),
    19: Shown(
        ("admit_observer", "withdraw_observer"), ("admit_observer", "withdraw_observer"), (_K.MINUTES,)
    ),
    20: Shown(
        ("open_vote", "cast", "request_abstention", "grant_abstention", "declare_conflict", "close_vote"),
        ("open_vote", "close_vote"),
        (_K.BALLOT, _K.TALLY, _K.RESOLUTION),
        ballots=True,
    ),
    21: Shown(
        ("draft_minutes", "amend_minutes", "sign_minutes", "distribute", "sign_supplement"),
        (),
        (_K.MINUTES, _K.DISTRIBUTION),
    ),
    22: Shown(("approve_credit", "decline_credit", "record_receipt"), (), (_K.CREDIT, _K.RESOLUTION)),
    23: Shown(("submit", "shortlist"), ("submit", "shortlist"), (_K.PLAN, _K.DOCKET)),
    24: Shown(("convene", "open_vote"), ("convene", "open_vote"), (_K.NOTICE, _K.TALLY)),
    25: Shown(("convene",), ("convene",), (_K.NOTICE,)),
}  # fmt: skip

#: the table of a row → the article that does not hold when the log has the row otherwise
ARTICLE_OF: Mapping[str, int] = {
    "committee_attendance": 10,
    "committee_opinion": 10,
    "committee_reading": 10,
    "committee_proxy": 11,
    "committee_notice": 15,
    "committee_noticeitem": 16,
    "committee_delivery": 16,
    "committee_agendaitem": 18,
    "committee_observer": 19,
    "committee_conflict": 20,
    "committee_resolution": 20,
    "committee_meeting": 9,
    "committee_regulationversion": 24,
    "committee_seatterm": 4,
    "committee_liaisonterm": 5,
    "voting_abstentionrequest": 20,
    "voting_ballot": 20,
    "voting_vote": 20,
    "voting_voteseat": 4,
    "proposals_planversion": 16,
    "proposals_proposal": 2,
    "proposals_docketentry": 14,
    "proposals_docket": 14,
    "proposals_creditdecision": 22,
    "proposals_receipt": 22,
    "office_minutes": 21,
    "office_copy": 21,
    "office_report": 12,
    "office_archivefile": 12,
    "office_paper": 12,
}
#: rows of which acts in the committee's stream tell
OF_ROSTER = frozenset({"committee_regulationversion", "committee_seatterm", "committee_liaisonterm"})
#: rows whose first entry stands in the meeting's or the plan's own stream; without one they were put there
OF_OWN_STREAMS = frozenset(
    {
        "committee_attendance", "committee_opinion", "committee_reading", "committee_proxy",
        "committee_notice", "committee_noticeitem", "committee_delivery", "committee_observer",
        "committee_conflict", "committee_resolution", "voting_abstentionrequest", "voting_ballot",
        "voting_vote", "voting_voteseat", "office_minutes", "office_copy", "office_report",
        "office_archivefile", "proposals_creditdecision",
    }
)  # fmt: skip
