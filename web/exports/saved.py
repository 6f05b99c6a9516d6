"""Filters that a person saves of a list under a name of their own, and their scheduled exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from web import idempotent_forms, shell
from web.exports import jobs
from web.forms import ActForm, fields
from web.forms.page import Input, Shown, form_page
from web.lists.listing import Listing, by_name
from web.models import Export, SavedFilter
from web.viewer import viewer_of

#: so many filters a person saves of a list at most
MOST = 30


class SaveForm(ActForm):
    """The name of the filters that are shown now, and how often the list is exported with them."""

    name = fields.Line(label=_("Name"), max_length=60, help_text=_("One that exists is replaced."))
    every = forms.ChoiceField(
        label=_("Export"),
        choices=SavedFilter.Every.choices,
        required=False,
        help_text=_("As XLSX, with what you may see then; it is kept for eight days."),
    )

    def clean(self) -> dict[str, object]:
        """The name and the interval; no further filter beyond the most."""
        given = super().clean() or {}
        rows = SavedFilter.objects.filter(person=self.who.person, listing=self.subject.name)
        if rows.exclude(name=given.get("name")).count() >= MOST:
            self.add_error(
                "name", gettext("You have saved %(most)d filters; end one first.") % {"most": MOST}
            )
        return given


@dataclass(frozen=True, kw_only=True)
class SavedPage:
    """The person's saved filters of a list, and the form that saves those of the address."""

    list: Listing
    filters: Sequence[SavedFilter]
    exports: Sequence[Export]
    form: SaveForm
    kept: bool
    #: the list, and the same with the filters of the address
    back: str
    shown: str


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, name: str) -> HttpResponse:
    """What the person has saved of the list; a filter is saved, replaced or ended."""
    who = viewer_of(request)
    if name not in by_name() or not by_name()[name].open_to(who):
        raise Http404
    listing = by_name()[name](who, request.GET)
    back = reverse(name)
    if request.POST.get("act") == "end":
        return HttpResponseRedirect(idempotent_forms.carry_out(request, lambda: _ended(request, name)))

    def form(given: Input) -> SaveForm:
        return SaveForm(given.data, subject=listing, who=who)

    def page(shown: Shown[SaveForm]) -> HttpResponse:
        saved_page = SavedPage(
            list=listing,
            filters=list(SavedFilter.objects.filter(person=who.person, listing=name).order_by("name")),
            exports=list(_exports(request, name)),
            form=shown.form,
            kept=shown.kept,
            back=back,
            shown=f"{back}?{listing.address}" if listing.address else back,
        )
        return shell.page(request, "web/exports/saved.html", saved_page, here=name, status=shown.status)

    return form_page(request, form=form, act=lambda form: _saved(request, listing, form), page=page)


def _exports(request: HttpRequest, name: str) -> list[Export]:
    who = viewer_of(request)
    rows = Export.objects.filter(jobs.still_kept(), person=who.person, listing=name).exclude(saved=None)
    newest = rows.select_related("saved").order_by("-pk")[:MOST]
    return [each for each in newest if jobs.is_open(each, who)]


def _saved(request: HttpRequest, listing: Listing, form: SaveForm) -> str:
    every = form.cleaned_data["every"]
    SavedFilter.objects.update_or_create(
        person=viewer_of(request).person,
        listing=listing.name,
        name=form.cleaned_data["name"],
        defaults={
            "address": listing.address,
            "every": every,
            "next_on": jobs.next_day(every, timezone.localdate()),
            "language": translation.get_language() or "en",
        },
    )
    messages.success(request, gettext("The filter is saved."))
    return reverse("saved-filters", args=[listing.name])


def _ended(request: HttpRequest, name: str) -> str:
    pk = request.POST.get("filter", "")
    rows = SavedFilter.objects.filter(person=viewer_of(request).person, listing=name)
    if pk.isdecimal() and len(pk) <= 9 and rows.filter(pk=int(pk)).delete()[0]:
        messages.success(request, gettext("The filter is ended."))
    return reverse("saved-filters", args=[name])
