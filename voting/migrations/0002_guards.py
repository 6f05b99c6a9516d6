"""What holds in the database itself of votes and ballots, also for raw SQL (rules.md).

A ballot is one that was cast: by somebody there for the seat, sealed as it says, with its entry in the log.
Ballot and entry ask for each other when their transaction ends, so neither is there without the other. The
commitment is made again from the row; its bytes are those of `voting/sealing.py`, since PostgreSQL writes text in
JSON as Python does. What needs looking up is looked up once: see `benchmarks/cast.py`.
"""

from django.db import migrations

from committee.migrations._guards import never_changes, stays

BALLOT = r"""
CREATE FUNCTION voting_check_ballot() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
DECLARE
    vote record;
    conflicted boolean;
BEGIN
    SELECT v.state, v.item_id, v.meeting_id, s.without_vote, s.id AS seated, s.number, seat.holder_id INTO vote
        FROM voting_vote v LEFT JOIN voting_voteseat s ON s.vote_id = v.id AND s.seat_id = NEW.seat_id
            LEFT JOIN committee_seat seat ON seat.id = s.seat_id
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
    IF NEW.conflicted IS DISTINCT FROM conflicted THEN
        RAISE EXCEPTION 'ballot refused: whether a seat is in conflict of interest stands on the record'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.entered THEN
        IF NOT vote.without_vote OR NEW.choice <> 'abstain' OR NOT EXISTS (
            SELECT FROM committee_proxy p WHERE p.id = NEW.proxy_id AND p.meeting_id = vote.meeting_id
                AND p.seat_id = NEW.seat_id AND p.holder_id = NEW.person_id AND NOT 'vote' = ANY (p.powers)
        ) THEN
            RAISE EXCEPTION 'ballot refused: entered is the abstention of a proxy without the power to vote'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF NEW.proxy_id IS NULL AND vote.holder_id IS DISTINCT FROM NEW.person_id
        OR NEW.proxy_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM committee_proxy p WHERE p.id = NEW.proxy_id AND p.meeting_id = vote.meeting_id
                AND p.seat_id = NEW.seat_id AND p.holder_id = NEW.person_id AND 'vote' = ANY (p.powers)
                AND p.revoked_at IS NULL AND p.ended_at IS NULL AND p.principal_came_at IS NULL
                AND EXISTS (
                    SELECT FROM committee_proxy_items c
                    WHERE c.proxy_id = p.id AND c.agendaitem_id = vote.item_id
                )
        ) THEN
        RAISE EXCEPTION 'ballot refused: person % does not vote for seat % (Art. 11)', NEW.person_id, vote.number
            USING ERRCODE = 'integrity_constraint_violation';
    ELSIF NOT (
        SELECT bool_or(here.seat_id = NEW.seat_id AND here.person_id = NEW.person_id
                AND here.proxy_id IS NOT DISTINCT FROM NEW.proxy_id)
            AND count(DISTINCT here.seat_id) = (SELECT count(*) FROM voting_voteseat s WHERE s.vote_id = NEW.vote_id)
        FROM committee_attendance here JOIN voting_voteseat s
            ON s.vote_id = NEW.vote_id AND s.seat_id = here.seat_id
        WHERE here.meeting_id = vote.meeting_id AND here.signed_out_at IS NULL
    ) IS TRUE THEN
        RAISE EXCEPTION 'ballot refused: not all seats are represented (Art. 20.1)'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF octet_length(NEW.salt) <> 32 OR NEW.commitment IS DISTINCT FROM encode(sha256(
        'lianxi-ballot-1'::bytea || '\x00'::bytea || NEW.salt || convert_to(
            '{"choice":' || to_json(NEW.choice)::text || ',"person":"' || NEW.person_id
            || '","reason":' || to_json(NEW.reason)::text || ',"seat":' || vote.number
            || ',"vote":"' || NEW.vote_id || '"}', 'UTF8')
    ), 'hex') THEN
        RAISE EXCEPTION 'ballot refused: its commitment is to another ballot'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER voting_ballot_checked BEFORE INSERT ON voting_ballot
    FOR EACH ROW EXECUTE FUNCTION voting_check_ballot();
ALTER TABLE voting_ballot ENABLE ALWAYS TRIGGER voting_ballot_checked;
"""

# The payload of a cast ballot begins with its commitment, since keys are sorted; the newest entry is the likely one.
TOLD = r"""
CREATE FUNCTION voting_check_told() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.entered THEN
        PERFORM FROM voting_vote v
            JOIN audit_entry entry ON entry.stream = 'meeting:' || v.meeting_id AND entry.action = 'open_vote'
                AND entry.subject = 'vote:' || v.id
            JOIN audit_payload payload ON payload.commitment = entry.commitment
            JOIN voting_voteseat s ON s.vote_id = v.id AND s.seat_id = NEW.seat_id
            WHERE v.id = NEW.vote_id AND convert_from(payload.body, 'UTF8')::json -> 'entered'
                ->> s.number::text = NEW.commitment;
    ELSE
        PERFORM FROM audit_entry entry JOIN audit_payload payload ON payload.commitment = entry.commitment
            WHERE entry.stream = 'meeting:' || (SELECT v.meeting_id FROM voting_vote v WHERE v.id = NEW.vote_id)
                AND entry.action = 'cast' AND entry.subject = 'vote:' || NEW.vote_id
                AND entry.actor = NEW.person_id::text
                AND substr(payload.body, 1, 80) = convert_to('{"commitment":"' || NEW.commitment || '"', 'UTF8')
            ORDER BY entry.seq DESC LIMIT 1;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'ballot refused: no entry of the log tells of the ballot of seat % in vote %',
            NEW.seat_id, NEW.vote_id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER voting_ballot_told AFTER INSERT ON voting_ballot
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION voting_check_told();
ALTER TABLE voting_ballot ENABLE ALWAYS TRIGGER voting_ballot_told;
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
    IF NEW.state = 'closed' AND (NEW.closed_at IS NULL OR NEW.closed_by_id IS NULL)
        OR NEW.state = 'cancelled' AND (
            NEW.cancelled_at IS NULL OR NEW.cancelled_by_id IS NULL
            OR regexp_replace(NEW.cancel_reason, '[[:space:][:punct:]]', '', 'g') = ''
        )
        OR NEW.state = 'open' AND (NEW.closed_at, NEW.closed_by_id, NEW.cancelled_at, NEW.cancelled_by_id)
            IS DISTINCT FROM (NULL::timestamptz, NULL::bigint, NULL::timestamptz, NULL::bigint) THEN
        RAISE EXCEPTION 'a vote ends by somebody, at a time, and is cancelled with a reason (Art. 20.3)'
            USING ERRCODE = 'integrity_constraint_violation';
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
    IF EXISTS (
        SELECT number, commitment FROM (
            SELECT s.number::text, b.commitment FROM voting_ballot b
                JOIN voting_voteseat s ON s.vote_id = b.vote_id AND s.seat_id = b.seat_id
                WHERE b.vote_id = NEW.id
        ) AS stored FULL JOIN (
            SELECT cast_.number, cast_.commitment FROM audit_entry entry
                JOIN audit_payload payload ON payload.commitment = entry.commitment,
                LATERAL (SELECT convert_from(payload.body, 'UTF8')::json AS said) AS read,
                LATERAL (
                    SELECT said ->> 'seat' AS number, said ->> 'commitment' AS commitment
                        WHERE entry.action = 'cast'
                    UNION ALL
                    SELECT entered.key, entered.value FROM json_each_text(said -> 'entered') AS entered
                        WHERE entry.action = 'open_vote'
                ) AS cast_
                WHERE entry.stream = 'meeting:' || NEW.meeting_id AND entry.subject = 'vote:' || NEW.id
                    AND entry.action IN ('cast', 'open_vote')
        ) AS told USING (number, commitment)
        WHERE stored.number IS NULL OR told.number IS NULL
    ) THEN
        RAISE EXCEPTION 'the ballots of vote % are not those that the log tells of', NEW.id
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

# What an entry claims of a vote has been done, by whom it says. What is done once is told once, and a ballot in no
# stream but its meeting's.
CLAIM = r"""
CREATE FUNCTION voting_check_claim() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
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
REVOKE ALL ON FUNCTION voting_check_claim() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER voting_claim AFTER INSERT ON audit_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (
        NEW.action = 'cast'
        OR NEW.action IN ('open_vote', 'close_vote', 'cancel_vote') AND NEW.stream LIKE 'meeting:%'
    ) EXECUTE FUNCTION voting_check_claim();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER voting_claim;
"""

REQUEST = """
CREATE FUNCTION voting_check_request() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT (
            OLD.state = 'pending' AND NEW.state IN ('granted', 'refused', 'replaced')
            OR OLD.state = 'granted' AND NEW.state = 'replaced'
        ) OR NEW.state IN ('granted', 'refused') AND (NEW.decided_at IS NULL OR NEW.decided_by_id IS NULL) THEN
        RAISE EXCEPTION 'a request is decided once, by somebody (Art. 20.3)'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER voting_abstentionrequest_decided BEFORE UPDATE ON voting_abstentionrequest
    FOR EACH ROW EXECUTE FUNCTION voting_check_request();
ALTER TABLE voting_abstentionrequest ENABLE ALWAYS TRIGGER voting_abstentionrequest_decided;
"""

UNDO = """
DROP TRIGGER voting_abstentionrequest_decided ON voting_abstentionrequest;
DROP TRIGGER voting_claim ON audit_entry;
DROP TRIGGER committee_resolution_of_a_vote ON committee_resolution;
DROP TRIGGER voting_vote_never_emptied ON voting_vote;
DROP TRIGGER voting_vote_kept ON voting_vote;
DROP TRIGGER voting_vote_checked ON voting_vote;
DROP TRIGGER voting_voteseat_checked ON voting_voteseat;
DROP TRIGGER voting_ballot_told ON voting_ballot;
DROP TRIGGER voting_ballot_checked ON voting_ballot;
DROP FUNCTION voting_check_request();
DROP FUNCTION voting_check_claim();
DROP FUNCTION voting_check_resolution();
DROP FUNCTION voting_check_vote();
DROP FUNCTION voting_check_seat();
DROP FUNCTION voting_check_told();
DROP FUNCTION voting_check_ballot();
"""


class Migration(migrations.Migration):
    dependencies = [("voting", "0001_initial"), ("committee", "0002_guards"), ("proposals", "0002_guards")]

    operations = [
        migrations.RunSQL(BALLOT + TOLD + SEAT + VOTE + RESOLUTION + CLAIM + REQUEST, UNDO),
        never_changes("voting_ballot"),
        never_changes("voting_cancellationproposal"),
        never_changes("voting_voteseat"),
        stays("voting_abstentionrequest", "decided_at", "decided_by_id", "state*"),
        stays("voting_walllink", "closed_at"),
    ]
