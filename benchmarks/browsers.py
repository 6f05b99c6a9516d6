"""How long it takes until every browser at a meeting shows a ballot: eleven of them, in the room.

The nine members, the liaison and an auditor have the room open, each in a window of headless Chromium. Each
page notes the moment at which it has drawn the count with a ballot. Browsers and site share the machine, so
the browsers' own work is in the figure.
Usage: python -m benchmarks.browsers [rounds]
"""

import asyncio
import os
import sys
import time

from benchmarks.cast import sessions  # it sets Django up, for what follows

from benchmarks.serving import own_database, serving  # isort: skip
from playwright.async_api import async_playwright

from benchmarks import site
from benchmarks.room import SEATS, SITE, WARM_UP, Asker, ballot, percentile
from tests import databases
from tests.journeys.conftest import CHROMIUM
from tests.voting import racing
from voting.actions import votes

MOST = 250
#: notes when the page's heading has counted so many ballots
WATCH = """() => {
  window.shown = {};
  const note = () => {
    const said = document.getElementById("room-says")?.textContent.match(/([0-9]+) of 9 seats have voted/);
    const now = () => performance.timeOrigin + performance.now();
    if (said) requestAnimationFrame(() => { window.shown[said[1]] ??= now(); });
  };
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


async def windows(playwright, port, keys):
    """A window of the browser for each session, with the room of the meeting."""
    browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    address, pages = f"http://127.0.0.1:{port}", []
    for key in keys:
        context = await browser.new_context(viewport={"width": 390, "height": 844}, base_url=address)
        await context.add_cookies([{"name": "sessionid", "value": key, "url": address}])
        pages.append(await context.new_page())
    return browser, pages


async def measure(port, room, keys, members, rounds):
    """Milliseconds from each ballot's request until the last of the pages had drawn it."""
    asker, times = await Asker.to(port), []
    async with async_playwright() as playwright:
        browser, pages = await windows(playwright, port, keys)
        for number in range(WARM_UP + rounds):
            proposal, _ = await asyncio.to_thread(room.open_vote)
            for page in pages:
                await page.goto(f"/meetings/{room.meeting.pk}/")
                await page.evaluate(WATCH)
            await asyncio.sleep(2)
            for seat, session in enumerate(members, 1):
                began = 1000 * time.time()
                await asker.ask(ballot(proposal, session, seat - 1))
                shown = [await _shown(page, seat) for page in pages]
                if number >= WARM_UP:
                    times.append(max(shown) - began)
            await asyncio.to_thread(votes.close_vote, proposal, by=room.liaison)
        await browser.close()
    return times


async def _shown(page, count):
    """When the page had drawn that so many have voted, in milliseconds since the epoch."""
    handle = await page.wait_for_function("count => window.shown[count]", arg=str(count), timeout=60_000)
    return await handle.json_value()


def main(rounds: int) -> None:
    """Prints the median and the 99th percentile."""
    with own_database(site.TABLE) as database:
        bank = racing.found()
        room = racing.in_session(bank, WARM_UP + rounds)
        members = sessions(room.members)
        keys = [*members, *sessions([room.liaison, bank.people["auditor"]])]
        with serving(SITE, database) as (_process, port):
            times = asyncio.run(measure(port, room, keys, members, rounds))
    median, last = (percentile(times, part) for part in (0.5, 0.99))
    print(
        f"{len(keys)} browsers in one room, {len(times)} ballots of {SEATS} seats: shown by all in"
        f" {median:.0f} ms at the median, {last:.0f} ms at the 99th percentile (to reach: {MOST} ms);"
        f" load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)
    databases.cluster().release()
