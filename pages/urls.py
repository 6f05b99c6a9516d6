"""The addresses of the pages: each folder brings its own.

The acts on a meeting and on a committee come last, since any word may stand for their verb.
"""

from django.urls import include, path

from web import act

_FOLDERS = ("desk", "search", "inbox", "calendar", "oversight", "room", "committee", "meetings", "plans")

urlpatterns = [
    *(path("", include(f"pages.{folder}.urls")) for folder in _FOLDERS),
    path("meetings/<int:pk>/<slug:verb>/", act.meeting, name="meeting-act"),
    path("committees/<int:pk>/<slug:verb>/", act.committee, name="committee-act"),
]
