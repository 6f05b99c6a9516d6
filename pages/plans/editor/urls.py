"""The addresses of the plan editor."""

from django.urls import path

from pages.plans.editor import views
from pages.plans.editor.tables import views as tables

urlpatterns = [
    path("proposals/<int:pk>/amend/", views.start, name="plan"),
    path("proposals/<int:pk>/amend/check/", views.check, name="plan-check"),
    path("proposals/<int:pk>/amend/<slug:slug>/", views.step, name="plan-step"),
    path("proposals/<int:pk>/amend/<slug:slug>/keep/", views.keep, name="plan-keep"),
    path("proposals/<int:pk>/amend/<slug:slug>/figures/", views.figures, name="plan-figures"),
    path(
        "proposals/<int:pk>/amend/schedule/generate/",
        tables.generate,
        {"slug": "schedule"},
        name="plan-generate",
    ),
    path("proposals/<int:pk>/amend/<slug:slug>/import/", tables.table, name="plan-import"),
    path("proposals/<int:pk>/amend/<slug:slug>/template/", tables.template, name="plan-template"),
]
