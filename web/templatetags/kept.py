"""Parts of pages that are the same for many readers, and made once: a template tag, and a function."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar, cast

from cachetools import TTLCache
from django import template
from django.db import connection
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils import timezone, translation
from django.utils.safestring import SafeString

register = template.Library()

Made = TypeVar("Made", bound=Hashable)

#: parts that a process keeps at most, and seconds for which each is kept
MOST, KEPT_FOR = 4096, 600
_kept: TTLCache[Hashable, Hashable] = TTLCache(MOST, KEPT_FOR)
_lock = Lock()


def forget() -> None:
    """Forget what was kept."""
    with _lock:
        _kept.clear()


def keep(name: str, values: tuple[Hashable, ...], make: Callable[[], Made]) -> Made:
    """What `make` returns, now or before for the same values, language and time zone.

    The values say all else that it depends on; nothing in it is for one reader alone.
    """
    where = connection.settings_dict["NAME"], translation.get_language(), timezone.get_current_timezone_name()
    key = (name, *where, *values)
    with _lock:
        known = _kept.get(key)
    if known is None:
        known = make()
        with _lock:
            _kept[key] = known
    return cast("Made", known)


class KeptNode(template.Node):
    """What is between the tags, made once for the same values, language and time zone."""

    def __init__(self, nodelist: NodeList, name: str, values: list[FilterExpression]) -> None:
        self.nodelist, self.name, self.values = nodelist, name, values

    def render(self, context: Context) -> SafeString:
        """The text, as it was made before, or now."""
        values = [str(each.resolve(context)) for each in self.values]
        if not values[0]:
            return self.nodelist.render(context)
        return keep(self.name, tuple(values), lambda: self.nodelist.render(context))


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """Keep a part: `{% kept "result" round.fingerprint level %}...{% endkept %}`.

    The values say all that the part depends on, beside language and time zone, and nothing in it is for one
    reader alone: no token of a form, nothing that some of those who get the values may not see. With an empty
    first value it is made each time.
    """
    _tag, name, *values = token.split_contents()
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodelist, name.strip("\"'"), [parser.compile_filter(each) for each in values])
