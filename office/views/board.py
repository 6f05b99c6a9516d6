"""The board of all proposals by stage."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from committee.permissions import read_offices
from office import board, frame
from office.viewer import viewer_of


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The proposals by stage, as far as the person sees them; of the offices that follow all of them."""
    who = viewer_of(request)
    if not who.follows_all:
        raise Http404
    read_offices(who.person)
    units = list(board.units(who.person))
    chosen = next((unit for unit in units if str(unit.pk) == request.GET.get("unit", "")), None)
    stages, ended = board.of(who.person, chosen)
    context = {
        "stages": stages,
        "ended": [stage for stage in ended if stage.count],
        "bars": board.bars(stages),
        "alternative": board.alternative(stages),
        "ages": board.AGES,
        "units": units,
        "chosen": chosen,
    }
    return frame.page(request, "office/board.html", context, here="board")
