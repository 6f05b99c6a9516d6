import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.operations
import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

import committee.models.organisation
import portfolio.models.duties


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("committee", "0007_amendments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        django.contrib.postgres.operations.BtreeGistExtension(),
        migrations.CreateModel(
            name="Balance",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "loan_id", "as_of", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("principal", models.BigIntegerField(verbose_name="principal, fen")),
                ("interest_on", models.BigIntegerField(verbose_name="interest due on balance sheet, fen")),
                ("interest_off", models.BigIntegerField(verbose_name="interest due off balance sheet, fen")),
                ("penalty", models.BigIntegerField(verbose_name="penalty interest, fen")),
                ("as_of", models.DateField(verbose_name="as of")),
                ("dpd", models.SmallIntegerField(verbose_name="days past due")),
                (
                    "loan_class",
                    models.SmallIntegerField(
                        choices=[
                            (1, "Normal"),
                            (2, "Special mention"),
                            (3, "Substandard"),
                            (4, "Doubtful"),
                            (5, "Loss"),
                        ],
                        verbose_name="class",
                    ),
                ),
                ("sub_grade", models.SmallIntegerField(verbose_name="sub-grade")),
                ("state", models.SmallIntegerField(verbose_name="state")),
            ],
            options={
                "verbose_name": "balance",
                "verbose_name_plural": "balances",
                "db_table": "portfolio_balance",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Household",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.TextField(blank=True, verbose_name="household number")),
                ("key", models.TextField(editable=False, verbose_name="key")),
                (
                    "bank",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.unit",
                        verbose_name="bank",
                    ),
                ),
            ],
            options={
                "verbose_name": "household",
                "verbose_name_plural": "households",
            },
        ),
        migrations.CreateModel(
            name="Borrower",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField(verbose_name="name")),
                ("id_no", models.TextField(verbose_name="identity number")),
                ("id_key", models.TextField(editable=False, verbose_name="identity number, folded")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("enterprise", "Enterprise"),
                            ("household", "Household"),
                            ("village_collective", "Village collective"),
                            ("public_employee", "Public employee"),
                            ("employee", "Employee of the bank"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "insider",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("employee", "Employee"),
                            ("introduced", "Introduced by an employee"),
                            ("guaranteed_by_insider", "Guaranteed by an insider"),
                        ],
                        max_length=24,
                        verbose_name="insider",
                    ),
                ),
                ("employer", models.TextField(blank=True, verbose_name="employer")),
                (
                    "bank",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.unit",
                        verbose_name="bank",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="borrowers",
                        to="portfolio.household",
                        verbose_name="household",
                    ),
                ),
            ],
            options={
                "verbose_name": "borrower",
                "verbose_name_plural": "borrowers",
            },
        ),
        migrations.CreateModel(
            name="Institution",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=40, verbose_name="institution number")),
                (
                    "code_key",
                    committee.models.organisation.FoldedField(
                        editable=False, of="code", verbose_name="institution number, folded"
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("union", "Provincial union"),
                            ("office", "Supervising office"),
                            ("institution", "Institution"),
                            ("outlet", "Outlet"),
                        ],
                        max_length=12,
                        verbose_name="level",
                    ),
                ),
                ("lft", models.IntegerField(default=0, editable=False, verbose_name="first number")),
                ("rgt", models.IntegerField(default=0, editable=False, verbose_name="last number")),
                ("ranked", models.BooleanField(default=False, verbose_name="ranked")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                (
                    "bank",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.unit",
                        verbose_name="bank",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portfolio.institution",
                        verbose_name="merged into",
                    ),
                ),
                (
                    "unit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.unit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "institution",
                "verbose_name_plural": "institutions",
                "ordering": ["bank", "lft"],
            },
        ),
        migrations.AddField(
            model_name="household",
            name="institution",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="portfolio.institution",
                verbose_name="institution",
            ),
        ),
        migrations.CreateModel(
            name="Loan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("contract_no", models.TextField(verbose_name="contract number")),
                ("contract_key", models.TextField(editable=False, verbose_name="contract number, folded")),
                ("note_no", models.TextField(blank=True, verbose_name="note number")),
                ("product", models.TextField(blank=True, verbose_name="product")),
                ("purpose", models.TextField(blank=True, verbose_name="purpose")),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("new", "New loan"),
                            ("renewal", "Renewal"),
                            ("rescue", "Rescue loan"),
                            ("restructured", "Restructured"),
                        ],
                        max_length=12,
                        verbose_name="origin",
                    ),
                ),
                (
                    "guarantee",
                    models.CharField(
                        choices=[
                            ("credit", "Credit"),
                            ("guarantor", "Guarantor"),
                            ("mortgage", "Mortgage"),
                            ("pledge", "Pledge"),
                            ("mixed", "Mixed"),
                        ],
                        max_length=12,
                        verbose_name="guarantee",
                    ),
                ),
                ("issued_on", models.DateField(verbose_name="issued on")),
                ("due_on", models.DateField(verbose_name="due on")),
                (
                    "original_due_on",
                    models.DateField(blank=True, null=True, verbose_name="originally due on"),
                ),
                ("amount", models.BigIntegerField(verbose_name="amount, fen")),
                (
                    "rate",
                    models.DecimalField(decimal_places=6, max_digits=9, verbose_name="rate, per cent a year"),
                ),
                (
                    "period_months",
                    models.SmallIntegerField(blank=True, null=True, verbose_name="months of a period"),
                ),
                ("registered", models.BooleanField(blank=True, null=True, verbose_name="registered")),
                ("agency", models.TextField(blank=True, verbose_name="agency")),
                (
                    "other_banks_debt",
                    models.BigIntegerField(blank=True, null=True, verbose_name="debt at other banks, fen"),
                ),
                (
                    "other_banks_over90",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="of it over 90 days past due, fen"
                    ),
                ),
                ("allowance", models.BigIntegerField(blank=True, null=True, verbose_name="allowance, fen")),
                ("lending_staff_no", models.TextField(blank=True, verbose_name="lending officer")),
                ("approver_staff_no", models.TextField(blank=True, verbose_name="approver")),
                ("collection_staff_no", models.TextField(blank=True, verbose_name="collector")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("closed", "Closed"),
                            ("written_off", "Written off"),
                            ("transferred", "Transferred"),
                        ],
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "loan_class",
                    models.SmallIntegerField(
                        choices=[
                            (1, "Normal"),
                            (2, "Special mention"),
                            (3, "Substandard"),
                            (4, "Doubtful"),
                            (5, "Loss"),
                        ],
                        verbose_name="class",
                    ),
                ),
                ("sub_grade", models.SmallIntegerField(default=0, verbose_name="sub-grade")),
                ("principal", models.BigIntegerField(verbose_name="principal, fen")),
                (
                    "principal_unpaid_since",
                    models.DateField(blank=True, null=True, verbose_name="principal unpaid since"),
                ),
                (
                    "interest_unpaid_since",
                    models.DateField(blank=True, null=True, verbose_name="interest unpaid since"),
                ),
                (
                    "first_npl_on",
                    models.DateField(blank=True, null=True, verbose_name="non-performing since"),
                ),
                ("first_seen_on", models.DateField(verbose_name="first on a tape")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="ended on")),
                ("gone_on", models.DateField(blank=True, null=True, verbose_name="gone from the tape on")),
                (
                    "bank",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.unit",
                        verbose_name="bank",
                    ),
                ),
                (
                    "borrower",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="loans",
                        to="portfolio.borrower",
                        verbose_name="borrower",
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portfolio.institution",
                        verbose_name="institution",
                    ),
                ),
            ],
            options={
                "verbose_name": "loan",
                "verbose_name_plural": "loans",
            },
        ),
        migrations.CreateModel(
            name="Assignment",
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
                            ("lending", "Lending"),
                            ("approval", "Approval"),
                            ("collection", "Collection"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("staff_no", models.CharField(max_length=40, verbose_name="staff number")),
                (
                    "staff_key",
                    committee.models.organisation.FoldedField(
                        editable=False, of="staff_no", verbose_name="staff number, folded"
                    ),
                ),
                ("from_on", models.DateField(verbose_name="from")),
                ("to_on", models.DateField(blank=True, null=True, verbose_name="to")),
                ("reason", models.TextField(verbose_name="reason")),
                ("given_at", models.DateTimeField(verbose_name="given at")),
                ("corrected", models.BooleanField(default=False, verbose_name="corrected")),
                (
                    "corrects",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portfolio.assignment",
                        verbose_name="corrects",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="given by",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "loan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duties",
                        to="portfolio.loan",
                        verbose_name="loan",
                    ),
                ),
            ],
            options={
                "verbose_name": "duty",
                "verbose_name_plural": "duties",
                "ordering": ["loan", "kind", "from_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("effective_from", models.DateField(verbose_name="effective from")),
                ("values", models.JSONField(verbose_name="numbers")),
                ("reason", models.TextField(verbose_name="reason")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                (
                    "bank",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.unit",
                        verbose_name="bank",
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
                "verbose_name": "version of the policy",
                "verbose_name_plural": "versions of the policy",
                "ordering": ["bank", "number"],
            },
        ),
        migrations.CreateModel(
            name="Tape",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("as_of", models.DateField(verbose_name="as of")),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("checked", "Checked"),
                            ("held", "Held"),
                            ("loaded", "In the ledger"),
                            ("replaced", "Replaced"),
                            ("discarded", "Discarded"),
                        ],
                        max_length=9,
                        protected=True,
                        verbose_name="state",
                    ),
                ),
                ("sha256", models.CharField(max_length=64, verbose_name="checksum")),
                ("size", models.BigIntegerField(verbose_name="size")),
                ("name", models.TextField(blank=True, verbose_name="file name")),
                ("rows", models.IntegerField(verbose_name="rows")),
                ("rejected", models.IntegerField(verbose_name="rows rejected")),
                ("principal", models.BigIntegerField(verbose_name="principal, fen")),
                (
                    "institutions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None, verbose_name="institutions"
                    ),
                ),
                ("figures", models.JSONField(default=dict, verbose_name="figures")),
                ("handed_in_at", models.DateTimeField(verbose_name="handed in at")),
                ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="ruled at")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                (
                    "bank",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.unit",
                        verbose_name="bank",
                    ),
                ),
                (
                    "handed_in_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="handed in by",
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ruled by",
                    ),
                ),
                (
                    "scope",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portfolio.institution",
                        verbose_name="scope",
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portfolio.tape",
                        verbose_name="replaces",
                    ),
                ),
            ],
            options={
                "verbose_name": "loan tape",
                "verbose_name_plural": "loan tapes",
                "ordering": ["-as_of", "-id"],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        migrations.CreateModel(
            name="RowFault",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.IntegerField(verbose_name="line")),
                ("column", models.TextField(verbose_name="column")),
                ("value", models.TextField(verbose_name="value")),
                ("code", models.TextField(verbose_name="code")),
                ("only_warns", models.BooleanField(default=False, verbose_name="only warns")),
                (
                    "tape",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="faults",
                        to="portfolio.tape",
                        verbose_name="tape",
                    ),
                ),
            ],
            options={
                "verbose_name": "fault of a row",
                "verbose_name_plural": "faults of rows",
                "ordering": ["tape", "line", "id"],
            },
        ),
        migrations.CreateModel(
            name="DayFigure",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "as_of",
                        "institution_id",
                        "cohort",
                        "loan_class",
                        "sub_grade",
                        "kind",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("as_of", models.DateField(verbose_name="as of")),
                (
                    "cohort",
                    models.CharField(
                        blank=True,
                        choices=[("old", "Old"), ("new", "New"), ("", "Performing")],
                        max_length=3,
                        verbose_name="cohort",
                    ),
                ),
                (
                    "loan_class",
                    models.SmallIntegerField(
                        choices=[
                            (1, "Normal"),
                            (2, "Special mention"),
                            (3, "Substandard"),
                            (4, "Doubtful"),
                            (5, "Loss"),
                        ],
                        verbose_name="class",
                    ),
                ),
                ("sub_grade", models.SmallIntegerField(verbose_name="sub-grade")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("enterprise", "Enterprise"),
                            ("household", "Household"),
                            ("village_collective", "Village collective"),
                            ("public_employee", "Public employee"),
                            ("employee", "Employee of the bank"),
                        ],
                        max_length=20,
                        verbose_name="kind of borrower",
                    ),
                ),
                ("loans", models.IntegerField(verbose_name="loans")),
                ("principal", models.BigIntegerField(verbose_name="principal, fen")),
                (
                    "institution",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portfolio.institution",
                        verbose_name="institution",
                    ),
                ),
                (
                    "tape",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portfolio.tape",
                        verbose_name="tape",
                    ),
                ),
            ],
            options={
                "verbose_name": "figure of a day",
                "verbose_name_plural": "figures of days",
            },
        ),
        migrations.CreateModel(
            name="ClassChange",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "loan_id", "on", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("on", models.DateField(verbose_name="on")),
                (
                    "from_class",
                    models.SmallIntegerField(
                        choices=[
                            (1, "Normal"),
                            (2, "Special mention"),
                            (3, "Substandard"),
                            (4, "Doubtful"),
                            (5, "Loss"),
                        ],
                        null=True,
                        verbose_name="from",
                    ),
                ),
                ("from_sub_grade", models.SmallIntegerField(default=0, verbose_name="from sub-grade")),
                (
                    "to_class",
                    models.SmallIntegerField(
                        choices=[
                            (1, "Normal"),
                            (2, "Special mention"),
                            (3, "Substandard"),
                            (4, "Doubtful"),
                            (5, "Loss"),
                        ],
                        verbose_name="to",
                    ),
                ),
                ("sub_grade", models.SmallIntegerField(default=0, verbose_name="sub-grade")),
                (
                    "loan",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="class_changes",
                        to="portfolio.loan",
                    ),
                ),
                (
                    "tape",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portfolio.tape",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of class",
                "verbose_name_plural": "changes of class",
            },
        ),
        migrations.CreateModel(
            name="Arrival",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("as_of", models.DateField(verbose_name="as of")),
                ("sha256", models.CharField(max_length=64, verbose_name="checksum")),
                ("name", models.TextField(verbose_name="file name")),
                ("check_only", models.BooleanField(default=False, verbose_name="check only")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("reading", "Reading"),
                            ("judging", "Judging the rows"),
                            ("loans", "Loans and borrowers"),
                            ("balances", "Balances"),
                            ("figures", "Figures"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=9,
                        verbose_name="stage",
                    ),
                ),
                ("stage_at", models.DateTimeField(verbose_name="stage since")),
                ("outcome", models.JSONField(default=dict, verbose_name="outcome")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "scope",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="portfolio.institution",
                        verbose_name="scope",
                    ),
                ),
                (
                    "tape",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="portfolio.tape",
                        verbose_name="tape",
                    ),
                ),
            ],
            options={
                "verbose_name": "file on its way",
                "verbose_name_plural": "files on their way",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.AddConstraint(
            model_name="borrower",
            constraint=models.UniqueConstraint(fields=("bank", "id_key"), name="one_borrower_an_identity"),
        ),
        migrations.AddIndex(
            model_name="institution",
            index=models.Index(fields=["bank", "lft"], name="institutions_by_place"),
        ),
        migrations.AddConstraint(
            model_name="institution",
            constraint=models.UniqueConstraint(fields=("bank", "code_key"), name="one_institution_a_code"),
        ),
        migrations.AddConstraint(
            model_name="institution",
            constraint=models.CheckConstraint(
                condition=models.Q(("merged_into", None), ("closed_on__isnull", False), _connector="OR"),
                name="merged_institutions_are_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="household",
            constraint=models.UniqueConstraint(fields=("bank", "key"), name="one_household_a_key"),
        ),
        migrations.AddIndex(
            model_name="loan",
            index=models.Index(
                condition=models.Q(("gone_on", None), ("loan_class__gte", 3), ("state", "open")),
                fields=["institution", "-principal", "id"],
                name="npl_by_principal",
            ),
        ),
        migrations.AddConstraint(
            model_name="loan",
            constraint=models.UniqueConstraint(fields=("bank", "contract_key"), name="one_loan_a_contract"),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("corrected", False)), fields=["staff_key", "kind"], name="duties_by_staff"
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("corrected", False), ("kind", "collection")),
                expressions=[
                    ("loan", "="),
                    (
                        portfolio.models.duties.Days(
                            models.F("from_on"),
                            models.F("to_on"),
                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                inclusive_lower=True, inclusive_upper=True
                            ),
                        ),
                        "&&",
                    ),
                ],
                name="one_collector_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "collection"), ("to_on", None), _connector="OR"),
                name="lending_and_approval_never_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("to_on", None), ("to_on__gte", models.F("from_on")), _connector="OR"),
                name="duties_end_after_they_begin",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("corrected", False), ("kind__in", ("lending", "approval"))),
                fields=("loan", "kind"),
                name="one_lender_and_approver_a_loan",
            ),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.UniqueConstraint(fields=("bank", "number"), name="one_policy_version_a_number"),
        ),
        migrations.AddIndex(
            model_name="tape",
            index=models.Index(fields=["bank", "-as_of", "-id"], name="tapes_by_day"),
        ),
        migrations.AddConstraint(
            model_name="tape",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "loaded")),
                fields=("scope", "as_of"),
                name="one_tape_a_scope_and_day",
            ),
        ),
        migrations.AddIndex(
            model_name="dayfigure",
            index=models.Index(fields=["institution", "as_of"], name="figures_by_institution"),
        ),
        migrations.AddIndex(
            model_name="classchange",
            index=models.Index(fields=["on", "to_class"], name="changes_of_class_by_day"),
        ),
        migrations.AddIndex(
            model_name="arrival",
            index=models.Index(fields=["scope", "-at"], name="arrivals_by_time"),
        ),
    ]
