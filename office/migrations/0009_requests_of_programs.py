"""What a program sent under a key, so that the key is not taken for another request."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("office", "0008_meeting_texts")]

    operations = [
        migrations.AddField(
            "submission",
            "sent",
            models.CharField(blank=True, default="", max_length=64, verbose_name="digest of what was sent"),
            preserve_default=False,
        ),
    ]
