"""Loads templates as pages send them: without the indentation that is there for whoever reads the source."""

from __future__ import annotations

import re

from django.template.base import Origin
from django.template.loaders.filesystem import Loader


class UnindentedLoader(Loader):
    """Templates of pages without the white space at the beginning of their lines, a third of a page's bytes.

    What stands in a textarea stands at the beginning of its line, and mail (.txt) is left as it is.
    """

    def get_contents(self, origin: Origin) -> str:
        """The text of the template."""
        text = super().get_contents(origin)
        return re.sub(r"\n[ \t]+", "\n", text) if str(origin.name).endswith(".html") else text
