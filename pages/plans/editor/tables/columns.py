"""What the columns of an institution's own sheets hold, as its handlers chose: remembered for all of them."""

from __future__ import annotations

from collections.abc import Mapping

from audit import clock
from committee.models import Person, Unit
from pages.models import ColumnName
from pages.plans.editor.parts import Rows


def chosen(unit: Unit, table: str) -> dict[str, str]:
    """The field of each heading that was chosen, by its key; empty where the column is left out."""
    return dict(ColumnName.objects.filter(unit=unit, table=table).values_list("head", "field"))


def remember(unit: Unit, part: Rows, found: Mapping[str, str], *, by: Person) -> None:
    """These choices hold for the institution's next tables; what is no field of theirs is left out."""
    known = {leaf.name for leaf in part.parts}
    now = clock.now()
    rows = [
        ColumnName(
            unit=unit, table=part.name, head=head, field=name if name in known else "", chosen_by=by,
            chosen_at=now,
        )
        for head, name in sorted(found.items())
        if head
    ]  # fmt: skip
    ColumnName.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["unit", "table", "head"],
        update_fields=["field", "chosen_by", "chosen_at"],
    )
