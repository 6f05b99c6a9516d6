"""Exports too long for one response: requested, built by the worker, kept for a day for the person who
requested them.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone, translation

from committee.models import Person
from web.exports import files, logs
from web.lists.listing import Listing, by_name
from web.models import Export
from web.viewer import viewer_for

KEPT = timedelta(days=1)


def request_export(listing: Listing, person: Person) -> Export:
    """Create the export; its job is queued in the same transaction."""
    return request_file(listing.name, listing.address, person)


def request_file(name: str, address: str, person: Person) -> Export:
    """Create the export of the list, or of the part of the log, of this address, with its job."""
    from web.tasks import build_export  # which imports this module

    with transaction.atomic():
        export = Export.objects.create(
            person=person, listing=name, address=address, language=translation.get_language() or "en"
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
    listing = by_name()[export.listing](viewer_for(export.person), QueryDict(export.address))
    Export.objects.filter(pk=export.pk).update(rows=listing.rows.order_by().count())
    export.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = export.path.with_suffix(".part")
    fresh.touch(0o600)
    for written in files.write_xlsx(listing, fresh):
        Export.objects.filter(pk=export.pk).update(written=written)
    fresh.replace(export.path)


def clear() -> None:
    """Delete exports older than a day, and files without an export."""
    Export.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()
    kept = {f"{pk}" for pk in Export.objects.values_list("pk", flat=True)}
    for file in (settings.VAR_DIR / "exports").glob("*.*"):
        # a ZIP being written has a name that begins with a point, until it is complete
        written = timezone.now().timestamp() - file.stat().st_mtime < KEPT.total_seconds()
        if file.stem not in kept and not (file.name.startswith(".") and written):
            file.unlink(missing_ok=True)
