"""What never changes, what never changes once it was said, and who acts: refused by triggers (rules.md).

Whoever writes is refused, the application or raw SQL. Which columns the application's role may write at all says
`config/tables.py`.
"""

from django.db import migrations

from committee.migrations._guards import never_changes, stays

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: its rows never change', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

# Lets each column named change once, from nothing to something, those named with a star at any time, and no other;
# rows are not removed.
KEEP_ROW = """
CREATE FUNCTION keep_row() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before jsonb;
    changed text;
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION '% on % refused: its rows stay', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    before := to_jsonb(OLD);
    SELECT field.key INTO changed FROM jsonb_each(to_jsonb(NEW)) AS field
        WHERE field.value IS DISTINCT FROM before -> field.key
            AND NOT (field.key || '*') = ANY (TG_ARGV)
            AND NOT (field.key = ANY (TG_ARGV) AND before -> field.key IN ('null', '""'))
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'UPDATE on % refused: % never changes once it was said', TG_TABLE_NAME, changed
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""

POSITION = """
CREATE TRIGGER committee_position_never_changes BEFORE UPDATE ON committee_position
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE committee_position ENABLE ALWAYS TRIGGER committee_position_never_changes;
"""
NO_POSITION = "DROP TRIGGER committee_position_never_changes ON committee_position;"

# Who administers the site is for the owner of the database to say (manage.py createsuperuser).
FLAGS = """
CREATE FUNCTION committee_check_flags() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'DELETE on % refused: its rows stay', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.is_staff, NEW.is_superuser) = (OLD.is_staff, OLD.is_superuser)
        OR TG_OP = 'INSERT' AND NOT NEW.is_staff AND NOT NEW.is_superuser
        OR pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'only the owner of the database makes an administrator'
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER committee_person_flags BEFORE INSERT OR UPDATE OR DELETE ON committee_person
    FOR EACH ROW EXECUTE FUNCTION committee_check_flags();
CREATE TRIGGER committee_person_never_emptied BEFORE TRUNCATE ON committee_person
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE committee_person ENABLE ALWAYS TRIGGER committee_person_flags;
ALTER TABLE committee_person ENABLE ALWAYS TRIGGER committee_person_never_emptied;
"""
NO_FLAGS = """
DROP TRIGGER committee_person_never_emptied ON committee_person;
DROP TRIGGER committee_person_flags ON committee_person;
DROP FUNCTION committee_check_flags();
"""

# Before audit_seal, by its name: what is refused moves no head.
ACTOR = """
CREATE FUNCTION committee_check_actor() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.actor <> 'system' AND (
        NEW.actor !~ '^[1-9][0-9]{0,17}$'
        OR NOT EXISTS (SELECT FROM committee_person person WHERE person.id = NEW.actor::bigint)
    ) THEN
        RAISE EXCEPTION 'an entry''s actor is a person or the system, not %', NEW.actor
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION committee_check_actor() FROM PUBLIC;
CREATE TRIGGER audit_actor BEFORE INSERT ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION committee_check_actor();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_actor;
"""
NO_ACTOR = "DROP TRIGGER audit_actor ON audit_entry; DROP FUNCTION committee_check_actor();"


class Migration(migrations.Migration):
    dependencies = [("committee", "0001_initial"), ("audit", "0002_guards")]

    operations = [
        migrations.RunSQL(REFUSE_CHANGE, "DROP FUNCTION refuse_change();"),
        migrations.RunSQL(KEEP_ROW, "DROP FUNCTION keep_row();"),
        *(
            never_changes(f"committee_{table}")
            for table in (
                "answer",
                "conflict",
                "interpretation",
                "noticeitem",
                "opinion",
                "proxy_items",
                "question",
                "reading",
                "regulationversion",
                "resolution",
            )
        ),
        stays("committee_attendance", "signed_out_at"),
        stays("committee_notice", "superseded_at"),
        stays(
            "committee_delivery",
            *("delivered_at", "received_by", "handed_by", "receipt_at", "acknowledged_by_id", "replaced_at"),
        ),
        stays("committee_observer", "withdrew_at"),
        stays("committee_seatterm", "until"),
        stays("committee_speech", "began_at", "minutes", "ended_at"),
        stays(
            "committee_proxy",
            *("revoked_at", "principal_came_at", "ended_at", "ended_why*", "standing_ballots*"),
        ),
        stays(
            "committee_meeting",
            *("opened_at", "closed_at", "signed_at", "archived_at", "cancelled_at"),
            *("at*", "place*", "state*", "acting_seat_id*", "cancel_reason*"),
        ),
        migrations.RunSQL(POSITION, NO_POSITION),
        migrations.RunSQL(FLAGS, NO_FLAGS),
        migrations.RunSQL(ACTOR, NO_ACTOR),
    ]
