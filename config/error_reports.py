"""What a report of an error shows: where it was, not what was in the variables there."""

from __future__ import annotations

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class NoVariables(SafeExceptionReporterFilter):
    """Leaves out the variables of every frame and what was posted, unless DEBUG is on.

    Passwords, PINs, ballots and reasons are in variables of many functions; marking each of these
    (`sensitive_variables`) would miss the next one.
    """

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        """The names and values of a frame: none."""
        if not self.is_active(request):
            return super().get_traceback_frame_variables(request, tb_frame)
        return dict[str, Any]().items()

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """What was posted, each value hidden."""
        if request is None:
            return {}
        if not self.is_active(request):
            return dict(super().get_post_parameters(request))
        return dict.fromkeys(request.POST, self.cleansed_substitute)
