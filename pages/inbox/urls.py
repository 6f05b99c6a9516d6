"""The addresses of messages."""

from django.urls import path

from pages.inbox import before, settings, views

urlpatterns = [
    path("messages/", views.index, name="messages"),
    path("messages/read/", views.read_all, name="messages-read"),
    path("messages/<int:pk>/", views.follow, name="message"),
    path("messages/<int:pk>/read/", views.read_one, name="message-read"),
    path("meetings/<int:pk>/mail/", before.index, name="mail-before"),
    path("notices/", settings.notices, name="notices"),
    path("proposals/<int:pk>/follow/", settings.follow, name="follow"),
]
