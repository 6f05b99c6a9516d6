"""The site, whose sockets are looked at once an hour: what they are told, was rung for."""

from config.asgi import application
from voting.live import hub

hub.SECONDS = 3600.0

__all__ = ["application"]
