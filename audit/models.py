"""The tables of the log. Rows are read here; `recording` alone writes them, and triggers seal them."""

from django.db import models


class Entry(models.Model):
    """One thing that happened to one stream, sealed to the entry before it.

    The writer gives stream, at, actor, action, subject and commitment; the database gives the rest.
    """

    pk = models.CompositePrimaryKey("stream", "seq")
    stream = models.TextField(db_collation="C")
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.TextField()
    action = models.TextField()
    subject = models.TextField()
    commitment = models.BinaryField(max_length=32)
    prev = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["stream", "seq"]
        verbose_name_plural = "entries"
        # what somebody did lately, and what changed last
        indexes = [
            models.Index(fields=["actor", "-at"], name="entries_by_actor"),
            models.Index(fields=["at", "stream"], name="entries_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq}"


class Payload(models.Model):
    """The canonical bytes that an entry's commitment stands for; absent once erased by law."""

    commitment = models.BinaryField(max_length=32, primary_key=True)
    salt = models.BinaryField(max_length=16)
    body = models.BinaryField()

    def __str__(self) -> str:
        return bytes(self.commitment).hex()


class Head(models.Model):
    """The seal of a stream's last entry: the row that its writers queue for. Only the trigger writes it."""

    stream = models.TextField(primary_key=True, db_collation="C")
    seq = models.BigIntegerField()
    prev = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq}"

    @classmethod
    def length(cls, stream: str) -> int:
        """How many entries the stream has; 0 for one that has not begun."""
        return cls.objects.filter(stream=stream).values_list("seq", flat=True).first() or 0
