"""The addresses of the site: each app brings its own. Those for machines are answered by `config.probes`."""

from django.urls import URLPattern, URLResolver, include, path

from office import admin

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("", include("office.urls")),
]

handler400 = "office.views.faults.not_taken"
handler403 = "office.views.desk.denied"
handler404 = "office.views.desk.not_found"
handler500 = "office.views.faults.failed"
