"""Static files: collected and compressed once, with hashes in their names, for a year."""

from __future__ import annotations

from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]  # it has no types

YEAR = 365 * 24 * 3600  # seconds


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # it has no types
    """Serve what `collectstatic` left, with the compressed copy beside a file where a browser takes one.

    A file with the hash of its content in its name is kept for a year and not asked for again; another one,
    which pages do not name, for a minute.
    """

    FOREVER = YEAR
