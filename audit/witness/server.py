"""The witness over HTTP: `POST /add-checkpoint` for logs, and a page of its logs for people."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from audit.witness.store import MOST_BYTES, TEXT, Answer, Evidence, Standing, Witness

#: seconds after which a connection that says nothing is closed
PATIENCE = 15
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
_STYLE = "lianxi.css"
_ADD = "/add-checkpoint"
_NOTES = re.compile(r"/logs/(?P<log>[0-9]{1,9})|/evidence/(?P<evidence>[0-9]{1,9})/(?P<which>note|kept)")

_log = logging.getLogger("lianxi.witness")


class Told(NamedTuple):
    """A log as the page tells it; times are aware, and the number is its place among the logs."""

    number: int
    standing: Standing
    seen_at: datetime | None
    root: str
    forked: list[tuple[Evidence, datetime]]
    shrunk_at: datetime | None


class Server(ThreadingHTTPServer):
    """Serves one witness; `listen` is (host, port)."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, listen: tuple[str, int], witness: Witness) -> None:
        super().__init__(listen, Handler)
        self.witness = witness


class Handler(BaseHTTPRequestHandler):
    """One connection, which may carry several requests."""

    protocol_version = "HTTP/1.1"
    server_version = "lianxi-witness"
    sys_version = ""
    timeout = PATIENCE
    server: Server

    def do_POST(self) -> None:
        """Answer a log that asks for a cosignature."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) <= 10):
            self._say(Answer(411, TEXT, b"Content-Length is missing\n"), close=True)
        elif self._place != _ADD:
            self._not_here(close=True)
        elif int(length) > MOST_BYTES:
            self._say(Answer(400, TEXT, f"a request has at most {MOST_BYTES:,} bytes\n".encode()), close=True)
        else:
            answer = self.server.witness.add_checkpoint(self.rfile.read(int(length)))
            if answer.status != 200:
                _log.warning("%d: %s", answer.status, answer.body[:300].decode(errors="replace").strip())
            self._say(answer)

    def do_GET(self) -> None:
        """Answer a person: the page, its style, a note to download."""
        place = self._place
        if place == "/":
            self._say(Answer(200, "text/html; charset=utf-8", self._page()))
        elif place == f"/{_STYLE}":
            style = Path(settings.BASE_DIR, "static", _STYLE).read_bytes()
            self._say(Answer(200, "text/css; charset=utf-8", style))
        else:
            found = self._note(place)
            if found is None:
                self._not_here()
            else:
                self._say(Answer(200, TEXT, found.encode()), attachment=True)

    do_HEAD = do_GET  # noqa: N815 - the base class names it; `_say` leaves the body out

    def _refuse(self) -> None:
        """Answer any other method, whose body is not read."""
        self._not_here(close=True)

    do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _refuse  # noqa: N815 - the base class names them

    @property
    def _place(self) -> str:
        """What is asked for, without a query, which nothing here reads."""
        return self.path.partition("?")[0]

    def _not_here(self, *, close: bool = False) -> None:
        """405 with the methods that there are at this place, or 404 where there is none (RFC 9110, 15.5)."""
        place = self._place
        if place == _ADD:
            self._say(Answer(405, TEXT, b"only POST\n"), close=close, allow="POST")
        elif self.command not in ("GET", "HEAD") and self._is_page(place):
            self._say(Answer(405, TEXT, b"only GET and HEAD\n"), close=close, allow="GET, HEAD")
        else:
            self._say(Answer(404, TEXT, b"not found\n"), close=close)

    def _is_page(self, place: str) -> bool:
        return place in ("/", f"/{_STYLE}") or self._note(place) is not None

    def _note(self, path: str) -> str | None:
        """The note at logs/NUMBER, or at evidence/NUMBER/note and evidence/NUMBER/kept."""
        asked = _NOTES.fullmatch(path)
        if asked is None:
            return None
        at, number, which = asked["log"], asked["evidence"], asked["which"]
        if at is not None:
            standings = self.server.witness.standings()
            seen = standings[int(at)].seen if int(at) < len(standings) else None
            return seen.note if seen else None
        found = self.server.witness.evidence(int(number))
        if found is None:
            return None
        return (found.note if which == "note" else found.kept) or None

    def _page(self) -> bytes:
        """The logs and how they stand, in the reader's language."""
        with translation.override(_language(self.headers.get("Accept-Language", ""))):
            told = [_told(at, each) for at, each in enumerate(self.server.witness.standings())]
            return render_to_string("audit/witness.html", {"logs": told, "style": _STYLE}).encode()

    def _say(self, answer: Answer, *, close: bool = False, attachment: bool = False, allow: str = "") -> None:
        """Send the answer, to HEAD without its body; `close` where the rest of the request is not read."""
        self.close_connection = self.close_connection or close
        self.send_response(answer.status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        if attachment:
            self.send_header("Content-Disposition", 'attachment; filename="checkpoint.txt"')
        if allow:
            self.send_header("Allow", allow)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Log it with the other lines, not on the standard error."""
        _log.info(format, *args)


def _told(number: int, standing: Standing) -> Told:
    seen, shrunk = standing.seen, standing.shrunk
    return Told(
        number,
        standing,
        datetime.fromtimestamp(seen.at, UTC) if seen else None,
        seen.root.hex() if seen else "",
        [(each, datetime.fromtimestamp(each.at, UTC)) for each in standing.forked],
        datetime.fromtimestamp(shrunk.at, UTC) if shrunk else None,
    )


def _language(accepted: str) -> str:
    """The first of the reader's languages that there is, else English."""
    for code, _ in parse_accept_lang_header(accepted.lower()):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
