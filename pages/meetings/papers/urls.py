"""The addresses of a meeting's papers in reading order."""

from django.urls import path

from pages.meetings.papers import views

urlpatterns = [
    path("meetings/mine/", views.mine, name="my-meetings"),
    path("meetings/<int:pk>/papers/", views.papers, name="papers"),
    path("meetings/<int:pk>/papers/<int:item>/", views.paper, name="paper"),
    path("meetings/<int:pk>/papers/<int:item>/whole/", views.whole, name="paper-whole"),
]
