"""The register of sign-ins, and the count of passwords tried, in place of what django-axes kept."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from psycopg import sql

# The register is written and, after a month at the earliest, forgotten; a line counts further tries and says
# nothing else than it said.
REGISTER = """
CREATE FUNCTION office_keep_sign_in() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at > clock_timestamp() - interval '30 days' THEN
            RAISE EXCEPTION 'a sign-in is kept for thirty days' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF (NEW.id, NEW.at, NEW.person_id, NEW.login, NEW.outcome, NEW.asked, NEW.address, NEW.device, NEW.known)
        IS DISTINCT FROM
        (OLD.id, OLD.at, OLD.person_id, OLD.login, OLD.outcome, OLD.asked, OLD.address, OLD.device, OLD.known)
        OR NEW.times < OLD.times THEN
        RAISE EXCEPTION 'a sign-in never changes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION office_never_empty_sign_ins() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'sign-ins are kept' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER office_sign_in_kept BEFORE UPDATE OR DELETE ON office_signin
    FOR EACH ROW EXECUTE FUNCTION office_keep_sign_in();
CREATE TRIGGER office_sign_ins_never_emptied BEFORE TRUNCATE ON office_signin
    FOR EACH STATEMENT EXECUTE FUNCTION office_never_empty_sign_ins();
ALTER TABLE office_signin ENABLE ALWAYS TRIGGER office_sign_in_kept;
ALTER TABLE office_signin ENABLE ALWAYS TRIGGER office_sign_ins_never_emptied;
"""
UNDO = """
DROP TRIGGER office_sign_ins_never_emptied ON office_signin;
DROP TRIGGER office_sign_in_kept ON office_signin;
DROP FUNCTION office_never_empty_sign_ins();
DROP FUNCTION office_keep_sign_in();
"""
RIGHTS = sql.SQL(
    """
REVOKE ALL ON public.office_signin, public.office_tries FROM PUBLIC, {app};
GRANT SELECT, INSERT, DELETE ON public.office_signin, public.office_tries TO {app};
GRANT UPDATE (times) ON public.office_signin TO {app};
GRANT UPDATE (level, last) ON public.office_tries TO {app};
"""
).format(app=sql.Identifier(settings.APP_ROLE))
#: what django-axes kept, of an installation that had it
AXES = """
DROP TABLE IF EXISTS axes_accessattemptexpiration, axes_accessattempt, axes_accessfailurelog, axes_accesslog;
DELETE FROM django_migrations WHERE app = 'axes';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0010_messages_done_before"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SignIn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="time")),
                ("login", models.CharField(blank=True, max_length=16, verbose_name="login")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("signed_in", "Signed in"),
                            ("confirmed", "Password confirmed"),
                            ("wrong", "Wrong password"),
                            ("unknown", "Unknown login"),
                            ("inactive", "Inactive login"),
                            ("locked", "Not let in: locked"),
                            ("paused", "Not let in: too many tries from the address"),
                            ("signed_out", "Signed out"),
                            ("everywhere", "Signed out everywhere"),
                            ("changed", "Password changed"),
                            ("unlocked", "Lock ended by the administrator"),
                        ],
                        max_length=12,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "asked",
                    models.CharField(
                        choices=[
                            ("login", "at signing in"),
                            ("again", "asked again in a session"),
                            ("device", "at the liaison's device"),
                        ],
                        default="login",
                        max_length=8,
                        verbose_name="asked",
                    ),
                ),
                ("address", models.GenericIPAddressField(null=True, verbose_name="address")),
                ("device", models.CharField(blank=True, max_length=80, verbose_name="device")),
                ("known", models.BooleanField(default=False, verbose_name="known browser")),
                ("times", models.PositiveIntegerField(default=1, verbose_name="times")),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "sign-in",
                "verbose_name_plural": "sign-ins",
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(fields=["person", "-at", "-id"], name="sign_ins_of_a_person"),
                    models.Index(fields=["at", "id"], name="sign_ins_by_time"),
                    models.Index(
                        condition=models.Q(("person", None)), fields=["login", "-at"], name="unknown_sign_ins"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scope", models.CharField(max_length=64, unique=True, verbose_name="scope")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pair", "from one address"),
                            ("browser", "in a known browser"),
                            ("session", "in a session, asked again"),
                            ("device", "at the liaison's device"),
                            ("address", "from one address, many logins"),
                            ("login", "from many addresses"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("address", models.GenericIPAddressField(null=True, verbose_name="address")),
                ("level", models.FloatField(verbose_name="tries")),
                ("last", models.DateTimeField(verbose_name="last")),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "tries of a password",
                "verbose_name_plural": "tries of passwords",
                "indexes": [models.Index(fields=["person"], name="tries_of_a_person")],
            },
        ),
        migrations.RunSQL(REGISTER, UNDO),
        migrations.RunSQL(RIGHTS.as_string(), migrations.RunSQL.noop),
        migrations.RunSQL(AXES, migrations.RunSQL.noop),
    ]
