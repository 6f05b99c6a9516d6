"""What a payload tells is read without an error, whatever stands there; faults are kept as code and values.

A payload that somebody has changed into no UTF-8 or no JSON ended each statement that read it, and with it the
check of all others. A fault that was kept as a text has that text as its code from now on, without values.
"""

from django.db import migrations

TOLD = """
CREATE FUNCTION public.audit_told(body bytea, part text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF part IS NULL THEN
        RETURN convert_from(body, 'UTF8')::jsonb;
    END IF;
    RETURN coalesce((convert_from(body, 'UTF8')::json -> part)::jsonb, 'null');
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION public.audit_told(bytea, text) IS
    'What a payload has under this key, JSON null without it, or all of it; SQL null where it cannot be read.';
"""
BACK = "DROP FUNCTION public.audit_told(bytea, text);"

KEPT = """
UPDATE public.audit_examination SET faults = (
    SELECT coalesce(jsonb_agg(fault.value || '[{}]'::jsonb ORDER BY fault.place), '[]')
    FROM jsonb_array_elements(faults) WITH ORDINALITY AS fault(value, place)
);
"""
AS_TEXTS = """
UPDATE public.audit_examination SET faults = (
    SELECT coalesce(jsonb_agg(fault.value - 3 ORDER BY fault.place), '[]')
    FROM jsonb_array_elements(faults) WITH ORDINALITY AS fault(value, place)
);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_numbers")]

    operations = [migrations.RunSQL(TOLD, BACK), migrations.RunSQL(KEPT, AS_TEXTS)]
