"""A logging filter for tokens: addresses that open a page without a login do not appear in logs."""

from __future__ import annotations

import logging
import re

#: calendars, room screens and their sockets; the token follows
_OPENS = re.compile(r"((?:/ws)?/(?:wall|calendar)/)[^/?\s]+")


class HideTokens(logging.Filter):
    """Remove tokens from addresses: Django logs refused addresses, uvicorn those of sockets."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace tokens in the record's message; every record is kept."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                _OPENS.sub(r"\1…", each) if isinstance(each, str) else each for each in record.args
            )
        return True
