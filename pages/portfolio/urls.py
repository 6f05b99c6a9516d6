"""The addresses of the ledger."""

from django.urls import path

from pages.portfolio.duties import views as duties
from pages.portfolio.households import views as households
from pages.portfolio.institutions import views as institutions
from pages.portfolio.loans import views as loans
from pages.portfolio.supervision import views as supervision
from pages.portfolio.tapes import views as tapes
from pages.portfolio.warnings import views as warnings
from web import act
from web.offers import LEDGER

urlpatterns = [
    path("ledger/", institutions.index, name="ledger"),
    path("ledger/institutions/<int:pk>/", institutions.detail, name="institution"),
    path("ledger/loans/", loans.index, name="loans"),
    path("ledger/households/<int:pk>/", households.detail, name="household"),
    path("ledger/tapes/", tapes.index, name="tapes"),
    path("ledger/tapes/new/", tapes.new, name="tape-new"),
    path("ledger/tapes/arrivals/<int:pk>/", tapes.arrival, name="tape-arrival"),
    path("ledger/tapes/template/", tapes.template, name="tape-template"),
    path("ledger/tapes/<int:pk>/", tapes.detail, name="tape"),
    path("ledger/tapes/<int:pk>/faults/", tapes.faults_file, name="tape-faults"),
    path("ledger/duties/", duties.index, name="duties"),
    path("ledger/institutions/<int:pk>/hand-over/", duties.hand_over, name="hand-over"),
    path("ledger/warnings/", warnings.index, name="warnings"),
    path("ledger/warnings/<int:pk>/", warnings.detail, name="warning"),
    path("ledger/months/<int:year>-<int:number>/", warnings.month, name="ledger-month"),
    path("ledger/supervision/", supervision.index, name="ledger-supervision"),
    path("ledger/rankings/<int:pk>/", supervision.ranking, name="ranking"),
    path("ledger/supervision/<int:pk>/", supervision.supervision, name="supervision"),
    path("ledger/admonishments/<int:pk>/", supervision.admonishment, name="admonishment"),
    path("ledger/targets/<int:pk>/", supervision.targets, name="target-set"),
    *(
        path(f"ledger/acts/{kind}/<int:pk>/<slug:verb>/", act.ledger, {"kind": kind}, name=f"{kind}-act")
        for kind in LEDGER.values()
    ),
]
