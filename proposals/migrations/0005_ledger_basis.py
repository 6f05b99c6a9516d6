"""Whence a version of a plan has the figures of its loans; a row never changes."""

import django.db.models.deletion
from django.db import migrations, models

from committee.migrations._guards import never_changes


class Migration(migrations.Migration):
    dependencies = [
        ("portfolio", "0002_guards"),
        ("proposals", "0004_comments_stay"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerBasis",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("contract", models.TextField(verbose_name="contract")),
                ("as_of", models.DateField(verbose_name="as of")),
                ("figures", models.JSONField(verbose_name="figures")),
                (
                    "loan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portfolio.loan",
                        verbose_name="loan",
                    ),
                ),
                (
                    "tape",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portfolio.tape",
                        verbose_name="tape",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger_basis",
                        to="proposals.planversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "basis in the ledger",
                "verbose_name_plural": "bases in the ledger",
                "ordering": ["version", "contract"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("version", "contract"), name="one_basis_a_contract_and_version"
                    )
                ],
            },
        ),
        never_changes("proposals_ledgerbasis"),
    ]
