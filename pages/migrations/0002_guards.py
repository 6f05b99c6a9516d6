"""The words of minutes, and place and committee of meetings, for the search: kept by triggers."""

from django.db import migrations

MINUTES = """
CREATE FUNCTION pages_index_minutes() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    said text := normalize(NEW.narrative, NFKC);
BEGIN
    INSERT INTO pages_minutestext (minutes_id, words, grams) VALUES (NEW.id, said, bigrams(said))
        ON CONFLICT (minutes_id) DO UPDATE SET words = excluded.words, grams = excluded.grams;
    RETURN NULL;
END $$;
CREATE TRIGGER pages_minutes_indexed AFTER INSERT OR UPDATE OF narrative ON office_minutes
    FOR EACH ROW EXECUTE FUNCTION pages_index_minutes();
ALTER TABLE office_minutes ENABLE ALWAYS TRIGGER pages_minutes_indexed;
"""
NO_MINUTES = """
DROP TRIGGER pages_minutes_indexed ON office_minutes;
DROP FUNCTION pages_index_minutes();
"""

# A word looked for has no blank in it, so none is found across the line between place and committee.
MEETINGS = """
CREATE FUNCTION pages_index_meeting() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO pages_meetingtext (meeting_id, words, grams)
        SELECT NEW.id, said, bigrams(said) FROM (
            SELECT normalize(NEW.place || E'\\n' || committee.name, NFKC) AS said
            FROM committee_committee AS committee WHERE committee.id = NEW.committee_id
        ) AS meeting
        ON CONFLICT (meeting_id) DO UPDATE SET words = excluded.words, grams = excluded.grams;
    RETURN NULL;
END $$;
CREATE FUNCTION pages_index_meetings_of() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE pages_meetingtext AS text SET words = said, grams = bigrams(said) FROM (
        SELECT id, normalize(place || E'\\n' || NEW.name, NFKC) AS said FROM committee_meeting
        WHERE committee_id = NEW.id
    ) AS meeting WHERE text.meeting_id = meeting.id;
    RETURN NULL;
END $$;
CREATE TRIGGER pages_meeting_indexed AFTER INSERT OR UPDATE OF place, committee_id ON committee_meeting
    FOR EACH ROW EXECUTE FUNCTION pages_index_meeting();
CREATE TRIGGER pages_meetings_indexed AFTER UPDATE OF name ON committee_committee
    FOR EACH ROW EXECUTE FUNCTION pages_index_meetings_of();
ALTER TABLE committee_meeting ENABLE ALWAYS TRIGGER pages_meeting_indexed;
ALTER TABLE committee_committee ENABLE ALWAYS TRIGGER pages_meetings_indexed;
"""
NO_MEETINGS = """
DROP TRIGGER pages_meetings_indexed ON committee_committee;
DROP TRIGGER pages_meeting_indexed ON committee_meeting;
DROP FUNCTION pages_index_meetings_of();
DROP FUNCTION pages_index_meeting();
"""


class Migration(migrations.Migration):
    dependencies = [("pages", "0001_initial"), ("proposals", "0002_guards")]

    operations = [migrations.RunSQL(MINUTES, NO_MINUTES), migrations.RunSQL(MEETINGS, NO_MEETINGS)]
