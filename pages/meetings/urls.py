"""The addresses of meetings."""

from django.urls import include, path

from pages.meetings import views

urlpatterns = [
    path("meetings/", views.index, name="meetings"),
    path("", include("pages.meetings.convening.urls")),
    path("", include("pages.meetings.text_templates.urls")),
    path("", include("pages.meetings.papers.urls")),
    path("", include("pages.meetings.proxies.urls")),
    path("", include("pages.meetings.minutes.urls")),
    path("", include("pages.meetings.documents.urls")),
    path("", include("pages.meetings.dispatches.urls")),
    path("", include("pages.meetings.ballots.urls")),
]
