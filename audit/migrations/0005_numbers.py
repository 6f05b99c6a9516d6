"""A payload has no number that a reader cannot take: at most 300 digits before the point.

Python reads no integer of more than 4,300 digits, and JSON knows no infinity, which is what it makes of a great
power of ten. The entry of such a payload would stop every page and check that reads it, for good.
"""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("audit.migrations.0002_guards").PAYLOAD.replace("CREATE", "CREATE OR REPLACE", 1)
NESTING = "            AND NOT jsonb_path_exists("
NUMBERS = """\
            AND NOT jsonb_path_exists(convert_from(payload.body, 'UTF8')::jsonb,
                '$.** ? (@.type() == "number" && (@ >= 1e300 || @ <= -1e300))')
"""
AFTER = BEFORE.replace(NESTING, NUMBERS + NESTING)


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_reading")]

    operations = [migrations.RunSQL(AFTER, BEFORE)]
