"""The addresses for programs."""

from django.urls import path

from api import views

urlpatterns = [
    path("api/", views.index, name="api"),
    path("api/proposals/", views.proposals, name="api-proposals"),
    path("api/proposals/<int:pk>/", views.proposal, name="api-proposal"),
    path("api/meetings/", views.meetings, name="api-meetings"),
    path("api/meetings/<int:pk>/", views.meeting, name="api-meeting"),
    path("api/<slug:verb>/", views.act, name="api-act"),
]
