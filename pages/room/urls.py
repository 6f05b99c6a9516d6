"""The addresses of the page of a meeting, the observer's page and the room screen."""

from django.urls import path

from pages.room import observer, views
from pages.room.screen import views as screen

urlpatterns = [
    path("meetings/<int:pk>/", views.detail, name="meeting"),
    path("meetings/<int:pk>/version/", views.version, name="meeting-version"),
    path("meetings/<int:pk>/parts/", views.refresh, name="meeting-parts"),
    path("meetings/<int:pk>/so-far/", views.so_far, name="so-far"),
    path("meetings/<int:pk>/wall/", screen.link, name="room-screen-link"),
    path("wall/<str:token>/", screen.show, name="room-screen"),
    path("wall/<str:token>/version/", screen.version, name="room-screen-version"),
    path("observed/<int:pk>/", observer.item, name="observed"),
    path("observed/<int:pk>/version/", observer.version, name="observed-version"),
]
