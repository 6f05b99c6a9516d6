import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0009_dispatches_stay"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MinutesFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("fields", models.JSONField(verbose_name="fields")),
                ("sha256", models.CharField(max_length=64, verbose_name="checksum")),
                ("size", models.PositiveBigIntegerField(verbose_name="size")),
                ("frozen_at", models.DateTimeField(verbose_name="frozen at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("effective_at", models.DateTimeField(blank=True, null=True, verbose_name="in effect since")),
                (
                    "minutes",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="office.minutes",
                        verbose_name="minutes",
                    ),
                ),
            ],
            options={
                "verbose_name": "file of the minutes",
                "verbose_name_plural": "files of the minutes",
            },
        ),
        migrations.CreateModel(
            name="SignerKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("file", "PKCS#12 file"), ("token", "PKCS#11 token")],
                        max_length=5,
                        verbose_name="kind",
                    ),
                ),
                ("certificate", models.BinaryField(verbose_name="certificate")),
                ("fingerprint", models.CharField(max_length=64, verbose_name="digest")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("issuer", models.CharField(max_length=200, verbose_name="issuer")),
                ("valid_from", models.DateTimeField(verbose_name="valid from")),
                ("valid_until", models.DateTimeField(verbose_name="valid until")),
                ("wrong", models.PositiveSmallIntegerField(default=0, verbose_name="wrong PINs")),
                ("locked_at", models.DateTimeField(blank=True, null=True, verbose_name="locked at")),
                ("added_at", models.DateTimeField(verbose_name="added at")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "key for signing",
                "verbose_name_plural": "keys for signing",
            },
        ),
        migrations.CreateModel(
            name="MinutesSignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("field", models.CharField(max_length=20, verbose_name="field")),
                ("signed_at", models.DateTimeField(verbose_name="signed at")),
                ("sha256", models.CharField(max_length=64, verbose_name="checksum")),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="office.minutesfile",
                        verbose_name="file of the minutes",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="office.signerkey",
                        verbose_name="key for signing",
                    ),
                ),
            ],
            options={
                "verbose_name": "signature on minutes",
                "verbose_name_plural": "signatures on minutes",
                "ordering": ["signed_at", "pk"],
            },
        ),
        migrations.AddIndex(
            model_name="minutesfile",
            index=models.Index(fields=["sha256"], name="minutes_file_by_checksum"),
        ),
        migrations.AddConstraint(
            model_name="minutesfile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("minutes",), name="one_file_of_minutes"
            ),
        ),
        migrations.AddConstraint(
            model_name="minutesfile",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at", None), ("effective_at", None), _connector="OR"),
                name="ended_or_in_effect",
            ),
        ),
        migrations.AddConstraint(
            model_name="signerkey",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)), fields=("person",), name="one_key_a_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="signerkey",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("fingerprint",),
                name="one_person_a_certificate",
            ),
        ),
        migrations.AddConstraint(
            model_name="minutessignature",
            constraint=models.UniqueConstraint(fields=("file", "field"), name="one_signature_a_field"),
        ),
        migrations.AddConstraint(
            model_name="minutessignature",
            constraint=models.UniqueConstraint(fields=("file", "person"), name="one_signature_a_person"),
        ),
    ]
