"""The addresses of the queues and of the board."""

from django.urls import path

from pages.plans.queues import views

urlpatterns = [
    path("screening/", views.screening, name="screening"),
    path("credit/", views.credit, name="credit"),
    path("board/", views.board, name="board"),
]
