"""A dispatch that failed says why in a word, which changes with each try as the text of the error does."""

from django.db import migrations, models

from committee.migrations._guards import stays

_COLUMNS = ("sha256", "size", "sent_at", "tries*", "failure*", "tried_at*")
_OFF = (
    "DROP TRIGGER office_dispatch_stays ON office_dispatch;"
    "DROP TRIGGER office_dispatch_never_emptied ON office_dispatch;"
)


class Migration(migrations.Migration):
    dependencies = [("office", "0013_supplementary_minutes")]

    operations = [
        migrations.RunSQL(_OFF, stays("office_dispatch", *_COLUMNS).sql),
        migrations.AddField(
            model_name="dispatch",
            name="cause",
            field=models.CharField(
                blank=True,
                choices=[
                    ("space", "There is no space left on the disk."),
                    ("lost", "A file that belongs to it is missing or was changed."),
                    ("other", "A technical fault."),
                ],
                default="",
                max_length=8,
                verbose_name="cause",
            ),
            preserve_default=False,
        ),
        stays("office_dispatch", *_COLUMNS, "cause*"),
    ]
