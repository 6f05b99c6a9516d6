"""Supplementary minutes: several rows of one meeting, of which one supplements none; told once when signed."""

import django.db.models.deletion
from django.db import migrations, models

SIGNED = """
DROP TRIGGER office_signed ON audit_entry;
CREATE CONSTRAINT TRIGGER office_signed AFTER INSERT ON audit_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.action IN ('sign_minutes', 'sign_supplement'))
    EXECUTE FUNCTION office_check_signed();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER office_signed;
"""
MINUTES_ALONE = SIGNED.replace("IN ('sign_minutes', 'sign_supplement')", "= 'sign_minutes'")


class Migration(migrations.Migration):
    dependencies = [("committee", "0003_papers"), ("office", "0012_preparations")]

    operations = [
        migrations.AddField(
            "minutes",
            "supplements",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="supplementary",
                to="office.minutes",
                verbose_name="supplements",
            ),
        ),
        migrations.AlterField(
            "minutes",
            "meeting",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="committee.meeting",
                verbose_name="meeting",
            ),
        ),
        migrations.AddConstraint(
            "minutes",
            models.UniqueConstraint(
                condition=models.Q(("supplements", None)),
                fields=("meeting",),
                name="one_minutes_of_a_meeting",
            ),
        ),
        migrations.AddConstraint(
            "minutes",
            models.UniqueConstraint(
                condition=models.Q(("state", "drafted"), ("supplements__isnull", False)),
                fields=("supplements",),
                name="one_draft_of_supplementary_minutes",
            ),
        ),
        migrations.RunSQL(SIGNED, MINUTES_ALONE),
    ]
