"""The office app."""

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from documents import faces


class OfficeConfig(AppConfig):
    """The committee office."""

    name = "office"
    verbose_name = _("Office")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Check what the settings say of the papers' fonts."""
        checks.register(check_fonts)


def check_fonts(**_given: object) -> list[checks.CheckMessage]:
    """An error when the folder of the bank's own fonts has none that papers use."""
    wrong = faces.unfit_folder()
    return [checks.Error(wrong, id="office.E001")] if wrong else []
