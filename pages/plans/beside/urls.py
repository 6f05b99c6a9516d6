"""The address of two plans side by side."""

from django.urls import path

from pages.plans.beside import views

urlpatterns = [
    path("proposals/<int:pk>/beside/", views.beside, name="plan-beside"),
]
