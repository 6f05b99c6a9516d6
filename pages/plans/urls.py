"""The addresses of plans; the last is that of any act on a plan."""

from django.urls import include, path

from pages.plans import views
from web import act

urlpatterns = [
    path("proposals/", views.index, name="proposals"),
    path("proposals/<int:pk>/", views.detail, name="proposal"),
    path("proposals/<int:pk>/copy/", views.copy, name="plan-copy"),
    path("", include("pages.plans.receipts.urls")),
    path("", include("pages.plans.beside.urls")),
    path("", include("pages.plans.notes.urls")),
    path("", include("pages.plans.annotations.urls")),
    path("", include("pages.plans.ledger.urls")),
    path("", include("pages.plans.editor.urls")),
    path("", include("pages.plans.queues.urls")),
    path("", include("pages.plans.dockets.urls")),
    path("", include("pages.plans.files.urls")),
    path("", include("pages.plans.follow_ups.urls")),
    path("proposals/<int:pk>/<slug:verb>/", act.proposal, name="proposal-act"),
]
