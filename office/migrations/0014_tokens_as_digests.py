"""Of a calendar's address and of a session's key the database has a digest, and nothing that opens anything.

Addresses and sessions go on: who has one keeps it. The page shows an older address no more, since nobody knows it
but its owner; a new one can be made there.
"""

from django.db import migrations, models

FEEDS = "UPDATE office_calendarfeed SET digest = encode(sha256(convert_to(digest, 'UTF8')), 'hex')"
SESSIONS = """
UPDATE django_session SET session_key = left(encode(sha256(convert_to(session_key, 'UTF8')), 'hex'), 40)
"""


class Migration(migrations.Migration):
    dependencies = [("office", "0013_guards"), ("sessions", "0001_initial")]

    operations = [
        migrations.RenameField("calendarfeed", "token", "digest"),
        migrations.AlterField(
            "calendarfeed",
            "digest",
            models.CharField(max_length=64, unique=True, verbose_name="digest of the token"),
        ),
        migrations.AddField(
            "calendarfeed",
            "nonce",
            models.CharField(default="", max_length=64, verbose_name="nonce"),
            preserve_default=False,
        ),
        migrations.RunSQL(FEEDS, migrations.RunSQL.noop),
        migrations.RunSQL(SESSIONS, migrations.RunSQL.noop),
    ]
