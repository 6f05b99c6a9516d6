"""The page of a committee's templates of texts, which its liaison keeps."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from committee.models import Committee
from committee.offices import LIAISON
from pages.meetings.text_templates import gaps
from pages.meetings.text_templates.forms import TextTemplateForm
from pages.models import TextTemplate
from web import shell
from web.forms.page import Shown, form_page
from web.lists.filters import LONGEST
from web.viewer import committee_of_viewer, viewer_of

#: so many a committee keeps
MOST = 60


@dataclass(frozen=True, kw_only=True)
class TemplatesPage:
    """A committee's templates by kind, and the form of one."""

    subject: Committee
    #: each kind with its name and its templates
    kinds: list[tuple[str, str, list[TextTemplate]]]
    gaps: tuple[gaps.Gap, ...]
    form: TextTemplateForm
    kept: bool
    #: the one that is changed
    changed: TextTemplate | None


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """The templates with the form of a new one, or of the one that `?change` names; one is kept or erased."""
    committee, who = committee_of_viewer(request, pk), viewer_of(request)
    if not who.acts_as(LIAISON, committee):
        raise PermissionDenied
    here = reverse("text-templates", args=[pk])
    if "erase" in request.POST:
        get_object_or_404(TextTemplate, committee=committee, pk=_number(request.POST["erase"])).delete()
        messages.success(request, _("The template is erased. What was sent keeps its text."))
        return HttpResponseRedirect(here)
    rows = list(
        TextTemplate.objects.filter(committee=committee).select_related("saved_by").order_by("name", "pk")
    )
    changed = next((row for row in rows if str(row.pk) == request.GET.get("change")), None)

    def act(form: TextTemplateForm) -> str:
        given = form.cleaned_data
        named = {"committee": committee, "kind": given["kind"], "name": given["name"]}
        known = any((row.kind, row.name) == (given["kind"], given["name"]) for row in rows)
        if not known and len(rows) >= MOST:
            raise ValidationError(
                _("A committee keeps at most %(most)d templates: erase one first.") % {"most": MOST}
            )
        said = {"text": given["text"], "saved_by": who.person, "saved_at": clock.now()}
        TextTemplate.objects.update_or_create(**named, defaults=said)
        messages.success(request, _("The template is kept."))
        return here

    def page(shown: Shown[TextTemplateForm]) -> HttpResponse:
        context = TemplatesPage(
            subject=committee,
            kinds=[
                (value, str(name), [row for row in rows if row.kind == value])
                for value, name in TextTemplate.Kind.choices
            ],
            gaps=gaps.GAPS[TextTemplate.Kind.NARRATIVE],
            form=shown.form,
            kept=shown.kept,
            changed=changed,
        )
        return shell.page(
            request, "meetings/text_templates/templates.html", context, here="meetings", status=shown.status
        )

    return form_page(
        request,
        form=lambda given: TextTemplateForm(given.data, initial=_initial(changed), label_suffix=""),
        act=act,
        page=page,
    )


def _initial(changed: TextTemplate | None) -> dict[str, str]:
    if changed is None:
        return {}
    return {"kind": changed.kind, "name": changed.name, "text": changed.text}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST else 0
