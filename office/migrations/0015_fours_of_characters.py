"""Minutes, places and committees are found by four characters at once, as plans are."""

from django.db import migrations

FILL = """
UPDATE office_minutestext SET grams = bigrams(words);
UPDATE office_meetingtext SET grams = bigrams(words);
"""


class Migration(migrations.Migration):
    dependencies = [("office", "0014_tokens_as_digests"), ("proposals", "0013_fours_of_characters")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
