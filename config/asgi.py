"""The site as an ASGI application, for `uvicorn config.asgi:application`."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

from config.proxies import TrustedProxies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = TrustedProxies(get_asgi_application(), settings.TRUSTED_PROXIES)
settings.SECRET_KEY  # noqa: B018  without one the site does not start, rather than fail at the first request
