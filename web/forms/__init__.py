"""Forms and fields; `ActForm` is their common base."""

from web.forms.base import ActForm, ReasonForm

__all__ = ["ActForm", "ReasonForm"]
