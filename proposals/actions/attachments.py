"""Attaching files to a plan and taking them off again: amendments of its `attachments`."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from audit import clock
from committee.models import Person
from proposals import storage
from proposals.actions.plans import amend
from proposals.attachments import StatedAttachment, free_name, stated_attachments
from proposals.locks import lock_proposal
from proposals.models import Attachment, Proposal


def attach(
    proposal: Proposal, *, by: Person, file: storage.Received, attachment: StatedAttachment
) -> Proposal:
    """The plan has a new version that names the file, after its other attachments, and the file is kept.

    A name that is taken is numbered; a file that the plan names already is not attached again. The refusals
    are those of `amend`; nothing is kept when it is refused.
    """
    with transaction.atomic():
        locked, _ = lock_proposal(proposal.pk)
        document = locked.present_version.document
        stated = stated_attachments(document)
        rows = document.get("attachments", [])
        if all(each.sha256 != file.sha256 for each in stated):
            name = free_name(attachment.name, {each.name for each in stated})
            rows = [*rows, replace(attachment, name=name).entry()]
        Attachment.objects.get_or_create(
            unit=locked.unit,
            sha256=file.sha256,
            defaults={
                "media_type": attachment.media_type,
                "size": file.size,
                "pages": attachment.pages,
                "added_by": by,
                "added_at": clock.now(),
            },
        )
        amended = amend(proposal, by=by, changes={"attachments": rows})
        storage.keep(file)
    return amended


def detach(proposal: Proposal, *, by: Person, sha256: str) -> Proposal:
    """The plan has a new version that does not name the file; earlier versions name it as before.

    The refusals are those of `amend`.
    """
    with transaction.atomic():
        locked, _ = lock_proposal(proposal.pk)
        document = locked.present_version.document
        rows = document.get("attachments", [])
        left = [
            row for row, each in zip(rows, stated_attachments(document), strict=True) if each.sha256 != sha256
        ]
        return amend(proposal, by=by, changes={"attachments": left})
