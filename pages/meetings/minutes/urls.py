"""The addresses of a meeting's papers after its session."""

from django.urls import path

from pages.meetings.minutes import archive, copies, history, reports, signing, views

urlpatterns = [
    path("copies/<int:pk>/", copies.detail, name="copy"),
    path("meetings/<int:pk>/notice/", views.notice, name="notice"),
    path("meetings/<int:pk>/minutes/", views.minutes, name="minutes"),
    path("meetings/<int:pk>/minutes/revisions/", history.index, name="minutes-revisions"),
    path("meetings/<int:pk>/minutes/sign/", signing.sign, name="minutes-sign"),
    path("meetings/<int:pk>/minutes/file/", signing.file, name="minutes-file"),
    path("meetings/<int:pk>/minutes/supplement/sign/", signing.sign_supplement, name="supplement-sign"),
    path(
        "meetings/<int:pk>/minutes/supplements/<int:supplement>/",
        views.supplement,
        name="supplement",
    ),
    path(
        "meetings/<int:pk>/minutes/supplements/<int:supplement>/file/",
        signing.supplement_file,
        name="supplement-file",
    ),
    path("meetings/<int:pk>/report/", views.report, name="report"),
    path("meetings/<int:pk>/file/", views.file, name="archive-file"),
    path("meetings/<int:pk>/file/archive/", archive.download, name="archive-package"),
    path("reports/", reports.index, name="reports"),
]
