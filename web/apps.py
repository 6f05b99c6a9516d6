"""The web app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """How pages are made."""

    name = "web"
    default_auto_field = "django.db.models.BigAutoField"
