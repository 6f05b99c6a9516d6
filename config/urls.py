"""The addresses of the site, from the `urls.py` of each package.

Addresses for machines are answered by `config.probes`.
"""

from django.urls import URLPattern, URLResolver, include, path

from accounts import admin
from web.display import choose

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("display/", choose, name="display"),
    path("", include("accounts.urls")),
    path("", include("web.exports.urls")),
    path("", include("api.urls")),
    path("", include("pages.urls")),
]

handler400 = "web.failures.not_taken"
handler403 = "web.failures.denied"
handler404 = "web.failures.not_found"
handler500 = "web.failures.failed"
