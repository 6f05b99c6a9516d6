"""The portfolio app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortfolioConfig(AppConfig):
    """The ledger of loans: institutions, tapes, balances, duties."""

    name = "portfolio"
    verbose_name = _("Loan ledger")
    default_auto_field = "django.db.models.BigAutoField"
