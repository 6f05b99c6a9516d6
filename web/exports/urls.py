"""The addresses of lists as files."""

from django.urls import path

from web.exports import saved, views

urlpatterns = [
    path("lists/<slug:name>/saved/", saved.index, name="saved-filters"),
    path("lists/<slug:name>/<slug:kind>/", views.export, name="export"),
    path("exports/log/<slug:kind>/<int:of>/", views.log, name="export-log"),
    path("exports/<int:pk>/", views.progress, name="export-progress"),
    path("exports/<int:pk>/file/", views.file, name="export-file"),
]
