"""The addresses of meetings for calendar programs."""

from django.urls import path

from pages.calendar import views

urlpatterns = [
    path("meetings/<int:pk>/invitation.ics", views.invitation, name="invitation"),
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/<str:token>.ics", views.feed, name="calendar-feed"),
]
