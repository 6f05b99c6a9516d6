from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Head",
            fields=[
                ("stream", models.TextField(db_collation="C", primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField()),
                ("prev", models.BinaryField(max_length=32)),
                ("hash", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="Payload",
            fields=[
                ("commitment", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("salt", models.BinaryField(max_length=16)),
                ("body", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("stream", models.TextField(db_collation="C")),
                ("seq", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("action", models.TextField()),
                ("subject", models.TextField()),
                ("commitment", models.BinaryField(max_length=32)),
                ("prev", models.BinaryField(max_length=32)),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "verbose_name_plural": "entries",
                "ordering": ["stream", "seq"],
                "indexes": [
                    models.Index(fields=["actor", "-at"], name="entries_by_actor"),
                    models.Index(fields=["at", "stream"], name="entries_by_time"),
                ],
            },
        ),
    ]
