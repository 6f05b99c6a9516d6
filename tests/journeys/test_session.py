"""The last minutes of a session: told in time, and put off without losing what was typed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from accounts import login_sessions
from accounts.sessions import SessionStore


def of_session(context, look):
    """What `look` finds in the browser's session, beside the loop of the browser."""
    (key,) = (cookie["value"] for cookie in context.cookies() if cookie["name"] == "sessionid")

    def beside():
        try:
            return look(SessionStore(key))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(beside).result()


def end_soon(session):
    session.set_expiry(timezone.now() + timedelta(seconds=login_sessions.WARNING + 4))
    session.save()


def test_the_end_of_a_session_is_told_while_one_writes_and_put_off_in_place(site, browser):
    context = browser.new_context(base_url=site.address)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto("/login/")
    page.locator("[name=username]").fill(site.logins["liaison"])
    page.locator("[name=password]").fill(site.password)
    page.locator("main button").click()
    page.wait_for_url(f"{site.address}/")
    of_session(context, end_soon)
    page.goto("/profile/")
    bar = page.locator("form.session")
    expect(bar).to_be_hidden()
    page.locator("[name=phone]").fill("8123")
    expect(bar).to_be_visible(timeout=15_000)
    expect(bar.locator("[data-session-minutes]")).to_have_text("10")
    bar.locator("button").click()
    expect(bar).to_be_hidden()
    assert page.locator("[name=phone]").input_value() == "8123"
    left = of_session(context, lambda session: session.get_expiry_date()) - timezone.now()
    assert left > timedelta(hours=11)
