"""Two files given in to one plan at the same moment, on connections of their own."""

from __future__ import annotations

from threading import Barrier, Thread

from django.db import connections

from audit import clock
from proposals import storage
from proposals.actions import attachments
from proposals.attachments import StatedAttachment, stated_attachments
from proposals.models import Attachment, PlanVersion
from tests.pages import files
from tests.stage import START, Stage


def test_two_files_given_in_at_once_are_both_in_the_plan(fresh_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.frozen(START):
        stage = Stage().to("drafted")
        ready = Barrier(2)

        def send(pages):
            try:
                with clock.frozen(START):
                    content = files.pdf(pages)
                    with storage.received([content]) as received:
                        attachment = StatedAttachment(
                            "a.pdf", "", "application/pdf", 1, pages, received.sha256
                        )
                        ready.wait(20)
                        attachments.attach(
                            stage.proposal, by=stage["handler"], file=received, attachment=attachment
                        )
            finally:
                connections.close_all()

        threads = [Thread(target=send, args=[pages]) for pages in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(
            each.name for each in stated_attachments(stage.now(stage.proposal).version.document)
        ) == [
            "a (2).pdf",
            "a.pdf",
        ]
        assert Attachment.objects.count() == 2
        assert PlanVersion.objects.filter(proposal=stage.proposal).count() == 3
