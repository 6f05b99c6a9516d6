"""The administrator's site: Django's admin, reduced to people, units, positions and committees.

Meetings, plans, votes and the audit log are not registered, so the administrator can neither see nor change
them here. Each change calls an action, which writes its audit entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.password_validation import validate_password
from django.db import models
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, URLResolver, resolve, reverse
from django.utils.timezone import localdate
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from committee.actions import founding, people
from committee.models import Committee, Person, Position, Seat, Unit
from committee.offices import OFFICES, Scope
from regulation.numbers import Regulation
from regulation.refused import Refused
from regulation.text import folded_identifier, plain_line
from web import idempotent_forms, labels
from web.forms import fields

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
    _ModelForm = forms.ModelForm[Any]
else:  # generic for the type checker alone
    _ModelAdmin, _ModelForm = admin.ModelAdmin, forms.ModelForm

#: parts of Django's admin that are left out: the site has its own login page, and an action sets passwords
_LEFT_OUT = frozenset({"login", "password_change", "password_change_done", "autocomplete", "view_on_site"})

#: the kind of unit that a position is held for, by the scope of its office; of the ledger any
_UNITS_OF = {
    Scope.INSTITUTION: Unit.Kind.SUB_BRANCH,
    Scope.BRANCH: Unit.Kind.BRANCH,
    Scope.BANK: Unit.Kind.HEAD_OFFICE,
}


class Site(admin.AdminSite):
    """The administrator's site; 404 for everybody else."""

    site_title = _("Administration")
    site_header = _("Lianxi · Administration")
    index_title = _("People, units, positions and committees")
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person is an administrator."""
        who = request.user
        return isinstance(who, Person) and who.is_active and who.is_staff and who.is_superuser

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Wrap the view: 404 for whoever is not an administrator."""
        inner = super().admin_view(view, cacheable)

        def outer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not self.has_permission(request):
                raise Http404
            return inner(request, *args, **kwargs)

        return outer

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The addresses of Django's admin without those left out; the login page is the site's own."""
        kept = [entry for entry in super().get_urls() if getattr(entry, "name", None) not in _LEFT_OUT]
        for view in _views(kept):
            view.login_url = None
        return kept

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Redirect to the site's own page for signing out."""
        return resolve(reverse("logout")).func(request)


def _views(entries: list[URLPattern | URLResolver]) -> Iterator[Any]:
    for entry in entries:
        if isinstance(entry, URLResolver):
            yield from _views(entry.url_patterns)
        else:
            yield entry.callback


def _bank(request: HttpRequest) -> int | None:
    """The id of the administrator's bank; None for an administrator of all banks."""
    assert isinstance(request.user, Person)
    return request.user.bank_id


class RefusableForm(_ModelForm):
    """A form that shows the refusal of its action, and what was entered before the session ended."""

    #: the refusal's text, when the form is shown again because the action refused
    refused: ClassVar[str] = ""
    #: what was posted to a session that had ended, without passwords
    kept: ClassVar[QueryDict | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.kept is not None:
            for name, field in self.fields.items():
                self.initial[name] = field.widget.value_from_datadict(self.kept, {}, name)

    def clean(self) -> dict[str, Any]:
        """Return the cleaned data; raise the refusal as a ValidationError, if there is one."""
        given = super().clean() or {}
        if self.refused:
            self.add_error(None, self.refused)
        return given


class _FormRefused(Exception):
    """Raised to leave the transaction of a form that was refused, so that nothing of it is stored."""

    def __init__(self, page: HttpResponse) -> None:
        super().__init__()
        self.page = page


class RestrictedAdmin(_ModelAdmin):
    """The base of the model admins: rows of the administrator's bank only, no bulk actions, no deletion."""

    actions = None
    #: fields of one line: names, logins and numbers
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        models.EmailField: {"form_class": forms.EmailField},
        models.CharField: {"form_class": fields.Line},
    }
    #: the lookup that leads from a row to its bank
    bank = "bank"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows of the administrator's bank; all rows for an administrator of all banks."""
        rows = super().get_queryset(request)
        own = _bank(request)
        return rows.filter(**{self.bank: own}) if own else rows

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Deletion is not offered; positions are ended instead."""
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Limit the choice of units and people to the administrator's bank."""
        own = _bank(request)
        if own:
            kwargs["queryset"] = db_field.related_model.objects.filter(bank=own)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The form class, given the refusal and the saved input."""
        made: Any = super().get_form(request, *args, **kwargs)
        made.refused, made.kept = getattr(request, "refused", ""), getattr(request, "kept", None)
        return made

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, processed once for each form token; a refusal is shown above the input."""
        form_view, noted = super().changeform_view, cast("Any", request)
        if request.method != "POST":
            noted.kept = idempotent_forms.saved_input(request)
            if noted.kept is not None and not hasattr(request, "sent_before"):
                messages.info(
                    request,
                    gettext(
                        "Your session had ended. What you had entered is here again: check it and send it "
                        "once more."
                    ),
                )
            return form_view(request, *args, **kwargs)

        def act() -> str:
            response = form_view(request, *args, **kwargs)
            if not isinstance(response, HttpResponseRedirect):
                raise _FormRefused(response)
            return response.url

        try:
            return HttpResponseRedirect(idempotent_forms.carry_out(request, act))
        except _FormRefused as shown:
            return shown.page
        except Refused as refused:
            language = get_language() or "en"
            noted.refused = f"{refused.message(language)}{labels.gap()}{refused.remedy(language)}"
            return form_view(request, *args, **kwargs)


class PersonForm(RefusableForm):
    """A person; a password can be set here and is never shown."""

    new_password = forms.CharField(
        label=_("New password"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Left empty, the password stays as it is; somebody without one cannot sign in."),
    )

    class Meta:
        model = Person
        fields = ("username", "staff_no", "display_name", "unit", "email", "phone", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs["autocomplete"] = "off"  # another person than the administrator

    def clean(self) -> dict[str, Any]:
        """Check that the staff number is unique in the bank and that the password passes the validators."""
        given = super().clean()
        unit, password = given.get("unit"), given.get("new_password")
        if unit is None and "unit" not in self.errors and self.instance.bank_id is not None:
            self.add_error("unit", gettext("Somebody employed by a bank belongs to a unit."))
        bank = unit.bank_id if unit else self.instance.bank_id
        others = Person.objects.exclude(pk=self.instance.pk)
        staff_key = folded_identifier(given.get("staff_no", ""))
        if bank and others.filter(bank=bank, staff_key=staff_key).exists():
            self.add_error("staff_no", gettext("Somebody of this bank has this staff number."))
        if others.filter(login_key=folded_identifier(given.get("username", ""))).exists():
            self.add_error("username", gettext("Somebody has this login."))
        if password:
            try:
                validate_password(password, self.instance)
            except forms.ValidationError as error:
                self.add_error("new_password", error)
        return given


class PersonAdmin(RestrictedAdmin):
    """People: employ, change, deactivate, set a password."""

    form = PersonForm
    list_display = ("display_name", "staff_no", "username", "unit", "is_active")
    list_filter = ("is_active", "positions__role")
    search_fields = ("display_name", "staff_no", "username")
    ordering = ("staff_no",)
    list_select_related = ("unit",)

    def save_model(self, request: HttpRequest, obj: Person, form: PersonForm, change: bool) -> None:
        """Call the action: employ or change, then set the password."""
        if change:
            changes = {name: form.cleaned_data[name] for name in form.changed_data if name != "new_password"}
            if changes:
                people.change_person(obj, by=request.user, changes=changes)
            if changes.get("is_active") is False:
                self._warn(request, obj)
        else:
            unit = form.cleaned_data["unit"]
            people.require_administrator(request.user, unit.bank)
            given = {name: form.cleaned_data[name] for name in people.CHANGEABLE if name != "is_active"}
            (made,) = founding.employ(by=request.user, bank=unit.bank, people=[founding.Employee(**given)])
            obj.pk, obj.bank_id, obj._state.adding = made.pk, made.bank_id, False
        if form.cleaned_data["new_password"]:
            people.give_password(obj, by=request.user, password=form.cleaned_data["new_password"])

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """The fields; `is_active` is left out for a new person, who always begins active."""
        fields = (*PersonForm.Meta.fields[:-1], "new_password")
        return (*fields, "is_active") if obj else fields

    def _warn(self, request: HttpRequest, person: Person) -> None:
        """Warn that a deactivated person still holds seats or the liaison's office, which the risk department
        must fill.
        """
        held = [*Seat.objects.filter(holder=person), *Committee.objects.filter(liaison=person)]
        if held:
            messages.warning(
                request,
                gettext("Still held, for the Risk department to fill anew: %(offices)s")
                % {"offices": gettext(", ").join(str(office) for office in held)},
            )


class UnitForm(RefusableForm):
    """A unit below another; a unit without a parent is a bank."""

    class Meta:
        model = Unit
        fields = ("parent", "kind", "name")

    def clean(self) -> dict[str, Any]:
        """Check that a unit is a head office if and only if it has no parent."""
        given = super().clean()
        if self.instance.pk is None and (given.get("parent") is None) != (
            given.get("kind") == Unit.Kind.HEAD_OFFICE
        ):
            self.add_error("parent", gettext("A head office has no parent; every other unit has one."))
        return given


class UnitAdmin(RestrictedAdmin):
    """Units: add and rename."""

    form = UnitForm
    list_display = ("name", "kind", "parent")
    list_filter = ("kind",)
    search_fields = ("name",)
    ordering = ("bank", "parent", "name")
    list_select_related = ("parent",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """The parent of an existing unit cannot be changed."""
        return ("parent", "kind") if obj else ()

    def save_model(self, request: HttpRequest, obj: Unit, form: Any, change: bool) -> None:
        """Call the action: add or rename."""
        if change:
            people.rename_unit(obj, by=request.user, name=obj.name)
            return
        parent = form.cleaned_data["parent"]
        people.require_administrator(request.user, parent and parent.bank)
        if parent is None:
            made = founding.found_bank(by=request.user, name=obj.name)
        else:
            made = founding.add_unit(by=request.user, parent=parent, kind=obj.kind, name=obj.name)
        obj.pk, obj.bank_id, obj._state.adding = made.pk, made.bank_id, False


class PositionForm(RefusableForm):
    """A position: a person's role for a unit of the kind that the role is held for."""

    class Meta:
        model = Position
        fields = ("person", "role", "unit")

    def clean(self) -> dict[str, Any]:
        """Check that person and unit belong to one bank and that the unit is of the role's kind."""
        given = super().clean()
        person, role, unit = (given.get(name) for name in self.Meta.fields)
        if person and unit and person.bank_id != unit.bank_id:
            self.add_error("unit", gettext("Person and unit are of different banks."))
        kind = _UNITS_OF.get(OFFICES[role].scope) if role else None
        if kind and unit and unit.kind != kind:
            self.add_error("unit", gettext("This role is for: %(kinds)s") % {"kinds": kind.label})
        return given


class PositionAdmin(RestrictedAdmin):
    """Positions: give and end; a position is never changed."""

    form = PositionForm
    bank = "person__bank"
    list_display = ("person", "role", "unit")
    list_filter = ("role",)
    search_fields = ("person__display_name", "person__staff_no", "unit__name")
    raw_id_fields = ("person",)
    ordering = ("unit", "role", "person")
    list_select_related = ("person", "unit")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Positions are not changed: one is ended and another given."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A position can be ended, which this admin calls deletion."""
        return request.user.is_superuser

    def save_model(self, request: HttpRequest, obj: Position, form: Any, change: bool) -> None:
        """Call the action that gives the position."""
        made = people.give_position(obj.person, by=request.user, role=obj.role, unit=obj.unit)
        obj.pk, obj._state.adding = made.pk, False

    def delete_model(self, request: HttpRequest, obj: Position) -> None:
        """Call the action that ends the position."""
        people.end_position(obj, by=request.user)


class CommitteeForm(RefusableForm):
    """A new committee: branch, names, liaison, seats, and the date from which its regulation is in force."""

    posts = fields.Prose(
        label=_("Posts of the seats"),
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=_("One a line, the chair's first; the Risk department fills the seats."),
    )
    effective_from = fields.Day(
        label=_("Regulation effective from"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    class Meta:
        model = Committee
        fields = ("branch", "name", "abbreviation", "timezone", "liaison")


class CommitteeAdmin(RestrictedAdmin):
    """Committees: founded here. Roster, liaison and regulation are changed by the risk department on its
    pages.
    """

    form = CommitteeForm
    bank = "branch__bank"
    list_display = ("name", "branch", "liaison")
    search_fields = ("name", "branch__name")
    raw_id_fields = ("liaison",)
    list_select_related = ("branch", "liaison")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A committee is not changed here."""
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """The fields; seats and regulation are entered only when the committee is founded."""
        return CommitteeForm.Meta.fields if obj else (*CommitteeForm.Meta.fields, "posts", "effective_from")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The regulation is in force from today unless another date is entered."""
        return {"effective_from": localdate()}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Limit the choice of units to branches."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "branch":
            field.queryset = field.queryset.filter(kind=Unit.Kind.BRANCH)
        return field

    def save_model(self, request: HttpRequest, obj: Committee, form: Any, change: bool) -> None:
        """Call the action that founds the committee."""
        people.require_administrator(request.user, obj.branch.bank)
        posts = [post for line in form.cleaned_data["posts"].splitlines() if (post := plain_line(line))]
        made = founding.found_committee(
            by=request.user,
            branch=obj.branch,
            name=obj.name,
            abbreviation=obj.abbreviation,
            timezone=obj.timezone,
            liaison=obj.liaison,
            seats=[(post, None, None) for post in posts],
            numbers=Regulation(),
            effective_from=form.cleaned_data["effective_from"],
        )
        obj.pk, obj._state.adding = made.pk, False


site = Site(name="admin")
site.register(Person, PersonAdmin)
site.register(Unit, UnitAdmin)
site.register(Position, PositionAdmin)
site.register(Committee, CommitteeAdmin)
