"""Filtering and paging of the lists."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest

PER_PAGE = 25

_FILED = re.compile(r"〔\s*(\d{4})\s*〕\s*(\d+)")
#: beyond this a number cannot be one of ours, and the database could not hold it
LONGEST = 9


def page_of(request: HttpRequest, rows: QuerySet[Any] | range, per_page: int = PER_PAGE) -> Page[Any]:
    """The page asked for; the nearest there is for a number out of range."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


def query(request: HttpRequest, *names: str) -> str:
    """The filters in force, as the beginning of a query to which a page is added."""
    kept = {name: request.GET[name] for name in names if request.GET.get(name)}
    return f"{urlencode(kept)}&" if kept else ""


def matches(text: str, *fields: str) -> Q:
    """The rows whose texts contain the text, or whose number it is: "3" or "呼联〔2026〕3号"."""
    found = Q()
    for name in fields:
        found |= Q(**{f"{name}__icontains": text})
    if text.isdecimal() and len(text) <= LONGEST:
        found |= Q(number=int(text))
    filed = _FILED.search(text)
    if filed is not None and len(filed[2]) <= LONGEST:
        found |= Q(year=int(filed[1]), number=int(filed[2]))
    return found
