import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("committee", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ArchiveFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("contents", models.JSONField(verbose_name="contents")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("archived_at", models.DateTimeField(verbose_name="archived at")),
                (
                    "archived_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="archived by",
                    ),
                ),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.meeting",
                        verbose_name="meeting",
                    ),
                ),
            ],
            options={
                "verbose_name": "archive file",
                "verbose_name_plural": "archive files",
            },
        ),
        migrations.CreateModel(
            name="Minutes",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[("drafted", "Drafted"), ("signed", "Signed")],
                        default="drafted",
                        max_length=50,
                        protected=True,
                        verbose_name="state",
                    ),
                ),
                ("narrative", models.TextField(blank=True, verbose_name="narrative")),
                ("record", models.JSONField(verbose_name="record")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("drafted_at", models.DateTimeField(verbose_name="drafted at")),
                ("signed_at", models.DateTimeField(blank=True, null=True, verbose_name="signed at")),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="drafted by",
                    ),
                ),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.meeting",
                        verbose_name="meeting",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="signed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "minutes",
                "verbose_name_plural": "minutes",
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        migrations.CreateModel(
            name="Copy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("full", models.BooleanField(verbose_name="in full")),
                ("content", models.JSONField(verbose_name="content")),
                ("sent_at", models.DateTimeField(verbose_name="sent at")),
                (
                    "sent_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="sent by",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.unit",
                        verbose_name="unit",
                    ),
                ),
                (
                    "minutes",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
                        to="office.minutes",
                        verbose_name="minutes",
                    ),
                ),
            ],
            options={
                "verbose_name": "copy of the minutes",
                "verbose_name_plural": "copies of the minutes",
                "ordering": ["minutes", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("content", models.JSONField(verbose_name="content")),
                ("sent_at", models.DateTimeField(verbose_name="sent at")),
                ("received_at", models.DateTimeField(blank=True, null=True, verbose_name="received at")),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.meeting",
                        verbose_name="meeting",
                    ),
                ),
                (
                    "received_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="received by",
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="sent by",
                    ),
                ),
            ],
            options={
                "verbose_name": "report to head office",
                "verbose_name_plural": "reports to head office",
            },
        ),
        migrations.AddIndex(
            model_name="minutes",
            index=models.Index(fields=["meeting"], include=("drafted_at",), name="minutes_by_meeting"),
        ),
        migrations.AddConstraint(
            model_name="minutes",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("signed_at", None), ("state", "drafted")),
                    models.Q(("signed_at__isnull", False), ("signed_by__isnull", False), ("state", "signed")),
                    _connector="OR",
                ),
                name="signed_minutes_have_a_signer",
            ),
        ),
        migrations.AddConstraint(
            model_name="copy",
            constraint=models.UniqueConstraint(fields=("minutes", "unit"), name="one_copy_a_unit"),
        ),
    ]
