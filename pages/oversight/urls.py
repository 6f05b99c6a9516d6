"""The addresses of the pages of auditors, head office and Risk departments."""

from django.urls import path, re_path

from pages.oversight.archives import views as archives
from pages.oversight.dossiers import views as dossiers
from pages.oversight.irregularities import views as irregularities
from pages.oversight.log import anomalies, checkpoints, entries, entry
from pages.oversight.log import views as log
from pages.oversight.sign_ins import views as sign_ins
from pages.oversight.statistics import views as statistics

urlpatterns = [
    path("sign-ins/", sign_ins.index, name="sign-ins"),
    path("sign-ins/<int:pk>/unlock/", sign_ins.unlock, name="sign-in-unlock"),
    path("archives/", archives.index, name="archives"),
    path("archives/<str:digest>/", archives.detail, name="archive"),
    path("archives/<str:digest>/<int:number>/", archives.part, name="archive-part"),
    path("dossiers/", dossiers.index, name="dossiers"),
    path("dossiers/<int:pk>/", dossiers.detail, name="dossier"),
    path("dossiers/<int:pk>/pdf/", dossiers.pdf, name="dossier-pdf"),
    path("dossiers/<int:pk>/prepared/", dossiers.prepared, name="dossier-prepared"),
    path("dossiers/<int:pk>/proofs/", dossiers.proofs, name="dossier-proofs"),
    path("dossiers/<int:pk>/proofs/<str:stream>/<int:seq>/", dossiers.proof, name="dossier-proof"),
    path("figures/", statistics.index, name="figures"),
    path("figures/cases/", statistics.cases, name="figure-cases"),
    path("figures/trends/", statistics.trends, name="figure-trends"),
    path("figures/seats/", statistics.seats, name="figure-seats"),
    path("exceptions/", irregularities.index, name="exceptions"),
    path("exceptions/<slug:kind>/", irregularities.file, name="exceptions-file"),
    re_path(
        r"^exceptions/(?P<kind>[a-z_]+)/(?P<name>[a-z]+:[0-9]{1,9})/$",
        irregularities.matter,
        name="exception",
    ),
    path("audit/", log.index, name="streams"),
    path("audit/verify/", log.verify, name="verify"),
    path("audit/entries/", entries.index, name="entries"),
    path("audit/anomalies/", anomalies.index, name="anomalies"),
    path("audit/checkpoints/", checkpoints.index, name="checkpoints"),
    path("audit/checkpoints/differences/", checkpoints.differences, name="checkpoint-differences"),
    path("audit/checkpoints/<int:size>/", checkpoints.note, name="checkpoint-file"),
    path("audit/checkpoints/<int:old>/<int:new>/", checkpoints.consistency, name="checkpoint-consistency"),
    re_path(r"^audit/(?P<stream>[a-z]+:[0-9]{1,18})/$", log.detail, name="stream"),
    re_path(r"^audit/(?P<stream>[a-z]+:[0-9]{1,18})/(?P<seq>[0-9]{1,18})/$", entry.detail, name="entry"),
    re_path(
        r"^audit/(?P<stream>[a-z]+:[0-9]{1,18})/(?P<seq>[0-9]{1,18})/proof/$", entry.proof, name="entry-proof"
    ),
]
