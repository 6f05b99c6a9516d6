"""The names of the classes, for choices, lists and pages."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from portfolio.classes import Class

CLASSES: Final = [
    (Class.NORMAL.value, _("Normal")),
    (Class.SPECIAL_MENTION.value, _("Special mention")),
    (Class.SUBSTANDARD.value, _("Substandard")),
    (Class.DOUBTFUL.value, _("Doubtful")),
    (Class.LOSS.value, _("Loss")),
]
