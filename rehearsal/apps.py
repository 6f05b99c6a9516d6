"""The rehearsal app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RehearsalConfig(AppConfig):
    """Cases as files."""

    name = "rehearsal"
    verbose_name = _("Rehearsals")
    default_auto_field = "django.db.models.BigAutoField"
