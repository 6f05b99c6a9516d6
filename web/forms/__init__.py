"""What one fills in to act, a module a subject; `ActForm` is what they have in common."""

from web.forms.base import ActForm, ReasonForm

__all__ = ["ActForm", "ReasonForm"]
