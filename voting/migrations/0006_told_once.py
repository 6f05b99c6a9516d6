"""What is done once on a vote is told once, and a ballot in no stream but its meeting's."""

from importlib import import_module

from django.db import migrations

before = import_module("voting.migrations.0005_guards")

CLAIM = r"""
CREATE OR REPLACE FUNCTION voting_check_claim() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE
    pk bigint;
    done boolean;
BEGIN
    IF NEW.subject ~ '^vote:[1-9][0-9]{0,17}$' THEN
        pk := split_part(NEW.subject, ':', 2)::bigint;
        done := CASE NEW.action
            WHEN 'cast' THEN EXISTS (
                SELECT FROM voting_vote v JOIN voting_ballot b ON b.vote_id = v.id
                    JOIN voting_voteseat s ON s.vote_id = v.id AND s.seat_id = b.seat_id
                    JOIN audit_payload p ON p.commitment = NEW.commitment
                WHERE v.id = pk AND NEW.stream = 'meeting:' || v.meeting_id AND NOT b.entered
                    AND b.person_id::text = NEW.actor
                    AND b.commitment = convert_from(p.body, 'UTF8')::json ->> 'commitment'
                    AND s.number::text = convert_from(p.body, 'UTF8')::json ->> 'seat'
            )
            WHEN 'open_vote' THEN EXISTS (
                SELECT FROM voting_vote v WHERE v.id = pk AND NEW.stream = 'meeting:' || v.meeting_id
                    AND v.opened_by_id::text = NEW.actor
            )
            WHEN 'close_vote' THEN EXISTS (
                SELECT FROM voting_vote v WHERE v.id = pk AND NEW.stream = 'meeting:' || v.meeting_id
                    AND v.closed_by_id::text = NEW.actor AND v.state = 'closed'
            )
            WHEN 'cancel_vote' THEN EXISTS (
                SELECT FROM voting_vote v WHERE v.id = pk AND NEW.stream = 'meeting:' || v.meeting_id
                    AND v.cancelled_by_id::text = NEW.actor AND v.state = 'cancelled'
            )
        END;
    END IF;
    -- nor is it told more often than it was done: such an entry would never go away
    IF done AND (
        SELECT count(*) FROM audit_entry entry
        WHERE entry.stream = NEW.stream AND entry.action = NEW.action AND entry.subject = NEW.subject
            AND entry.actor = NEW.actor
    ) > (CASE NEW.action WHEN 'cast' THEN (
        SELECT count(*) FROM voting_ballot b
            WHERE b.vote_id = pk AND b.person_id::text = NEW.actor AND NOT b.entered
    ) ELSE 1 END) THEN
        RAISE EXCEPTION 'entry refused: % on % is told already', NEW.action, NEW.subject
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF done IS NOT TRUE THEN
        RAISE EXCEPTION 'entry refused: nobody did % on %', NEW.action, NEW.subject
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
"""
TRIGGER = """
DROP TRIGGER voting_claim ON audit_entry;
CREATE CONSTRAINT TRIGGER voting_claim AFTER INSERT ON audit_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (
        NEW.action = 'cast'
        OR NEW.action IN ('open_vote', 'close_vote', 'cancel_vote') AND NEW.stream LIKE 'meeting:%'
    ) EXECUTE FUNCTION voting_check_claim();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER voting_claim;
"""
UNDO = f"""
DROP TRIGGER voting_claim ON audit_entry;
DROP FUNCTION voting_check_claim();
{before.CLAIM}
"""


class Migration(migrations.Migration):
    dependencies = [("voting", "0005_guards")]

    operations = [migrations.RunSQL(CLAIM + TRIGGER, UNDO)]
