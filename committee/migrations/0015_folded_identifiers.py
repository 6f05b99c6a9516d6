"""Logins and staff numbers are compared as they are folded."""

from collections import defaultdict

from django.db import migrations, models

import committee.models.organisation
from regulation.text import folded_identifier


def fold(apps, schema_editor):
    """Each person has both keys; stops where two people's logins or staff numbers are no longer two."""
    people = apps.get_model("committee", "Person").objects.using(schema_editor.connection.alias)
    everybody = list(people.order_by("pk"))
    for person in everybody:
        person.login_key = folded_identifier(person.username)
        person.staff_key = folded_identifier(person.staff_no)
    _check("logins", ((person.login_key, person.username) for person in everybody))
    _check(
        "staff numbers",
        (((person.bank_id, person.staff_key), person.staff_no) for person in everybody if person.bank_id),
    )
    people.bulk_update(everybody, ["login_key", "staff_key"], batch_size=1000)


def _check(what, found):
    alike = defaultdict(list)
    for key, spelling in found:
        alike[key].append(spelling)
    twice = [spellings for spellings in alike.values() if len(spellings) > 1]
    if twice:
        named = "; ".join(" = ".join(map(repr, spellings)) for spellings in twice)
        raise RuntimeError(
            f"These {what} look alike and are different people's: {named}. Nothing was changed. Change all but"
            " one of each on the administration's page with the version before, then migrate again."
        )


class Migration(migrations.Migration):
    dependencies = [("committee", "0014_messages_done")]

    operations = [
        migrations.RemoveConstraint(model_name="person", name="one_person_a_staff_number"),
        migrations.AddField(
            model_name="person",
            name="login_key",
            field=committee.models.organisation.FoldedField(
                default="", editable=False, of="username", verbose_name="login, folded"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="person",
            name="staff_key",
            field=committee.models.organisation.FoldedField(
                default="", editable=False, of="staff_no", verbose_name="staff number, folded"
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fold, migrations.RunPython.noop),
        # an index is not made while a deferred constraint has still to be checked
        migrations.RunSQL(
            "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;", migrations.RunSQL.noop
        ),
        migrations.AlterField(
            model_name="person",
            name="login_key",
            field=committee.models.organisation.FoldedField(
                editable=False, of="username", unique=True, verbose_name="login, folded"
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                fields=("bank", "staff_key"), name="one_person_a_staff_number"
            ),
        ),
    ]
