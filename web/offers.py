"""An act as a page offers it.

Who may what and in which states is in the tables of acts, and the action alone decides; an offer names its
verb and says how it looks. Whoever never has the office is not offered it; where the state, or a rule known
beforehand, forbids it, it is shown with the refusal that it would meet.
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
from proposals.models import Proposal
from regulation.refused import Refused
from web import labels
from web.acts import ACTS
from web.forms import ActForm
from web.viewer import Viewer

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

#: the modules that offer something (`OFFERS`), in the order in which their buttons stand
_MODULES: list[str] = []

_KINDS: dict[type[Model], str] = {Proposal: "proposal", Meeting: "meeting", Committee: "committee"}


@dataclass(frozen=True)
class Offer:
    """One act on one kind of object."""

    verb: str
    #: the button, a verb in the words of the field
    name: str | Promise
    form: type[ActForm] = ActForm
    #: the verb whose row in the tables of acts it has, where that is another
    act: str = ""
    #: to whom it is offered, where not to whoever has the office of the table
    office: Office | Offices | None = None
    #: what is called in place of the action, likewise
    instead: Callable[..., Any] | None = None
    #: what will happen, in a sentence or two, beside the form
    help_text: str | Promise = ""
    #: the message afterwards
    done: str | Promise = ""
    #: it cannot be undone: even without fields it is confirmed on a page that repeats what will happen
    final: bool = False
    #: it ends or refuses something: never the primary act
    secondary: bool = False
    #: states in which it stands disabled, with the reason, beside those in which the rule allows it
    shown_disabled_in: tuple[str, ...] = ()
    #: a rule that can be told beforehand (the hour of the meeting, the minutes not signed)
    blocked: Callable[[Any, Viewer], Refused | None] | None = None
    #: whether it is offered at all, where office and state do not tell (a notice of one's own to acknowledge)
    applies: Callable[[Any, Viewer], bool] | None = None
    #: whether it is done already, where the state does not tell: not offered any more, and refused as such
    already_done: Callable[[Any, Viewer], bool] | None = None
    #: the cause of `state/not-allowed` then (`regulation/causes.py`)
    already_done_cause: str = ""
    #: what the page of the act shows beside the form
    template: str = "web/act.html"
    context: Callable[[Any, Viewer], Mapping[str, Any] | DataclassInstance] | None = None
    #: the address of its own pages, by name, where it is done on more than one form
    page: str = ""
    #: the place of the rail that its page belongs to, where not that of its object
    here: str = ""
    #: it belongs to a meeting in session, and stands with its item on the page of the meeting
    live: bool = False
    #: so it does, and on the page of the plan as well
    also_on_plan_page: bool = False
    #: where it leads, given what the action returned; by default back to the subject
    leads_to: Callable[[Any, Any], str] | None = None

    def __post_init__(self) -> None:
        """KeyError for a verb that is in no table; its action is loaded with the page that offers it."""
        self.rule.do  # noqa: B018  # now, not in the first request

    @cached_property
    def rule(self) -> Act:
        """On what, whose office and in which states, from the table of acts; a committee has no states."""
        act = ACTS[self.act or self.verb]
        states = () if act.on is Committee else act.states
        return replace(act, office=self.office or act.office, states=states)

    @property
    def on(self) -> type[Model]:
        """The kind of object."""
        return self.rule.on

    def do(self, subject: Any, **given: Any) -> Any:
        """The action is called, or what the page has in its place; what it returned."""
        return (self.instead or self.rule.do)(subject, **given)

    def address(self, subject: Any) -> str:
        """Where the act is done."""
        if self.page:
            return reverse(self.page, args=[subject.pk])
        return reverse(f"{_KINDS[self.on]}-act", args=[subject.pk, self.verb])

    def held(self, subject: Any, who: Viewer) -> bool:
        """Whether the person has the office that the table names."""
        return who.acts_as(self.rule.office, subject)

    def entitled(self, subject: Any, who: Viewer) -> bool:
        """Whether it is the person's to do, by office and as things stand."""
        return self.held(subject, who) and (self.applies is None or self.applies(subject, who))

    def shown(self, subject: Any, who: Viewer) -> bool:
        """Whether it stands among the buttons: in its states, for whoever it is, until it is done."""
        state = getattr(subject, "state", "")
        if self.rule.states and state not in (*self.rule.states, *self.shown_disabled_in):
            return False
        return self.entitled(subject, who) and not (self.already_done and self.already_done(subject, who))

    def refusal_now(self, subject: Any, who: Viewer) -> Refused | None:
        """The refusal that the act would meet now, as far as it can be told beforehand."""
        if self.already_done is not None and self.already_done(subject, who):
            return Refused("state/not-allowed", cause=self.already_done_cause)
        return self.forbidden(subject, who)

    def forbidden(self, subject: Any, who: Viewer) -> Refused | None:
        """The refusal that the act would meet now, were it not done already."""
        state = getattr(subject, "state", "")
        blocked = self.blocked(subject, who) if self.blocked else None
        if blocked is None and self.rule.states and state not in self.rule.states:
            return self.rule.misplaced(state)
        return blocked

    def after(self, subject: Any, result: Any) -> str:
        """The address shown when it is done."""
        return self.back(subject) if self.leads_to is None else self.leads_to(subject, result)

    def back(self, subject: Any) -> str:
        """The page of the subject, to which one goes back without doing it."""
        if isinstance(subject, Committee):
            return reverse("desk")
        if self.live and self.leads_to is not None:
            return self.leads_to(subject, None)
        return reverse(_KINDS[self.on], args=[subject.pk])


@dataclass(frozen=True)
class Offered:
    """An offer to one person on one object: its address, or the refusal in words."""

    offer: Offer
    address: str
    refusal: labels.Refusal | None
    primary: bool = False

    @property
    def at_once(self) -> bool:
        """Whether the button itself does it, without a page in between."""
        on_a_page = self.offer.final or self.offer.page or self.offer.form.base_fields
        return not on_a_page and self.refusal is None


def offered(subject: Any, who: Viewer, *, only: Container[str] | None = None) -> list[Offered]:
    """What the person is offered on the object, the first possible one as primary; of the verbs in `only`.

    What belongs to an item in session is offered there: see `live`.
    """
    found: list[Offered] = []
    primary = False
    for offer in _offers_on(cast("Any", type(subject))):
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
    return offer.verb in only if only is not None else not offer.live or offer.also_on_plan_page


def offered_in_session(proposal: Proposal, who: Viewer) -> list[Offered]:
    """What the person is offered on an item of a running meeting."""
    return offered(proposal, who, only={offer.verb for offer in _offers_on(Proposal) if offer.live})


def plans_to_begin(who: Viewer) -> list[tuple[Committee, str, str | Promise]]:
    """The plans that the person may begin: before which committee, at which address, the button."""
    offer = offer_for(Committee, "draft")
    return [(committee, offer.address(committee), offer.name) for committee in who.drafts_for if offer]


def offer_for(kind: type[Model], verb: str) -> Offer | None:
    """The offer of this verb on this kind of object."""
    return next((offer for offer in _offers_on(kind) if offer.verb == verb), None)


@cache
def _offers_on(kind: type[Model]) -> tuple[Offer, ...]:
    return tuple(offer for offer in _all_offers() if offer.on is kind)


def register(*modules: str) -> None:
    """Add modules whose `OFFERS` pages show, after those that are there."""
    _MODULES.extend(modules)


def _all_offers() -> Iterable[Offer]:
    for name in _MODULES:
        yield from import_module(name).OFFERS
