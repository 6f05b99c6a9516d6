"""What holds in the database itself: rows that never change, refused by triggers (rules.md)."""

from django.db import migrations

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: its rows never change', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def never_changes(table: str) -> migrations.RunSQL:
    """Updating, deleting and truncating rows of the table is refused, whatever the session's settings."""
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER {table}_never_changes BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_never_changes;
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_never_emptied;
        """,
        f"DROP TRIGGER {table}_never_changes ON {table}; DROP TRIGGER {table}_never_emptied ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("committee", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE_CHANGE, "DROP FUNCTION refuse_change();"),
        *(
            never_changes(table)
            for table in ("committee_resolution", "committee_regulationversion", "committee_opinion")
        ),
    ]
