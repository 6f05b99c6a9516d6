"""The address of the search."""

from django.urls import path

from pages.search import views

urlpatterns = [
    path("search/", views.index, name="search"),
    path("search/palette/", views.offered, name="palette"),
]
