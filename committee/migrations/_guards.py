"""Rows that never change, and rows of which few columns do: what the guards of each package ask for.

The functions are made by committee's `0002_guards`, on which each package's guards depend.
"""

from django.db import migrations


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


def stays(table: str, *columns: str) -> migrations.RunSQL:
    """Rows of the table are not removed, and only these columns change: once, or with a star at any time."""
    arguments = ", ".join(f"'{column}'" for column in columns)
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION keep_row({arguments});
        CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION keep_row();
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_stays;
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_never_emptied;
        """,
        f"DROP TRIGGER {table}_stays ON {table}; DROP TRIGGER {table}_never_emptied ON {table};",
    )
