import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("listing", models.CharField(max_length=40, verbose_name="list")),
                ("address", models.TextField(blank=True, verbose_name="filters")),
                ("language", models.CharField(max_length=12, verbose_name="language")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "In preparation"), ("done", "Ready"), ("failed", "Failed")],
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("written", models.PositiveIntegerField(default=0, verbose_name="rows written")),
                ("rows", models.PositiveIntegerField(null=True, verbose_name="rows")),
                ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="asked for at")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "export",
                "verbose_name_plural": "exports",
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                ("token", models.UUIDField(primary_key=True, serialize=False, verbose_name="token")),
                ("led_to", models.TextField(blank=True, verbose_name="led to")),
                ("sent", models.CharField(blank=True, max_length=64, verbose_name="digest of what was sent")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="sent at")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "form sent",
                "verbose_name_plural": "forms sent",
            },
        ),
    ]
