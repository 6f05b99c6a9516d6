from django.apps import AppConfig
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from audit.log_keys import witness


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "audit log"

    def ready(self) -> None:
        """Check what the settings say of the log's witness."""
        checks.register(check_witness)


def check_witness(**_given: object) -> list[checks.CheckMessage]:
    """An error when the witness's key or address cannot be used."""
    try:
        witness()
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="audit.E001")]
    return []
