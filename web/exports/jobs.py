"""Exports too long for one response: requested, built by the worker, kept for a day for the person who
requested them.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone, translation

from committee.models import Person
from web.exports import files, logs
from web.lists.listing import Listing, by_name
from web.models import Export, SavedFilter
from web.viewer import Viewer, viewer_for

KEPT = timedelta(days=1)
#: an export made by a schedule is there until the next one of most of them
SCHEDULED_KEPT = timedelta(days=8)


def request_export(listing: Listing, person: Person) -> Export:
    """Create the export; its job is queued in the same transaction."""
    return request_file(listing.name, listing.address, person)


def request_file(
    name: str, address: str, person: Person, *, saved: SavedFilter | None = None, language: str = ""
) -> Export:
    """Create the export of the list, or of the part of the log, of this address, with its job."""
    from web.tasks import build_export  # which imports this module

    with transaction.atomic():
        export = Export.objects.create(
            person=person,
            listing=name,
            address=address,
            language=language or translation.get_language() or "en",
            saved=saved,
            held=viewer_for(person).held,
        )
        build_export.defer(pk=export.pk)
    return export


def build(pk: int) -> None:
    """Write the file as the person may see the list now; not for a person who has left."""
    export = Export.objects.select_related("person").filter(pk=pk, state=Export.State.WAITING).first()
    if export is None:
        return
    try:
        with translation.override(export.language):
            _write(export)
    except BaseException:
        Export.objects.filter(pk=pk).update(state=Export.State.FAILED)
        raise
    Export.objects.filter(pk=pk).update(state=Export.State.DONE)


def _write(export: Export) -> None:
    if not export.person.is_active:
        raise PermissionError(export.person_id)
    if export.is_log:
        logs.write(export)
        return
    who = viewer_for(export.person)
    if not by_name()[export.listing].open_to(who):
        raise PermissionError(export.person_id)
    listing = by_name()[export.listing](who, QueryDict(export.address))
    Export.objects.filter(pk=export.pk).update(rows=listing.rows.order_by().count())
    export.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = export.path.with_suffix(".part")
    fresh.touch(0o600)
    for written in files.write_xlsx(listing, fresh):
        Export.objects.filter(pk=export.pk).update(written=written)
    fresh.replace(export.path)


def is_open(export: Export, who: Viewer) -> bool:
    """Whether the person may have the file still: the list is open to them, and they hold what they held.

    What is in it they saw when it was written; of what an office has seen nothing is left to whoever lost it.
    """
    if not set(export.held) <= set(who.held):
        return False
    if export.is_log:
        return logs.Part.at(export.address).is_open_to(who)
    listing = by_name().get(export.listing)
    return listing is not None and listing.open_to(who)


def still_kept() -> Q:
    """The exports that are not yet to be deleted."""
    now = timezone.now()
    return Q(asked_at__gt=now - KEPT) | Q(saved__isnull=False, asked_at__gt=now - SCHEDULED_KEPT)


def next_day(every: str, after: date) -> date | None:
    """The day of the next export after this one; None for a filter that is not exported."""
    if every == SavedFilter.Every.DAY:
        return after + timedelta(days=1)
    if every == SavedFilter.Every.WEEK:
        return after + timedelta(days=7 - after.weekday())
    if every == SavedFilter.Every.MONTH:
        return (after.replace(day=1) + timedelta(days=32)).replace(day=1)
    return None


def run_schedules() -> int:
    """Request the exports that are due, once each however late, and return how many.

    What the person may no longer see is in none; for one who has left, or no longer has the list, there is
    none.
    """
    today = timezone.localdate()
    asked = 0
    with transaction.atomic():
        rows = SavedFilter.objects.select_for_update(of=("self",), skip_locked=True)
        for row in rows.filter(next_on__lte=today).select_related("person").order_by("pk"):
            row.next_on = next_day(row.every, today)
            row.save(update_fields=["next_on"])
            listing = by_name().get(row.listing)
            if row.person.is_active and listing is not None and listing.open_to(viewer_for(row.person)):
                request_file(row.listing, row.address, row.person, saved=row, language=row.language)
                asked += 1
    return asked


def clear() -> None:
    """Delete exports older than a day, scheduled ones after eight, and files without an export."""
    Export.objects.exclude(still_kept()).delete()
    kept = {f"{pk}" for pk in Export.objects.values_list("pk", flat=True)}
    for file in (settings.VAR_DIR / "exports").glob("*.*"):
        # a ZIP being written has a name that begins with a point, until it is complete
        written = timezone.now().timestamp() - file.stat().st_mtime < KEPT.total_seconds()
        if file.stem not in kept and not (file.name.startswith(".") and written):
            file.unlink(missing_ok=True)
