"""The addresses of the pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path, re_path

from office.views import (
    acts,
    calendars,
    desk,
    dockets,
    editor,
    meetings,
    notes,
    proposals,
    proxies,
    reading,
    screening,
    streams,
)

urlpatterns = [
    path("", desk.home, name="desk"),
    path("login/", desk.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("display/", desk.display, name="display"),
    path("proposals/", proposals.index, name="proposals"),
    path("proposals/<int:pk>/", proposals.detail, name="proposal"),
    path("proposals/<int:pk>/note/", notes.note, name="note"),
    path("proposals/<int:pk>/amend/", editor.start, name="plan"),
    path("proposals/<int:pk>/amend/check/", editor.check, name="plan-check"),
    path("proposals/<int:pk>/amend/<slug:slug>/", editor.step, name="plan-step"),
    path("proposals/<int:pk>/amend/<slug:slug>/keep/", editor.keep, name="plan-keep"),
    path("proposals/<int:pk>/<slug:verb>/", acts.proposal, name="proposal-act"),
    path("screening/", screening.queue, name="screening"),
    path("dockets/", dockets.index, name="dockets"),
    path("dockets/<int:pk>/", dockets.detail, name="docket"),
    path("meetings/", meetings.index, name="meetings"),
    path("meetings/mine/", reading.mine, name="my-meetings"),
    path("meetings/<int:pk>/", meetings.detail, name="meeting"),
    path("meetings/<int:pk>/papers/", reading.papers, name="papers"),
    path("meetings/<int:pk>/papers/<int:item>/", reading.paper, name="paper"),
    path("meetings/<int:pk>/authorise_proxy/", proxies.authorise, name="authorise-proxy"),
    path("meetings/<int:pk>/invitation.ics", calendars.invitation, name="invitation"),
    path("meetings/<int:pk>/<slug:verb>/", acts.meeting, name="meeting-act"),
    path("committees/<int:pk>/docket/", dockets.file, name="docket-new"),
    path("committees/<int:pk>/<slug:verb>/", acts.committee, name="committee-act"),
    path("calendar/", calendars.calendar, name="calendar"),
    path("calendar/<str:token>.ics", calendars.feed, name="calendar-feed"),
    path("regulation/", desk.regulation, name="regulation"),
    path("audit/", streams.index, name="streams"),
    re_path(r"^audit/(?P<stream>[a-z]+:[0-9]{1,18})/$", streams.detail, name="stream"),
]
