"""The addresses of papers on file."""

from django.urls import path

from pages.meetings.documents import views

urlpatterns = [
    path("meetings/<int:pk>/documents/", views.index, name="documents"),
    path("meetings/<int:pk>/documents.pdf", views.reading_copy, name="documents-pdf"),
    path("meetings/<int:pk>/documents.zip", views.bundle, name="documents-zip"),
    path("meetings/<int:pk>/documents/<slug:kind>/", views.prepared, name="documents-prepared"),
    path("documents/<int:pk>/", views.read, name="document"),
    path("documents/<int:pk>/file/", views.file, name="document-file"),
    path("documents/<int:pk>/word/", views.word, name="document-word"),
]
