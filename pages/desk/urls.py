"""The address of the desk."""

from django.urls import path

from pages.desk import views

urlpatterns = [
    path("", views.home, name="desk"),
]
