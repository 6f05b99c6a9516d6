"""How long 70 rehearsals of the bundled size take, start of the program included.

Figure to reach: 60 seconds on two processors. The ten bundled files are played seven times over, as one
would call them, in a database of their own. Usage: python -m benchmarks.rehearsals [files]
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from tests import databases

ROOT = Path(__file__).parents[1]
TO_REACH = 60 / 70  # seconds a file


def main(count: int) -> None:
    bundled = sorted((ROOT / "rehearsal" / "cases").glob("*.json"))
    database = databases.clone(databases.template())
    try:
        with tempfile.TemporaryDirectory() as folder:
            for number, path in enumerate(islice(cycle(bundled), count)):
                (Path(folder) / f"{number:04d}.json").write_bytes(path.read_bytes())
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            subprocess.run(
                [sys.executable, "manage.py", "rehearse", folder, "--json"],
                cwd=ROOT,
                env=database.env,
                stdout=subprocess.DEVNULL,
                check=True,
            )
            seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    finally:
        databases.drop(database)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{count} rehearsals: {seconds:.1f} s, {seconds / count / TO_REACH:.2f} of the time to keep "
        f"({busy:.1f} s on processors, the database's not counted; {os.cpu_count()} processors)"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 70)
    databases.cluster().release()
