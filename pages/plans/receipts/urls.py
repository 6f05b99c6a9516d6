"""The addresses of many repayments from one sheet."""

from django.urls import path

from pages.plans.receipts import views

urlpatterns = [
    path("proposals/repayments/", views.index, name="repayments"),
    path("proposals/repayments/template/", views.template, name="repayments-template"),
]
