"""The tables of the audit log. Only `recording` writes entries, whose hashes triggers compute; only `sealer`
writes the tree over them.
"""

from hashlib import sha256

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.canonical import entry_bytes
from audit.checking.rows import Fault


class Entry(models.Model):
    """An entry of a stream, chained to the entry before it.

    The application sets stream, at, actor, action, subject and commitment; the database sets the rest.
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
        # for a person's recent entries, those of one action, an object's latest changes, and what was written
        # of late
        indexes = [
            models.Index(fields=["actor", "-at"], name="entries_by_actor"),
            models.Index(fields=["action", "-at"], name="entries_by_action"),
            models.Index(fields=["at", "stream"], name="entries_by_time"),
            BrinIndex(fields=["recorded_at"], name="entries_by_recording", pages_per_range=16),
        ]

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq}"

    @property
    def body(self) -> bytes:
        """The bytes of which the hash is to be made."""
        return entry_bytes(
            stream=self.stream,
            seq=self.seq,
            at=self.at,
            recorded_at=self.recorded_at,
            actor=self.actor,
            action=self.action,
            subject=self.subject,
            commitment=bytes(self.commitment),
            prev=bytes(self.prev),
        )

    @property
    def is_sound(self) -> bool:
        """Whether its hash is that of its bytes; not where no bytes can be made of it."""
        try:
            return sha256(self.body).digest() == bytes(self.hash)
        except (ValueError, OverflowError):
            return False


class Payload(models.Model):
    """The canonical bytes under an entry's commitment; deleted when the law requires erasure."""

    commitment = models.BinaryField(max_length=32, primary_key=True)
    salt = models.BinaryField(max_length=16)
    body = models.BinaryField()

    def __str__(self) -> str:
        return bytes(self.commitment).hex()


class Head(models.Model):
    """The last sequence number and hash of a stream; writers lock this row. Only the trigger writes it."""

    stream = models.TextField(primary_key=True, db_collation="C")
    seq = models.BigIntegerField()
    prev = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq}"

    @classmethod
    def length(cls, stream: str) -> int:
        """The number of entries in the stream; 0 for a stream without any."""
        return cls.objects.filter(stream=stream).values_list("seq", flat=True).first() or 0


class Leaf(models.Model):
    """An entry's place in the Merkle tree; the leaf's data are the entry's hash."""

    index = models.BigIntegerField(primary_key=True)
    stream = models.TextField(db_collation="C")
    seq = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "leaves"
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="leaf_of_an_entry")]

    def __str__(self) -> str:
        return f"{self.index}: {self.stream}#{self.seq}"


class Tile(models.Model):
    """Up to 256 hashes of the tree, as `merkle` numbers them."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField(max_length=8192)

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Sealed(models.Model):
    """The last entry of a stream that is a leaf, as all before it are."""

    stream = models.TextField(primary_key=True, db_collation="C")
    seq = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "sealed"

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq}"


class Checkpoint(models.Model):
    """The signed note on the tree of the first `size` leaves; cosignatures are added to it as they come."""

    size = models.BigIntegerField(primary_key=True)
    note = models.TextField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.size} leaves"


class Examination(models.Model):
    """What it came to when the whole log, or the tree over it, was gone through."""

    class Kind(models.TextChoices):
        ENTRIES = "entries", _("Entries, payloads and rows")
        TREE = "tree", _("Tree and checkpoints")

    kind = models.CharField(max_length=8, choices=Kind)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    #: entries, or leaves of the tree, that were gone through
    entries = models.BigIntegerField()
    #: (stream, seq, code, values) of `checking.rows.Fault`, a limited number
    faults = models.JSONField(default=list)

    class Meta:
        verbose_name = _("examination")
        verbose_name_plural = _("examinations")
        indexes = [models.Index(fields=["kind", "-began_at"], name="examinations_by_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.began_at:%Y-%m-%d %H:%M}"

    @property
    def told(self) -> list[str]:
        """The faults as texts in English."""
        return [str(Fault(*each)) for each in self.faults]
