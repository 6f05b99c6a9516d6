"""What was judged, said and found in the watch stays as it was said; states and what follows are added."""

from django.db import migrations

from committee.migrations._guards import never_changes, stays

# Targets and quotas of a locked set neither change nor go, and none is added.
LOCKED = """
CREATE FUNCTION portfolio_keep_locked() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held bigint;
BEGIN
    FOR held IN SELECT DISTINCT unnest(ARRAY[
        CASE WHEN TG_OP <> 'INSERT' THEN OLD.target_set_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.target_set_id END
    ]) LOOP
        IF EXISTS (SELECT FROM public.portfolio_targetset WHERE id = held AND state = 'locked') THEN
            RAISE EXCEPTION '% on % refused: its targets are locked', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END LOOP;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER portfolio_target_locked BEFORE INSERT OR UPDATE OR DELETE ON portfolio_target
    FOR EACH ROW EXECUTE FUNCTION portfolio_keep_locked();
CREATE TRIGGER portfolio_quota_locked BEFORE INSERT OR UPDATE OR DELETE ON portfolio_quota
    FOR EACH ROW EXECUTE FUNCTION portfolio_keep_locked();
ALTER TABLE portfolio_target ENABLE ALWAYS TRIGGER portfolio_target_locked;
ALTER TABLE portfolio_quota ENABLE ALWAYS TRIGGER portfolio_quota_locked;
"""
NOT_LOCKED = """
DROP TRIGGER portfolio_target_locked ON portfolio_target;
DROP TRIGGER portfolio_quota_locked ON portfolio_quota;
DROP FUNCTION portfolio_keep_locked();
"""


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0003_watch_and_targets"), ("committee", "0002_guards")]

    operations = [
        migrations.RunSQL(LOCKED, NOT_LOCKED),
        never_changes("portfolio_watchseen"),
        never_changes("portfolio_cause"),
        never_changes("portfolio_ranking"),
        never_changes("portfolio_rankingrow"),
        never_changes("portfolio_supervisionmember"),
        never_changes("portfolio_leaderverdict"),
        stays(
            "portfolio_warning",
            *("state*", "rejudged*", "rejudged_at*", "level*", "amount*"),
            *("ruled_by_id", "ruled_at", "reason", "channel", "spoken_with", "spoken_at", "said"),
            *("document_no", "file_name", "sha256", "reply_due_on*"),
            *("seen_by_id", "seen_at", "closed_by_id", "closed_at"),
        ),
        stays("portfolio_reply", "ruled_by_id", "ruled_at", "accepted", "reason"),
        stays(
            "portfolio_supervision",
            *("state*", "on_site_at", "reported_at", "rectify_by", "suggestion*", "closed_at", "conclusion"),
        ),
        stays("portfolio_finding", "remedy", "settled_by_id", "settled_at"),
        stays(
            "portfolio_admonishment",
            *("state*", "with_person_id", "held_on", "minutes", "held_by_id"),
            *("follow_up", "followed_up_by_id", "followed_up_at"),
        ),
        stays("portfolio_targetset", "state*", "locked_by_id", "locked_at"),
        stays("portfolio_task", "state*", "received", "ended_on"),
        stays(
            "portfolio_accountability",
            *("state*", "served_on", "limit_on", "measures", "document_no", "conclusion", "closed_at"),
        ),
    ]
