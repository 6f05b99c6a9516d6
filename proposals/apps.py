"""The proposals app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProposalsConfig(AppConfig):
    """Plans from draft to execution."""

    name = "proposals"
    verbose_name = _("Plans")
    default_auto_field = "django.db.models.BigAutoField"
