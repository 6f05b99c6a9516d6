"""The site; its sockets are checked once an hour, so they are sent what they were notified of and no more."""

from config.asgi import application
from voting.live import hub

hub.SECONDS = 3600.0

__all__ = ["application"]
