"""What was sent is received and acknowledged; an archive that was brought back is read."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from office import tasks
from office.models import Dispatch
from tests.journeys.conftest import aside, fits
from tests.stage import Stage

SIZES = ((1440, 900), (390, 844), (320, 700))


@pytest.fixture
def case():
    def built() -> Stage:
        """A meeting is archived; its copies and its report are under way."""
        return Stage().to("archived")

    return built


def at_every_size(page) -> None:
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})


def send_all() -> None:
    for row in Dispatch.objects.exclude(kind="report"):
        tasks.send_dispatch(row.pk)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_institution_receives_and_the_liaison_sees_how_far_it_has_come(
    look, site, settings, tmp_path, language
):
    settings.MEDIA_ROOT = tmp_path
    aside(send_all)
    page = look("screen", "handler", language=language)
    page.goto("/messages/")
    page.locator('a[href="/dispatches/"]').click()
    at_every_size(page)
    page.locator("tbody th a").click()
    at_every_size(page)
    for _ in range(2):
        page.locator(".acts-buttons .button").first.click()
        expect(page.locator(".flash-success")).to_be_visible()
    expect(page.locator(".page-state .lozenge-good")).to_be_visible()
    expect(page.locator(".acts-buttons .button")).to_have_count(0)
    liaison = look("screen", "liaison", language=language)
    liaison.goto(f"/meetings/{site.meeting}/minutes/")
    liaison.locator('a[href="/outbox/"]').click()
    at_every_size(liaison)
    expect(liaison.locator("tbody tr").first.locator(".lozenge-waiting")).to_be_visible()
    expect(liaison.locator("tbody .lozenge-good")).to_have_count(1)
    liaison.locator("tbody th a").first.click()
    liaison.locator(".acts-buttons .button").click()
    expect(liaison.locator(".flash-success")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_imported_archive_is_read_by_the_auditor(look, site, settings, tmp_path, language):
    settings.MEDIA_ROOT = tmp_path / "media"
    aside(call_command, "export_archive", str(site.meeting), to=tmp_path / "file.zip")
    aside(call_command, "import_archive", tmp_path / "file.zip")
    page = look("screen", "auditor", language=language)
    page.goto("/audit/")
    page.locator('a[href="/archives/"]').click()
    at_every_size(page)
    page.locator("tbody th a").click()
    expect(page.locator("tbody tr")).to_have_count(13)
    at_every_size(page)
    with page.expect_download() as download:
        page.locator("tbody th a").first.click()
    assert download.value.suggested_filename.endswith(".json")
