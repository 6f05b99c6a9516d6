"""The addresses of one's own ballots."""

from django.urls import path

from pages.meetings.ballots import views

urlpatterns = [
    path("ballots/", views.index, name="my-ballots"),
    path("ballots/<str:receipt>/", views.detail, name="my-ballot"),
    path("ballots/<str:receipt>/proof/", views.proof, name="my-ballot-proof"),
    path("ballots/<str:receipt>/opened/", views.opened, name="my-ballot-opened"),
]
