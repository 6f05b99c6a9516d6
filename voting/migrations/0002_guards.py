"""What holds in the database itself of votes and ballots, also for raw SQL (rules.md)."""

from importlib import import_module

from django.db import migrations

never_changes = import_module("committee.migrations.0002_guards").never_changes

BALLOT = """
CREATE FUNCTION voting_check_ballot() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    vote record;
    conflicted boolean;
BEGIN
    SELECT v.state, v.item_id, s.without_vote, s.id AS seated INTO vote
        FROM voting_vote v LEFT JOIN voting_voteseat s ON s.vote_id = v.id AND s.seat_id = NEW.seat_id
        WHERE v.id = NEW.vote_id FOR SHARE OF v;
    IF vote.state IS DISTINCT FROM 'open' THEN
        RAISE EXCEPTION 'ballot refused: vote % is not open', NEW.vote_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF vote.seated IS NULL THEN
        RAISE EXCEPTION 'ballot refused: seat % is not a seat of vote %', NEW.seat_id, NEW.vote_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.choice = 'against' AND regexp_replace(NEW.reason, '[[:space:][:punct:]]', '', 'g') = '' THEN
        RAISE EXCEPTION 'ballot refused: a ballot against states its reason (Art. 20.4)'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    conflicted := EXISTS (
        SELECT FROM committee_conflict c WHERE c.item_id = vote.item_id AND c.seat_id = NEW.seat_id
    );
    IF NEW.choice = 'abstain' THEN
        IF NOT conflicted AND NOT vote.without_vote AND NOT EXISTS (
            SELECT FROM voting_abstentionrequest r
                WHERE r.item_id = vote.item_id AND r.seat_id = NEW.seat_id AND r.state = 'granted'
        ) THEN
            RAISE EXCEPTION 'ballot refused: abstaining needs a granted request (Art. 20.3)'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF conflicted THEN
        RAISE EXCEPTION 'ballot refused: a seat in conflict of interest only abstains (Art. 20.3)'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER voting_ballot_checked BEFORE INSERT ON voting_ballot
    FOR EACH ROW EXECUTE FUNCTION voting_check_ballot();
ALTER TABLE voting_ballot ENABLE ALWAYS TRIGGER voting_ballot_checked;
"""

SEAT = """
CREATE FUNCTION voting_check_seat() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM voting_vote v WHERE v.id = NEW.vote_id AND v.state <> 'open')
        OR EXISTS (SELECT FROM voting_ballot b WHERE b.vote_id = NEW.vote_id) THEN
        RAISE EXCEPTION 'the seats of a vote are those of its opening'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER voting_voteseat_checked BEFORE INSERT ON voting_voteseat
    FOR EACH ROW EXECUTE FUNCTION voting_check_seat();
ALTER TABLE voting_voteseat ENABLE ALWAYS TRIGGER voting_voteseat_checked;
"""

VOTE = """
CREATE FUNCTION voting_check_vote() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    tally record;
    needed integer;
    seats integer;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'open' OR NEW.carried IS NOT NULL OR NEW.for_count IS NOT NULL
            OR NEW.resolution_id IS NOT NULL THEN
            RAISE EXCEPTION 'a vote begins open and uncounted' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> 'open' THEN
        RAISE EXCEPTION 'a % vote never changes', OLD.state USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.id, NEW.proposal_id, NEW.meeting_id, NEW.item_id, NEW.question, NEW.round, NEW.version_id,
        NEW.regulation_id, NEW.opened_at, NEW.opened_by_id)
        IS DISTINCT FROM (OLD.id, OLD.proposal_id, OLD.meeting_id, OLD.item_id, OLD.question, OLD.round,
        OLD.version_id, OLD.regulation_id, OLD.opened_at, OLD.opened_by_id) THEN
        RAISE EXCEPTION 'what a vote is on never changes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state <> 'closed' THEN
        IF NEW.carried IS NOT NULL OR NEW.for_count IS NOT NULL OR NEW.against_count IS NOT NULL
            OR NEW.abstained_count IS NOT NULL OR NEW.resolution_id IS NOT NULL THEN
            RAISE EXCEPTION 'only a closed vote has a tally' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    SELECT r.votes_to_pass, r.seat_count INTO needed, seats
        FROM committee_regulationversion r WHERE r.id = NEW.regulation_id;
    SELECT count(*) AS cast_, count(*) FILTER (WHERE b.choice = 'for') AS for_,
        count(*) FILTER (WHERE b.choice = 'against') AS against_,
        count(*) FILTER (WHERE b.choice = 'abstain') AS abstained_,
        count(*) FILTER (WHERE b.choice = 'abstain' AND b.conflicted) AS conflicted_
        INTO tally FROM voting_ballot b WHERE b.vote_id = NEW.id;
    IF tally.cast_ <> seats THEN
        RAISE EXCEPTION 'vote % closes with % ballots of %', NEW.id, tally.cast_, seats
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.for_count, NEW.against_count, NEW.abstained_count)
        IS DISTINCT FROM (tally.for_, tally.against_, tally.abstained_) THEN
        RAISE EXCEPTION 'the tally of vote % is not its ballots''', NEW.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.carried IS DISTINCT FROM (tally.for_ >= needed) THEN
        RAISE EXCEPTION 'vote % is carried by % votes and no fewer', NEW.id, needed
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (
        SELECT FROM committee_resolution r JOIN proposals_planversion p ON p.id = NEW.version_id
        WHERE r.id = NEW.resolution_id AND r.item_id = NEW.item_id AND r.question = NEW.question
            AND r.round = NEW.round AND r.digest = p.digest AND r.carried = NEW.carried
            AND r.votes_to_pass = needed AND r.for_count = tally.for_ AND r.against_count = tally.against_
            AND r.abstained_count = tally.abstained_ AND r.conflicted_count = tally.conflicted_
            AND jsonb_array_length(r.ballots) = tally.cast_
            AND tally.cast_ = (
                SELECT count(*) FROM voting_ballot b JOIN committee_seat s ON s.id = b.seat_id
                WHERE b.vote_id = NEW.id AND r.ballots @> jsonb_build_array(jsonb_build_object(
                    'seat', s.number, 'choice', b.choice, 'reason', b.reason, 'commitment', b.commitment))
            )
    ) THEN
        RAISE EXCEPTION 'the resolution of vote % is not its tally''s', NEW.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER voting_vote_checked BEFORE INSERT OR UPDATE ON voting_vote
    FOR EACH ROW EXECUTE FUNCTION voting_check_vote();
CREATE TRIGGER voting_vote_kept BEFORE DELETE ON voting_vote
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER voting_vote_never_emptied BEFORE TRUNCATE ON voting_vote
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE voting_vote ENABLE ALWAYS TRIGGER voting_vote_checked;
ALTER TABLE voting_vote ENABLE ALWAYS TRIGGER voting_vote_kept;
ALTER TABLE voting_vote ENABLE ALWAYS TRIGGER voting_vote_never_emptied;
"""

RESOLUTION = """
CREATE FUNCTION voting_check_resolution() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM voting_vote v WHERE v.resolution_id = NEW.id AND v.state = 'closed') THEN
        RAISE EXCEPTION 'resolution % is that of no closed vote', NEW.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER committee_resolution_of_a_vote AFTER INSERT ON committee_resolution
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION voting_check_resolution();
ALTER TABLE committee_resolution ENABLE ALWAYS TRIGGER committee_resolution_of_a_vote;
"""

UNDO = """
DROP TRIGGER committee_resolution_of_a_vote ON committee_resolution;
DROP TRIGGER voting_vote_never_emptied ON voting_vote;
DROP TRIGGER voting_vote_kept ON voting_vote;
DROP TRIGGER voting_vote_checked ON voting_vote;
DROP TRIGGER voting_voteseat_checked ON voting_voteseat;
DROP TRIGGER voting_ballot_checked ON voting_ballot;
DROP FUNCTION voting_check_resolution();
DROP FUNCTION voting_check_vote();
DROP FUNCTION voting_check_seat();
DROP FUNCTION voting_check_ballot();
"""


class Migration(migrations.Migration):
    dependencies = [("voting", "0001_initial"), ("proposals", "0002_guards"), ("committee", "0002_guards")]

    operations = [
        migrations.RunSQL(BALLOT + SEAT + VOTE + RESOLUTION, UNDO),
        never_changes("voting_ballot"),
        never_changes("voting_voteseat"),
    ]
