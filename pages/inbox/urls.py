"""The addresses of messages."""

from django.urls import path

from pages.inbox import views

urlpatterns = [
    path("messages/", views.index, name="messages"),
    path("messages/read/", views.read_all, name="messages-read"),
    path("messages/<int:pk>/", views.follow, name="message"),
]
