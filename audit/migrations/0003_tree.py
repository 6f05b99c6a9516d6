"""The Merkle tree over the entries: leaves, tiles, how far each stream is sealed, checkpoints.

The sealer's role alone writes them, and the triggers hold it to a log that is only added to: leaves follow one
another, of the tiles only that at the right edge of a level grows, a stream's mark and a checkpoint's size
go up, and a checkpoint's note is only signed by more keys. They fire ALWAYS, as those of the entries do.

A tile is 8 kB of hashes, which nothing compresses: STORAGE EXTERNAL (PLAIN would not fit a page).
"""

from django.conf import settings
from django.db import migrations, models
from psycopg import sql

#: bytes of a full tile, and of a hash
TILE, HASH = 8192, 32

ROLE = sql.SQL(
    """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {name}) THEN
        RAISE EXCEPTION 'the role % of the sealer is missing', {name}
            USING HINT = 'Make it as "A server of one''s own" in docs/operations.md says, and migrate again.';
    END IF;
END
$$
"""
).format(name=sql.Literal(settings.SEALER_ROLE))

GUARDS = rf"""
ALTER TABLE public.audit_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
ALTER TABLE public.audit_sealed SET (fillfactor = 50);

CREATE FUNCTION public.audit_tree_refuse(what text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the tree of the audit log is only added to: %', what USING ERRCODE = 'check_violation';
END
$$;
REVOKE ALL ON FUNCTION public.audit_tree_refuse(text) FROM PUBLIC;

CREATE FUNCTION public.audit_leaf_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    lowest bigint;
    beyond bigint;
    many bigint;
BEGIN
    SELECT min(added."index"), max(added."index") + 1, count(*) INTO lowest, beyond, many FROM added;
    IF many > 0 AND (beyond - lowest <> many OR lowest < 0 OR (
        lowest > 0 AND NOT EXISTS (SELECT FROM public.audit_leaf AS leaf WHERE leaf."index" = lowest - 1)
    )) THEN
        PERFORM public.audit_tree_refuse('leaves follow one another');
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION public.audit_leaf_follows() FROM PUBLIC;
CREATE TRIGGER audit_leaf_follows AFTER INSERT ON public.audit_leaf REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION public.audit_leaf_follows();
ALTER TABLE public.audit_leaf ENABLE ALWAYS TRIGGER audit_leaf_follows;

CREATE FUNCTION public.audit_tile_grows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF octet_length(NEW.hashes) NOT BETWEEN {HASH} AND {TILE} OR octet_length(NEW.hashes) % {HASH} <> 0
        OR NEW.level < 0 OR NEW."index" < 0
    THEN
        PERFORM public.audit_tree_refuse('a tile has 1 to 256 hashes');
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.level, NEW."index") IS DISTINCT FROM (OLD.level, OLD."index")
            OR octet_length(NEW.hashes) <= octet_length(OLD.hashes)
            OR substr(NEW.hashes, 1, octet_length(OLD.hashes)) <> OLD.hashes
        THEN
            PERFORM public.audit_tree_refuse('a tile grows until it is full');
        END IF;
    ELSIF NEW."index" > 0 AND NOT EXISTS (
        SELECT FROM public.audit_tile AS before WHERE before.level = NEW.level
            AND before."index" = NEW."index" - 1 AND octet_length(before.hashes) = {TILE}
    ) THEN
        PERFORM public.audit_tree_refuse('a tile follows a full one');
    END IF;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION public.audit_tile_grows() FROM PUBLIC;
CREATE TRIGGER audit_tile_grows BEFORE INSERT OR UPDATE ON public.audit_tile
    FOR EACH ROW EXECUTE FUNCTION public.audit_tile_grows();
ALTER TABLE public.audit_tile ENABLE ALWAYS TRIGGER audit_tile_grows;

CREATE FUNCTION public.audit_sealed_rises() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.stream <> OLD.stream OR NEW.seq <= OLD.seq THEN
        PERFORM public.audit_tree_refuse('the mark of a stream goes up');
    END IF;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION public.audit_sealed_rises() FROM PUBLIC;
CREATE TRIGGER audit_sealed_rises BEFORE UPDATE ON public.audit_sealed
    FOR EACH ROW EXECUTE FUNCTION public.audit_sealed_rises();
ALTER TABLE public.audit_sealed ENABLE ALWAYS TRIGGER audit_sealed_rises;

CREATE FUNCTION public.audit_checkpoint_rises() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.made_at := clock_timestamp();
        IF NEW.size <= (SELECT coalesce(max(last.size), 0) FROM public.audit_checkpoint AS last) THEN
            PERFORM public.audit_tree_refuse('a checkpoint is of a greater tree than the last');
        END IF;
    ELSIF (NEW.size, NEW.made_at) IS DISTINCT FROM (OLD.size, OLD.made_at)
        OR NOT starts_with(NEW.note, OLD.note)
    THEN
        PERFORM public.audit_tree_refuse('a checkpoint is only signed by more keys');
    END IF;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION public.audit_checkpoint_rises() FROM PUBLIC;
CREATE TRIGGER audit_checkpoint_rises BEFORE INSERT OR UPDATE ON public.audit_checkpoint
    FOR EACH ROW EXECUTE FUNCTION public.audit_checkpoint_rises();
ALTER TABLE public.audit_checkpoint ENABLE ALWAYS TRIGGER audit_checkpoint_rises;

CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON public.audit_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION public.audit_keep();
CREATE TRIGGER audit_keep BEFORE DELETE OR TRUNCATE ON public.audit_tile
    FOR EACH STATEMENT EXECUTE FUNCTION public.audit_keep();
CREATE TRIGGER audit_keep BEFORE DELETE OR TRUNCATE ON public.audit_sealed
    FOR EACH STATEMENT EXECUTE FUNCTION public.audit_keep();
CREATE TRIGGER audit_keep BEFORE DELETE OR TRUNCATE ON public.audit_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION public.audit_keep();
ALTER TABLE public.audit_leaf ENABLE ALWAYS TRIGGER audit_keep;
ALTER TABLE public.audit_tile ENABLE ALWAYS TRIGGER audit_keep;
ALTER TABLE public.audit_sealed ENABLE ALWAYS TRIGGER audit_keep;
ALTER TABLE public.audit_checkpoint ENABLE ALWAYS TRIGGER audit_keep;
"""  # noqa: S608 - two numbers are put in

RIGHTS = sql.SQL(
    """
REVOKE ALL ON public.audit_leaf, public.audit_tile, public.audit_sealed, public.audit_checkpoint
    FROM PUBLIC, {app}, {sealer};
GRANT SELECT ON public.audit_leaf, public.audit_tile, public.audit_sealed, public.audit_checkpoint
    TO {app}, {sealer};
GRANT SELECT ON public.audit_head TO {sealer};
GRANT SELECT (stream, seq, hash) ON public.audit_entry TO {sealer};
GRANT INSERT ON public.audit_leaf, public.audit_tile, public.audit_sealed TO {sealer};
GRANT INSERT (size, note) ON public.audit_checkpoint TO {sealer};
GRANT UPDATE (hashes) ON public.audit_tile TO {sealer};
GRANT UPDATE (seq) ON public.audit_sealed TO {sealer};
GRANT UPDATE (note) ON public.audit_checkpoint TO {sealer};
"""
).format(app=sql.Identifier(settings.APP_ROLE), sealer=sql.Identifier(settings.SEALER_ROLE))

UNDO = """
DROP TRIGGER audit_keep ON public.audit_checkpoint;
DROP TRIGGER audit_keep ON public.audit_sealed;
DROP TRIGGER audit_keep ON public.audit_tile;
DROP TRIGGER audit_keep ON public.audit_leaf;
DROP FUNCTION public.audit_checkpoint_rises() CASCADE;
DROP FUNCTION public.audit_sealed_rises() CASCADE;
DROP FUNCTION public.audit_tile_grows() CASCADE;
DROP FUNCTION public.audit_leaf_follows() CASCADE;
DROP FUNCTION public.audit_tree_refuse(text);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_guards")]

    operations = [
        migrations.RunSQL(ROLE.as_string(), migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                ("stream", models.TextField(db_collation="C")),
                ("seq", models.BigIntegerField()),
            ],
            options={
                "verbose_name_plural": "leaves",
                "constraints": [models.UniqueConstraint(fields=["stream", "seq"], name="leaf_of_an_entry")],
            },
        ),
        migrations.CreateModel(
            name="Tile",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level", "index", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("level", models.SmallIntegerField()),
                ("index", models.BigIntegerField()),
                ("hashes", models.BinaryField(max_length=8192)),
            ],
        ),
        migrations.CreateModel(
            name="Sealed",
            fields=[
                ("stream", models.TextField(db_collation="C", primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField()),
            ],
            options={"verbose_name_plural": "sealed"},
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("note", models.TextField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(GUARDS, UNDO),
        migrations.RunSQL(RIGHTS.as_string(), migrations.RunSQL.noop),
    ]
