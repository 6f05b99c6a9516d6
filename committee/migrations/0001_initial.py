import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django_fsm
from django.conf import settings
from django.db import migrations, models

import committee.models.organisation


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("username", models.CharField(max_length=80, unique=True, verbose_name="login")),
                ("staff_no", models.CharField(max_length=40, verbose_name="staff number")),
                (
                    "login_key",
                    committee.models.organisation.FoldedField(
                        editable=False, of="username", unique=True, verbose_name="login, folded"
                    ),
                ),
                (
                    "staff_key",
                    committee.models.organisation.FoldedField(
                        editable=False, of="staff_no", verbose_name="staff number, folded"
                    ),
                ),
                ("display_name", models.CharField(max_length=80, verbose_name="display name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
                ("language", models.CharField(blank=True, max_length=10, verbose_name="language")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("is_staff", models.BooleanField(default=False, verbose_name="administrator")),
                (
                    "password_given",
                    models.BooleanField(default=False, editable=False, verbose_name="password given"),
                ),
                (
                    "session_epoch",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="session epoch"),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
            },
        ),
        migrations.CreateModel(
            name="Committee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("abbreviation", models.CharField(max_length=12, verbose_name="abbreviation")),
                (
                    "timezone",
                    models.CharField(default="Asia/Shanghai", max_length=40, verbose_name="time zone"),
                ),
                (
                    "liaison",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="liaison_of",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="liaison",
                    ),
                ),
            ],
            options={
                "verbose_name": "committee",
                "verbose_name_plural": "committees",
            },
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("at", models.DateTimeField(verbose_name="time")),
                ("place", models.TextField(verbose_name="place")),
                ("emergency", models.BooleanField(default=False, verbose_name="emergency")),
                ("emergency_reason", models.TextField(blank=True, verbose_name="reason of the emergency")),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("convened", "Convened"),
                            ("in_session", "In session"),
                            ("closed", "Closed"),
                            ("minuted", "Minuted"),
                            ("signed", "Signed"),
                            ("archived", "Archived"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_index=True,
                        default="convened",
                        max_length=50,
                        protected=True,
                        verbose_name="state",
                    ),
                ),
                ("convened_at", models.DateTimeField(verbose_name="convened at")),
                ("opened_at", models.DateTimeField(blank=True, null=True, verbose_name="opened at")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                ("signed_at", models.DateTimeField(blank=True, null=True, verbose_name="minutes signed at")),
                ("archived_at", models.DateTimeField(blank=True, null=True, verbose_name="archived at")),
                ("cancelled_at", models.DateTimeField(blank=True, null=True, verbose_name="cancelled at")),
                ("cancel_reason", models.TextField(blank=True, verbose_name="reason of the cancellation")),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="committee.committee",
                        verbose_name="committee",
                    ),
                ),
                (
                    "convened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="convened by",
                    ),
                ),
            ],
            options={
                "verbose_name": "meeting",
                "verbose_name_plural": "meetings",
                "ordering": ["-at", "-pk"],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        migrations.CreateModel(
            name="AgendaItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="number")),
                ("title", models.TextField(verbose_name="title")),
                ("digest", models.CharField(max_length=64, verbose_name="digest of the materials")),
                ("taken_up_at", models.DateTimeField(blank=True, null=True, verbose_name="taken up at")),
                (
                    "vote_opened_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="vote opened at"),
                ),
                ("voting", models.BooleanField(default=False, verbose_name="vote open")),
                ("resolved_at", models.DateTimeField(blank=True, null=True, verbose_name="resolved at")),
                ("left_at", models.DateTimeField(blank=True, null=True, verbose_name="left the agenda at")),
                (
                    "left_why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("withdrawn", "Withdrawn"),
                            ("dropped", "Dropped from the agenda"),
                            ("deferred", "Deferred: the vote was cancelled"),
                            ("not_recognised", "Special circumstances were not recognised"),
                            ("not_voted", "Not voted on"),
                            ("meeting_cancelled", "The meeting was cancelled"),
                        ],
                        max_length=17,
                        verbose_name="left the agenda why",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="committee.meeting",
                        verbose_name="meeting",
                    ),
                ),
            ],
            options={
                "verbose_name": "agenda item",
                "verbose_name_plural": "agenda items",
                "ordering": ["meeting", "number", "pk"],
                "permissions": [
                    ("speak_agendaitem", "Speak on the item"),
                    ("vote_agendaitem", "Vote on the item"),
                    ("observe_agendaitem", "Attend the item as observer"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("at", models.DateTimeField(verbose_name="time stated")),
                ("place", models.TextField(verbose_name="place stated")),
                ("sent_at", models.DateTimeField(verbose_name="sent at")),
                ("superseded_at", models.DateTimeField(blank=True, null=True, verbose_name="superseded at")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="committee.meeting",
                        verbose_name="meeting",
                    ),
                ),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
                "ordering": ["meeting", "number"],
            },
        ),
        migrations.CreateModel(
            name="NoticeItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="digest of the materials")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.agendaitem",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stated",
                        to="committee.notice",
                    ),
                ),
            ],
            options={
                "verbose_name": "item of a notice",
                "verbose_name_plural": "items of a notice",
            },
        ),
        migrations.CreateModel(
            name="Observer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("admitted_at", models.DateTimeField(verbose_name="admitted at")),
                ("withdrew_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrew at")),
                (
                    "item",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observer",
                        to="committee.agendaitem",
                        verbose_name="item",
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
            ],
            options={
                "verbose_name": "observer",
                "verbose_name_plural": "observers",
            },
        ),
        migrations.CreateModel(
            name="Proxy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("document", models.TextField(verbose_name="authorisation")),
                (
                    "powers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[("attend", "Attend"), ("speak", "Speak"), ("vote", "Vote")], max_length=8
                        ),
                        size=None,
                        verbose_name="powers",
                    ),
                ),
                ("authorised_at", models.DateTimeField(verbose_name="authorised at")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked at")),
                (
                    "principal_came_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="principal came at"),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "ended_why",
                    models.CharField(
                        blank=True,
                        choices=[("principal", "The principal came"), ("vacated", "The seat was vacated")],
                        max_length=9,
                        verbose_name="ended why",
                    ),
                ),
                (
                    "standing_ballots",
                    models.PositiveSmallIntegerField(default=0, verbose_name="standing ballots"),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proxies",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="holder",
                    ),
                ),
                (
                    "items",
                    models.ManyToManyField(related_name="+", to="committee.agendaitem", verbose_name="items"),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proxies",
                        to="committee.meeting",
                        verbose_name="meeting",
                    ),
                ),
                (
                    "principal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="principal",
                    ),
                ),
            ],
            options={
                "verbose_name": "proxy",
                "verbose_name_plural": "proxies",
                "ordering": ["meeting", "authorised_at"],
            },
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(verbose_name="question to the observer")),
                ("at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="committee.agendaitem",
                        verbose_name="item",
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
                    "proxy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.proxy",
                        verbose_name="proxy",
                    ),
                ),
            ],
            options={
                "verbose_name": "question to the observer",
                "verbose_name_plural": "questions to the observer",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(verbose_name="answer")),
                ("at", models.DateTimeField(verbose_name="recorded at")),
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
                    "taken_down_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
                (
                    "question",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answer",
                        to="committee.question",
                        verbose_name="question to the observer",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer of the observer",
                "verbose_name_plural": "answers of the observer",
            },
        ),
        migrations.CreateModel(
            name="RegulationVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("effective_from", models.DateField(verbose_name="effective from")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("seat_count", models.PositiveSmallIntegerField(verbose_name="seats")),
                ("votes_to_pass", models.PositiveSmallIntegerField(verbose_name="votes to pass")),
                ("notice_days", models.PositiveSmallIntegerField(verbose_name="days of notice")),
                ("proxies_per_holder", models.PositiveSmallIntegerField(verbose_name="proxies a holder")),
                (
                    "material_change_pct",
                    models.DecimalField(
                        decimal_places=6, max_digits=12, verbose_name="material change, per cent"
                    ),
                ),
                (
                    "minutes_due_days",
                    models.PositiveSmallIntegerField(verbose_name="working days for the minutes"),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="regulations",
                        to="committee.committee",
                        verbose_name="committee",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of the regulation",
                "verbose_name_plural": "versions of the regulation",
                "ordering": ["committee", "number"],
            },
        ),
        migrations.AddField(
            model_name="meeting",
            name="regulation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="committee.regulationversion",
                verbose_name="regulation",
            ),
        ),
        migrations.CreateModel(
            name="Resolution",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "question",
                    models.CharField(
                        choices=[("plan", "Plan"), ("special-circumstances", "Special circumstances")],
                        max_length=21,
                        verbose_name="question",
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(verbose_name="round")),
                ("digest", models.CharField(max_length=64, verbose_name="digest of the plan")),
                ("carried", models.BooleanField(verbose_name="carried")),
                ("for_count", models.PositiveSmallIntegerField(verbose_name="for")),
                ("against_count", models.PositiveSmallIntegerField(verbose_name="against")),
                ("abstained_count", models.PositiveSmallIntegerField(verbose_name="abstained")),
                ("conflicted_count", models.PositiveSmallIntegerField(verbose_name="in conflict")),
                ("votes_to_pass", models.PositiveSmallIntegerField(verbose_name="votes to pass")),
                ("ballots", models.JSONField(verbose_name="ballots")),
                ("closed_at", models.DateTimeField(verbose_name="closed at")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resolutions",
                        to="committee.agendaitem",
                        verbose_name="item",
                    ),
                ),
            ],
            options={
                "verbose_name": "resolution",
                "verbose_name_plural": "resolutions",
                "ordering": ["closed_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("post", models.CharField(max_length=120, verbose_name="post")),
                ("held_since", models.DateTimeField(blank=True, null=True, verbose_name="held since")),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="committee.committee",
                        verbose_name="committee",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="holder",
                    ),
                ),
            ],
            options={
                "verbose_name": "seat",
                "verbose_name_plural": "seats",
                "ordering": ["committee", "number"],
            },
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="digest of the materials")),
                ("at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to="committee.agendaitem",
                        verbose_name="item",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "proxy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.proxy",
                        verbose_name="proxy",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.seat",
                        verbose_name="seat",
                    ),
                ),
            ],
            options={
                "verbose_name": "reading of the materials",
                "verbose_name_plural": "readings of the materials",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.AddField(
            model_name="question",
            name="seat",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="committee.seat",
                verbose_name="seat",
            ),
        ),
        migrations.AddField(
            model_name="proxy",
            name="seat",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="committee.seat",
                verbose_name="seat",
            ),
        ),
        migrations.CreateModel(
            name="OpinionDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(verbose_name="opinion")),
                ("at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opinion_drafts",
                        to="committee.agendaitem",
                        verbose_name="item",
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
                    "taken_down_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
                (
                    "proxy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.proxy",
                        verbose_name="proxy",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.seat",
                        verbose_name="seat",
                    ),
                ),
            ],
            options={
                "verbose_name": "opinion to be confirmed",
                "verbose_name_plural": "opinions to be confirmed",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Opinion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(verbose_name="opinion")),
                ("at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opinions",
                        to="committee.agendaitem",
                        verbose_name="item",
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
                    "proxy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.proxy",
                        verbose_name="proxy",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.seat",
                        verbose_name="seat",
                    ),
                ),
            ],
            options={
                "verbose_name": "opinion",
                "verbose_name_plural": "opinions",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.AddField(
            model_name="meeting",
            name="acting_seat",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="committee.seat",
                verbose_name="acting chair",
            ),
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("paper", models.BooleanField(default=False, verbose_name="on paper")),
                ("delivered_at", models.DateTimeField(blank=True, null=True, verbose_name="delivered at")),
                ("received_by", models.CharField(blank=True, max_length=100, verbose_name="received by")),
                ("handed_by", models.CharField(blank=True, max_length=100, verbose_name="handed over by")),
                ("receipt_at", models.DateTimeField(blank=True, null=True, verbose_name="receipt at")),
                ("replaced_at", models.DateTimeField(blank=True, null=True, verbose_name="replaced at")),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="acknowledged by",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recipient",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="committee.notice",
                        verbose_name="notice",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.seat",
                        verbose_name="seat",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
            },
        ),
        migrations.CreateModel(
            name="Conflict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("declared", "Declared"), ("found", "Found when the item was taken up")],
                        max_length=8,
                        verbose_name="source",
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conflicts",
                        to="committee.agendaitem",
                        verbose_name="item",
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
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.seat",
                        verbose_name="seat",
                    ),
                ),
            ],
            options={
                "verbose_name": "conflict of interest",
                "verbose_name_plural": "conflicts of interest",
            },
        ),
        migrations.CreateModel(
            name="Attendance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("in_room", "In the room"), ("video", "By video")],
                        max_length=8,
                        verbose_name="mode",
                    ),
                ),
                ("signed_in_at", models.DateTimeField(verbose_name="signed in at")),
                ("signed_out_at", models.DateTimeField(blank=True, null=True, verbose_name="signed out at")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendances",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendances",
                        to="committee.meeting",
                        verbose_name="meeting",
                    ),
                ),
                (
                    "proxy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.proxy",
                        verbose_name="proxy",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.seat",
                        verbose_name="seat",
                    ),
                ),
            ],
            options={
                "verbose_name": "attendance",
                "verbose_name_plural": "attendances",
                "ordering": ["signed_in_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="SeatTerm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seat_terms",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="holder",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terms",
                        to="committee.seat",
                        verbose_name="seat",
                    ),
                ),
            ],
            options={
                "verbose_name": "term",
                "verbose_name_plural": "terms",
                "ordering": ["seat", "since"],
            },
        ),
        migrations.CreateModel(
            name="Series",
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
                        choices=[
                            ("proposal", "Proposals"),
                            ("meeting", "Meetings"),
                            ("minutes", "Minutes"),
                            ("filing", "Filings"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("last", models.PositiveIntegerField(default=0, verbose_name="last number")),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.committee",
                    ),
                ),
            ],
            options={
                "verbose_name": "series of numbers",
                "verbose_name_plural": "series of numbers",
            },
        ),
        migrations.CreateModel(
            name="Speech",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("began_at", models.DateTimeField(blank=True, null=True, verbose_name="began at")),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="minutes allowed"),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "attendance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="speeches",
                        to="committee.attendance",
                        verbose_name="attendance",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="speeches",
                        to="committee.agendaitem",
                        verbose_name="item",
                    ),
                ),
            ],
            options={
                "verbose_name": "speech",
                "verbose_name_plural": "speeches",
                "ordering": ["asked_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Unit",
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
                        choices=[
                            ("head_office", "Head office"),
                            ("branch", "Branch"),
                            ("sub_branch", "Sub-branch"),
                            ("department", "Department"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "bank",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.unit",
                        verbose_name="bank",
                    ),
                ),
                (
                    "handlers",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="auth.group",
                        verbose_name="handlers",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="committee.unit",
                        verbose_name="parent",
                    ),
                ),
            ],
            options={
                "verbose_name": "unit",
                "verbose_name_plural": "units",
            },
        ),
        migrations.AddField(
            model_name="seat",
            name="department",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="committee.unit",
                verbose_name="department",
            ),
        ),
        migrations.CreateModel(
            name="Position",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=committee.models.organisation.position_roles,
                        max_length=12,
                        verbose_name="role",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="positions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="positions",
                        to="committee.unit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "position",
                "verbose_name_plural": "positions",
            },
        ),
        migrations.AddField(
            model_name="committee",
            name="branch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="committees",
                to="committee.unit",
                verbose_name="branch",
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="committee.unit",
                verbose_name="handling institution",
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="bank",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="committee.unit",
                verbose_name="bank",
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="unit",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="people",
                to="committee.unit",
                verbose_name="unit",
            ),
        ),
        migrations.CreateModel(
            name="AgendaItemUserPermission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "content_object",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to="committee.agendaitem",
                    ),
                ),
                (
                    "permission",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "grant on an item",
                "verbose_name_plural": "grants on items",
                "abstract": False,
                "unique_together": {("user", "permission", "content_object")},
            },
        ),
        migrations.CreateModel(
            name="Interpretation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("article", models.PositiveSmallIntegerField(verbose_name="article")),
                ("text_zh", models.TextField(verbose_name="Chinese text")),
                ("text_en", models.TextField(blank=True, verbose_name="English text")),
                ("published_on", models.DateField(verbose_name="published on")),
                ("published_at", models.DateTimeField(verbose_name="published at")),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="interpretations",
                        to="committee.committee",
                        verbose_name="committee",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="published by",
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="committee.interpretation",
                        verbose_name="replaces",
                    ),
                ),
            ],
            options={
                "verbose_name": "interpretation",
                "verbose_name_plural": "interpretations",
                "ordering": ["committee", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("committee", "number"), name="one_interpretation_a_number"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LiaisonTerm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stand_in", models.BooleanField(default=False, verbose_name="stand-in")),
                ("since", models.DateTimeField(verbose_name="since")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="liaison_terms",
                        to="committee.committee",
                        verbose_name="committee",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="liaison_terms",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "term of the liaison",
                "verbose_name_plural": "terms of the liaison",
                "ordering": ["committee", "since", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("stand_in", False), ("until", None)),
                        fields=("committee",),
                        name="one_liaison_appointed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stand_in", False), ("until__isnull", False), _connector="OR"),
                        name="a_stand_in_has_an_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until", None), ("until__gte", models.F("since")), _connector="OR"
                        ),
                        name="a_term_ends_after_it_began",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("about", models.CharField(max_length=40, verbose_name="about")),
                ("context", models.JSONField(default=dict, verbose_name="facts")),
                ("at", models.DateTimeField(verbose_name="sent at")),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="read at")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done at")),
                ("to_mail", models.BooleanField(default=True, verbose_name="to be mailed")),
                ("mailed_at", models.DateTimeField(blank=True, null=True, verbose_name="mailed at")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "messages",
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(fields=["person", "-at", "-id"], name="messages_of_a_person"),
                    models.Index(
                        condition=models.Q(("done_at", None), ("read_at", None)),
                        fields=["person"],
                        name="messages_still_unread",
                    ),
                    models.Index(
                        condition=models.Q(("done_at", None)), fields=["about"], name="messages_not_done"
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("meeting", "number"), name="one_notice_a_number"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded_at", None)), fields=("meeting",), name="one_current_notice"
            ),
        ),
        migrations.AddConstraint(
            model_name="noticeitem",
            constraint=models.UniqueConstraint(fields=("notice", "item"), name="an_item_once_a_notice"),
        ),
        migrations.AddConstraint(
            model_name="regulationversion",
            constraint=models.UniqueConstraint(
                fields=("committee", "number"), name="one_regulation_a_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="resolution",
            constraint=models.UniqueConstraint(fields=("item", "question"), name="one_resolution_a_question"),
        ),
        migrations.AddConstraint(
            model_name="resolution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("carried", True), ("for_count__gte", models.F("votes_to_pass"))),
                    models.Q(("carried", False), ("for_count__lt", models.F("votes_to_pass"))),
                    _connector="OR",
                ),
                name="carried_means_votes_to_pass",
            ),
        ),
        migrations.AddConstraint(
            model_name="reading",
            constraint=models.UniqueConstraint(
                fields=("item", "person", "digest"), name="materials_are_read_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="proxy",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None), ("revoked_at", None)),
                fields=("meeting", "seat"),
                name="one_running_proxy_a_seat",
            ),
        ),
        migrations.AddConstraint(
            model_name="opiniondraft",
            constraint=models.UniqueConstraint(
                fields=("item", "seat"), name="one_opinion_to_be_confirmed_a_seat"
            ),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(models.F("at"), models.F("id"), name="meetings_by_time"),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(
                models.F("committee"), models.F("at"), models.F("id"), name="meetings_of_committee_by_time"
            ),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(
                models.ExpressionWrapper(
                    django.db.models.expressions.CombinedExpression(
                        django.db.models.expressions.CombinedExpression(
                            models.F("year"), "*", models.Value(100000)
                        ),
                        "+",
                        models.F("number"),
                    ),
                    output_field=models.BigIntegerField(),
                ),
                models.F("id"),
                name="meetings_by_number",
            ),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(
                models.F("committee"), models.F("closed_at"), name="meetings_of_committee_closed"
            ),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(
                condition=models.Q(("emergency", True)), fields=["convened_at"], name="meetings_in_emergency"
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.UniqueConstraint(
                fields=("committee", "year", "number"), name="one_meeting_a_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaced_at", None)),
                fields=("notice", "seat"),
                name="one_standing_delivery_a_seat",
            ),
        ),
        migrations.AddConstraint(
            model_name="conflict",
            constraint=models.UniqueConstraint(fields=("item", "seat"), name="one_conflict_a_seat"),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("signed_out_at", None)),
                fields=("meeting", "seat", "person"),
                name="signed_in_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatterm",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until", None)), fields=("seat",), name="one_open_term_a_seat"
            ),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.UniqueConstraint(
                fields=("committee", "kind", "year"), name="one_series_a_kind_and_year"
            ),
        ),
        migrations.AddConstraint(
            model_name="speech",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("item", "attendance"),
                name="one_wish_to_speak_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="speech",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes", None), ("minutes__range", (1, 60)), _connector="OR"),
                name="a_speech_has_up_to_an_hour",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.UniqueConstraint(fields=("parent", "name"), name="one_unit_of_a_name"),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("parent", None)), fields=("name",), name="one_bank_of_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(fields=("committee", "number"), name="one_seat_a_number"),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(
                condition=models.Q(("holder__isnull", False)),
                fields=("committee", "holder"),
                name="one_seat_per_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="seats_count_from_one"
            ),
        ),
        migrations.AddIndex(
            model_name="position",
            index=models.Index(fields=["unit", "role"], name="committee_p_unit_id_cf35bc_idx"),
        ),
        migrations.AddConstraint(
            model_name="position",
            constraint=models.UniqueConstraint(
                fields=("person", "role", "unit"), name="one_position_of_a_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="committee",
            constraint=models.UniqueConstraint(fields=("branch", "name"), name="one_committee_of_a_name"),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("number__isnull", False)),
                fields=("meeting", "number"),
                name="one_item_a_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voting", True)), fields=("meeting",), name="one_open_vote_a_meeting"
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                fields=("bank", "staff_key"), name="one_person_a_staff_number"
            ),
        ),
    ]
