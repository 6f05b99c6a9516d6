"""The office app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OfficeConfig(AppConfig):
    """The committee office."""

    name = "office"
    verbose_name = _("Office")
    default_auto_field = "django.db.models.BigAutoField"
