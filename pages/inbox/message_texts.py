"""What the messages say, in the language of whoever reads them.

A message is worded when it is read or mailed, from its kind and facts, beside the object as the reader sees
it then. Where the reader may no longer see the object, its heading alone is left: no number, title, fact or
link.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Tries
from committee.messages import ASKS
from committee.models import Committee, Meeting, Message, Person, Proxy, Resolution
from office.models import Dispatch
from office.permissions import dispatches_visible_to
from proposals.models import Docket, DocketEntry, Proposal
from regulation.articles import citation
from web import labels
from web.templatetags.lianxi import day_written, written


class Kind(NamedTuple):
    """The texts of one kind; headings contain nothing that a reader may have to forget later."""

    heading: str | Promise
    text: str | Promise


KINDS: Mapping[str, Kind] = {
    "submit": Kind(
        _("A plan was submitted"),
        _("It waits to be shortlisted, returned or screened out (Art. 14)."),
    ),
    "withdraw": Kind(
        _("A plan was withdrawn"),
        _("Where it stood on an agenda, its item is struck (Art. 13). Reason: %(reason)s"),
    ),
    "return": Kind(
        _("A plan was returned for completion"),
        _("Complete it and submit it again (Art. 14). Reason: %(reason)s"),
    ),
    "comment": Kind(_("A comment on a plan"), _("It stands at its field (Art. 14): %(text)s")),
    "screen_out": Kind(
        _("A plan was screened out"),
        _("It does not come before the committee (Art. 14). Reason: %(reason)s"),
    ),
    "shortlist": Kind(_("A plan was shortlisted"), _("It stands for the next docket (Art. 14).")),
    "file_docket": Kind(
        _("A docket was filed"),
        ngettext_lazy(
            "%(count)d plan is filed and waits for a meeting (Art. 14, 17).",
            "%(count)d plans are filed and wait for a meeting (Art. 14, 17).",
            "count",
        ),
    ),
    "convene": Kind(
        _("A meeting was convened: the notice is due"),
        _("%(at)s, %(place)s. The notice is to reach every seat (Art. 15, 16)."),
    ),
    "change_meeting": Kind(
        _("A meeting was changed: a new notice is due"),
        _("Now %(at)s, %(place)s. An earlier notice and its receipts no longer count (Art. 16)."),
    ),
    "send_notice": Kind(
        _("Notice of a meeting"),
        ngettext_lazy(
            "%(at)s, %(place)s; %(count)d item. Acknowledge the notice and read the materials (Art. 10, 16).",
            "%(at)s, %(place)s; %(count)d items. Acknowledge the notice and read the materials "
            "(Art. 10, 16).",
            "count",
        ),
    ),
    "remind_members": Kind(
        _("A meeting waits for you"), _("%(at)s, %(place)s. To do before it: %(lacks)s (Art. 10, 16).")
    ),
    "cancel_meeting": Kind(
        _("A meeting does not take place"),
        _("It was to be on %(at)s, %(place)s. Reason: %(reason)s"),
    ),
    "authorise_proxy": Kind(
        _("You are authorised as a proxy"),
        _("You act for %(principal)s, seat %(seat)s, %(post)s, within these powers: %(powers)s (Art. 11)."),
    ),
    "notice_to_proxy": Kind(
        _("Notice of a meeting at which you are a proxy"), _("%(at)s, %(place)s (Art. 11, 16).")
    ),
    "revoke_proxy": Kind(
        _("A proxy that you held was revoked"), _("You no longer act at this meeting (Art. 11).")
    ),
    "end_proxy": Kind(
        _("A proxy that you held has ended"),
        _("You no longer act for seat %(seat)s at this meeting: its holder acts, or it is vacant (Art. 11)."),
    ),
    "uncover_proxy": Kind(
        _("Nothing is left of a proxy that you hold"),
        _("No item that it covers is on the agenda any more; you need not come (Art. 11)."),
    ),
    "leave_meeting": Kind(
        _("You are no longer invited to a meeting"),
        _("Seat %(seat)s, for which you had its notice, is no longer yours (Art. 4)."),
    ),
    "appoint_acting_chair": Kind(
        _("An acting chair was appointed"),
        _("The holder of seat %(seat)s, %(post)s, presides on %(at)s, %(place)s (Art. 9)."),
    ),
    "admit_observer": Kind(
        _("You are admitted to an item as observer"),
        _(
            "Go to %(place)s now: you attend this item, answer questions, and leave when the questioning "
            "ends, before the vote (Art. 19)."
        ),
    ),
    "withdraw_observer": Kind(
        _("Your attendance as observer has ended"),
        _("Leave the room now: the committee deliberates and votes without you (Art. 19)."),
    ),
    "request_abstention": Kind(
        _("A request for consent to abstain"),
        _("Seat %(seat)s asks for it; without your decision it cannot abstain (Art. 20)."),
    ),
    "grant_abstention": Kind(
        _("Your request to abstain was consented to"),
        _("You may abstain on the item at this meeting; you are not bound to (Art. 20)."),
    ),
    "refuse_abstention": Kind(
        _("Your request to abstain was refused"), _("You vote for or against, or ask again (Art. 20).")
    ),
    "propose_cancellation": Kind(
        _("Cancelling a vote was proposed"),
        _("Seat %(seat)s proposes it; whoever presides cancels the vote, or lets it go on (Art. 20)."),
    ),
    "cancel_vote": Kind(
        _("A vote was cancelled"),
        _("The ballots are void and stay sealed; the item is deferred (Art. 20). Reason: %(reason)s"),
    ),
    "close_vote": Kind(_("The committee has voted"), "%(resolution)s"),
    "draft_minutes": Kind(
        _("Minutes wait for your signature"),
        _("Read them beside the record and sign them (Art. 21)."),
    ),
    "countersign_minutes": Kind(
        _("It is your turn to sign minutes"),
        _("Those before you have signed them. Read them and sign them with your key (Art. 21)."),
    ),
    "lapse_signature": Kind(
        _("Your signature on minutes has lapsed"),
        _(
            "Their text was changed after you signed it. Read what it says now; when the liaison has signed "
            "that, sign it again (Art. 21)."
        ),
    ),
    "sign_minutes": Kind(
        _("Minutes were signed"),
        _("They are to be distributed, reported to head office and archived (Art. 12, 21)."),
    ),
    "draft_supplement": Kind(
        _("Supplementary minutes wait for your signature"),
        _("They put right what is wrong in minutes in effect: read both and sign them (Art. 21)."),
    ),
    "sign_supplement": Kind(
        _("Supplementary minutes were signed"),
        _("Departments that had the minutes in full have them too (Art. 21)."),
    ),
    "decide_credit": Kind(
        _("A carried plan waits for the credit department"),
        _("Its minutes are signed: approve exactly what was resolved, or decline with a reason (Art. 22)."),
    ),
    "distribute": Kind(
        _("Minutes were distributed"),
        _("Your institution has its own items, with counts and reasons but without names (Art. 21)."),
    ),
    "report_decisions": Kind(
        _("A meeting was reported to head office"),
        _("Confirm that it was received (Art. 12)."),
    ),
    "send_dispatch": Kind(
        _("Minutes were sent to your unit"),
        _("Confirm that they were received, read them, and acknowledge what they say (Art. 21)."),
    ),
    "receive_report": Kind(
        _("Head office has received a report"),
        _("The meeting can be archived once its file is complete (Art. 12)."),
    ),
    "approve_credit": Kind(
        _("Credit was approved"), _("The plan can be executed; repayments are to be recorded (Art. 22).")
    ),
    "decline_credit": Kind(
        _("Credit was declined"), _("Its contracts are free for another plan (Art. 22). Reason: %(reason)s")
    ),
    "terminate": Kind(
        _("The execution of a plan was terminated"),
        _("Its contracts are free for another plan. Reason: %(reason)s"),
    ),
    "instalment_due": Kind(
        _("An instalment falls due"),
        _("%(amount)s yuan are open until %(on)s. Record what is received."),
    ),
    "instalment_late": Kind(
        _("An instalment is overdue"),
        _("%(amount)s yuan were due by %(on)s and are not on record. Record what was received."),
    ),
    "assign_follow_up": Kind(
        _("A follow-up of a resolution is yours"),
        _("No. %(item)s, due on %(on)s (Art. 10, 12): %(task)s"),
    ),
    "return_follow_up": Kind(
        _("A follow-up is to be done still"),
        _("No. %(item)s, due on %(on)s: %(task)s Reason: %(reason)s"),
    ),
    "report_follow_up": Kind(
        _("A follow-up was reported as done"),
        _("Confirm it, or return it with a reason (Art. 12). No. %(item)s: %(task)s"),
    ),
    "confirm_follow_up": Kind(
        _("A follow-up of yours was confirmed as done"), _("No. %(item)s: %(task)s (Art. 12)")
    ),
    "fill_seat": Kind(
        _("You hold a seat of the committee"), _("Seat %(seat)s, %(post)s, is yours from now on (Art. 4).")
    ),
    "vacate_seat": Kind(
        _("You no longer hold a seat of the committee"), _("Seat %(seat)s, %(post)s, is vacant (Art. 4).")
    ),
    "appoint_liaison": Kind(
        _("A liaison was appointed"),
        _("%(liaison)s is the liaison from now on; what waits passes over (Art. 5)."),
    ),
    "appoint_stand_in": Kind(
        _("A stand-in for the liaison was appointed"),
        _("%(liaison)s acts as liaison from %(on)s to %(until)s (Art. 5)."),
    ),
    "end_stand_in": Kind(
        _("Standing in for the liaison was ended"), _("The liaison acts in person (Art. 5).")
    ),
    "publish_interpretation": Kind(
        _("An interpretation was published"), _("The Risk department has explained %(article)s (Art. 24).")
    ),
    "amend_regulation": Kind(
        _("The regulation was amended"), _("Version %(version)s applies from %(on)s (Art. 24, 25).")
    ),
    "follow": Kind(_("A plan that you follow has moved on"), _("It is now: %(state)s.")),
    "draft_amendment": Kind(
        _("An amendment of the regulation waits for you"),
        _("Amendment No. %(number)s is drafted; another officer than its drafter publishes it (Art. 24)."),
    ),
    "publish_amendment": Kind(
        _("Your amendment of the regulation was published"),
        _("Amendment No. %(number)s is the regulation's next version (Art. 24)."),
    ),
    "discard_amendment": Kind(
        _("Your amendment of the regulation was discarded"),
        _("Amendment No. %(number)s changes nothing (Art. 24)."),
    ),
    "lock_sign_in": Kind(
        _("Wrong passwords were entered for your login"),
        _(
            "%(tries)s on %(at)s, %(place)s%(origin)s. There no password is taken until %(ends)s; browsers "
            "in which you have signed in before, and sessions that are open, go on. Was it not you? Tell the "
            "administrator, who can also end the lock, and change your password if anybody may know it."
        ),
    ),
    "unlock_sign_in": Kind(
        _("You can sign in everywhere again"),
        _("The administrator has ended what held you up after wrong passwords."),
    ),
    "give_password": Kind(
        _("The administrator gave you a password"),
        _(
            "You were signed out everywhere, and choose another password when you sign in with it. Did you "
            "not ask for it? Tell the auditor: until you have changed it, somebody else could sign in as you."
        ),
    ),
    "change_password": Kind(
        _("Your password was changed"),
        _(
            "Everywhere else you sign in with the new one. Was it not you? Ask the administrator for a new "
            "password at once, and tell the auditor."
        ),
    ),
    "change_email": Kind(
        _("Your e-mail address was changed"),
        _(
            "From %(former)s to %(email)s. Was it neither you nor, at your wish, the administrator? Enter "
            "the right one on your profile, change your password, and tell the auditor."
        ),
    ),
}


@dataclass(frozen=True)
class Letter:
    """A message as its reader has it."""

    message: Message
    heading: str
    #: number of the object; empty when it is not to be seen any more, like what follows
    number: str = ""
    title: str = ""
    text: str = ""
    url: str = ""
    #: what it asks for is still to be done
    asks: bool = False


@dataclass(frozen=True)
class _Object:
    number: str
    title: str
    url: str
    tz: tzinfo | None = None


def compose(messages: Sequence[Message], reader: Person) -> list[Letter]:
    """The messages in words; a statement for each kind of object among them, whatever their number."""
    seen = _objects({message.about for message in messages}, reader)
    return [_letter(message, seen.get(message.about)) for message in messages]


#: kinds that end an invitation → the text for readers who may no longer see the meeting
FAREWELLS: Mapping[str, str | Promise] = {
    **{kind: KINDS[kind].text for kind in ("revoke_proxy", "end_proxy", "uncover_proxy", "leave_meeting")},
    "cancel_meeting": _("You were invited to it; it does not take place."),
}


def farewell(message: Message) -> Letter:
    """The message to a reader who may no longer see the meeting, for the mail that removes it from the
    calendar: with its number, which the invitation named, and no other fact.
    """
    heading, number = str(KINDS[message.kind].heading), str(message.context.get("number", ""))
    return Letter(message, heading, number, text=FAREWELLS[message.kind] % _facts(message.context))


def _letter(message: Message, thing: _Object | None) -> Letter:
    kind = KINDS[message.kind]
    if thing is None:
        return Letter(message, str(kind.heading))
    with timezone.override(thing.tz):
        text = kind.text % _facts(message.context)
    asks = message.kind in ASKS and message.done_at is None
    observed = message.kind in _OF_AN_OBSERVER
    url = reverse("observed", args=[message.context["item"]]) if observed else thing.url
    return Letter(message, str(kind.heading), thing.number, thing.title, text, url, asks)


#: kinds that lead to the observer's own page of the item, `item` among their facts
_OF_AN_OBSERVER = frozenset({"admit_observer", "withdraw_observer"})


def _lacks(lacks: Mapping[str, Any]) -> str:
    """What a member has still to do before a meeting."""
    unread = ngettext("read %(count)d item", "read %(count)d items", lacks["unread"])
    words = [
        gettext("acknowledge the notice") if lacks["receipt"] else "",
        unread % {"count": lacks["unread"]} if lacks["unread"] else "",
    ]
    return gettext(", ").join(filter(None, words))


#: fact → how it is put in words
_WORDS: Mapping[str, Callable[[Any], str]] = {
    "at": written,
    "on": lambda day: day_written(date.fromisoformat(day)),
    "until": lambda day: day_written(date.fromisoformat(day)),
    "lacks": _lacks,
    "amount": labels.money,
    "state": lambda state: str(Proposal.State(state).label),
    "article": lambda number: citation(str(number), get_language() or "en"),
    "powers": lambda powers: gettext(", ").join(str(Proxy.Power(power).label) for power in powers),
}


def _facts(context: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as words; times in the current zone."""
    facts = {name: _WORDS[name](fact) if name in _WORDS else fact for name, fact in context.items()}
    if "until_at" in facts:
        facts["ends"] = written(facts["until_at"])
        facts["place"] = Tries.Kind(facts["where"]).label
        facts["origin"] = _origin(facts)
    if "former" in facts:
        facts |= {name: facts[name] or gettext("none") for name in ("former", "email")}
    if "for_count" in facts:
        facts["resolution"] = labels.resolved(Resolution(**context))
    return facts


def _origin(facts: Mapping[str, Any]) -> str:
    """Address and device, as far as they are known."""
    known = gettext(", ").join(filter(None, (facts.get("address"), facts.get("device"))))
    return gettext(" (%(known)s)") % {"known": known} if known else ""


def _objects(names: Iterable[str], reader: Person) -> dict[str, _Object]:
    """The named objects that the reader may see."""
    found: dict[str, _Object] = {}
    wanted: dict[str, list[int]] = {}
    for name in names:
        kind, _colon, pk = name.partition(":")
        wanted.setdefault(kind, []).append(int(pk))
    for kind, pks in wanted.items():
        found |= {f"{kind}:{pk}": thing for pk, thing in _READERS[kind](pks, reader).items()}
    return found


def _proposals(pks: Sequence[int], reader: Person) -> dict[int, _Object]:
    rows = Proposal.objects.visible_to(reader).filter(pk__in=pks).select_related("committee")
    return {
        row.pk: _Object(row.written_number, row.title, reverse("proposal", args=[row.pk]), row.committee.tz)
        for row in rows
    }


def _meetings(pks: Sequence[int], reader: Person) -> dict[int, _Object]:
    rows = Meeting.objects.visible_to(reader).filter(pk__in=pks).select_related("committee")
    return {
        row.pk: _Object(
            row.written_number,
            str(row.committee),
            reverse("meeting", args=[row.pk]),
            row.committee.tz,
        )
        for row in rows
    }


def _dockets(pks: Sequence[int], reader: Person) -> dict[int, _Object]:
    """Dockets with a plan that the reader may see."""
    visible = DocketEntry.objects.filter(proposal__in=Proposal.objects.visible_to(reader))
    rows = (
        Docket.objects.filter(pk__in=pks).filter(pk__in=visible.values("docket")).select_related("committee")
    )
    return {
        row.pk: _Object(str(row), str(row.committee), reverse("docket", args=[row.pk]), row.committee.tz)
        for row in rows.select_related("committee")
    }


def _dispatches(pks: Sequence[int], reader: Person) -> dict[int, _Object]:
    rows = Dispatch.objects.filter(dispatches_visible_to(reader), pk__in=pks)
    return {
        row.pk: _Object(row.number, str(row.committee), reverse("dispatch", args=[row.pk]), row.committee.tz)
        for row in rows.select_related(
            "copy__minutes__meeting__committee", "report__meeting__committee", "meeting__committee"
        )
    }


def _committees(pks: Sequence[int], reader: Person) -> dict[int, _Object]:
    """The committees of the reader's bank; their names are no secret in it."""
    rows = Committee.objects.filter(pk__in=pks, branch__bank=reader.bank_id)
    return {row.pk: _Object(str(row), "", reverse("regulation"), row.tz) for row in rows}


def _people(pks: Sequence[int], reader: Person) -> dict[int, _Object]:
    """What concerns the person's own login leads to the profile."""
    return {pk: _Object(reader.username, "", reverse("profile")) for pk in pks if pk == reader.pk}


_READERS = {
    "person": _people,
    "proposal": _proposals,
    "meeting": _meetings,
    "docket": _dockets,
    "dispatch": _dispatches,
    "committee": _committees,
}
