"""The addresses for programs: the operations, their document, and any other word, which is no verb."""

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
