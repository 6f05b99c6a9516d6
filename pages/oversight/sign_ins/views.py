"""The register of sign-ins, for auditor and administrator; the administrator ends a lock on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import sign_ins, throttle
from accounts.models import Tries
from committee.actions.people import administers
from committee.models import Person
from pages.oversight.sign_ins.listing import SignIns
from web import idempotent_forms, shell
from web.viewer import Viewer, viewer_of


@dataclass(frozen=True)
class Lock:
    """A person who is held up, where, and until when."""

    person: Person
    where: tuple[str | Promise, ...]
    ends: datetime


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What was tried and done, as the address filters it, and who is held up now."""
    who = viewer_of(request)
    if not SignIns.open_to(who):
        raise Http404
    listing = SignIns(who, request.GET)
    context = {"list": listing.read(), "locks": _locks(who), "ends_locks": who.administers}
    return shell.page(request, "oversight/sign_ins/list.html", context, here="sign-ins")


@require_POST
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """The person is held up nowhere any more."""
    who = viewer_of(request)
    person = get_object_or_404(_people(who), pk=pk)
    if not administers(who.person, person.bank):
        raise PermissionDenied

    def act() -> str:
        sign_ins.unlock(request, person, by=who.person)
        messages.success(request, _("%(name)s can sign in everywhere again.") % {"name": person.display_name})
        return reverse("sign-ins")

    return HttpResponseRedirect(idempotent_forms.carry_out(request, act))


def _people(who: Viewer) -> QuerySet[Person]:
    """Whose sign-ins the person looks into."""
    if not SignIns.open_to(who):
        raise Http404
    return Person.objects.filter(SignIns.people(who))


def _locks(who: Viewer) -> list[Lock]:
    """Those held up, the last first, each once."""
    found: dict[int, Lock] = {}
    rows = Tries.objects.filter(person__in=_people(who)).select_related("person").order_by("-last")
    for row in rows:
        ends = throttle.lock_ends(row)
        if ends is None or row.person is None:
            continue
        where = row.get_kind_display() + (f" {row.address}" if row.address else "")
        known = found.get(row.person.pk)
        found[row.person.pk] = Lock(
            row.person,
            (*(known.where if known else ()), where),
            max(ends, known.ends) if known else ends,
        )
    return list(found.values())
