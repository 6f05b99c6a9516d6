"""Where an export is written: a folder, or a ZIP where the name ends in .zip; complete or absent."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, TypeAlias

from audit import private

#: opens a file of the export, by its path with slashes, to write it from its beginning to its end
Put: TypeAlias = Callable[[str], AbstractContextManager[IO[bytes]]]


@contextmanager
def target(path: Path) -> Iterator[Put]:
    """Yield what opens the files of the export, one at a time; at the end of the block the path has them all.

    FileExistsError for a path that is taken, FileNotFoundError without the folder that it is to lie in. After
    an exception nothing is there.
    """
    if path.exists() or path.is_symlink():
        raise FileExistsError(f"{path} is there already; an export is written to a new place")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {path.parent} to write the export into.")
    part = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
    try:
        if path.suffix.lower() == ".zip":
            with (
                private.opened(part) as file,
                zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
            ):
                yield lambda name: archive.open(name, "w", force_zip64=True)
        else:
            private.folder(part)
            yield lambda name: _created(part / name)
        part.rename(path)
    except BaseException:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)
        raise


def _created(path: Path) -> IO[bytes]:
    private.folder(path.parent)
    return private.opened(path)
