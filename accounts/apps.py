"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Signing in."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the part of the page context that tells when the session ends."""
        from accounts import login_sessions  # noqa: F401  models are there only now
