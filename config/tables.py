"""The rights of the application's role on each table, and the columns that the audit log vouches for.

`manage.py migrate` applies them after the migrations, and a test compares them with the database. On a new
table without a line the role may select and insert, and the tests ask for the line. UPDATE is granted by
column, since the UPDATE, DELETE or TRUNCATE right on a table allows locking all of it, and the right on a
column does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ALL = "*"


@dataclass(frozen=True, slots=True)
class Table:
    """The rights of the application's role besides SELECT, and what `audit verify` compares of the table's
    rows.

    `update` names columns; ALL stands for all of them. `unvouched` has the columns that the log does not
    vouch for, each with the reason; `apart` is the reason why it vouches for no column, and `made_again` the
    check of AUDIT_CHECKS that compares such a table with the rows that it was made from: without it no rule
    may read the table. A `secret` column is part of a row's digest and gets no digest of its own.
    """

    update: str = ""
    delete: bool = False
    insert: bool = True
    unvouched: Mapping[str, str] = field(default_factory=dict)
    secret: tuple[str, ...] = ()
    apart: str = ""
    made_again: str = ""


_DERIVED = "made from vouched rows by a trigger, for lists and the search; no rule reads it"
_OF_THE_LOG = "made from the log itself by a job, for the search; no rule reads it"
_OWN = "a person's own, and no part of any record"
_DJANGO = "a library's"
_OF_TAPES = "read from tapes whose digests and sums are in the log"
_PLACE = "its place in the tree of units, which is vouched for; portfolio.checks.ledger makes it again"
_THROTTLE = "what was tried at the door; it ends by itself"

TABLES: Mapping[str, Table] = {
    "audit_examination": Table(apart="what was found in the log; no rule reads it"),
    "accounts_session": Table("session_data expire_date person_id", delete=True, apart=_OWN),
    "accounts_signin": Table("times", delete=True, apart="a register that a trigger keeps as it is"),
    "accounts_tries": Table("level last", delete=True, apart=_THROTTLE),
    "committee_agendaitem": Table(
        "number title digest minutes taken_up_at vote_opened_at voting resolved_at left_at left_why"
    ),
    "committee_agendaitemuserpermission": Table(delete=True),
    "committee_amendment": Table("published_at published_by_id version_id discarded_at discarded_by_id"),
    "committee_answer": Table(),
    "committee_attendance": Table("signed_out_at"),
    "committee_committee": Table("liaison_id"),
    "committee_conflict": Table(),
    "committee_delivery": Table(
        "delivered_at received_by handed_by receipt_at acknowledged_by_id replaced_at"
    ),
    "committee_interpretation": Table(),
    "committee_liaisonterm": Table("until"),
    "committee_meeting": Table(
        "at place state acting_seat_id opened_at closed_at signed_at archived_at cancelled_at cancel_reason"
    ),
    "committee_message": Table(
        "read_at mailed_at done_at",
        apart="words about acts that the log has; read and mailed outside of any act",
    ),
    "committee_notice": Table("superseded_at"),
    "committee_noticeitem": Table(),
    "committee_observer": Table("withdrew_at"),
    "committee_opinion": Table(),
    "committee_opiniondraft": Table(delete=True),
    "committee_person": Table(
        "password last_login username login_key staff_no staff_key display_name unit_id email phone language"
        " is_active session_epoch password_given",
        unvouched={
            "password": "made anew at a sign-in when hashing changes; whoever changes it ends all sessions",
            "password_given": "falls when the person changes it, as the password does",
            "last_login": "written at each sign-in",
            "session_epoch": "counted on when the person signs out everywhere",
            "language": "chosen by the person, for display",
            "phone": "the person's own to change, for display",
        },
    ),
    "committee_person_groups": Table(delete=True),
    "committee_person_user_permissions": Table(insert=False),
    # locking a row requires the right to update one of its columns; the trigger refuses the update itself
    "committee_position": Table("id", delete=True),
    "committee_proxy": Table("revoked_at principal_came_at ended_at ended_why standing_ballots"),
    "committee_proxy_items": Table(),
    "committee_question": Table(),
    "committee_reading": Table(),
    "committee_regulationversion": Table(),
    "committee_reminder": Table(),
    "committee_resolution": Table(),
    "committee_seat": Table("holder_id held_since"),
    "committee_seatterm": Table("until"),
    "committee_series": Table("last"),
    "committee_speech": Table("began_at minutes ended_at"),
    "committee_unit": Table("bank_id name handlers_id"),
    "office_archivefile": Table(),
    "office_copy": Table(),
    "office_dispatch": Table(
        "sha256 size sent_at tries cause failure tried_at",
        unvouched=dict.fromkeys(("tries", "cause", "failure", "tried_at"), "of tries, outside of any act"),
    ),
    "office_followup": Table("owner_id due_on reported_at confirmed_by_id confirmed_at"),
    "office_followupstep": Table(),
    "office_exceptionnote": Table(),
    "office_minutes": Table("state narrative digest signed_by_id signed_at"),
    "office_minutesrevision": Table(),
    "office_minutesfile": Table("sha256 size ended_at effective_at"),
    "office_minutessignature": Table(),
    "office_paper": Table(),
    "office_preparation": Table("state done", delete=True, apart=_OWN),
    "office_dispatchreceipt": Table("acknowledged_by_id acknowledged_at"),
    "office_report": Table("received_by_id received_at"),
    "office_signerkey": Table(
        "wrong locked_at withdrawn_at",
        unvouched={"wrong": "counts tries outside of any act; the lock that it leads to is vouched for"},
    ),
    "office_verdict": Table(
        "not_held gaps not_due rank judged_at meeting_seq proposal_seq",
        apart="what the worker judged last, for a list; each dossier is judged anew from vouched rows",
    ),
    "pages_annotation": Table(delete=True, apart=_OWN),
    "pages_calendarfeed": Table("nonce digest made_at", delete=True, apart=_OWN),
    "pages_columnname": Table(
        "field chosen_by_id chosen_at", apart="how an institution names columns; no record"
    ),
    "pages_entriesread": Table("seq", apart=_OF_THE_LOG),
    "pages_entrytext": Table(apart=_OF_THE_LOG),
    "pages_meetingtext": Table("words grams", apart=_DERIVED),
    "pages_minutestext": Table("words grams", apart=_DERIVED),
    "pages_follow": Table("state", delete=True, apart=_OWN),
    "pages_noticesettings": Table("mail", apart=_OWN),
    "pages_note": Table("text revision saved_at", apart=_OWN),
    "pages_opened": Table(delete=True, apart=_OWN),
    "pages_pushsubscription": Table(delete=True, apart=_OWN),
    "pages_pushtold": Table(delete=True, apart=_OWN),
    "pages_texttemplate": Table(
        "name text saved_by_id saved_at",
        delete=True,
        apart="what texts begin with; what was made keeps its own",
    ),
    "pages_workingcopy": Table("version typed at", delete=True, apart=_OWN),
    "portfolio_accountability": Table("state served_on limit_on measures document_no conclusion closed_at"),
    "portfolio_admonishment": Table(
        "state with_person_id held_on minutes held_by_id follow_up followed_up_by_id followed_up_at"
    ),
    "portfolio_arrival": Table(
        "stage stage_at tape_id outcome", delete=True, apart="how far a file is; no rule reads it"
    ),
    "portfolio_assignment": Table("person_id to_on corrected"),
    "portfolio_balance": Table(delete=True, apart=_OF_TAPES, made_again="portfolio.checks.ledger"),
    "portfolio_borrower": Table(
        "household_id name id_no kind insider employer",
        apart=_OF_TAPES,
        made_again="portfolio.checks.ledger",
    ),
    "portfolio_cause": Table(),
    "portfolio_classchange": Table(
        "from_class from_sub_grade to_class sub_grade tape_id",
        delete=True,
        apart=_OF_TAPES,
        made_again="portfolio.checks.ledger",
    ),
    "portfolio_dayfigure": Table(delete=True, apart=_OF_TAPES, made_again="portfolio.checks.ledger"),
    "portfolio_fall": Table(delete=True, apart=_OF_TAPES, made_again="portfolio.watching.checks.falls"),
    "portfolio_finding": Table("remedy settled_by_id settled_at"),
    "portfolio_household": Table(
        "institution_id number", apart=_OF_TAPES, made_again="portfolio.checks.ledger"
    ),
    "portfolio_institution": Table(
        "ranked merged_into_id closed_on lft rgt", unvouched={"lft": _PLACE, "rgt": _PLACE}
    ),
    "portfolio_keyhousehold": Table(
        delete=True, apart="the largest households of a month, for lists; no rule reads it"
    ),
    "portfolio_leaderverdict": Table(),
    "portfolio_loan": Table(
        "contract_no note_no borrower_id institution_id product purpose origin guarantee issued_on due_on"
        " original_due_on amount rate period_months registered agency other_banks_debt other_banks_over90"
        " allowance lending_staff_no approver_staff_no collection_staff_no state loan_class sub_grade"
        " principal principal_unpaid_since interest_unpaid_since first_npl_on first_seen_on ended_on gone_on",
        delete=True,
        apart=_OF_TAPES,
        made_again="portfolio.checks.ledger",
    ),
    "portfolio_monthmove": Table(
        delete=True, apart="sums of the balances of two days, made again when asked for; no rule reads it"
    ),
    "portfolio_policyversion": Table(),
    "portfolio_quota": Table("amount post", delete=True),
    "portfolio_ranking": Table(),
    "portfolio_rankingrow": Table(),
    "portfolio_reply": Table("ruled_by_id ruled_at accepted reason"),
    "portfolio_rowfault": Table(delete=True, apart=_OF_TAPES, made_again="portfolio.checks.ledger"),
    "portfolio_supervision": Table("state on_site_at reported_at rectify_by suggestion closed_at conclusion"),
    "portfolio_supervisionmember": Table(),
    "portfolio_tape": Table("state released_by_id released_at reason"),
    "portfolio_target": Table("amount", delete=True),
    "portfolio_targetset": Table("state locked_by_id locked_at"),
    "portfolio_task": Table("state received ended_on"),
    "portfolio_tendays": Table("as_of npl year_start base judged_at"),
    "portfolio_warning": Table(
        "amount rejudged rejudged_at state ruled_by_id ruled_at reason channel spoken_with spoken_at said"
        " document_no file_name sha256 reply_due_on seen_by_id seen_at level closed_by_id closed_at"
    ),
    "portfolio_watchday": Table("npl year_start base watched", delete=True),
    "portfolio_watchseen": Table(),
    "proposals_attachment": Table(),
    "proposals_comparison": Table(),
    "proposals_creditdecision": Table(),
    "proposals_docket": Table(),
    "proposals_docketentry": Table(),
    "proposals_dueinstalment": Table(insert=False, apart=_DERIVED),
    "proposals_instalmentreminder": Table(
        apart="which instalments a job has reminded of, so that it is once; no rule reads it"
    ),
    "proposals_ledgerbasis": Table(),
    "proposals_livecontract": Table(
        delete=True,
        apart="the contracts of live plans once more, for a constraint; the plans are vouched for",
        made_again="proposals.checks.contracts",
    ),
    "proposals_monthfigure": Table(insert=False, apart=_DERIVED),
    "proposals_plancomment": Table(),
    "proposals_plancontract": Table(
        apart="the contracts of a version once more, for an index; its document is vouched for",
        made_again="proposals.checks.contracts",
    ),
    "proposals_plantext": Table(apart=_DERIVED),
    "proposals_planversion": Table(),
    "proposals_proposal": Table(
        "year number title borrower state version_id item_id owed submitted_version_id submitted_at filed_at"
        " resolved_at state_since state_reason resubmission ruling special_recognised_at"
    ),
    "proposals_proposalgrouppermission": Table(),
    "proposals_receipt": Table(),
    "proposals_statecount": Table(insert=False, apart=_DERIVED),
    "proposals_tabling": Table(),
    "voting_abstentionrequest": Table("state decided_at decided_by_id"),
    "voting_ballot": Table(secret=("choice", "reason", "salt")),
    "voting_cancellationproposal": Table(),
    "voting_vote": Table(
        "state closed_at closed_by_id cancelled_at cancelled_by_id cancel_reason for_count against_count"
        " abstained_count carried resolution_id"
    ),
    "voting_voteseat": Table(),
    "voting_walllink": Table("closed_at"),
    "web_export": Table("state written rows", delete=True, apart=_OWN),
    "web_savedfilter": Table("name address every next_on language", delete=True, apart=_OWN),
    "web_submission": Table("led_to", apart="which forms were sent, so that none acts twice"),
    # tables of libraries
    "auth_group": Table(apart=_DJANGO),
    "auth_group_permissions": Table(insert=False, apart=_DJANGO),
    "auth_permission": Table(insert=False, apart=_DJANGO),
    "django_admin_log": Table(apart=_DJANGO),
    "django_content_type": Table(insert=False, apart=_DJANGO),
    "django_migrations": Table(insert=False, apart=_DJANGO),
    "guardian_groupobjectpermission": Table(insert=False, apart=_DJANGO),
    "guardian_userobjectpermission": Table(insert=False, apart=_DJANGO),
    "procrastinate_events": Table(ALL, delete=True, apart=_DJANGO),
    "procrastinate_jobs": Table(ALL, delete=True, apart=_DJANGO),
    "procrastinate_periodic_defers": Table(ALL, delete=True, apart=_DJANGO),
    "procrastinate_workers": Table(ALL, delete=True, apart=_DJANGO),
}

#: tables whose rights are set by their migrations: they only grow, and the hash chain and the tree cover them
LOG = frozenset(
    {
        "audit_entry",
        "audit_payload",
        "audit_head",
        "audit_leaf",
        "audit_tile",
        "audit_sealed",
        "audit_checkpoint",
    }
)

#: what `audit verify` compares: table → columns left out, columns without a digest of their own
VOUCHED = {name: (tuple(table.unvouched), table.secret) for name, table in TABLES.items() if not table.apart}
