"""The committee app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommitteeConfig(AppConfig):
    """Organisation, people, seats, meetings."""

    name = "committee"
    verbose_name = _("Committees")
    default_auto_field = "django.db.models.BigAutoField"
