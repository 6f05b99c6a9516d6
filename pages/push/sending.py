"""Sending one push: to known hosts of browsers alone, over HTTPS, encrypted for the browser (RFC 8291)."""

from __future__ import annotations

import http.client
import json
import logging
import re
import ssl
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from pages.models import PushSubscription
from pages.push import keys

#: seconds for which a browser's service keeps a push, and for which its answer is waited for
KEPT, PATIENCE = 3600, 10
#: characters of an endpoint; those of all browsers are shorter
LONGEST = 1000
_P256_POINT, _AUTH_SECRET = 65, 16
_GONE, _LATER = (404, 410), (408, 429)
#: no address has such a sign: blanks, controls, a backslash, what is not ASCII
_UNUSUAL = re.compile(r"[^!-\[\]-~]")

_log = logging.getLogger("lianxi.push")


class NotSentError(Exception):
    """The browser's service did not take the push; `later` says whether it may when it is sent again."""

    def __init__(self, why: str, *, later: bool) -> None:
        super().__init__(why)
        self.later = later


def is_endpoint(address: str) -> bool:
    """Whether it is an address that the site pushes to: https, a known host, the usual port."""
    if len(address) > LONGEST or _UNUSUAL.search(address):
        return False
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    usual = parts.scheme == "https" and port in (None, 443) and "@" not in parts.netloc
    return usual and any(_is_of(parts.hostname or "", known) for known in settings.PUSH_HOSTS)


def _is_of(host: str, known: str) -> bool:
    """Whether the host is the known one, or below it where it begins with a dot."""
    return host.endswith(known) if known.startswith(".") else host == known


def decoded(text: str, size: int) -> bytes | None:
    """Bytes of this number from base64url; None for any other text."""
    try:
        found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, Base64Error):
        return None
    return found if len(found) == size else None


def are_keys(p256dh: str, auth: str) -> bool:
    """Whether they are a point of P-256 and a secret, as a browser gives them."""
    point = decoded(p256dh, _P256_POINT)
    if point is None or decoded(auth, _AUTH_SECRET) is None:
        return False
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    return True


def send(row: PushSubscription, told: Mapping[str, str]) -> bool:
    """Whether the push has left; False where the browser has given the subscription up, or its service is
    none any more that the site pushes to.

    NotSentError for any other answer, and without a key. No redirect is followed.
    """
    if not is_endpoint(row.endpoint):
        return False
    site = keys.key()
    if site is None:
        raise NotSentError("PUSH_KEY_FILE cannot be read", later=True)
    body = http_ece.encrypt(
        json.dumps(told).encode(),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=decoded(row.p256dh, _P256_POINT),
        auth_secret=decoded(row.auth, _AUTH_SECRET),
        version="aes128gcm",
    )
    parts = urlsplit(row.endpoint)
    signed = site.sign({"aud": f"https://{parts.netloc}", "sub": settings.PUSH_CONTACT})
    status = _post(
        parts.hostname or "", f"{parts.path}?{parts.query}".rstrip("?"), body, signed["Authorization"]
    )
    if status in _GONE:
        return False
    if not 200 <= status < 300:
        raise NotSentError(f"{parts.hostname} answered {status}", later=status in _LATER or status >= 500)
    return True


def _post(host: str, path: str, body: bytes, authorization: str) -> int:
    """The status with which the service answers. NotSentError where it does not."""
    line = http.client.HTTPSConnection(host, timeout=PATIENCE, context=ssl.create_default_context())
    headers = {
        "Authorization": authorization,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT),
        "Urgency": "high",
    }
    try:
        line.request("POST", path, body, headers)
        return line.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise NotSentError(f"{host} is not reached: {error}", later=True) from error
    finally:
        line.close()
