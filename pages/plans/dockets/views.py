"""The dockets filed, and the filing of one: chosen, seen as it will be, filed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from committee.models import Committee
from pages.plans.dockets import filed
from pages.plans.queues import queue
from proposals.actions import screening
from proposals.models import Docket, Proposal
from proposals.permissions import ACTS
from regulation.refused import Refused
from web import labels, shell
from web.forms import ActForm
from web.forms.page import Shown, form_page
from web.lists.filters import LONGEST
from web.lists.paging import page_of
from web.viewer import Viewer, committee_of_viewer, viewer_of

_S = Proposal.State


class DocketForm(ActForm):
    """The plans of a docket by name, in their order."""

    @property
    def named(self) -> list[str]:
        """The plans as they were sent, each once."""
        return list(dict.fromkeys(name for name in self.data.getlist("plan") if name.isdecimal()))

    @cached_property
    def seen(self) -> dict[str, Proposal]:
        """Those of them in the committee that the person sees, by name."""
        rows = Proposal.objects.visible_to(self.who.person).filter(
            pk__in=[name for name in self.named if len(name) <= LONGEST], committee=self.subject
        )
        return {str(row.pk): row for row in rows.select_related("committee", "unit", "version")}

    def arguments(self) -> dict[str, Any]:
        """The plans; 404 where the person does not see one of them."""
        if len(self.seen) < len(self.named):
            raise Http404
        return {"proposals": [self.seen[name] for name in self.named]}


@dataclass(frozen=True, kw_only=True)
class DocketList:
    """A page of dockets, and the committees whose next one the person files."""

    page: Page[Docket]
    #: each docket, and how many of its plans the person sees
    rows: list[tuple[Docket, int]]
    #: each committee of which the person is liaison, and how many plans wait for its next docket
    own: list[tuple[Committee, int]]
    query: str = ""


@dataclass(frozen=True, kw_only=True)
class DocketPage:
    """A docket with those of its plans that the person sees."""

    docket: Docket
    rows: list[filed.Line]
    total: Decimal
    #: whether it has plans that the person does not see
    partial: bool


@dataclass(frozen=True, kw_only=True)
class PreviewPage:
    """The next docket as a list, before it is filed."""

    committee: Committee
    rows: list[filed.Line]
    total: Decimal
    #: whether the form holds what was entered before the session ended
    kept: bool
    #: the address of the choice, with these plans in this order
    back: str
    refusal: labels.Refusal | None


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The dockets with a plan that the person sees, the last first; the liaison's way to the next one."""
    who = viewer_of(request)
    page = page_of(request, filed.visible_to(who.person))
    counted = filed.entries_visible_to(who.person).filter(docket__in=[row.pk for row in page])
    numbers = dict(counted.order_by().values_list("docket").annotate(number=Count("pk")))
    context = DocketList(
        page=page,
        rows=[(row, numbers[row.pk]) for row in page],
        own=_with_waiting(who),
    )
    return shell.page(request, "plans/dockets/list.html", context, here="dockets")


def _with_waiting(who: Viewer) -> list[tuple[Committee, int]]:
    """The committees of the liaison, each with how many plans wait for its next docket."""
    waiting = {
        committee.pk: committee.number
        for committee in Committee.objects.filter(liaison=who.person, proposals__state=_S.SHORTLISTED)
        .annotate(number=Count("proposals"))
        .order_by("pk")
    }
    return [(committee, waiting.get(committee.pk, 0)) for committee in who.liaison_of]


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A docket with those of its plans that the person sees; on paper it is the list (拟上会名单)."""
    who = viewer_of(request)
    docket = get_object_or_404(filed.visible_to(who.person), pk=pk)
    entries = list(
        filed.entries_visible_to(who.person)
        .filter(docket=docket)
        .select_related("proposal__committee", "proposal__unit", "version")
        .order_by("pk")
    )
    rows = filed.lines((entry.proposal, entry.version) for entry in entries)
    with timezone.override(docket.committee.tz):
        page = DocketPage(
            docket=docket,
            rows=rows,
            total=filed.total(rows),
            partial=len(entries) < docket.entries.count(),
        )
        return shell.page(request, "plans/dockets/docket.html", page, here="dockets")


@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The next docket of a committee: its plans chosen and put in order, seen as a list, filed (Art. 14)."""
    who, committee = viewer_of(request), committee_of_viewer(request, pk)
    if not who.acts_as(ACTS["file_docket"].office, committee):
        raise PermissionDenied
    rows = _shortlisted(committee, who)

    def page(shown: Shown[DocketForm]) -> HttpResponse:
        data, refusal = shown.input.data, shown.form.refusal
        if data is not None:
            named = data.getlist("plan")
            listed = [row for row in rows if str(row.pk) in named] if refusal else _named(named, rows)
            return _preview(request, committee, listed, refusal, kept=shown.kept, status=shown.status)
        order, chosen = _asked(request.GET, rows)
        if "preview" in request.GET and chosen:
            return _preview(request, committee, chosen)
        nothing = Refused("14/not-shortlisted") if "preview" in request.GET else None
        return _choosing(request, committee, order, chosen, nothing)

    with timezone.override(committee.tz):
        return form_page(
            request,
            form=lambda given: DocketForm(given.sent, subject=committee, who=who),
            act=lambda form: _filed(request, form),
            page=page,
        )


def _named(named: list[str], rows: Sequence[Proposal]) -> list[Proposal]:
    """The plans of these names, in the order in which they are named."""
    by_name = {str(row.pk): row for row in rows}
    return [by_name[name] for name in named if name in by_name]


def _shortlisted(committee: Committee, who: Viewer) -> list[Proposal]:
    return list(
        Proposal.objects.visible_to(who.person)
        .filter(committee=committee, state=_S.SHORTLISTED)
        .select_related("committee", "unit", "version")
        .order_by("state_since", "pk")
    )


def _asked(given: QueryDict, rows: Sequence[Proposal]) -> tuple[list[Proposal], list[Proposal]]:
    """All plans in the requested order, and those chosen; at first all of them, the oldest first."""
    by_name = {str(row.pk): row for row in rows}
    named = [by_name[name] for name in dict.fromkeys(given.getlist("row")) if name in by_name]
    order = [*named, *(row for row in rows if row not in named)]
    _move(order, by_name, given)
    if "row" not in given:
        return order, order
    return order, [row for row in order if str(row.pk) in given.getlist("plan")]


def _move(order: list[Proposal], by_name: Mapping[str, Proposal], given: QueryDict) -> None:
    """The plan named to go up or down changes its place with the one above or below it."""
    for move, step in (("up", -1), ("down", 1)):
        moved = by_name.get(given.get(move, ""))
        if moved is not None:
            place = order.index(moved)
            order.insert(max(place + step, 0), order.pop(place))


def _choosing(
    request: HttpRequest,
    committee: Committee,
    order: Sequence[Proposal],
    chosen: Sequence[Proposal],
    refused: Refused | None,
) -> HttpResponse:
    lines = filed.lines((row, row.version) for row in order if row.version is not None)
    context = {
        "committee": committee,
        "rows": [
            (line, line.proposal in chosen, queue.days_since(line.proposal.state_since, committee))
            for line in lines
        ],
        "refusal": labels.refusal(refused) if refused else None,
    }
    status = refused.status if refused else 200
    return shell.page(request, "plans/dockets/choose.html", context, here="dockets", status=status)


def _preview(
    request: HttpRequest,
    committee: Committee,
    chosen: Sequence[Proposal],
    refusal: labels.Refusal | None = None,
    *,
    kept: bool = False,
    status: int = 200,
) -> HttpResponse:
    lines = filed.lines((row, row.version) for row in chosen if row.version is not None)
    back = QueryDict(mutable=True)
    back.setlist("row", [str(row.pk) for row in chosen])
    back.setlist("plan", [str(row.pk) for row in chosen])
    page = PreviewPage(
        committee=committee,
        rows=lines,
        total=filed.total(lines),
        kept=kept,
        back=f"{reverse('docket-new', args=[committee.pk])}?{back.urlencode()}",
        refusal=refusal,
    )
    return shell.page(request, "plans/dockets/preview.html", page, here="dockets", status=status)


def _filed(request: HttpRequest, form: DocketForm) -> str:
    """Where filing the docket led."""
    docket = screening.file_docket(form.subject, by=form.who.person, **form.arguments())
    messages.success(request, _("The docket %(docket)s is filed with head office.") % {"docket": docket})
    return reverse("docket", args=[docket.pk])
