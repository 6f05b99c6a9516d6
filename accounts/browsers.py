"""The name of a browser and its system, from the User-Agent header."""

from __future__ import annotations

import re

_LONGEST = 80
#: the first match wins: most browsers also name the browsers that they are compatible with
_BROWSERS = (
    ("WeCom", r"wxwork/([\d]+)"),
    ("WeChat", r"MicroMessenger/([\d]+)"),
    ("Edge", r"Edg(?:e|A|iOS)?/([\d]+)"),
    ("Opera", r"OPR/([\d]+)"),
    ("Huawei Browser", r"HuaweiBrowser/([\d]+)"),
    ("UC Browser", r"UC?Browser/([\d]+)"),
    ("QQ Browser", r"QQBrowser/([\d]+)"),
    ("360", r"(?:QihooBrowser|360SE|360EE)(?:/([\d]+))?"),
    ("Samsung Internet", r"SamsungBrowser/([\d]+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/([\d]+)"),
    ("Chrome", r"(?:HeadlessChrome|Chrome|CriOS)/([\d]+)"),
    ("Safari", r"Version/([\d]+)[^ ]* (?:Mobile/\S+ )?Safari/"),
    ("Internet Explorer", r"(?:MSIE |Trident/.*rv:)([\d]+)"),
    ("curl", r"curl/([\d]+)"),
    ("Python", r"(?:Python-urllib|python-requests|python-httpx|aiohttp)/([\d]+)"),
)
_SYSTEMS = (
    ("HarmonyOS", r"HarmonyOS|OpenHarmony"),
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("UOS", r"\bUOS\b"),
    ("Kylin", r"Kylin"),
    ("Linux", r"Linux|X11"),
)


def browser_name(agent: str) -> str:
    """A name such as "Edge 126 · Windows"; the beginning of an unknown header, an empty text without one."""
    agent = agent[:500]
    browser = next(
        (
            f"{name} {found[1]}" if found[1] else name
            for name, mark in _BROWSERS
            if (found := re.search(mark, agent))
        ),
        "",
    )
    system = next((name for name, mark in _SYSTEMS if re.search(mark, agent)), "")
    known = " · ".join(filter(None, (browser, system)))
    return known or "".join(filter(str.isprintable, agent))[:_LONGEST]
