"""Addresses of the help."""

from django.urls import path

from pages.help import views

urlpatterns = [
    path("help/", views.index, name="help"),
    path("help/tour/", views.end_tour, name="tour-end"),
    path("help/images/<str:name>", views.picture, name="help-picture"),
    path("help/<slug:name>/", views.guide, name="guide"),
]
