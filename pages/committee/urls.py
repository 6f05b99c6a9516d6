"""The addresses of the roster and of the regulation."""

from django.urls import path

from pages.committee.roster import views as roster
from pages.committee.rulebook import amending
from pages.committee.rulebook import views as rulebook

urlpatterns = [
    path("regulation/", rulebook.index, name="regulation"),
    path("regulation/<int:pk>/amend/", amending.amend, name="amend-regulation"),
    path("regulation/<int:pk>/amendments/<int:number>/", amending.amendment, name="amendment"),
    path("roster/", roster.index, name="roster"),
    path("roster/<int:pk>/seats/<int:number>/", roster.seat, name="roster-seat"),
]
