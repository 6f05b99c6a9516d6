"""What the ledger of loans brings to several desks: loans without a collector, tapes held, loans of one's
own.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.desk.rows import Row
from pages.desk.sections import Section, SectionQuery
from portfolio.models import Admonishment, Assignment, Institution, Loan, Tape, Task, WatchDay, WatchSeen
from portfolio.models import Warning as LedgerWarning
from portfolio.money import yuan
from portfolio.permissions import loans_visible_to
from web import labels
from web.lists.filters import InArray
from web.templatetags.lianxi import day_written
from web.viewer import Viewer

_W = LedgerWarning.State
#: the states in which a warning waits for the office, the risk department or head office
TO_RULE = (_W.RAISED, _W.REPLIED, _W.ACCEPTED)


def within(units: frozenset[int], column: str = "institution") -> Q:
    """The condition for rows of the ledger's institutions within these units, by the column of their
    institution.

    The ids are an array that the statement itself reads first, so that the index by institution serves.
    """
    above = Institution.objects.filter(
        unit__in=units, bank=OuterRef("bank"), lft__lte=OuterRef("lft"), rgt__gte=OuterRef("rgt")
    )
    rows = Institution.objects.filter(Exists(above.order_by())).order_by()
    return Q(InArray(F(column), ArraySubquery(rows.values("pk"))))


def loan_row(loan: Loan, tone: str = "information", note: str = "") -> Row:
    """A loan: its contract and borrower, and what is owed of its principal."""
    return Row(
        reverse("household", args=[loan.borrower.household_id]),
        loan.contract_no,
        loan.borrower.name,
        note or f"{loan.institution} · {loan.get_loan_class_display()}",
        tone,
        gettext("%(amount)s yuan") % {"amount": labels.money(yuan(loan.principal))},
    )


def without_collector(loans: QuerySet[Loan]) -> QuerySet[Loan]:
    """Those of the loans for whose collection nobody answers."""
    running = Assignment.objects.standing().filter(
        loan=OuterRef("pk"), kind=Assignment.Kind.COLLECTION, to_on=None
    )
    return loans.filter(~Exists(running), collection_staff_no="")


def duty_gaps(within: Q) -> Iterator[SectionQuery | Section]:
    """The institutions' non-performing loans without a collector, those with the most principal first."""
    rows = without_collector(Loan.objects.non_performing().filter(within))
    yield SectionQuery(
        _("Loans without a collector"),
        _("A non-performing loan for whose collection nobody answers appears here at once."),
        rows.order_by("-principal", "pk"),
        lambda loan: loan_row(loan, "stopped"),
        more=f"{reverse('loans')}?gap=1",
        always=False,
    )


def tapes_held(within: Q) -> Iterator[SectionQuery | Section]:
    """Tapes of the institutions that wait until they are released or given up."""
    yield SectionQuery(
        _("Tapes that are held"),
        _("A doubtful tape waits here until you release it or give it up."),
        Tape.objects.filter(within, state=Tape.State.HELD).order_by("as_of", "pk"),
        lambda tape: Row(
            reverse("tape", args=[tape.pk]),
            tape.as_of.isoformat(),
            str(tape.scope),
            gettext("%(rows)s rows, %(rejected)s rejected")
            % {"rows": f"{tape.rows:,}", "rejected": f"{tape.rejected:,}"},
            "waiting",
            day_written(tape.as_of),
            since=tape.handed_in_at,
        ),
        more=f"{reverse('tapes')}?state=held",
        always=False,
    )


def own_loans(who: Viewer) -> Iterator[SectionQuery | Section]:
    """The non-performing loans with a duty of the person's own, those with the most principal first."""
    yield SectionQuery(
        _("Loans to collect"),
        _("Non-performing loans appear here from the day on which their collection is your duty."),
        Loan.objects.non_performing().filter(loans_visible_to(who.person)).order_by("-principal", "pk"),
        loan_row,
        more=reverse("loans"),
    )


def watched(within: Q) -> Iterator[SectionQuery | Section]:
    """Institutions that are watched daily and whose latest day the head has not seen."""
    latest = (
        WatchDay.objects.filter(institution=OuterRef("institution")).order_by("-as_of").values("as_of")[:1]
    )
    seen = WatchSeen.objects.filter(institution=OuterRef("institution"), as_of=OuterRef("as_of"))
    rows = WatchDay.objects.filter(within, ~Exists(seen), watched=True, as_of=Subquery(latest))
    yield SectionQuery(
        _("To be looked at today"),
        _("An institution whose non-performing principal has risen far is looked at every day."),
        rows.order_by("institution", "pk"),
        lambda day: Row(
            reverse("institution", args=[day.institution_id]),
            day.institution.code,
            str(day.institution),
            gettext("%(rise)s yuan above the year's start")
            % {"rise": labels.money(yuan(day.stock.rise)) if day.stock.rise is not None else "—"},
            "waiting",
            day_written(day.as_of),
            due=day.as_of,
        ),
        always=False,
    )


def warnings_in(within: Q, *states: str) -> Iterator[SectionQuery | Section]:
    """The warnings in these states, by the day on which the reply is due."""
    yield SectionQuery(
        _("Warnings of a rise"),
        _("A warning waits here until it is issued, replied to and closed, by whoever is next."),
        LedgerWarning.objects.filter(within, state__in=states).order_by("reply_due_on", "-amount", "pk"),
        lambda warning: Row(
            reverse("warning", args=[warning.pk]),
            warning.last_on.isoformat(),
            str(warning.institution),
            gettext("%(state)s · %(amount)s yuan")
            % {"state": warning.get_state_display(), "amount": labels.money(yuan(warning.amount))},
            "waiting",
            day_written(warning.reply_due_on) if warning.reply_due_on else "",
            due=warning.reply_due_on,
            since=warning.raised_at,
        ),
        more=reverse("warnings"),
        always=False,
    )


def supervised(within: Q) -> Iterator[SectionQuery | Section]:
    """Talks that are due with heads of institutions."""
    yield SectionQuery(
        _("Admonishment talks due"),
        _("A talk is due here until its record is kept."),
        Admonishment.objects.filter(within, state=Admonishment.State.DUE).order_by("due_on", "pk"),
        lambda talk: Row(
            reverse("admonishment", args=[talk.pk]),
            str(talk.year),
            str(talk.institution),
            gettext("%(amount)s yuan above the year's start") % {"amount": labels.money(yuan(talk.amount))},
            "waiting",
            day_written(talk.due_on),
            due=talk.due_on,
        ),
        more=reverse("ledger-supervision"),
        always=False,
    )


def own_tasks(who: Viewer) -> Iterator[SectionQuery | Section]:
    """The open collection tasks of the person, the first due first."""
    yield SectionQuery(
        _("Collection tasks"),
        _("A task of yours appears here until what it asks for has come in."),
        Task.objects.filter(collector=who.person, state=Task.State.OPEN).order_by("due_on", "pk"),
        lambda task: Row(
            reverse("household", args=[task.household_id]),
            str(task.household),
            gettext("%(amount)s yuan to collect") % {"amount": labels.money(yuan(task.amount))},
            str(task.institution),
            "waiting",
            day_written(task.due_on),
            due=task.due_on,
        ),
        always=False,
    )
