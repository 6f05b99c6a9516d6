"""No template asks the database: what it shows, the view that feeds it has read."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.template.base import Template
from django.template.context import Context
from django.utils.safestring import SafeString


class TemplateAsked(AssertionError):
    """A statement was executed while a template was rendered."""


def _refuse(_execute: Any, sql: str, *_given: Any) -> None:
    raise TemplateAsked(f"A template asks the database. Let the view read it, as a list: {sql[:1000]}")


def guard() -> None:
    """From now on each statement that is executed while a template is rendered raises `TemplateAsked`.

    So every page that any test looks at is tried, those of tests/pages/test_every_address.py among them.
    Pages of Django's administration are left out: its forms read the choices of their fields when rendered.
    """
    render = Template.render

    def guarded(self: Template, context: Context) -> SafeString:
        included = _refuse in connection.execute_wrappers
        if included or (self.name or "").startswith("admin/"):
            return render(self, context)
        with connection.execute_wrapper(_refuse):
            return render(self, context)

    Template.render = guarded  # type: ignore[method-assign]  # of all templates, from all tests
