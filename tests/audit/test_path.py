"""The steps of a leaf to the root: those of the proof, and the leaves below each."""

from __future__ import annotations

import pytest

from audit import merkle
from audit.proofs.path import steps
from tests.audit.test_proof_file import DATA, TILES

LEAVES = [merkle.leaf_hash(each) for each in DATA]


def get(level: int, index: int) -> bytes:
    return TILES[level, index]


def naive(first: int, end: int) -> bytes:
    if end - first == 1:
        return LEAVES[first]
    half = 1
    while half * 2 < end - first:
        half *= 2
    return merkle.node_hash(naive(first, first + half), naive(first + half, end))


@pytest.mark.parametrize("size", range(1, len(DATA) + 1))
def test_each_step_stands_over_its_leaves_and_the_last_comes_to_the_root(size: int) -> None:
    for index in range(size):
        found = steps(index, size, LEAVES[index], merkle.inclusion(index, size, get))
        below = {index}
        for step in found:
            assert step.hash == naive(step.first, step.end)
            assert step.left == (step.last < index)
            assert below.isdisjoint(range(step.first, step.end))
            below |= set(range(step.first, step.end))
            assert step.above == naive(min(below), max(below) + 1)
        assert below == set(range(size))


def test_what_is_no_path_of_the_leaf_is_refused() -> None:
    path = merkle.inclusion(3, 21, get)
    for index, given in ((3, path[:-1]), (3, [*path, path[0]]), (21, path), (-1, path)):
        with pytest.raises(ValueError):
            steps(index, 21, LEAVES[3], given)
