"""What one fills in to act, a module a subject; `ActForm` is what they have in common."""

from office.forms.base import ActForm, ReasonForm

__all__ = ["ActForm", "ReasonForm"]
