"""What papers cost: a page warm and cold, 46 pages, a meeting's papers together against one by one.

To reach: a page warm at most 50 ms, cold (a process that has read nothing) at most 1 s, 46 pages at most 1 s;
a meeting's papers as one file at most 3 times the sum of its papers. The processor's time is shown
beside, for a machine that does other things.
Usage: python -m benchmarks.papers [rounds].
"""

import os
import statistics
import subprocess
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from documents import render
from documents.bundle import reading_copy
from documents.content import KINDS, Text
from tests.documents.samples import paper

WARM, COLD, LONG, TOGETHER = 0.050, 1.0, 1.0, 3.0
LINE = "联席会议审议不良贷款清收化解方案并作出决议，"


def page(number):
    blocks = [Text(text=f"第{number}号：{LINE * 6}")]
    return paper(blocks=blocks, attachments=[], copies_to="", issued=None)


def took(act):
    began = time.perf_counter()
    made = act()
    return time.perf_counter() - began, made


def cold():
    code = (
        "import time, django; django.setup()\n"
        "from documents import render; from tests.documents.samples import paper\n"
        "content = paper(); began = time.perf_counter(); render.render(content)\n"
        "print(time.perf_counter() - began)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(told.stdout)


def main(rounds):
    render.warm()
    began = time.process_time()
    warm = [took(lambda number=number: render.render(page(number)))[0] for number in range(rounds)]
    processor = (time.process_time() - began) / rounds
    starts = [cold() for _ in range(3)]
    long = paper(blocks=[Text(text=f"{number}：{LINE * 10}") for number in range(122)])
    seconds, made = took(lambda: render.render(long))
    papers = [paper(kind, title=f"文书{number}") for number, kind in enumerate(KINDS * 3)]
    apart = sum(took(lambda each=each: render.render(each))[0] for each in papers)
    together, _ = took(lambda: reading_copy(papers, title="会议文书", mark="阅读本"))
    rows = [
        ("a page warm, median, s", statistics.median(warm), WARM),
        ("a page warm, worst of all, s", max(warm), None),
        ("the same, processor, mean, s", processor, None),
        ("cold, median of 3, s", statistics.median(starts), COLD),
        (f"{made.pages} pages, s", seconds, LONG),
        (f"{len(papers)} papers together / one by one", together / apart, TOGETHER),
    ]
    missed = False
    for name, value, most in rows:
        over = most is not None and value > most
        missed |= over
        print(
            f"{name:45} {value:8.3f}" + (f"  (at most {most})" if most else "") + ("  MISSED" if over else "")
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50))
