"""That head office's witness has not cosigned the audit log yet, for those whom it concerns."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.witnessing import uncosigned_since
from pages.desk.rows import Row
from pages.desk.sections import Section
from web.templatetags.lianxi import written


def sections(address: str) -> Iterator[Section]:
    """A section that leads to the address while a checkpoint lacks its cosignature; none otherwise."""
    since = uncosigned_since()
    if since is None:
        return
    row = Row(
        address,
        "",
        gettext("The audit log is not yet cosigned"),
        gettext("Head office's witness has not answered; the system asks it again every minute."),
        "information",
        written(timezone.localtime(since)),
        since=since,
    )
    yield Section(_("Audit log"), "", [row], 1)
