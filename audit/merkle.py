"""The Merkle tree of RFC 6962 and RFC 9162, over tiles.

A leaf's hash is SHA-256(00 ‖ data), a node's SHA-256(01 ‖ left ‖ right); the root of the empty tree is
SHA-256 of nothing. The hashes are kept in tiles as in C2SP's tlog-tiles: the tile (level, index) holds up
to 256 hashes of the complete subtrees of 256 ** level leaves, from the one numbered 256 × index on. All nodes
between two levels of tiles are made from the tile below them.

Proofs are made over a function `get(level, index)`, which returns the bytes of a tile, 32 a hash; a tile at
the right edge may hold more hashes than a tree of the size asked for. They are checked by the loops of RFC
9162 (2.1.3.2 and 2.1.4.2), which share no code with what makes them.
"""

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from typing import TypeAlias

HASH_BYTES = 32
#: hashes of a full tile, and the levels of the tree that it spans
WIDTH = 256
HEIGHT = 8
TILE_BYTES = WIDTH * HASH_BYTES
EMPTY_ROOT = sha256(b"").digest()

Get: TypeAlias = Callable[[int, int], bytes]
Tile: TypeAlias = tuple[int, int]


class Incomplete(LookupError):
    """Raised when a tile has too few hashes for a tree of the size that was asked for."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf with these data."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two others."""
    return sha256(b"\x01" + left + right).digest()


# --- making ---


def root(size: int, get: Get) -> bytes:
    """The root of the tree of the first `size` leaves; Incomplete when the tiles hold fewer."""
    if size < 0:
        raise ValueError(f"a tree has no {size} leaves")
    return _range_hash(0, size, cache(get)) if size else EMPTY_ROOT


def inclusion(index: int, size: int, get: Get) -> list[bytes]:
    """The proof that the leaf `index` is in the tree of `size` leaves, from its sibling upwards.

    ValueError when there is no such leaf, Incomplete when the tiles hold fewer leaves than `size`.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    get = cache(get)
    proof = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_range_hash(middle, end, get))
            end = middle
        else:
            proof.append(_range_hash(start, middle, get))
            start = middle
    return proof[::-1]


def consistency(old: int, size: int, get: Get) -> list[bytes]:
    """The proof that the tree of `old` leaves is the beginning of that of `size`; empty for `old` 0.

    ValueError when `old` is greater than `size`, Incomplete when the tiles hold fewer leaves than `size`.
    """
    if not 0 <= old <= size:
        raise ValueError(f"a tree of {old} leaves is not the beginning of one of {size}")
    if old == 0:
        return []
    get = cache(get)
    proof = []
    start, end = 0, size
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_range_hash(middle, end, get))
            end = middle
        else:
            proof.append(_range_hash(start, middle, get))
            start = middle
    if start:  # else this subtree is the old tree itself, whose root is known to whoever checks
        proof.append(_range_hash(start, end, get))
    return proof[::-1]


def extend(size: int, leaves: Sequence[bytes], get: Get) -> dict[Tile, bytes]:
    """The tiles that change when these leaf hashes follow the first `size`, each with all its hashes.

    `get` is asked for the tiles at the right edge that are begun and not full.
    """
    changed: dict[Tile, bytes] = {}
    level, new = 0, b"".join(leaves)
    while new:
        index, begun = divmod(size >> (HEIGHT * level), WIDTH)
        if begun:
            new = _hashes(get, level, index, 0, begun) + new
        above = []
        for number, at in enumerate(range(0, len(new), TILE_BYTES), index):
            tile = new[at : at + TILE_BYTES]
            changed[level, number] = tile
            if len(tile) == TILE_BYTES:
                above.append(fold(tile))
        level, new = level + 1, b"".join(above)
    return changed


def peaks(size: int, get: Get) -> list[bytes]:
    """The roots of the complete subtrees that the tree of `size` leaves is made of, the greatest first.

    With them, further leaves and nothing else the tree can be continued.
    """
    return _peaks(0, size, cache(get))


def fold(hashes: bytes) -> bytes:
    """The root above these hashes, 32 bytes each, whose number is a power of two."""
    while len(hashes) > HASH_BYTES:
        hashes = b"".join(
            [sha256(b"\x01" + hashes[at : at + 64]).digest() for at in range(0, len(hashes), 64)]
        )
    return hashes


def _range_hash(start: int, end: int, get: Get) -> bytes:
    """The hash of the subtree over these leaves, which begins where one of its size may begin."""
    below = _peaks(start, end, get)
    above = below.pop()
    while below:
        above = node_hash(below.pop(), above)
    return above


def _peaks(start: int, end: int, get: Get) -> list[bytes]:
    """The roots of the complete subtrees over these leaves, from left to right."""
    found = []
    while start < end:
        height = (end - start).bit_length() - 1
        found.append(_node(height, start >> height, get))
        start += 1 << height
    return found


def _node(height: int, index: int, get: Get) -> bytes:
    """The hash of the complete subtree of 2 ** height leaves with this number."""
    level, within = divmod(height, HEIGHT)
    span = 1 << within
    tile, place = divmod(index * span, WIDTH)
    return fold(_hashes(get, level, tile, place, place + span))


def _hashes(get: Get, level: int, index: int, first: int, end: int) -> bytes:
    """The hashes of a tile from `first` to before `end`; Incomplete when it has fewer."""
    found = bytes(get(level, index)[first * HASH_BYTES : end * HASH_BYTES])
    if len(found) != (end - first) * HASH_BYTES:
        raise Incomplete(f"tile {index} of level {level} has no {end} hashes")
    return found


def _split(size: int) -> int:
    """The greatest power of two below `size`, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


# --- checking ---


def check_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows that the leaf's hash is number `index` of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes([leaf, root, *proof]):
        return False
    place, last, above = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            above = node_hash(each, above)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            above = node_hash(above, each)
        place, last = place >> 1, last >> 1
    return last == 0 and above == root


def check_consistency(old: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the old tree is the beginning of the other (RFC 9162, 2.1.4.2).

    Of the empty tree it is, without a proof.
    """
    if not 0 <= old <= size or not _are_hashes([old_root, root, *proof]):
        return False
    if old in (0, size):
        return not proof and _needs_none(old, size, old_root, root)
    if not proof:
        return False
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    return _both_roots(old - 1, size - 1, path) == (old_root, root)


def _needs_none(old: int, size: int, old_root: bytes, root: bytes) -> bool:
    """Whether the old tree is empty, or the other tree itself."""
    if old == size and old_root != root:
        return False
    return old > 0 or old_root == EMPTY_ROOT


def _both_roots(place: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The old root and the new one as the path has them; None when its length is not theirs."""
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for each in path[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            before, after = node_hash(each, before), node_hash(each, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, each)
        place, last = place >> 1, last >> 1
    return (before, after) if last == 0 else None


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(len(each) == HASH_BYTES for each in values)
