"""The board of all proposals by stage."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from committee.models import Unit
from office import board, frame
from proposals.models import Proposal


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The proposals by stage, as far as the person sees them; of the offices that follow all of them."""
    who = frame.standing(request)
    if not who.follows_all:
        raise Http404
    rows = Proposal.objects.visible_to(who.person)
    units = list(Unit.objects.filter(Exists(rows.filter(unit=OuterRef("pk")))).order_by("name", "pk"))
    chosen = next((unit for unit in units if str(unit.pk) == request.GET.get("unit", "")), None)
    filters = {}
    if chosen is not None:
        rows = rows.filter(unit=chosen)
        filters["unit"] = str(chosen.pk)
    stages, ended = board.of(rows, **filters)
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
