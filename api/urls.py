"""Addresses of the API: the operations, their document, and a catch-all for unknown verbs."""

from django.urls import include, path

from api import reference, views

urlpatterns = [
    path(
        "api/",
        include(
            [
                path("openapi.json", reference.openapi, name="api-openapi"),
                path("docs/", reference.page, name="api-docs"),
                *views.patterns,
                path("<slug:verb>/", views.unknown, name="api-act"),
            ]
        ),
    ),
]
