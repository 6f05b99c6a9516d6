"""The address of all follow-ups."""

from django.urls import path

from pages.plans.follow_ups import views

urlpatterns = [path("follow-ups/", views.index, name="follow-ups")]
