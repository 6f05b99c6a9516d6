import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
import django_fsm
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("committee", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("document", models.JSONField(verbose_name="document")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a plan",
                "verbose_name_plural": "versions of plans",
                "ordering": ["proposal", "number"],
            },
        ),
        migrations.CreateModel(
            name="Docket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("filed_at", models.DateTimeField(verbose_name="filed at")),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dockets",
                        to="committee.committee",
                        verbose_name="committee",
                    ),
                ),
                (
                    "filed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="filed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "docket",
                "verbose_name_plural": "dockets",
                "ordering": ["-filed_at"],
            },
        ),
        migrations.CreateModel(
            name="MonthFigure",
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
                            ("submitted", "Submitted"),
                            ("carried", "Carried"),
                            ("rejected", "Not carried"),
                            ("waived", "Waivers granted"),
                            ("planned", "Recovery planned"),
                            ("received", "Recovery received"),
                        ],
                        max_length=9,
                        verbose_name="figure",
                    ),
                ),
                ("month", models.DateField(verbose_name="month")),
                ("days", models.IntegerField(null=True, verbose_name="days")),
                ("number", models.BigIntegerField(verbose_name="number")),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, default=0, max_digits=24, verbose_name="amount"),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.committee",
                        verbose_name="committee",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.unit",
                        verbose_name="handling institution",
                    ),
                ),
            ],
            options={
                "verbose_name": "figure of a month",
                "verbose_name_plural": "figures of months",
            },
        ),
        migrations.CreateModel(
            name="PlanText",
            fields=[
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="proposals.planversion",
                        verbose_name="version",
                    ),
                ),
                ("words", models.TextField(verbose_name="words")),
                (
                    "grams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None, verbose_name="pairs of characters"
                    ),
                ),
            ],
            options={
                "verbose_name": "text of a plan",
                "verbose_name_plural": "texts of plans",
            },
        ),
        migrations.CreateModel(
            name="PlanContract",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("contract_no", models.TextField(db_index=True, verbose_name="contract")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contracts",
                        to="proposals.planversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "contract of a plan",
                "verbose_name_plural": "contracts of plans",
            },
        ),
        migrations.CreateModel(
            name="Comparison",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("differences", models.JSONField(verbose_name="differences")),
                ("at", models.DateTimeField(verbose_name="compared at")),
                (
                    "rejected",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="proposals.planversion",
                        verbose_name="rejected version",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comparisons",
                        to="proposals.planversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "comparison",
                "verbose_name_plural": "comparisons",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="year")),
                ("number", models.PositiveIntegerField(blank=True, null=True, verbose_name="number")),
                ("title", models.TextField(blank=True, verbose_name="title")),
                ("borrower", models.TextField(blank=True, verbose_name="borrower")),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("returned", "Returned for completion"),
                            ("screened_out", "Screened out"),
                            ("shortlisted", "Shortlisted"),
                            ("filed", "Filed with head office"),
                            ("tabled", "On the agenda"),
                            ("voting", "Vote open"),
                            ("carried", "Carried"),
                            ("rejected", "Not carried"),
                            ("credit_approved", "Credit approved"),
                            ("credit_declined", "Credit declined"),
                            ("executing", "In execution"),
                            ("completed", "Completed"),
                            ("terminated", "Terminated"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=50,
                        protected=True,
                        verbose_name="state",
                    ),
                ),
                ("drafted_at", models.DateTimeField(verbose_name="drafted at")),
                (
                    "owed",
                    models.DecimalField(decimal_places=2, default=0, max_digits=24, verbose_name="owed"),
                ),
                ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="submitted at")),
                ("filed_at", models.DateTimeField(blank=True, null=True, verbose_name="filed at")),
                ("resolved_at", models.DateTimeField(blank=True, null=True, verbose_name="resolved at")),
                ("state_since", models.DateTimeField(verbose_name="since")),
                ("state_reason", models.TextField(blank=True, verbose_name="reason")),
                ("resubmission", models.BooleanField(default=False, verbose_name="resubmission")),
                ("ruling", models.TextField(blank=True, verbose_name="ruling on substantive change")),
                (
                    "special_recognised_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="special circumstances recognised at"
                    ),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="committee.committee",
                        verbose_name="committee",
                    ),
                ),
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
                    "item",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.agendaitem",
                        verbose_name="item",
                    ),
                ),
                (
                    "revises",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revisions",
                        to="proposals.proposal",
                        verbose_name="revises",
                    ),
                ),
                (
                    "submitted_version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="proposals.planversion",
                        verbose_name="submitted version",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="committee.unit",
                        verbose_name="handling institution",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="proposals.planversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "proposal",
                "verbose_name_plural": "proposals",
                "ordering": ["-pk"],
                "permissions": [("handle_proposal", "Handle the proposal")],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        migrations.AddField(
            model_name="planversion",
            name="proposal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="proposals.proposal",
                verbose_name="proposal",
            ),
        ),
        migrations.CreateModel(
            name="LiveContract",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("contract_no", models.TextField(verbose_name="contract")),
                (
                    "bank",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="committee.unit"
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="live_contracts",
                        to="proposals.proposal",
                    ),
                ),
            ],
            options={
                "verbose_name": "live contract",
                "verbose_name_plural": "live contracts",
            },
        ),
        migrations.CreateModel(
            name="DueInstalment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("due_on", models.DateField(verbose_name="due on")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=24, verbose_name="amount")),
                (
                    "proposal",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="instalments",
                        to="proposals.proposal",
                        verbose_name="proposal",
                    ),
                ),
            ],
            options={
                "verbose_name": "instalment",
                "verbose_name_plural": "instalments",
                "ordering": ["due_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="DocketEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "docket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="proposals.docket",
                        verbose_name="docket",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="proposals.planversion",
                        verbose_name="version",
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="docket_entries",
                        to="proposals.proposal",
                        verbose_name="proposal",
                    ),
                ),
            ],
            options={
                "verbose_name": "entry of a docket",
                "verbose_name_plural": "entries of dockets",
            },
        ),
        migrations.CreateModel(
            name="CreditDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("approved", models.BooleanField(verbose_name="approved")),
                (
                    "waived",
                    models.DecimalField(decimal_places=2, default=0, max_digits=20, verbose_name="waived"),
                ),
                ("terms", models.JSONField(verbose_name="terms stated")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="decided at")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "resolution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.resolution",
                        verbose_name="resolution",
                    ),
                ),
                (
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_decision",
                        to="proposals.proposal",
                        verbose_name="proposal",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit decision",
                "verbose_name_plural": "credit decisions",
            },
        ),
        migrations.CreateModel(
            name="ProposalGroupPermission",
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
                        to="proposals.proposal",
                    ),
                ),
                ("group", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.group")),
                (
                    "permission",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission"),
                ),
            ],
            options={
                "verbose_name": "grant on a proposal",
                "verbose_name_plural": "grants on proposals",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=18, verbose_name="amount")),
                ("received_on", models.DateField(verbose_name="received on")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="proposals.proposal",
                        verbose_name="proposal",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="proposals.receipt",
                        verbose_name="reverses",
                    ),
                ),
            ],
            options={
                "verbose_name": "receipt",
                "verbose_name_plural": "receipts",
                "ordering": ["received_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="StateCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("returned", "Returned for completion"),
                            ("screened_out", "Screened out"),
                            ("shortlisted", "Shortlisted"),
                            ("filed", "Filed with head office"),
                            ("tabled", "On the agenda"),
                            ("voting", "Vote open"),
                            ("carried", "Carried"),
                            ("rejected", "Not carried"),
                            ("credit_approved", "Credit approved"),
                            ("credit_declined", "Credit declined"),
                            ("executing", "In execution"),
                            ("completed", "Completed"),
                            ("terminated", "Terminated"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=50,
                        verbose_name="state",
                    ),
                ),
                ("submitted", models.BooleanField(verbose_name="already submitted")),
                ("filed", models.BooleanField(verbose_name="already filed")),
                ("resolved", models.BooleanField(verbose_name="already resolved")),
                ("number", models.BigIntegerField(verbose_name="number")),
                (
                    "committee",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.committee",
                        verbose_name="committee",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.unit",
                        verbose_name="handling institution",
                    ),
                ),
            ],
            options={
                "verbose_name": "plans in a state",
                "verbose_name_plural": "plans in states",
            },
        ),
        migrations.CreateModel(
            name="Tabling",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "item",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.agendaitem",
                        verbose_name="item",
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tablings",
                        to="proposals.proposal",
                        verbose_name="proposal",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="proposals.planversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "tabling",
                "verbose_name_plural": "tablings",
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(max_length=64, verbose_name="checksum")),
                ("media_type", models.CharField(max_length=100, verbose_name="type")),
                ("size", models.PositiveBigIntegerField(verbose_name="size")),
                ("pages", models.PositiveIntegerField(blank=True, null=True, verbose_name="pages")),
                ("added_at", models.DateTimeField(verbose_name="added at")),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.unit",
                        verbose_name="handling institution",
                    ),
                ),
            ],
            options={
                "verbose_name": "attachment",
                "verbose_name_plural": "attachments",
                "constraints": [
                    models.UniqueConstraint(fields=("unit", "sha256"), name="a_file_once_an_institution")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="docket",
            index=models.Index(models.F("filed_at"), models.F("id"), name="dockets_by_filing"),
        ),
        migrations.AddIndex(
            model_name="monthfigure",
            index=models.Index(models.F("month"), models.F("committee"), name="figures_by_month"),
        ),
        migrations.AddIndex(
            model_name="plantext",
            index=django.contrib.postgres.indexes.GinIndex(models.F("grams"), name="plan_texts_by_grams"),
        ),
        migrations.AddConstraint(
            model_name="plancontract",
            constraint=models.UniqueConstraint(
                fields=("version", "contract_no"), name="a_contract_once_a_version"
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["committee", "state"], name="proposals_p_committ_d750ab_idx"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["unit", "state"], name="proposals_p_unit_id_1e0b54_idx"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(models.F("state_since"), models.F("id"), name="proposals_by_state_since"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                models.F("committee"),
                models.F("state_since"),
                models.F("id"),
                name="proposals_of_committee_since",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                models.F("unit"), models.F("state_since"), models.F("id"), name="proposals_of_unit_since"
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                models.F("state"), models.F("state_since"), models.F("id"), name="proposals_in_state_since"
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(models.F("owed"), models.F("id"), name="proposals_by_owed"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                django.db.models.functions.comparison.Coalesce(
                    django.db.models.expressions.CombinedExpression(
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.functions.comparison.Cast("year", models.BigIntegerField()),
                            "*",
                            models.Value(1000000000),
                        ),
                        "+",
                        models.F("number"),
                    ),
                    models.Value(0),
                    output_field=models.BigIntegerField(),
                ),
                models.F("id"),
                name="proposals_by_number",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                django.db.models.functions.text.Left("borrower", 40),
                models.F("id"),
                name="proposals_by_borrower",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(models.F("submitted_at"), name="proposals_by_submission"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                models.F("committee"), models.F("submitted_at"), name="proposals_of_committee_in"
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(models.F("resolved_at"), name="proposals_by_resolution"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                models.F("state_since"),
                models.F("id"),
                condition=models.Q(("resubmission", True)),
                name="proposals_resubmitted",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("number__isnull", False)),
                fields=("committee", "year", "number"),
                name="one_proposal_a_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="planversion",
            constraint=models.UniqueConstraint(fields=("proposal", "number"), name="one_version_a_number"),
        ),
        migrations.AddConstraint(
            model_name="livecontract",
            constraint=models.UniqueConstraint(
                fields=("bank", "contract_no"), name="a_contract_in_one_live_plan"
            ),
        ),
        migrations.AddIndex(
            model_name="dueinstalment",
            index=models.Index(
                fields=["proposal", "due_on"], include=("amount",), name="instalments_of_a_plan"
            ),
        ),
        migrations.AddConstraint(
            model_name="docketentry",
            constraint=models.UniqueConstraint(fields=("proposal",), name="a_proposal_is_filed_once"),
        ),
        migrations.AddIndex(
            model_name="creditdecision",
            index=models.Index(models.F("at"), models.F("id"), name="credit_decisions_by_time"),
        ),
        migrations.AddIndex(
            model_name="creditdecision",
            index=models.Index(
                condition=models.Q(("waived__gt", 0)), fields=["at"], name="credit_decisions_waiving"
            ),
        ),
        migrations.AlterUniqueTogether(
            name="proposalgrouppermission",
            unique_together={("group", "permission", "content_object")},
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("reverses", None)),
                    models.Q(("amount__lt", 0), ("reverses__isnull", False)),
                    _connector="OR",
                ),
                name="a_receipt_is_above_zero_its_reversal_below",
            ),
        ),
    ]
