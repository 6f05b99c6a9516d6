"""Contracts are compared as they are folded: what was stored before is folded anew."""

from django.db import migrations

from regulation.text import folded_identifier

# Contracts of versions never change; here it is the spelling by which they are compared.
RELEASE = "ALTER TABLE proposals_plancontract DISABLE TRIGGER proposals_plancontract_never_changes;"
GUARD = """
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE proposals_plancontract ENABLE ALWAYS TRIGGER proposals_plancontract_never_changes;
"""


def fold(apps, schema_editor):
    """Each contract stands as it is folded; of those of one version that are one now, the first stays.

    Where two live plans turn out to have the same contract, the first keeps it; both still stand in the way
    of a third.
    """
    database = schema_editor.connection.alias
    _fold(apps.get_model("proposals", "PlanContract").objects.using(database), "version_id")
    _fold(apps.get_model("proposals", "LiveContract").objects.using(database), "bank_id")


def _fold(rows, within):
    found = rows.values_list(within, "contract_no").iterator(chunk_size=5000)
    for of in {of for of, stored in found if folded_identifier(stored) != stored}:
        _fold_rows(rows.filter(**{within: of}).order_by("pk"))


def _fold_rows(rows):
    kept = {}
    for row in rows:
        folded = folded_identifier(row.contract_no)
        if not folded or folded in kept:
            row.delete()
        else:
            kept[folded] = row
    for folded, row in kept.items():
        if row.contract_no != folded:
            row.contract_no = folded
            row.save(update_fields=["contract_no"])


class Migration(migrations.Migration):
    dependencies = [("proposals", "0009_resubmitted")]

    operations = [
        migrations.RunSQL(RELEASE, migrations.RunSQL.noop),
        migrations.RunPython(fold, migrations.RunPython.noop),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
    ]
