"""Addresses of the pages, from the `urls.py` of each folder.

The acts on a meeting and on a committee come last, since their verb can be any word.
"""

from django.urls import include, path

from web import act

_FOLDERS = (
    "desk",
    "search",
    "help",
    "push",
    "inbox",
    "calendar",
    "oversight",
    "room",
    "committee",
    "signing",
    "meetings",
    "plans",
    "portfolio",
)

urlpatterns = [
    *(path("", include(f"pages.{folder}.urls")) for folder in _FOLDERS),
    path("meetings/<int:pk>/<slug:verb>/", act.meeting, name="meeting-act"),
    path("committees/<int:pk>/<slug:verb>/", act.committee, name="committee-act"),
]
