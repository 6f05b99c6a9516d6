"""What is not to stand in a log: the address that opens something without a login."""

from __future__ import annotations

import logging
import re

#: a calendar, a room screen and its socket; the token follows
_OPENS = re.compile(r"((?:/ws)?/(?:wall|calendar)/)[^/?\s]+")


class HideTokens(logging.Filter):
    """Django names an address that it refused or did not find, uvicorn that of each socket: without token."""

    def filter(self, record: logging.LogRecord) -> bool:
        """The line is kept, its tokens are not."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                _OPENS.sub(r"\1…", each) if isinstance(each, str) else each for each in record.args
            )
        return True
