"""Model fields for one line of text: names, logins, numbers, places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from regulation.text import is_line


def one_line(value: str) -> None:
    """Raise ValidationError for a text with a line break or another control character."""
    if not is_line(value):
        raise ValidationError(_("Enter one line of text, without line breaks."), code="line")


class _Line(models.Field):  # type: ignore[type-arg]  # Django's takes none when it runs
    """Validates the text in forms and when a new row is saved; stored values are read as they are."""

    default_validators = [one_line]

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001  Django's signature
        """The value; ValidationError for a new value of several lines."""
        value = super().pre_save(model_instance, add)
        if add and isinstance(value, str):
            one_line(value)
        return value


if TYPE_CHECKING:
    LineField = models.CharField
    LineTextField = models.TextField
else:

    class LineField(_Line, models.CharField):
        """A line of limited length."""

        def deconstruct(self) -> Any:
            """The field for migrations: an ordinary CharField."""
            name, _path, args, kwargs = super().deconstruct()
            return name, "django.db.models.CharField", args, kwargs

    class LineTextField(_Line, models.TextField):
        """A line of any length."""

        def deconstruct(self) -> Any:
            """The field for migrations: an ordinary TextField."""
            name, _path, args, kwargs = super().deconstruct()
            return name, "django.db.models.TextField", args, kwargs


def require_lines(row: models.Model, names: Iterable[str]) -> None:
    """Raise ValidationError, by field, for the fields that must be one line and are not."""
    fields = [field for field in row._meta.concrete_fields if field.name in set(names)]
    wrong: dict[str, ValidationError] = {}
    for field in fields:
        if isinstance(field, _Line):
            try:
                one_line(str(field.value_from_object(row)))
            except ValidationError as fault:
                wrong[field.name] = fault
    if wrong:
        raise ValidationError(wrong)
