"""The client's scheme and address as reported by a proxy, accepted only from TRUSTED_PROXIES.

From a trusted peer, `X-Forwarded-Proto` becomes the scheme and `X-Forwarded-For` the client's address, for
pages and sockets alike. These headers are always removed, so that nothing behind this middleware reads values
sent by a client.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, TypeAlias

from django.core.exceptions import ImproperlyConfigured

Scope: TypeAlias = MutableMapping[str, Any]
Application: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]
Address: TypeAlias = IPv4Address | IPv6Address

#: stands for whoever can open the site's Unix socket
UNIX = "unix"
_SAID = (b"x-forwarded-", b"forwarded", b"x-real-ip")
_SECURE = {b"https": True, b"wss": True, b"http": False, b"ws": False}
_SCHEMES = {"http": ("http", "https"), "websocket": ("ws", "wss")}


class TrustedProxies:
    """ASGI middleware that sets scheme and client as they were before the proxies.

    `trusted` has addresses, networks and `unix`; ImproperlyConfigured for anything else.
    """

    def __init__(self, application: Application, trusted: Iterable[str]) -> None:
        self.application = application
        named = [each.strip() for each in trusted]
        self.unix = UNIX in named
        self.networks = [_network(each) for each in named if each != UNIX]

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Call the application with the corrected scope."""
        if scope["type"] in {"http", "websocket"}:
            scope = self.believed(scope)
        await self.application(scope, receive, send)

    def believed(self, scope: Scope) -> Scope:
        """The scope without forwarding headers, with the values of a trusted peer."""
        kept = [(name, value) for name, value in scope["headers"] if not name.startswith(_SAID)]
        return {**scope, "headers": kept, **self._told(scope)}

    def _told(self, scope: Scope) -> dict[str, Any]:
        """The values that a trusted peer reports; nothing from other peers."""
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
        """The last hop that is not a trusted proxy, since each proxy appends the one before it; None without
        one.

        Text that is no address ends the search: it comes from the client.
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
    """The text as an address, IPv4 mapped into IPv6 as IPv4; None for other text."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.version == 6 and address.ipv4_mapped) or address
