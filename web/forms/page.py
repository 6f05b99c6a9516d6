"""The page of a form: shown, filled in, and submitted once; a refusal is shown beside the input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.forms import BaseForm, ModelChoiceField
from django.forms.models import ModelChoiceIterator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.datastructures import MultiValueDict

from regulation.refused import Refused
from web import idempotent_forms
from web.forms.base import ActForm

F = TypeVar("F", bound=BaseForm)


@dataclass(frozen=True)
class Input:
    """The data from which a form is made: the data sent, or the input saved before the session ended."""

    sent: QueryDict | None
    saved: QueryDict | None
    files: MultiValueDict[str, Any] | None

    @property
    def data(self) -> QueryDict | None:
        """The data of the fields; None for a form not filled in yet."""
        return self.saved if self.sent is None else self.sent


@dataclass
class Shown(Generic[F]):
    """A form as its page shows it, with its input and the status of the response."""

    form: F
    input: Input
    status: int = 200

    @property
    def kept(self) -> bool:
        """Whether it shows input saved before the session ended."""
        return self.input.saved is not None


def form_page(
    request: HttpRequest,
    *,
    form: Callable[[Input], F],
    act: Callable[[F], str],
    page: Callable[[Shown[F]], HttpResponse],
    ready: Callable[[F], bool] = BaseForm.is_valid,
) -> HttpResponse:
    """Return the page of the form, or on POST a redirect to the address that `act` returns.

    `act` is called once for the form's token, if `ready` (by default validity) is true; a preview is not
    ready. A refusal by either is shown on the form with the refusal's status; a form with errors has 422, and
    one whose choices have changed meanwhile (ValidationError) 409.
    """
    posted = request.method == "POST"
    given = Input(
        sent=request.POST if posted else None,
        saved=idempotent_forms.saved_input(request),
        files=request.FILES if posted and request.FILES else None,
    )
    shown = Shown(form(given), given)
    if posted:
        try:
            if ready(shown.form):
                led_to = idempotent_forms.carry_out(request, lambda: act(shown.form))
                return idempotent_forms.redirect_to(request, led_to)
            shown.status = 422 if shown.form.errors else 200
        except Refused as refused:
            if not isinstance(shown.form, ActForm):
                raise
            shown.form.refuse(refused)
            shown.status = refused.status
        except ValidationError as changed:
            shown.form.add_error(None, changed)
            shown.status = 409
    _read(shown.form)
    return page(shown)


def _read(form: BaseForm) -> None:
    """What is wrong with the form, and the rows among which fields let choose, are read before its page is
    made: a template asks the database for nothing.
    """
    if form.is_bound:
        form.errors  # noqa: B018  is read once
    for field in form.fields.values():
        if isinstance(field, ModelChoiceField) and isinstance(field.choices, ModelChoiceIterator):
            field.choices = list(field.choices)
