"""The addresses of a plan's files."""

from django.urls import path

from pages.plans.files import views

urlpatterns = [
    path("proposals/<int:pk>/attachments/", views.index, name="attachments"),
    path("proposals/<int:pk>/attachments/<slug:sha256>/", views.read, name="attachment"),
    path("proposals/<int:pk>/attachments/<slug:sha256>/file/", views.download, name="attachment-download"),
    path("proposals/<int:pk>/attachments/<slug:sha256>/leaves/", views.leaves, name="attachment-leaves"),
    path("proposals/<int:pk>/attachments/<slug:sha256>/<int:number>/", views.read, name="attachment-page"),
    path(
        "proposals/<int:pk>/attachments/<slug:sha256>/<int:number>/<int:width>.png",
        views.picture,
        name="attachment-picture",
    ),
]
