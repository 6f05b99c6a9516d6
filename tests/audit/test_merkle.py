"""The tree over tiles against Go's vectors, a naive tree, and proofs that are not right."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import merkle

VECTORS = json.loads(Path(__file__).with_name("tlog_vectors.json").read_text("utf-8"))


class Tiles:
    """Tiles in memory; `read` has those that were asked for since it was emptied."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self.kept: dict[tuple[int, int], bytes] = {}
        self.read: list[tuple[int, int]] = []
        self.size = 0
        self.add(leaves)

    def add(self, leaves: Sequence[bytes]) -> None:
        self.kept.update(merkle.extend(self.size, leaves, self.get))
        self.size += len(leaves)

    def get(self, level: int, index: int) -> bytes:
        self.read.append((level, index))
        return self.kept.get((level, index), b"")


@lru_cache(maxsize=1)
def decimal() -> Tiles:
    """Leaf i is the decimal of i, as in the vectors."""
    return Tiles([merkle.leaf_hash(str(each).encode()) for each in range(100_000)])


@lru_cache(maxsize=1)
def reference() -> Tiles:
    return Tiles([merkle.leaf_hash(bytes.fromhex(each)) for each in VECTORS["ct_leaves"]])


def tiles_of(case: dict[str, Any]) -> Tiles:
    return reference() if case["leaves"].startswith("ct-reference") else decimal()


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01" + naive_root(leaves[:half]) + naive_root(leaves[half:])).digest()


def naive_inclusion(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    if index < half:
        return [*naive_inclusion(index, leaves[:half]), naive_root(leaves[half:])]
    return [*naive_inclusion(index - half, leaves[half:]), naive_root(leaves[:half])]


def naive_consistency(old: int, leaves: Sequence[bytes], *, known: bool = True) -> list[bytes]:
    """RFC 6962, 2.1.2."""
    if old == len(leaves):
        return [] if known else [naive_root(leaves)]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    if old <= half:
        return [*naive_consistency(old, leaves[:half], known=known), naive_root(leaves[half:])]
    return [*naive_consistency(old - half, leaves[half:], known=False), naive_root(leaves[:half])]


def test_there_are_65_vectors() -> None:
    assert len(VECTORS["cases"]) == 65


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: f"{case['kind']}-{case['size']}")
def test_as_go_makes_and_checks_it(case: dict[str, Any]) -> None:
    get, size, root = tiles_of(case).get, case["size"], bytes.fromhex(case["root"])
    assert merkle.root(size, get) == root
    proof = [bytes.fromhex(each) for each in case.get("proof", [])]
    if case["kind"] == "inclusion":
        leaf = bytes.fromhex(case["leaf_hash"])
        assert merkle.inclusion(case["index"], size, get) == proof
        assert merkle.check_inclusion(case["index"], size, leaf, proof, root)
    elif case["kind"] == "consistency":
        old, old_root = case["old_size"], bytes.fromhex(case["old_root"])
        assert merkle.consistency(old, size, get) == proof
        assert merkle.check_consistency(old, size, old_root, root, proof)
    else:
        assert case["kind"] == "root"


LEAVES = [merkle.leaf_hash(str(each).encode()) for each in range(70)]


@pytest.mark.parametrize("size", range(71))
def test_equal_to_the_naive_tree_for_every_leaf_and_beginning(size: int) -> None:
    leaves = LEAVES[:size]
    tiles = Tiles(leaves)
    root = naive_root(leaves)
    assert merkle.root(size, tiles.get) == root
    for index in range(size):
        proof = merkle.inclusion(index, size, tiles.get)
        assert proof == naive_inclusion(index, leaves)
        assert merkle.check_inclusion(index, size, leaves[index], proof, root)
        assert not any(
            merkle.check_inclusion(other, size, leaves[index], proof, root)
            for other in range(size)
            if other != index
        )
    for old in range(1, size + 1):
        proof = merkle.consistency(old, size, tiles.get)
        assert proof == naive_consistency(old, leaves)
        assert merkle.check_consistency(old, size, naive_root(leaves[:old]), root, proof)


def test_equal_to_the_naive_tree_at_random_sizes_to_a_million() -> None:
    chance = random.Random(14)
    block = [sha256(each.to_bytes(4, "big")).digest() for each in range(1_000_000)]
    tiles = Tiles()
    for size in sorted({chance.randrange(1_000_000), 65_537, 1_000_000}):
        tiles.add(block[tiles.size : size])
        root = naive_root(block[:size])
        assert merkle.root(size, tiles.get) == root
    for index in chance.sample(range(size), 1):
        proof = merkle.inclusion(index, size, tiles.get)
        assert proof == naive_inclusion(index, block)
        assert merkle.check_inclusion(index, size, block[index], proof, root)
    for old in chance.sample(range(1, size), 1):
        proof = merkle.consistency(old, size, tiles.get)
        assert proof == naive_consistency(old, block)
        assert merkle.check_consistency(old, size, naive_root(block[:old]), root, proof)


@pytest.mark.parametrize("step", [1, 7, 255, 256, 257, 1000])
def test_the_tiles_are_the_same_in_whatever_steps_they_grow(step: int) -> None:
    leaves = [sha256(bytes([each % 251, each // 251])).digest() for each in range(3000)]
    stepwise = Tiles()
    for at in range(0, len(leaves), step):
        stepwise.add(leaves[at : at + step])
    assert stepwise.kept == Tiles(leaves).kept
    assert {len(tile) for (level, _), tile in stepwise.kept.items() if level == 0} == {8192, 3000 % 256 * 32}


def test_a_proof_reads_at_most_four_tiles_a_level_and_none_twice() -> None:
    tiles = decimal()
    for index, size in [(0, 100_000), (77_777, 99_999), (65_535, 65_537), (99_998, 99_999)]:
        for make in (merkle.inclusion, merkle.consistency):
            tiles.read.clear()
            make(index, size, tiles.get)
            assert len(tiles.read) == len(set(tiles.read))
            assert all([each[0] for each in tiles.read].count(level) <= 4 for level in range(3))


def test_a_tree_larger_than_its_tiles_is_refused() -> None:
    tiles = Tiles(LEAVES)
    with pytest.raises(merkle.Incomplete, match="tile 0 of level 0"):
        merkle.root(71, tiles.get)
    with pytest.raises(merkle.Incomplete):
        merkle.extend(71, LEAVES[:1], tiles.get)


@pytest.mark.parametrize(
    ("make", "first", "size"),
    [
        (merkle.inclusion, 70, 70),
        (merkle.inclusion, -1, 70),
        (merkle.inclusion, 0, 0),
        (merkle.consistency, 71, 70),
        (merkle.consistency, -1, 70),
    ],
)
def test_no_proof_of_what_is_not_there(make: Any, first: int, size: int) -> None:
    with pytest.raises(ValueError, match="tree"):
        make(first, size, Tiles(LEAVES).get)


def test_the_empty_tree() -> None:
    empty = Tiles()
    assert merkle.root(0, empty.get) == merkle.EMPTY_ROOT
    assert merkle.consistency(0, 0, empty.get) == []
    some = merkle.root(5, Tiles(LEAVES).get)
    assert merkle.check_consistency(0, 5, merkle.EMPTY_ROOT, some, [])
    assert merkle.check_consistency(0, 0, merkle.EMPTY_ROOT, merkle.EMPTY_ROOT, [])
    assert not merkle.check_consistency(0, 0, merkle.EMPTY_ROOT, some, [])
    assert not merkle.check_consistency(0, 5, some, some, [])
    assert not merkle.check_consistency(0, 5, merkle.EMPTY_ROOT, some, [some])


def mutated(draw: st.DrawFn, proof: list[bytes]) -> list[bytes]:
    """Another proof: a bit flipped, a hash left out, put in, doubled, swapped with another, or cut short."""
    proof = list(proof)
    kinds = ["insert"] + (["flip", "drop", "double", "cut", "longer"] if proof else [])
    if len(set(proof)) > 1:
        kinds.append("swap")
    kind = draw(st.sampled_from(kinds))
    at = draw(st.integers(0, max(0, len(proof) - 1)))
    if kind == "insert":
        proof.insert(at, draw(st.binary(min_size=32, max_size=32)))
    elif kind == "flip":
        bit = draw(st.integers(0, 255))
        changed = bytearray(proof[at])
        changed[bit // 8] ^= 1 << bit % 8
        proof[at] = bytes(changed)
    elif kind == "drop":
        del proof[at]
    elif kind == "double":
        proof.insert(at, proof[at])
    elif kind == "cut":
        proof[at] = proof[at][: draw(st.integers(0, 31))]
    elif kind == "longer":
        proof[at] += draw(st.binary(min_size=1, max_size=32))
    else:
        other = next(place for place, each in enumerate(proof) if each != proof[at])
        proof[at], proof[other] = proof[other], proof[at]
    return proof


@given(st.data())
def test_a_changed_inclusion_proof_proves_nothing(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    get = Tiles(LEAVES[:size]).get
    proof = merkle.inclusion(index, size, get)
    changed = mutated(data.draw, proof)
    assert not merkle.check_inclusion(index, size, LEAVES[index], changed, merkle.root(size, get))


@given(st.data())
def test_a_changed_consistency_proof_proves_nothing(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    old = data.draw(st.integers(1, size))
    get = Tiles(LEAVES[:size]).get
    old_root, root = merkle.root(old, get), merkle.root(size, get)
    changed = mutated(data.draw, merkle.consistency(old, size, get))
    assert not merkle.check_consistency(old, size, old_root, root, changed)


@given(st.data())
def test_random_proofs_of_random_numbers_prove_nothing(data: st.DataObject) -> None:
    hashes = st.binary(min_size=31, max_size=33)
    proof = data.draw(st.lists(hashes, max_size=70))
    numbers = st.integers(-2, 2**70)
    first, size = data.draw(numbers), data.draw(numbers)
    assert not merkle.check_inclusion(first, size, LEAVES[0], proof, LEAVES[1])
    assert not merkle.check_consistency(first, size, LEAVES[2], LEAVES[1], proof) or (
        first == 0 == len(proof)
    )


@given(st.data())
def test_another_root_leaf_or_size_is_not_proved(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 70))
    index = data.draw(st.integers(0, size - 1))
    get = Tiles(LEAVES[:size]).get
    proof, root = merkle.inclusion(index, size, get), merkle.root(size, get)
    assert not merkle.check_inclusion(index, size, LEAVES[index - 1], proof, root)
    assert not merkle.check_inclusion(index, size, LEAVES[index], proof, LEAVES[0])
    old = data.draw(st.integers(1, size - 1))
    old_root, path = merkle.root(old, get), merkle.consistency(old, size, get)
    assert not merkle.check_consistency(old, size, root, old_root, path)
    assert not merkle.check_consistency(old, size, LEAVES[3], root, path)
    assert not merkle.check_consistency(old, size, old_root, LEAVES[3], path)
    assert not merkle.check_consistency(size, old, root, old_root, path)


def test_a_tree_is_continued_from_its_peaks() -> None:
    for size in (0, 1, 2, 3, 70, 255, 256, 257, 1000):
        leaves = [merkle.leaf_hash(bytes([each % 256, each // 256])) for each in range(size)]
        tiles = merkle.extend(0, leaves, lambda *_: b"")
        found = merkle.peaks(size, lambda level, index: tiles[level, index])  # noqa: B023 - used at once
        assert len(found) == size.bit_count()
        above = found[-1] if found else merkle.EMPTY_ROOT
        for each in reversed(found[:-1]):
            above = merkle.node_hash(each, above)
        assert above == (naive_root(leaves) if size else merkle.EMPTY_ROOT)
