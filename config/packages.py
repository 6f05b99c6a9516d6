"""The packages of the site, from the lowest to the highest: what reads all of the code reads these."""

PACKAGES = (
    "regulation",
    "sheets",
    "audit",
    "committee",
    "proposals",
    "voting",
    "office",
    "web",
    "accounts",
    "api",
    "pages",
    "rehearsal",
    "config",
)
