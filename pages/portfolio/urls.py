"""The addresses of the ledger."""

from django.urls import path

from pages.portfolio.households import views as households
from pages.portfolio.institutions import views as institutions
from pages.portfolio.loans import views as loans
from pages.portfolio.tapes import views as tapes

urlpatterns = [
    path("ledger/", institutions.index, name="ledger"),
    path("ledger/institutions/<int:pk>/", institutions.detail, name="institution"),
    path("ledger/loans/", loans.index, name="loans"),
    path("ledger/households/<int:pk>/", households.detail, name="household"),
    path("ledger/tapes/", tapes.index, name="tapes"),
    path("ledger/tapes/template/", tapes.template, name="tape-template"),
    path("ledger/tapes/<int:pk>/", tapes.detail, name="tape"),
    path("ledger/tapes/<int:pk>/faults/", tapes.faults_file, name="tape-faults"),
]
