"""What a proxy says of the client, believed of those that TRUSTED_PROXIES names and of nobody else.

A trusted peer's `X-Forwarded-Proto` is the scheme and its `X-Forwarded-For` the client's address, of a page
and of a socket. Such headers end here, whoever sent them: nothing behind this reads what a client made up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, TypeAlias

from django.core.exceptions import ImproperlyConfigured

Scope: TypeAlias = MutableMapping[str, Any]
Application: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]
Address: TypeAlias = IPv4Address | IPv6Address

#: in place of an address: whoever can open the site's Unix socket
UNIX = "unix"
_SAID = (b"x-forwarded-", b"forwarded", b"x-real-ip")
_SECURE = {b"https": True, b"wss": True, b"http": False, b"ws": False}
_SCHEMES = {"http": ("http", "https"), "websocket": ("ws", "wss")}


class TrustedProxies:
    """The application, with scheme and client as they are before the proxies.

    `trusted` are addresses, networks and `unix`; ImproperlyConfigured for anything else.
    """

    def __init__(self, application: Application, trusted: Iterable[str]) -> None:
        self.application = application
        named = [each.strip() for each in trusted]
        self.unix = UNIX in named
        self.networks = [_network(each) for each in named if each != UNIX]

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """The application answers, told of the client what is to be believed."""
        if scope["type"] in {"http", "websocket"}:
            scope = self.believed(scope)
        await self.application(scope, receive, send)

    def believed(self, scope: Scope) -> Scope:
        """The scope, without what proxies or clients said."""
        kept = [(name, value) for name, value in scope["headers"] if not name.startswith(_SAID)]
        return {**scope, "headers": kept, **self._told(scope)}

    def _told(self, scope: Scope) -> dict[str, Any]:
        """What a trusted peer says; nothing of another."""
        if not self._from_proxy(scope):
            return {}
        told: dict[str, Any] = {}
        protocols = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
        secure = _SECURE.get(protocols[-1].strip().lower()) if protocols else None
        if secure is not None:
            told["scheme"] = _SCHEMES[scope["type"]][secure]
        hops = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        client = self._client(hops.decode("latin-1").split(","))
        if client is not None:
            told["client"] = (str(client), 0)
        return told

    def _from_proxy(self, scope: Scope) -> bool:
        """Whether the peer is a trusted proxy; on a Unix socket neither server nor peer has a port."""
        if scope.get("client"):
            peer = _address(scope["client"][0])
            return peer is not None and self._trusts(peer)
        server = scope.get("server")
        return self.unix and server is not None and server[1] is None

    def _client(self, hops: list[str]) -> Address | None:
        """The last hop that is no trusted proxy, as each proxy adds the one before it; None without any.

        What is no address ends the search: the client made it up.
        """
        client = None
        for hop in reversed(hops):
            address = _address(hop.strip())
            if address is None:
                break
            client = address
            if not self._trusts(address):
                break
        return client

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"TRUSTED_PROXIES: {error}; give addresses, networks, or {UNIX}."
        ) from None


def _address(text: str) -> Address | None:
    """The address as which the text is read; one of IPv4 within IPv6 is that of IPv4. None for other text."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.version == 6 and address.ipv4_mapped) or address
