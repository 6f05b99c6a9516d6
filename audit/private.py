"""Files that their owner alone may read: what commands write has names, ballots and debts in it.

Whatever the umask is, files have mode 600 and new folders 700.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any


def folder(path: Path) -> None:
    """The folder is there; those that had to be made on the way to it are the owner's alone."""
    for part in reversed([path, *path.parents]):
        if not part.is_dir():
            part.mkdir(0o700, exist_ok=True)
            part.chmod(0o700)


def opened(path: Path, mode: str = "xb") -> IO[Any]:
    """Open the file for writing, new or, with "wb", in place of one that is there."""
    return open(path, mode, opener=_opener)


def write(path: Path, content: bytes) -> None:
    """Write the file, in place of one that is there."""
    with opened(path, "wb") as file:
        file.write(content)


def _opener(path: str, flags: int) -> int:
    descriptor = os.open(path, flags, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor
