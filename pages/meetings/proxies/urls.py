"""The address of authorising a proxy."""

from django.urls import path

from pages.meetings.proxies import views

urlpatterns = [
    path("meetings/<int:pk>/authorise_proxy/", views.authorise, name="authorise-proxy"),
]
