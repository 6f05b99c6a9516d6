"""A template loader that removes the indentation of the source."""

from __future__ import annotations

import re

from django.template.base import Origin
from django.template.loaders.filesystem import Loader


class UnindentedLoader(Loader):
    """Load pages without white space at the beginning of lines, a third of a page's bytes.

    So the content of a textarea must begin at the beginning of its line; mail (.txt) is left unchanged.
    """

    def get_contents(self, origin: Origin) -> str:
        """The text of the template."""
        text = super().get_contents(origin)
        return re.sub(r"\n[ \t]+", "\n", text) if str(origin.name).endswith(".html") else text
