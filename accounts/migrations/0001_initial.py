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
            name="SignIn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="time")),
                ("login", models.CharField(blank=True, max_length=16, verbose_name="login")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("signed_in", "Signed in"),
                            ("confirmed", "Password confirmed"),
                            ("wrong", "Wrong password"),
                            ("unknown", "Unknown login"),
                            ("inactive", "Inactive login"),
                            ("locked", "Not let in: locked"),
                            ("paused", "Not let in: too many tries from the address"),
                            ("signed_out", "Signed out"),
                            ("everywhere", "Signed out everywhere"),
                            ("changed", "Password changed"),
                            ("unlocked", "Lock ended by the administrator"),
                        ],
                        max_length=12,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "asked",
                    models.CharField(
                        choices=[
                            ("login", "at signing in"),
                            ("again", "asked again in a session"),
                            ("device", "at the liaison's device"),
                        ],
                        default="login",
                        max_length=8,
                        verbose_name="asked",
                    ),
                ),
                ("address", models.GenericIPAddressField(null=True, verbose_name="address")),
                ("device", models.CharField(blank=True, max_length=80, verbose_name="device")),
                ("known", models.BooleanField(default=False, verbose_name="known browser")),
                ("times", models.PositiveIntegerField(default=1, verbose_name="times")),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "sign-in",
                "verbose_name_plural": "sign-ins",
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(fields=["person", "-at", "-id"], name="sign_ins_of_a_person"),
                    models.Index(fields=["at", "id"], name="sign_ins_by_time"),
                    models.Index(
                        condition=models.Q(("person", None)), fields=["login", "-at"], name="unknown_sign_ins"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scope", models.CharField(max_length=64, unique=True, verbose_name="scope")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pair", "from one address"),
                            ("browser", "in a known browser"),
                            ("session", "in a session, asked again"),
                            ("device", "at the liaison's device"),
                            ("address", "from one address, many logins"),
                            ("login", "from many addresses"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("address", models.GenericIPAddressField(null=True, verbose_name="address")),
                ("level", models.FloatField(verbose_name="tries")),
                ("last", models.DateTimeField(verbose_name="last")),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "tries of a password",
                "verbose_name_plural": "tries of passwords",
                "indexes": [models.Index(fields=["person"], name="tries_of_a_person")],
            },
        ),
    ]
