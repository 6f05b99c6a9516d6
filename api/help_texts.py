"""Descriptions of arguments and of keys in responses, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: argument, or verb and argument where it differs → description
_ARGUMENTS: Mapping[str, str | Promise] = {
    "answer_question.question": _("The number of the question on the item, counted from 1."),
    "appoint_acting_chair.seat": _("The seat whose holder becomes acting chair."),
    "change_meeting.minutes": _(
        "The minutes planned for each of the items, in their order; no rule rests on them."
    ),
    "convene.minutes": _("The minutes planned for each of the items, in their order; no rule rests on them."),
    "send_notice.text": _("What is added to the wording of the notice."),
    "authorise_proxy.proposals": _("The proposals for which the proxy may act."),
    "change_meeting.proposals": _("All proposals of the agenda, in their order."),
    "convene.proposals": _("The proposals of the agenda, in their order."),
    "assign_duty.kind": _("lending, approval or collection."),
    "issue_warning.channel": _("phone or document."),
    "judge_leader.verdict": _("diligent, insufficient or not_diligent."),
    "contracts": _("Contracts of the ledger whose figures of the latest tape fill the plan."),
    "amount": _("An amount in yuan with two decimals, such as 1200.00."),
    "article": _("The number of an article, from 1 to 25."),
    "cast.seat": _("The seat for which the voter meant to act; the ballot is refused for another one."),
    "cast.vote": _("The vote that the voter saw; the ballot is refused where it is another by now."),
    "choice": _("for, against or abstain."),
    "done": _("Whether it is done; the text then names the evidence."),
    "due": _("The day by which it is to be done."),
    "document": _("The text of the letter of authorisation."),
    "effective_from": _("The day from which the new numbers apply."),
    "emergency": _("Whether it is an emergency meeting, which needs a reason."),
    "follow_up": _("The number of the follow-up within the plan."),
    "handed_by": _("Who handed the notice over."),
    "holder": _("The staff number of the person who is to act."),
    "minutes": _("For how many minutes the floor is given."),
    "narrative": _("The text of the minutes."),
    "over": _("The number of the revision over which the text was typed; refused when it is not the latest."),
    "observer": _("The staff number of the head of the handling institution."),
    "owner": _("The staff number of the person who answers for it."),
    "paper": _("The seats that hold the notice on paper already."),
    "posted": _("The seats to which the notice is on its way on paper."),
    "powers": _("One or more of: attend, speak, vote."),
    "received_at": _("When the notice was received; now where it is left out."),
    "received_by": _("Who received the notice."),
    "received_on": _("The day on which the amount was received."),
    "reason": _("The reason, in writing."),
    "replaces": _("The number of the interpretation of the committee that it replaces."),
    "ruling": _("The written ruling on whether the plan was changed in substance."),
    "since": _("The first day of the stand-in."),
    "terms": _("Keys of the plan, with the terms that are approved."),
    "text_en": _("The interpretation in English."),
    "text_zh": _("The interpretation in Chinese."),
    "until": _("The last day of the stand-in."),
}


#: key, or schema and key where it differs → description
_KEYS: Mapping[str, str | Promise] = {
    "MeetingDetails.proposals": _("The ids of the proposals on its agenda that the person sees."),
    "MeetingSummary.number": _("The written number."),
    "Named.name": _("The name of the committee."),
    "VerbArguments.arguments": _("The arguments by name, each with its kind."),
    "DispatchDetails.number": _("The number as filed of the minutes or the report."),
    "DispatchDetails.meeting": _("The id of the meeting."),
    "InstitutionAnswer.institution": _("The institution's id."),
    "admonishment": _("The admonishment's id."),
    "duty": _("The duty's id."),
    "household": _("The household's id."),
    "loan": _("The loan's id."),
    "review": _("The review's id."),
    "supervision": _("The supervision's id."),
    "tape": _("The tape's id."),
    "target_set": _("The id of the version of a year's targets."),
    "warning": _("The warning's id."),
    "abstained": _("The votes that were abstentions; null until the vote is closed."),
    "acknowledged_at": _("When the addressee acknowledged it; null until then."),
    "addressed": _("Whether it is addressed to the person."),
    "against": _("The votes against; null until the vote is closed."),
    "at": _("When the meeting begins."),
    "carried": _("Whether it was carried; null until the vote is closed."),
    "closed_at": _("When the vote was closed; null until then."),
    "committee": _("The committee, or its id."),
    "committees": _("The committees of the person."),
    "dispatch": _("What was sent, or its id alone where the person sees it no more."),
    "dispatches": _("What was sent, in order of the ids."),
    "emergency": _("Whether it is an emergency meeting."),
    "for": _("The votes for; null until the vote is closed."),
    "id": _("The id."),
    "institution": _("The handling institution."),
    "kind": _("A copy of minutes, or a report."),
    "meeting": _("The meeting, or its id; null where the proposal stands in none."),
    "meetings": _("The meetings, in order of their ids."),
    "name": _("The name."),
    "next": _("The address of the next page; null on the last one."),
    "number": _("The written number; empty until there is one."),
    "opened_at": _("When the vote was opened."),
    "optional": _("Which of them may be left out."),
    "person": _("Who is signed in."),
    "place": _("Where the meeting is."),
    "proposal": _("The proposal, or its id alone where the person sees it no more."),
    "proposals": _("The proposals, in order of their ids."),
    "question": _("What is voted on."),
    "received_at": _("When the addressee received it; null until then."),
    "round": _("The round of the vote, counted for each question."),
    "sent_at": _("When it was sent; null while it is under way."),
    "sha256": _("The checksum of its package; empty while it is under way."),
    "since": _("Since when it has been in this state."),
    "staff_no": _("The staff number."),
    "state": _("The state."),
    "title": _("The title."),
    "to": _("The unit to which it is addressed."),
    "verbs": _("Every verb, with its arguments."),
    "version": _("How many entries its audit stream has."),
    "votes": _("Its votes, in the order of their opening."),
}


def of_argument(verb: str, argument: str, of_its_kind: str | Promise) -> str | Promise:
    """The description of the verb's argument."""
    return _ARGUMENTS.get(f"{verb}.{argument}") or _ARGUMENTS.get(argument) or of_its_kind


def of_key(shape: str, key: str) -> str | Promise:
    """The description of a key in a response; empty where the schema suffices."""
    return _KEYS.get(f"{shape}.{key}") or _KEYS.get(key) or ""
