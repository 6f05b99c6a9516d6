"""The packages of the site, from the lowest to the highest, for tools that read all of the code."""

PACKAGES = (
    "regulation",
    "sheets",
    "audit",
    "documents",
    "committee",
    "portfolio",
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
