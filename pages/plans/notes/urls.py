"""The address of a private note."""

from django.urls import path

from pages.plans.notes import views

urlpatterns = [
    path("proposals/<int:pk>/note/", views.note, name="note"),
]
