"""The site as an ASGI application, for `uvicorn config.asgi:application`."""

import gc
import os

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import get_resolver

from config.proxies import TrustedProxies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

pages = get_asgi_application()

from voting.live.sockets import Site  # noqa: E402  its models are there once the applications are set up

application = TrustedProxies(Site(pages), settings.TRUSTED_PROXIES)
settings.SECRET_KEY  # noqa: B018  without one the site does not start, instead of failing at the first request

# Objects made at the start stay: the garbage collector need not scan them during requests.
get_resolver().url_patterns  # noqa: B018  imports the pages
gc.collect()
gc.freeze()
