"""The addresses of taking loans from the ledger into a plan."""

from django.urls import path

from pages.plans.ledger import views

urlpatterns = [
    path("proposals/from-ledger/", views.start, name="plan-from-ledger"),
    path("proposals/<int:pk>/amend/loans/ledger/", views.pick, name="plan-ledger"),
]
