"""The addresses of private annotations."""

from django.urls import path

from pages.plans.annotations import views

urlpatterns = [
    path("annotations/", views.mine, name="annotations-mine"),
    path("annotations/export/", views.export, name="annotations-export"),
    path("proposals/<int:pk>/annotations/", views.index, name="annotations"),
]
