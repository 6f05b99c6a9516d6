"""An import, step by step, in the transaction of its action: read, judge, take in.

Whoever calls holds the bank's lock. The tables that are read into are dropped at the end; a process that is
killed, or a server, leaves nothing, since nothing was committed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

import psycopg
from django.db import connection, transaction
from psycopg import sql

from portfolio.importing import history, ledger, rules
from portfolio.importing.files import TapeFile
from portfolio.models import Institution, Tape
from portfolio.money import fen
from portfolio.tape import MONEY
from regulation.refused import Refused

#: faults and warnings that are kept of a tape; how many there are is counted
MOST_FAULTS: Final = 50_000
MOST_WARNINGS: Final = 1_000
#: the first of two numbers of the lock on a bank's ledger, and that on a day's partition; used nowhere else
_BANK, _DAY = 5_160_001, 5_160_002

Stage = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a tape came to before anything of it is taken in; money in fen."""

    #: rows of the file, and of them those left out
    rows: int
    rejected: int
    principal: int
    #: loans and principal of open loans by class
    classes: Mapping[str, Mapping[str, int]]
    institutions: Sequence[int]
    warnings: Mapping[str, int]
    #: the codes for which it waits until the risk department releases it
    held: Sequence[str] = ()
    vanished: int = 0

    def as_json(self) -> dict[str, Any]:
        """The figures as they are stored with the tape and recorded."""
        return {
            "classes": self.classes,
            "warnings": dict(self.warnings),
            "held": list(self.held),
            "vanished": self.vanished,
        }


@dataclass(slots=True)
class Import:
    """A tape on its way into the ledger."""

    scope: Institution
    as_of: date
    #: told the stage that begins, by its word of `Arrival.Stage`
    tell: Stage
    #: the tape of the scope and day whose rows are in the ledger
    former: Tape | None = None
    #: the tapes in the ledger of the days before and after, of the scope
    before: Tape | None = None
    next: Tape | None = None
    _given: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        mine = Tape.objects.loaded().filter(scope=self.scope)
        self.former = mine.filter(as_of=self.as_of).first()
        self.before = mine.filter(as_of__lt=self.as_of).order_by("-as_of").first()
        self.next = mine.filter(as_of__gt=self.as_of).order_by("as_of").first()
        self._given = {
            "bank": self.scope.bank_id,
            "lft": self.scope.lft,
            "rgt": self.scope.rgt,
            "as_of": self.as_of,
            "before": self.before and self.before.as_of,
            "next": self.next and self.next.as_of,
            "next_tape": self.next and self.next.pk,
            "institutions": list(self.former.institutions) if self.former else [],
            "locked": date(self.as_of.year, 1, 1),
        }

    # -- Statements --

    def run(self, statement: str, **given: Any) -> int:
        """Carry out the statement on the bank's tables; return the number of its rows."""
        with connection.cursor() as cursor:
            cursor.execute(self._named(statement), self._given | given)
            return int(cursor.rowcount)

    def rows(self, statement: str, **given: Any) -> list[tuple[Any, ...]]:
        """The rows that the statement returns."""
        with connection.cursor() as cursor:
            cursor.execute(self._named(statement), self._given | given)
            return list(cursor.fetchall())

    def _named(self, statement: str) -> str:
        for table in ("cells", "rows", "faults", "moves"):
            statement = statement.replace("{%s}" % table, f"portfolio_{table}_{self.scope.bank_id}")  # noqa: UP031  braces
        return statement

    # -- Reading and judging --

    def read(self, file: TapeFile) -> Judged:
        """Copy the rows and judge them; `tape/unreadable`, `tape/control-total`, `tape/overlap`."""
        self.tell("reading")
        # sets are joined by hashing; of conditions on texts the planner expects a row and would loop
        self.run("SET LOCAL enable_nestloop = off")
        self.run("SELECT portfolio_stage(%(bank)s)")
        count = self._copy(file)
        self.tell("judging")
        self._judge()
        judged = self._judged(count)
        self._check_total(file, count, judged)
        self._check_overlap(judged.institutions)
        return judged

    def _copy(self, file: TapeFile) -> int:
        """The number of rows copied."""
        columns = sql.SQL(", ").join(map(sql.Identifier, file.columns))
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, ENCODING {}, FORCE_NOT_NULL ({}))").format(
            sql.Identifier(f"portfolio_cells_{self.scope.bank_id}"),
            columns,
            sql.Literal(file.encoding),
            columns,
        )
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                inner: psycopg.Cursor[Any] = cursor.cursor
                with inner.copy(statement) as copy:
                    for chunk in file.body():
                        copy.write(chunk)
                return int(inner.rowcount)
        except psycopg.errors.DataError as error:
            raise _unreadable(error) from error

    def _judge(self) -> None:
        first = self.rows("SELECT as_of FROM {cells} LIMIT 1")
        plain = rules.as_written(self.as_of, first[0][0] if first else "")
        self.run(rules.TAKE_PLAIN, **plain)
        self.run("SELECT portfolio_staged(%(bank)s)")
        if self.run(rules.FAULTS) or self._left_over():
            self.run(rules.TAKE_OTHERS)
        left_out = self.run(rules.DUPLICATES)
        if left_out:
            self.run(rules.LEAVE_OUT)
        if self._another_tape() and self.run(ledger.ELSEWHERE):
            self.run(rules.LEAVE_OUT)
        for statement in (rules.DAYS_DIFFER, rules.STAFF_UNKNOWN, rules.DUTY_DIFFERS):
            self.run(statement, most=MOST_WARNINGS)

    def _left_over(self) -> bool:
        """Whether some rows were not taken at the first look."""
        ((cells, rows),) = self.rows("SELECT (SELECT count(*) FROM {cells}), (SELECT count(*) FROM {rows})")
        return bool(cells > rows)

    def _another_tape(self) -> bool:
        """Whether the bank's ledger has another scope's tape of the day."""
        others = Tape.objects.loaded().filter(bank=self.scope.bank_id, as_of=self.as_of)
        return others.exclude(scope=self.scope).exists()

    def _judged(self, count: int) -> Judged:
        ((rejected,),) = self.rows("SELECT count(DISTINCT line) FROM {faults} WHERE NOT only_warns")
        ((principal,),) = self.rows("SELECT coalesce(sum(principal), 0)::bigint FROM {rows}")
        classes = {
            str(number): {"loans": int(loans), "principal": int(total)}
            for number, loans, total in self.rows(history.SUMS)
        }
        ((institutions,),) = self.rows(
            "SELECT array_agg(DISTINCT institution_id ORDER BY institution_id) FROM {rows}"
        )
        vanished = self.run(ledger.VANISHED) if self.before else 0
        warnings = self.rows(
            "SELECT code, count(*) FROM {faults} WHERE only_warns GROUP BY code ORDER BY code"
        )
        held = self._held(count, int(rejected), vanished)
        return Judged(
            count, int(rejected), int(principal), classes, institutions or [], dict(warnings), held, vanished
        )

    def _held(self, count: int, rejected: int, vanished: int) -> list[str]:
        found = []
        if rejected * 1000 > count:
            found.append("tape/many-rejected")
        if self.before is not None:
            former = self.before.rows + self.before.rejected
            if abs(count - former) * 50 > former:
                found.append("tape/rows-differ")
        if vanished:
            found.append("tape/vanished")
        return found

    def _check_total(self, file: TapeFile, count: int, judged: Judged) -> None:
        """`tape/control-total`: the rows, and the principal as far as it can be read."""
        statement = """
            SELECT coalesce(sum(CASE WHEN c.principal ~ %(money)s THEN c.principal::numeric END), 0),
                count(*) FILTER (WHERE c.principal !~ %(money)s)
            FROM {cells} AS c WHERE NOT EXISTS (SELECT FROM {rows} AS row WHERE row.line = c.line)
        """
        ((others, unreadable),) = self.rows(statement, money=f"^({MONEY})$")
        stated, found = fen(file.principal), judged.principal + fen(Decimal(others))
        if file.rows != count:
            why = {
                "en": f"{file.rows} rows stated, {count} found",
                "zh-hans": f"载明{file.rows}行，实有{count}行",
            }
            raise Refused("tape/control-total", why=why)
        if stated != found and (not unreadable or stated < found):
            told = [f"{each // 100}.{each % 100:02d}" for each in (stated, found)]
            why = {
                "en": f"principal {told[0]} stated, {told[1]} found",
                "zh-hans": f"载明本金{told[0]}元，实有{told[1]}元",
            }
            raise Refused("tape/control-total", why=why)

    def _check_overlap(self, institutions: Sequence[int]) -> None:
        others = Tape.objects.loaded().filter(
            bank=self.scope.bank_id, as_of=self.as_of, institutions__overlap=list(institutions)
        )
        other = others.exclude(scope=self.scope).select_related("scope__unit").first()
        if other is not None:
            raise Refused("tape/overlap", scope=str(other.scope))

    # -- Taking in --

    def take_in(self, tape: int) -> None:
        """The rows are the ledger's of the day, under the tape of that id."""
        self._given["tape"] = tape
        self.tell("loans")
        self.run(ledger.NEW_HOUSEHOLDS)
        self.run(ledger.NEW_BORROWERS)
        now = self.next is None
        if now:
            self.run(ledger.CHANGED_BORROWERS)
        ((last,),) = self.rows("SELECT coalesce(max(id), 0) FROM portfolio_loan")
        plain = now and self.former is None
        if plain:
            self.run(history.CHANGES_NOW)
        self.run(ledger.CHANGED_LOANS)
        if self.run(ledger.NEW_LOANS) > 1000:
            self.run("SELECT portfolio_known()")
        if plain:
            self.run(history.FIRST_CHANGES, last=last)
        else:
            self._date_anew()
        if now:
            self.run(ledger.GONE)
        self.tell("balances")
        self._write_balances()
        self.tell("figures")
        if self.former is not None:
            self.run(history.NO_FIGURES, tape=self.former.pk)
        self.run(history.FIGURES)
        self.run("SET LOCAL enable_nestloop = on")

    def _date_anew(self) -> None:
        """The changes of class of the day and of the next one, and what follows from them."""
        self.run(history.MOVES)
        entries = self.rows(history.ENTRIES)
        self.run(history.UNDATED)
        self.run(history.REDATED)
        if self.former is not None and self.before is not None:
            self.run(ledger.AS_BEFORE)
        self.run(history.SPELLS)
        if self.former is not None:
            self.run(ledger.ONLY_FORMER)
        if self.next is not None and self.rows(history.ENTRIES) != entries:
            self._figure_again(self.next.as_of)

    def _figure_again(self, since: date) -> None:
        """The figures of later days of the year whose balances are kept, by the stock as now dated."""
        later = Tape.objects.loaded().filter(
            bank=self.scope.bank_id, as_of__range=(since, date(since.year, 12, 31))
        )
        for tape in later.order_by("as_of"):
            ((kept,),) = self.rows(
                "SELECT to_regclass('public.portfolio_balance_' || to_char(%(as_of)s::date, 'YYYYMMDD'))"
                " IS NOT NULL",
                as_of=tape.as_of,
            )
            if kept:
                given = {
                    "as_of": tape.as_of,
                    "tape": tape.pk,
                    "institutions": list(tape.institutions),
                    "locked": date(tape.as_of.year, 1, 1),
                }
                self.run(history.NO_FIGURES, **given)
                self.run(history.FIGURES_AGAIN, **given)

    def _write_balances(self) -> None:
        """A partition of the day's own, or rows beside those of other tapes of the day."""
        self.run("SELECT pg_advisory_xact_lock(%(number)s, %(day)s)", number=_DAY, day=self.as_of.toordinal())
        others = Tape.objects.loaded().filter(as_of=self.as_of).exclude(pk=self._given["tape"])
        if others.exists():
            if self.former is not None:
                self.run(ledger.TAKE_OUT)
            self.run(ledger.BALANCES.replace("{into}", "portfolio_balance"))
            return
        ((made,),) = self.rows("SELECT portfolio_open_day(%(as_of)s)")
        self.run(ledger.BALANCES.replace("{into}", made))
        self.run("SELECT portfolio_close_day(%(as_of)s)")

    def keep_faults(self, tape: int) -> None:
        """The faults are the tape's, at most so many; of lines the first ones."""
        statement = """
            INSERT INTO portfolio_rowfault (tape_id, line, "column", value, code, only_warns)
            SELECT %(tape)s, line, col, value, code, only_warns FROM {faults}
            ORDER BY only_warns, line, place LIMIT %(most)s
        """
        self.run(statement, tape=tape, most=MOST_FAULTS)

    def done(self) -> None:
        """The tables that were read into are gone."""
        self.run("SELECT portfolio_unstage(%(bank)s)")


def lock_bank(bank: int) -> None:
    """One import of a bank after the other: its ledger is locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        # compiling conditions of this length takes longer than they do
        cursor.execute("SET LOCAL jit = off")
        cursor.execute("SET LOCAL maintenance_work_mem = '128MB'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_BANK, bank % 2**31])


def _unreadable(error: psycopg.Error) -> Refused:
    """What is wrong with the bytes, at which line as the file counts."""
    found = re.search(r"line ([0-9]+)", error.diag.context or "")
    line = int(found[1]) + 1 if found else 0
    wrong = {
        "22P04": ("has too many or too few cells, or a quotation mark alone", "单元格数量不符或引号不成对"),
        "22021": ("has bytes that are of no encoding that can be read", "含有无法识别的编码"),
    }
    en, zh = wrong.get(error.sqlstate or "", ("cannot be read", "无法读取"))
    return Refused(
        "tape/unreadable",
        why={
            "en": f"line {line} {en}" if line else f"the file {en}",
            "zh-hans": f"第{line}行{zh}" if line else f"文件{zh}",
        },
    )
