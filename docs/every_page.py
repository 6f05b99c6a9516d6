"""Every page of the demo's bank in eight combinations of size, language and appearance, and what each weighs.

python -m docs.every_page               takes them all, into var/pages/
python -m docs.every_page NAME...       takes those of the pages whose names begin so

The pages are found by following links as each role; of plans and meetings there is one in each state. Beside
the pictures lies `measures.tsv`. What is over its budget (`BUDGETS`) is told, and the command ends with 1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import product
from pathlib import Path
from typing import Any

from docs.screenshots import CHROMIUM, ROOT, SCREENS, sites, window_of

FOLDER = ROOT / "var" / "pages"
LANGUAGES, THEMES = ("zh-hans", "en"), ("light", "dark")
#: who looks, in the order in which pages are found; the first who meets a kind of page looks at it
ROLES = (
    "liaison", "handler", "chair", "seat2", "deputy6", "credit", "head_office", "risk", "auditor",
    "handler_head", "admin",
)  # fmt: skip
#: what a page is allowed: bytes of its HTML, pixels of its height on a phone, and how far its layout shifts
BUDGETS = {"html": 60_000, "phone": 4_000, "shift": 0.05}
#: JPEG: pictures to look at, a tenth of PNG's size
QUALITY = 60

#: adds up how far what is shown has shifted by itself, as browsers count it (Cumulative Layout Shift)
WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
    for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifted += each.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass(slots=True)
class Measured:
    """A page, and the most that it weighs in any combination."""

    name: str
    who: str
    address: str
    html: int = 0
    phone: int = 0
    shift: float = 0.0

    @property
    def over(self) -> list[str]:
        """The budgets that it is over, with its figure."""
        return [
            f"{name} {getattr(self, name):.5g} > {most}"
            for name, most in BUDGETS.items()
            if getattr(self, name) > most
        ]


def main(arguments: list[str] | None = None) -> int:
    """The pictures and measures are taken; 1 where a page is over a budget or does not answer."""
    parser = argparse.ArgumentParser(
        prog="python -m docs.every_page", description="every page in eight combinations"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="beginnings of names (default: all)")
    wanted = tuple(parser.parse_args(arguments).names)
    if not CHROMIUM.exists():
        parser.error(f"{CHROMIUM} is missing: apt-get install chromium-headless-shell fonts-noto-cjk")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sites() as (address, _objects, logins):
        found = [each for each in _found(logins) if not wanted or each.name.startswith(wanted)]
        missed = list(_looked_at(found, address, logins))
    _write(found)
    missed += [f"{each.name}: {', '.join(each.over)}" for each in found if each.over]
    sys.stderr.writelines(f"{each}\n" for each in missed)
    print(f"{len(found)} pages, {len(found) * 8} pictures in {FOLDER.relative_to(ROOT)}/")
    return 1 if missed else 0


def _found(logins: dict[str, str]) -> Iterator[Measured]:
    """The pages, each with whoever looks at it."""
    from committee.models import Person
    from tests import walking

    known: set[Any] = set()
    for handle in ROLES:
        person = Person.objects.get(username=logins[handle])
        for name, address in walking.pages(person, known, by_state=True):
            yield Measured(name, handle, address)


def _looked_at(found: list[Measured], address: str, logins: dict[str, str]) -> Iterator[str]:
    """Take the pictures of the pages; yield what was wrong with one whose pictures are not taken."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for who in dict.fromkeys(each.who for each in found):
            window = window_of(browser, address, logins[who], "screen")
            window.add_init_script(WATCH_SHIFTS)
            numbers: dict[str, int] = {}
            for page in (each for each in found if each.who == who):
                numbers[page.name] = numbers.get(page.name, 0) + 1
                more = f"-{numbers[page.name]}" if numbers[page.name] > 1 else ""
                yield from _all_eight(page, window, address, FOLDER / f"{page.name}{more}-{who}")
            window.context.close()
        browser.close()


def _all_eight(page: Measured, window: Any, address: str, stem: Path) -> Iterator[str]:
    """The page in each language and appearance, on each screen."""
    for language, theme in product(LANGUAGES, THEMES):
        window.context.add_cookies(
            [
                {"name": "django_language", "value": language, "url": address},
                {"name": "theme", "value": theme, "url": address},
            ]
        )
        for size, (width, height) in SCREENS.items():
            window.set_viewport_size({"width": width, "height": height})
            answer = window.goto(address + page.address)
            if answer is None or not answer.ok:
                yield f"{page.name}: {page.address} answered {answer and answer.status}"
                return
            page.html = max(page.html, len(answer.body()))
            picture = stem.with_name(f"{stem.name}-{size}-{language}-{theme}.jpg")
            window.screenshot(path=picture, full_page=True, type="jpeg", quality=QUALITY)
            high, shifted = window.evaluate("() => [document.documentElement.scrollHeight, window.shifted]")
            page.shift = max(page.shift, shifted)
            if size == "phone":
                page.phone = max(page.phone, high)


def _write(found: list[Measured]) -> None:
    names = [each.name for each in fields(Measured)]
    lines = ["\t".join(names), *("\t".join(str(getattr(row, name)) for name in names) for row in found)]
    (FOLDER / "measures.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
