"""Counters of plans, which triggers write for statistics and the board, and their folding."""

from __future__ import annotations

from django.db import connection


def fold() -> None:
    """Replace rows of the same key by one with their sum; concurrent readers see the same sums."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT proposals_fold_figures()")
