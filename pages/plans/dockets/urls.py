"""The addresses of dockets."""

from django.urls import path

from pages.plans.dockets import views

urlpatterns = [
    path("dockets/", views.index, name="dockets"),
    path("dockets/<int:pk>/", views.detail, name="docket"),
    path("committees/<int:pk>/docket/", views.file, name="docket-new"),
]
