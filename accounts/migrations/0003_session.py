"""Sessions name their person; those that run go on."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations, models
from django.utils import timezone

#: the table of Django's own app, which a new database does not have
FORMER = "django_session"


def take_over(apps, schema_editor):
    """Copy the sessions that have not expired, and drop their former table."""
    if FORMER in schema_editor.connection.introspection.table_names():
        copied(apps, schema_editor)
        schema_editor.execute("DROP TABLE django_session")


def copied(apps, schema_editor):
    """The sessions of the former table that have not expired are in the new one."""
    session, person = apps.get_model("accounts", "Session"), apps.get_model("committee", "Person")
    known = set(person.objects.values_list("pk", flat=True))
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT session_key, session_data, expire_date FROM django_session WHERE expire_date > %s",
            [timezone.now()],
        )
        for key, data, expires in cursor.fetchall():
            whose = int(SessionStore().decode(data).get(SESSION_KEY) or 0)
            session.objects.create(
                session_key=key,
                session_data=data,
                expire_date=expires,
                person_id=whose if whose in known else None,
            )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "login session",
                "verbose_name_plural": "login sessions",
                "abstract": False,
            },
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
