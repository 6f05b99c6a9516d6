"""Acts as pages offer them.

Offices and states are in the tables of acts, and the action alone decides; an offer names its verb and adds
what pages show. A person who never has the office is not offered the act; where the state or a rule known
beforehand forbids it, its button is disabled and shows the refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from django.db.models import Model
from django.urls import reverse
from django.utils.functional import Promise

from committee.acts import Act
from committee.models import Committee, Meeting
from committee.offices import Office, Offices
from office.models import Dispatch
from portfolio.models import Admonishment, Institution, Supervision, Tape, TargetSet
from portfolio.models import Warning as LedgerWarning
from proposals.models import Proposal
from regulation.refused import Refused
from web import labels
from web.acts import ACTS
from web.forms import ActForm
from web.viewer import Viewer

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

#: the modules with `OFFERS`, in the order of their buttons
_MODULES: list[str] = []

#: the objects of the ledger, whose acts are at `/ledger/<name>/<id>/<verb>/`
LEDGER: dict[type[Model], str] = {
    Institution: "institution",
    Tape: "tape",
    LedgerWarning: "warning",
    Supervision: "supervision",
    Admonishment: "admonishment",
    TargetSet: "target-set",
}
_KINDS: dict[type[Model], str] = {
    Proposal: "proposal",
    Meeting: "meeting",
    Committee: "committee",
    Dispatch: "dispatch",
    **LEDGER,
}


@dataclass(frozen=True)
class Offer:
    """An act on one kind of object."""

    verb: str
    #: the button's text, a verb
    name: str | Promise
    form: type[ActForm] = ActForm
    #: the verb in the tables of acts, if different
    act: str = ""
    #: the people to whom it is offered, if not those with the office of the table
    office: Office | Offices | None = None
    #: called in place of the action, if given
    instead: Callable[..., Any] | None = None
    #: an explanation beside the form, of a sentence or two
    help_text: str | Promise = ""
    #: the message afterwards, which may depend on the action's result; `%(plan)s` in it is the plan that was
    #: acted on
    done: str | Promise | Callable[[Any], str | Promise] = ""
    #: whether it cannot be undone: then it is confirmed on a page even without fields
    final: bool = False
    #: whether a page of its own offers it, by name, and that of the object does not
    elsewhere: bool = False
    #: whether it ends or refuses something: then it is never the primary act
    secondary: bool = False
    #: states in which it is shown disabled with the refusal, beside those of the table
    shown_disabled_in: tuple[str, ...] = ()
    #: a refusal known beforehand (the hour of the meeting, minutes not signed)
    blocked: Callable[[Any, Viewer], Refused | None] | None = None
    #: whether it is offered at all, beyond office and state (a notice of one's own to acknowledge)
    applies: Callable[[Any, Viewer], bool] | None = None
    #: the refusal where it does not apply; without one, or where that is None, the act's place is told
    not_now: Callable[[Any, Viewer], Refused | None] | None = None
    #: whether it is done already, beyond the state: then it is not offered, and refused
    already_done: Callable[[Any, Viewer], bool] | None = None
    #: the cause of `state/not-allowed` in that case (`regulation/causes.py`)
    already_done_cause: str = ""
    #: further context of the act's page
    template: str = "web/act.html"
    context: Callable[[Any, Viewer], Mapping[str, Any] | DataclassInstance] | None = None
    #: the name of its own address, if it has more than one form
    page: str = ""
    #: the place in the navigation, if not that of its object
    here: str = ""
    #: whether it belongs to a meeting in session, where it is shown with its item
    live: bool = False
    #: the same, and shown on the page of the plan as well
    also_on_plan_page: bool = False
    #: the verb by which what it made is changed, with fields of the same names
    then: str = ""
    #: the address afterwards, from the action's result; by default the object's page
    leads_to: Callable[[Any, Any], str] | None = None

    def __post_init__(self) -> None:
        """Import the action together with the page; KeyError for an unknown verb."""
        self.rule.do  # noqa: B018  # at the start, not in the first request

    @cached_property
    def rule(self) -> Act:
        """Its row in the tables of acts; for a committee without states."""
        act = ACTS[self.act or self.verb]
        states = () if act.on is Committee else act.states
        return replace(act, office=self.office or act.office, states=states)

    @property
    def on(self) -> type[Model]:
        """The model of its object."""
        return self.rule.on

    def do(self, subject: Any, **given: Any) -> Any:
        """Call the action, or its substitute, and return the result."""
        return (self.instead or self.rule.do)(subject, **given)

    def told(self, subject: Any, result: Any) -> str:
        """The message afterwards, from the object and the action's result; empty for none."""
        words = str(self.done(result) if callable(self.done) else self.done)
        if "%(plan)s" not in words:
            return words
        return words % {"plan": f"{subject.written_number} {subject.title}".strip()}

    def address(self, subject: Any) -> str:
        """The address of its page."""
        if self.page:
            return reverse(self.page, args=[subject.pk])
        return reverse(f"{_KINDS[self.on]}-act", args=[subject.pk, self.verb])

    def held(self, subject: Any, who: Viewer) -> bool:
        """Whether the person has the office of the table."""
        return who.acts_as(self.rule.office, subject)

    def entitled(self, subject: Any, who: Viewer) -> bool:
        """Whether the person may act, by office and present conditions."""
        return self.held(subject, who) and (self.applies is None or self.applies(subject, who))

    def shown(self, subject: Any, who: Viewer) -> bool:
        """Whether it is shown among the buttons."""
        if not self.is_shown_in(getattr(subject, "state", "")):
            return False
        return self.entitled(subject, who) and not (self.already_done and self.already_done(subject, who))

    def is_shown_in(self, state: str) -> bool:
        """Whether it is shown on objects in this state."""
        return not self.rule.states or state in (*self.rule.states, *self.shown_disabled_in)

    def inapplicable(self, subject: Any, who: Viewer) -> Refused | None:
        """The refusal to whoever has the office where the act does not apply now; None where it does."""
        if self.applies is None or self.applies(subject, who):
            return None
        state = getattr(subject, "state", "")
        possible = not self.rule.states or state in self.rule.states
        told = self.not_now(subject, who) if possible and self.not_now else None
        return told or self.rule.misplaced(state)

    def refusal_now(self, subject: Any, who: Viewer) -> Refused | None:
        """The refusal that the act would meet now, as far as it is known beforehand; None without one."""
        in_place = self.is_shown_in(getattr(subject, "state", ""))
        if in_place and self.already_done is not None and self.already_done(subject, who):
            return Refused("state/not-allowed", cause=self.already_done_cause)
        return self.forbidden(subject, who)

    def forbidden(self, subject: Any, who: Viewer) -> Refused | None:
        """The refusal that the act would meet now if it were not done already."""
        state = getattr(subject, "state", "")
        if not self.is_shown_in(state):  # what a rule says in its own states has no sense in others
            return self.rule.misplaced(state)
        blocked = self.blocked(subject, who) if self.blocked else None
        if blocked is None and self.rule.states and state not in self.rule.states:
            return self.rule.misplaced(state)
        return blocked

    def after(self, subject: Any, result: Any) -> str:
        """The address shown afterwards."""
        return self.back(subject) if self.leads_to is None else self.leads_to(subject, result)

    def back(self, subject: Any) -> str:
        """The page of the object, for leaving without acting."""
        if isinstance(subject, Committee):
            return reverse("desk")
        if self.live and self.leads_to is not None:
            return self.leads_to(subject, None)
        return reverse(_KINDS[self.on], args=[subject.pk])


@dataclass(frozen=True)
class Offered:
    """An offer to a person on an object: its address, or the refusal."""

    offer: Offer
    address: str
    refusal: labels.Refusal | None
    primary: bool = False

    @property
    def at_once(self) -> bool:
        """Whether the button acts directly, without a page."""
        on_a_page = self.offer.final or self.offer.page or self.offer.form.base_fields
        return not on_a_page and self.refusal is None


def offered(subject: Any, who: Viewer, *, only: Container[str] | None = None) -> list[Offered]:
    """The offers to the person on the object, the first possible one primary; of the verbs in `only` if
    given.

    Acts of an item in session are offered with `offered_in_session`.
    """
    found: list[Offered] = []
    primary = False
    for offer in _offers_in(cast("Any", type(subject)), getattr(subject, "state", "")):
        if not _asked_for(offer, only) or not offer.shown(subject, who):
            continue
        refusal = offer.forbidden(subject, who)
        first = refusal is None and not offer.secondary and not primary
        primary = primary or first
        found.append(
            Offered(
                offer, offer.address(subject), labels.refusal(refusal) if refusal else None, primary=first
            )
        )
    return sorted(found, key=lambda offered: not offered.primary)


def _asked_for(offer: Offer, only: Container[str] | None) -> bool:
    """Whether its verb is in `only`, or else it belongs to the object's own page."""
    if only is not None:
        return offer.verb in only
    return not offer.elsewhere and (not offer.live or offer.also_on_plan_page)


def offered_in_session(proposal: Proposal, who: Viewer) -> list[Offered]:
    """The offers to the person on an item of a meeting in session."""
    return offered(proposal, who, only=_live_on(Proposal))


def plans_to_begin(who: Viewer) -> list[tuple[Committee, str, str | Promise]]:
    """The plans that the person may begin: committee, address, button."""
    offer = offer_for(Committee, "draft")
    return [(committee, offer.address(committee), offer.name) for committee in who.drafts_for if offer]


def offer_for(kind: type[Model], verb: str) -> Offer | None:
    """The offer of this verb on this kind of object; None without one."""
    return next((offer for offer in _offers_on(kind) if offer.verb == verb), None)


@cache
def _offers_on(kind: type[Model]) -> tuple[Offer, ...]:
    return tuple(offer for offer in _all_offers() if offer.on is kind)


@cache
def _offers_in(kind: type[Model], state: str) -> tuple[Offer, ...]:
    """The offers on objects of the kind that are shown in this state, to whomever."""
    return tuple(offer for offer in _offers_on(kind) if offer.is_shown_in(state))


@cache
def _live_on(kind: type[Model]) -> frozenset[str]:
    """The verbs that belong to a meeting in session."""
    return frozenset(offer.verb for offer in _offers_on(kind) if offer.live)


def register(*modules: str) -> None:
    """Add modules whose `OFFERS` pages show, after the existing ones."""
    _MODULES.extend(modules)


def _all_offers() -> Iterable[Offer]:
    for name in _MODULES:
        yield from import_module(name).OFFERS
