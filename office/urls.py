"""The addresses of the pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path, re_path

from office.views import acts, desk, meetings, proposals, streams

urlpatterns = [
    path("", desk.home, name="desk"),
    path("login/", desk.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("display/", desk.display, name="display"),
    path("proposals/", proposals.index, name="proposals"),
    path("proposals/<int:pk>/", proposals.detail, name="proposal"),
    path("proposals/<int:pk>/<slug:verb>/", acts.proposal, name="proposal-act"),
    path("meetings/", meetings.index, name="meetings"),
    path("meetings/<int:pk>/", meetings.detail, name="meeting"),
    path("meetings/<int:pk>/<slug:verb>/", acts.meeting, name="meeting-act"),
    path("committees/<int:pk>/<slug:verb>/", acts.committee, name="committee-act"),
    path("regulation/", desk.regulation, name="regulation"),
    path("audit/", streams.index, name="streams"),
    re_path(r"^audit/(?P<stream>[a-z]+:[0-9]{1,18})/$", streams.detail, name="stream"),
]
