"""The addresses of convening and of the calendar of meetings."""

from django.urls import path

from pages.meetings.convening import views

urlpatterns = [
    path("meetings/calendar/", views.calendar, name="month"),
    path("meetings/<int:pk>/change_meeting/", views.change, name="change-meeting"),
    path("meetings/<int:pk>/period/", views.meeting_period, name="meeting-period"),
    path("committees/<int:pk>/convene/", views.convene, name="convene"),
    path("committees/<int:pk>/now/", views.now, name="convene-now"),
    path("committees/<int:pk>/period/", views.period, name="period"),
]
