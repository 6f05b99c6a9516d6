"""What a meeting's archive costs beside the making of its papers: python -m benchmarks.archive [meetings].

To reach: the archive, as a folder and as a ZIP, takes at most 3 times as long as its papers took to be made,
each of them checked by its checksum and on disk. The processor's time is shown beside, for a machine that
does other things.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from documents import checksums, render
from documents.archive.files import About, File
from documents.archive.writing import write
from documents.content import KINDS
from tests.documents.samples import paper

MOST = 3.0
ABOUT = About(
    bank="示范银行", committee="联席会议", number="1", at="2026-03-05T14:00+08:00",
    archived_at="2026-03-06T09:00+08:00", archived_by="某", kept_until="2036-12-31", years=10, digest="",
)  # fmt: skip


def timed(act):
    """The result, and the seconds by the clock and of the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    made = act()
    return made, time.perf_counter() - wall, time.process_time() - processor


def meeting(folder, round_number):
    """The files of a meeting with three papers of each kind, and what making them took."""
    contents = [paper(kind, title=f"文书{round_number}-{number}") for number, kind in enumerate(KINDS * 3)]
    made, wall, processor = timed(lambda: [render.render(each) for each in contents])
    files = []
    for number, each in enumerate(made):
        path = folder / f"{number}.pdf"
        path.write_bytes(each.pdf)
        files.append(
            File(
                name=f"papers/{number}.pdf",
                part="materials",
                title="",
                title_zh="文书",
                content=path,
                sha256=checksums.of_bytes(each.pdf),
            )
        )
    return files, wall, processor


def main(rounds):
    render.warm()
    ratios = {"folder": [], "file.zip": []}
    of_processor = {name: [] for name in ratios}
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            files, wall, processor = meeting(folder, number)
            for name, found in ratios.items():
                _none, took, worked = timed(lambda name=name: write(folder / name, ABOUT, files))  # noqa: B023  called at once
                found.append(took / wall)
                of_processor[name].append(worked / processor)
    missed = False
    for name, found in ratios.items():
        median = statistics.median(found)
        missed |= median > MOST
        print(
            f"{len(files)} papers as {name:9} / made: {median:.2f} (worst {max(found):.2f}, at most {MOST}; "
            f"processor {statistics.median(of_processor[name]):.2f}){'  MISSED' if median > MOST else ''}"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
