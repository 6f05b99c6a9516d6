"""Questions to the observer, and the answers (Art. 19)."""

from __future__ import annotations

from audit import clock
from audit.recording import action, record
from committee.agenda import present_observer, require_text
from committee.models import AgendaItem, Answer, Meeting, Person, Question
from committee.offices import LIAISON
from proposals.beginning import begin_as_speaker, begin_on_item
from proposals.models import Proposal
from proposals.permissions import ACTS
from regulation.refused import Refused


@action
def ask_observer(proposal: Proposal, *, by: Person, text: str) -> Question:
    """The question stands on the record under the person's own name, for the seat.

    `20.1/no-seat`; `state/not-allowed` outside of a session and while a vote on it is open;
    `18/not-deliberated`; `10/not-present`; `11/out-of-scope` (without `speak`), `11/principal-present`;
    `state/not-allowed` when no observer is there; `text/required`.
    """
    item, meeting, acting = begin_as_speaker(ACTS["ask_observer"], proposal, by)
    if present_observer(item) is None:
        raise Refused("state/not-allowed", cause="observer/none")
    require_text(text)
    question = Question.objects.create(
        item=item, seat=acting.seat, person=by, proxy=acting.proxy, text=text, at=clock.now()
    )
    record(
        meeting.stream,
        "ask_observer",
        item.subject,
        by=by,
        payload={
            "question": str(question.pk),
            "seat": acting.seat.number,
            "proxy": acting.proxy is not None,
            "text": text,
        },
    )
    return question


@action
def answer_question(proposal: Proposal, *, by: Person, question: Question, text: str) -> Answer:
    """The observer's answer stands on the record, once; where the liaison has taken it down, that too.

    The observer answers while there, the liaison may still write when the observer has withdrawn.
    `access/denied` to everybody else; `state/not-allowed` outside of a session, once the vote opened, and for
    a question that is not the item's or is answered; `text/required`.
    """

    def permit(proposal: Proposal, _meeting: Meeting | None) -> None:
        if not (_observes(proposal.item, by) or LIAISON.held_by(by, proposal)):
            raise Refused(ACTS["answer_question"].code)

    proposal, item, meeting = begin_on_item(ACTS["answer_question"], proposal, by, permit=permit)
    own = _observes(item, by)
    asked = item.questions.filter(pk=question.pk, answer=None).select_related("item__observer").first()
    if asked is None:
        raise Refused("state/not-allowed", cause="question/answered")
    require_text(text)
    answer = Answer.objects.create(
        question=asked,
        person_id=asked.item.observer.person_id,
        taken_down_by=None if own else by,
        text=text,
        at=clock.now(),
    )
    record(
        meeting.stream,
        "answer_question",
        item.subject,
        by=by,
        payload={"question": str(asked.pk), "taken_down": not own, "text": text},
    )
    return answer


def _observes(item: AgendaItem | None, by: Person) -> bool:
    """Whether `by` attends the item as its observer."""
    attending = present_observer(item) if item is not None else None
    return attending is not None and attending.person_id == by.pk
