"""Place and committee of meetings for the search."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

# A word looked for has no blank in it, so none is found across the line between place and committee.
SEARCH = """
CREATE FUNCTION office_index_meeting() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO office_meetingtext (meeting_id, words, grams)
        SELECT NEW.id, said, bigrams(said) FROM (
            SELECT normalize(NEW.place || E'\\n' || committee.name, NFKC) AS said
            FROM committee_committee AS committee WHERE committee.id = NEW.committee_id
        ) AS meeting
        ON CONFLICT (meeting_id) DO UPDATE SET words = excluded.words, grams = excluded.grams;
    RETURN NULL;
END $$;
CREATE FUNCTION office_index_meetings_of() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE office_meetingtext AS text SET words = said, grams = bigrams(said) FROM (
        SELECT id, normalize(place || E'\\n' || NEW.name, NFKC) AS said FROM committee_meeting
        WHERE committee_id = NEW.id
    ) AS meeting WHERE text.meeting_id = meeting.id;
    RETURN NULL;
END $$;
CREATE TRIGGER office_meeting_indexed AFTER INSERT OR UPDATE OF place, committee_id ON committee_meeting
    FOR EACH ROW EXECUTE FUNCTION office_index_meeting();
CREATE TRIGGER office_meetings_indexed AFTER UPDATE OF name ON committee_committee
    FOR EACH ROW EXECUTE FUNCTION office_index_meetings_of();
ALTER TABLE committee_meeting ENABLE ALWAYS TRIGGER office_meeting_indexed;
ALTER TABLE committee_committee ENABLE ALWAYS TRIGGER office_meetings_indexed;
INSERT INTO office_meetingtext (meeting_id, words, grams)
    SELECT id, said, bigrams(said) FROM (
        SELECT meeting.id, normalize(meeting.place || E'\\n' || committee.name, NFKC) AS said
        FROM committee_meeting AS meeting JOIN committee_committee AS committee ON committee.id = meeting.committee_id
    ) AS meeting;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
UNDO = """
DROP TRIGGER office_meetings_indexed ON committee_committee;
DROP TRIGGER office_meeting_indexed ON committee_meeting;
DROP FUNCTION office_index_meetings_of();
DROP FUNCTION office_index_meeting();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("committee", "0012_exceptions"),
        ("office", "0007_exceptions"),
    ]

    operations = [
        migrations.CreateModel(
            name="MeetingText",
            fields=[
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="committee.meeting",
                        verbose_name="meeting",
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
                "verbose_name": "text of a meeting",
                "verbose_name_plural": "texts of meetings",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(models.F("grams"), name="meeting_texts_by_grams")
                ],
            },
        ),
        migrations.RunSQL(SEARCH, UNDO),
    ]
