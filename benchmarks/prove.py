"""What a proof takes, made from the tiles in the database and checked, at 10⁴, 10⁶ and 10⁷ leaves.

To reach: inclusion and consistency at most 10 ms at the median, at 10⁷ at most 1.5 times that of 10⁶, and at
most 4 tiles read a level. The tiles of a level hold the same hashes, which changes neither what is read nor
what is hashed.
Usage: python -m benchmarks.prove [leaves ...]
"""

import os
import random
import statistics
import sys
import time
from collections import Counter

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from audit import merkle
from audit.proofs import making
from tests import databases

TRIES = 300
LEAF = merkle.leaf_hash(b"measured")


def fill(database: databases.Database, leaves: int) -> None:
    """The tree has so many leaves, all alike."""
    level, many, above = 0, leaves, LEAF
    with database.owner(autocommit=True) as owner:
        owner.execute("ALTER TABLE audit_tile DISABLE TRIGGER USER")
        while many:
            full, rest = divmod(many, merkle.WIDTH)
            statement = (
                "INSERT INTO audit_tile SELECT %s, number, %s FROM generate_series(0, %s - 1) AS number"
            )
            owner.execute(statement, [level, above * merkle.WIDTH, full])
            if rest:
                owner.execute("INSERT INTO audit_tile VALUES (%s, %s, %s)", [level, full, above * rest])
            level, many, above = level + 1, full, merkle.fold(above * merkle.WIDTH)
        owner.execute("VACUUM ANALYZE audit_tile")


def measure(leaves: int) -> float:
    """Print the median times at this size and return that of both together, in milliseconds."""
    database = databases.clone(databases.template())
    fill(database, leaves)
    chance, most, taken = random.Random(14), 0, {"inclusion": [], "consistency": []}
    with databases.django_on(database):
        root = root_of(leaves)
        busy = time.process_time()
        for _ in range(TRIES):
            index = chance.randrange(leaves)
            began = time.perf_counter()
            proof = making.make(merkle.inclusion, index, leaves)
            assert merkle.check_inclusion(index, leaves, LEAF, proof, root)
            taken["inclusion"].append(time.perf_counter() - began)
            old_root = root_of(index + 1)
            began = time.perf_counter()
            proof = making.make(merkle.consistency, index + 1, leaves)
            assert merkle.check_consistency(index + 1, leaves, old_root, root, proof)
            taken["consistency"].append(time.perf_counter() - began)
            for make, first in ((merkle.inclusion, index), (merkle.consistency, index + 1)):
                most = max(most, *read_by(make, first, leaves).values(), 0)
        busy = (time.process_time() - busy) / TRIES * 1000
    databases.drop(database)
    medians = {name: statistics.median(each) * 1000 for name, each in taken.items()}
    told = ", ".join(f"{name} {median:.1f} ms" for name, median in medians.items())
    print(
        f"{leaves:11,} leaves: {told} (to reach: 10 ms; all that is measured: {busy:.1f} ms of a processor)"
    )
    print(f"{'':11} at most {most} tiles a level (to reach: 4)")
    return sum(medians.values())


def root_of(leaves: int) -> bytes:
    """The root of a tree of leaves that are all alike, without looking into the database."""
    full: dict[int, bytes] = {}

    def get(level: int, index: int) -> bytes:
        if level not in full:
            full[level] = (LEAF if level == 0 else merkle.fold(get(level - 1, 0))) * merkle.WIDTH
        return full[level]

    return merkle.root(leaves, get)


def read_by(make, first: int, leaves: int) -> Counter[int]:
    """How many tiles of each level the proof reads."""
    read: Counter[int] = Counter()

    def get(level: int, index: int) -> bytes:
        read[level] += 1
        return bytes(merkle.TILE_BYTES)

    make(first, leaves, get)
    return read


if __name__ == "__main__":
    sizes = [int(each) for each in sys.argv[1:]] or [10_000, 1_000_000, 10_000_000]
    found = {size: measure(size) for size in sizes}
    if {1_000_000, 10_000_000} <= set(found):
        print(f"10⁷ against 10⁶: {found[10_000_000] / found[1_000_000]:.2f} (to reach: 1.5)")
    databases.cluster().release()
