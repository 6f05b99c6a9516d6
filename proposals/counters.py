"""What triggers keep of the plans for figures and the board; they write it, this folds it."""

from __future__ import annotations

from django.db import connection


def fold() -> None:
    """Of rows of the same key one is left; no sum changes, for whoever reads meanwhile neither."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT proposals_fold_figures()")
