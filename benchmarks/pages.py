"""How quick each list and page is with a hundred thousand proposals, against a thousand.

To reach: at 100,000 proposals and 1,000,000 audit entries each page takes at most 1.5 times what it takes at
1,000 proposals and 10,000 entries, by the median, and no page takes more than 25 statements. Both databases
are made of copies of one case that went through the engine: ten committees of ten institutions each, states
spread as in a bank of some years, a meeting for ten plans, with votes, minutes, notices and receipts.

Every page without an argument, the lists filtered, sorted and at both ends, searches, and the page of a plan,
a meeting and a stream are asked for once as each role, which counts the statements. Timed is each page for
somebody who sees the whole bank or branch and for somebody of one committee, in rounds in which each page is
asked of one database right after the other, until the seconds are over and at least `ROUNDS` times. The time is
the processor's: of the whole request without the network, and of the database's process that answers it, which may
not divide its work among others. So it does not grow with what else the machine does, and hides no waiting: all rows
are in memory. Times below 10 ms count as 10 ms. As in the site (`config/asgi.py`), the collector of garbage does not
look at what was there before.
Usage: python -m benchmarks.pages [seconds] [-v], which shows every page.
"""

# ruff: noqa: E501 - SQL as it runs
import gc
import logging
import os
import sys
import time
import warnings
from collections import defaultdict
from pathlib import Path

os.environ |= {"LIANXI_DEMO": "1", "SECRET_KEY": "for-benchmarks-" + "0123456789" * 5}
warnings.filterwarnings("ignore", "No directory at")  # of static files, which nobody asks for

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from audit import clock
from config.database import embedded_postgres
from tests import databases
from tests.addresses import patterns
from tests.stage import START, Stage

SIZES = (1_000, 100_000)
FROM = 1_000_000  # the ids of copies begin here
ENTRIES = 10  # for a proposal
REQUESTS = 3  # of each page in a round, after one that is not timed
SECONDS, ROUNDS = 180, 5  # of measuring, at least; making the data comes before
LEAST = 0.010
MOST_RATIO, MOST_STATEMENTS = 1.5, 25
ROLES = ("chair", "seat2", "liaison", "handler", "handler_head", "credit", "head_office", "risk", "auditor")
#: of each row the first to whom a page opens is timed
TIMED = (("head_office", "auditor", "risk", "credit"), ("seat2", "liaison", "handler"))
SEARCHES = ("王五", "贷款重组", "2026号合同", "99", "nothing of the kind")
LISTS = (
    "", "state=completed", "state=submitted&state=filed", "sort=owed", "sort=-number", "sort=borrower", "end=1",
    "sort=number&end=1", "state=rejected&end=1", "submitted_from=2024-01-01&submitted_to=2024-01-31",
    "resubmission=1", "q=贷款", "q=王五",
)  # fmt: skip

#: of a hundred plans so many are in the state, from the first on
STATES = """
CASE WHEN h < 2 THEN 'draft' WHEN h < 4 THEN 'submitted' WHEN h < 5 THEN 'returned' WHEN h < 6 THEN 'shortlisted'
    WHEN h < 8 THEN 'filed' WHEN h < 10 THEN 'tabled' WHEN h < 11 THEN 'carried' WHEN h < 13 THEN 'credit_approved'
    WHEN h < 22 THEN 'executing' WHEN h < 75 THEN 'completed' WHEN h < 85 THEN 'rejected'
    WHEN h < 90 THEN 'screened_out' WHEN h < 95 THEN 'terminated' ELSE 'withdrawn' END
"""
#: when the papers of a meeting were written
DAYS_AFTER = {
    "office.minutes": {"drafted_at": "since - interval '19 days'"},
    "office.report": {"sent_at": "since - interval '18 days'", "received_at": "since - interval '17 days'"},
    "office.archivefile": {"archived_at": "since - interval '16 days'"},
}
#: what the expressions of the copies are made of, for the i-th plan; a meeting has ten
GIVEN = f"""
CREATE TEMP TABLE given AS
SELECT i, {FROM} + i AS gid, {FROM} + i / 10 AS meeting, (i / 10) % 10 AS committee, i % 10 AS unit, h,
    {STATES} AS gstate, now() - h_day * interval '1 day' AS since,
    (ARRAY['王','李','张','刘','陈','杨','赵','黄','周','吴'])[1 + i % 10]
        || (ARRAY['一','二','三','四','五','六','七','八','九','十'])[1 + (i / 10) % 10] AS gborrower
FROM (
    SELECT i, abs(hashint4(i)) % 100 AS h, abs(hashint4(i + 7)) % 1800 AS h_day FROM generate_series(1, PLANS) AS i
) AS numbered
"""


def copies(cursor, model, source, rows, **given):
    """Rows like the one with this key, for each row of a query: columns as given in SQL, the others as they are."""
    table = model._meta.db_table
    columns = [field.column for field in model._meta.concrete_fields if not field.generated]
    picked = [given.get(column, f'source."{column}"') for column in columns]
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(picked)}"
        f" FROM {rows}, {table} AS source WHERE source.{model._meta.pk.column} = {int(source)}"
    )


def model(name):
    return apps.get_model(name)


def fill(stage, plans):
    """The bank of the stage has so many more plans, with all that belongs to them, and their log."""
    case = {"proposal": stage.proposal.pk, "meeting": stage.meeting.pk}
    cluster, name = databases.cluster(), connection.settings_dict["NAME"]
    with cluster.connect(name, embedded_postgres.SUPERUSER) as owner, owner.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
        guarded = [row[0] for row in cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'"
        )]  # fmt: skip
        for table in guarded:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        dropped = _drop_grams(cursor)
        cursor.execute(GIVEN.replace("PLANS", str(plans)))
        _organisation(cursor, stage)
        _plans(cursor, stage, case)
        _meetings(cursor, stage, case)
        _log(cursor, stage)
        for statement in dropped:
            cursor.execute(statement)
        for table in guarded:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SELECT proposals_recount_figures()")
    with cluster.connect(name, embedded_postgres.SUPERUSER) as owner:
        owner.execute("VACUUM ANALYZE")
        owner.execute(f"ALTER DATABASE {name} SET max_parallel_workers_per_gather = 0")


def _drop_grams(cursor):
    """The indexes by pairs of characters are made at once, when all rows are there."""
    found = cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef ~ 'USING gin'"
    ).fetchall()
    for index, _made in found:
        cursor.execute(f"DROP INDEX {index}")
    return [made for _index, made in found]


def _organisation(cursor, stage):
    """Nine more committees with branches, and institutions so that each has ten."""
    branch, unit = stage.committee.branch_id, stage.proposal.unit_id
    numbers, each = "generate_series(1, 9) AS c", "generate_series(0, 9) AS c, generate_series(0, 9) AS u"
    copies(cursor, model("committee.unit"), branch, numbers, id=f"{FROM} + c", name="source.name || c")
    cursor.execute(
        f"INSERT INTO auth_group (id, name) SELECT {FROM} + c * 10 + u, 'handlers ' || c || ' ' || u FROM {each}"
    )
    own = f"(SELECT {branch} AS branch, 0 AS c UNION ALL SELECT {FROM} + c, c FROM {numbers}) AS b, generate_series(0, 9) AS u"
    copies(
        cursor, model("committee.unit"), unit, own, id=f"{FROM} + 100 + c * 10 + u", parent_id="branch",
        name="source.name || c || u", handlers_id=f"{FROM} + c * 10 + u",
    )  # fmt: skip
    copies(
        cursor, model("committee.committee"), stage.committee.pk, numbers, id=f"{FROM} + c",
        branch_id=f"{FROM} + c", name="source.name || c", abbreviation="source.abbreviation || c",
        liaison_id=str(stage["outsider"].pk),
    )  # fmt: skip
    version = model("committee.regulationversion").objects.get(committee=stage.committee).pk
    copies(
        cursor,
        model("committee.regulationversion"),
        version,
        numbers,
        id=f"{FROM} + c",
        committee_id=f"{FROM} + c",
    )


def _of_committee(stage):
    return f"CASE committee WHEN 0 THEN {stage.committee.pk} ELSE {FROM} + committee END"


def _of_unit(stage):
    mine = f"WHEN committee = 0 AND unit = 0 THEN {stage.proposal.unit_id}"
    return f"CASE {mine} ELSE {FROM} + 100 + committee * 10 + unit END"


def _plans(cursor, stage, case):
    proposal, plan_row = model("proposals.proposal"), stage.now(stage.proposal)
    version, text = model("proposals.planversion"), model("proposals.plantext")
    title, contract = "gborrower || '贷款重组方案' || i", "i || '号合同'"
    copies(
        cursor, proposal, case["proposal"], "given", id="gid", committee_id=_of_committee(stage),
        unit_id=_of_unit(stage), year="2021 + i % 6", number="CASE WHEN gstate <> 'draft' THEN i END",
        title=title, borrower="gborrower", state="gstate", version_id="gid",
        submitted_version_id="CASE WHEN gstate <> 'draft' THEN gid END", state_since="since",
        owed="(i * 7919 % 9999999)::numeric / 100",
        item_id="CASE WHEN h BETWEEN 8 AND 94 AND gstate <> 'screened_out' THEN gid END",
        drafted_at="since - interval '60 days'",
        submitted_at="CASE WHEN gstate <> 'draft' THEN since - interval '50 days' END",
        filed_at="CASE WHEN h >= 6 AND gstate <> 'screened_out' THEN since - interval '40 days' END",
        resolved_at="CASE WHEN h BETWEEN 10 AND 84 OR gstate = 'terminated' THEN since - interval '20 days' END",
        resubmission="h = 99",
    )  # fmt: skip
    copies(
        cursor, version, plan_row.version_id, "given", id="gid", proposal_id="gid", number="1",
        document=f"jsonb_set(jsonb_set(jsonb_set(document, '{{title}}', to_jsonb({title})),"
        f" '{{borrower,name}}', to_jsonb(gborrower)), '{{loans,0,contract_no}}', to_jsonb({contract}))",
    )  # fmt: skip
    said = f"gborrower || ' ' || {title} || ' ' || {contract}"
    copies(
        cursor, text, plan_row.version_id, "given", version_id="gid", words=f"{said} || words",
        grams=f"ARRAY(SELECT DISTINCT unnest(grams || bigrams({said})))",
    )  # fmt: skip
    first = model("proposals.plancontract").objects.filter(version=plan_row.version_id).first()
    copies(
        cursor,
        model("proposals.plancontract"),
        first.pk,
        "given",
        id="gid",
        version_id="gid",
        contract_no=contract,
    )
    grant = model("proposals.proposalgrouppermission").objects.get(content_object=case["proposal"])
    copies(
        cursor,
        model("proposals.proposalgrouppermission"),
        grant.pk,
        "given",
        id="gid",
        content_object_id="gid",
    )
    receipt = model("proposals.receipt").objects.filter(proposal=case["proposal"]).first()
    copies(
        cursor, model("proposals.receipt"), receipt.pk, "given", id="gid", proposal_id="gid",
        received_on="(since - interval '5 days')::date",
    )  # fmt: skip
    decision = model("proposals.creditdecision").objects.get(proposal=case["proposal"])
    approved = "(SELECT * FROM given WHERE h BETWEEN 11 AND 74 OR h BETWEEN 90 AND 94) AS given"
    copies(
        cursor, model("proposals.creditdecision"), decision.pk, approved, id="gid", proposal_id="gid",
        at="since - interval '10 days'",
    )  # fmt: skip
    for place, part in enumerate(model("proposals.dueinstalment").objects.filter(proposal=case["proposal"])):
        copies(cursor, model("proposals.dueinstalment"), part.pk, approved, proposal_id="gid",
               id=f"(gid - {FROM}) * 100 + {place} + {FROM}")  # fmt: skip
    _dockets(cursor, stage, case)


def _dockets(cursor, stage, case):
    entry = model("proposals.docketentry").objects.get(proposal=case["proposal"])
    meetings = "(SELECT DISTINCT ON (meeting) * FROM given ORDER BY meeting, i) AS given"
    copies(
        cursor, model("proposals.docket"), entry.docket_id, meetings, id="meeting", number="i",
        committee_id=_of_committee(stage), filed_at="since - interval '40 days'",
    )  # fmt: skip
    filed = "(SELECT * FROM given WHERE h >= 6 AND gstate <> 'screened_out') AS given"
    copies(
        cursor, model("proposals.docketentry"), entry.pk, filed, id="gid", docket_id="meeting", proposal_id="gid",
        version_id="gid",
    )  # fmt: skip


def _meetings(cursor, stage, case):
    """A meeting for ten plans, all but the last hundredth of them archived."""
    one = "(SELECT DISTINCT ON (meeting) * FROM given ORDER BY meeting, i) AS given"
    tabled = "(SELECT * FROM given WHERE h BETWEEN 8 AND 94 AND gstate <> 'screened_out') AS given"
    base = case["meeting"]
    version = f"CASE committee WHEN 0 THEN source.regulation_id ELSE {FROM} + committee END"
    copies(
        cursor, model("committee.meeting"), base, one, id="meeting", number="i + 100", committee_id=_of_committee(stage),
        regulation_id=version, at="since - interval '20 days'", closed_at="since - interval '20 days'",
        state="(ARRAY['closed', 'minuted', 'signed'])[1 + abs(hashint4(i)) % 100]"
        .replace("(ARRAY", "coalesce((ARRAY") + ", 'archived')",
    )  # fmt: skip
    item = model("committee.agendaitem").objects.get(meeting=base)
    copies(cursor, model("committee.agendaitem"), item.pk, tabled, id="gid", meeting_id="meeting", number="unit + 1",
           unit_id=_of_unit(stage))  # fmt: skip
    tabling = model("proposals.tabling").objects.get(item=item)
    copies(
        cursor,
        model("proposals.tabling"),
        tabling.pk,
        tabled,
        id="gid",
        item_id="gid",
        proposal_id="gid",
        version_id="gid",
    )
    resolution = model("committee.resolution").objects.get(item=item)
    copies(cursor, model("committee.resolution"), resolution.pk, tabled, id="gid", item_id="gid",
           closed_at="since - interval '20 days'")  # fmt: skip
    vote = model("voting.vote").objects.get(item=item)
    copies(cursor, model("voting.vote"), vote.pk, tabled, id="gid", item_id="gid", proposal_id="gid", meeting_id="meeting",
           version_id="gid", resolution_id="gid")  # fmt: skip
    notice = model("committee.notice").objects.get(meeting=base)
    copies(cursor, model("committee.notice"), notice.pk, one, id="meeting", meeting_id="meeting")
    for seat, row in enumerate(model("committee.attendance").objects.filter(meeting=base)):
        mine = f"{one.removesuffix(' AS given')} AS all_of_them) AS given".replace(
            "(SELECT", "(SELECT * FROM (SELECT", 1
        )
        only = mine.replace(") AS given", " WHERE committee = 0) AS given")
        copies(cursor, model("committee.attendance"), row.pk, only, id=f"(meeting - {FROM}) * 10 + {seat} + {FROM}",
               meeting_id="meeting")  # fmt: skip
    for name in ("office.minutes", "office.report", "office.archivefile"):
        row = model(name).objects.get(meeting=base)
        copies(cursor, model(name), row.pk, one, id="meeting", meeting_id="meeting",
               **DAYS_AFTER[name], **({"number": "i"} if name != "office.archivefile" else {}))  # fmt: skip
    minutes = model("office.minutes").objects.get(meeting=base)
    copies(cursor, model("pages.minutestext"), minutes.pk, one, minutes_id="meeting")
    copies(cursor, model("pages.meetingtext"), base, one, meeting_id="meeting")


def _log(cursor, stage):
    """Ten entries a plan, by ten people; their hashes are nobody's, for the log is not verified here."""
    cursor.execute(
        f"""
        INSERT INTO audit_entry (stream, seq, at, recorded_at, actor, action, subject, commitment, prev, hash)
        SELECT 'proposal:' || gid, seq, since - (10 - seq) * interval '1 day', since, people[1 + (i + seq) %% %s],
            (ARRAY['draft','amend','submit','shortlist','file','table','open_vote','close_vote','approve_credit',
                'record_receipt'])[seq],
            'proposal:' || gid, int8send(gid) || int8send(seq), '', sha256(int8send(gid))
        FROM given, generate_series(1, {ENTRIES}) AS seq, (SELECT %s::text[] AS people) AS p
        """,
        [len(stage.people), [str(person.pk) for person in stage.people.values()]],
    )
    cursor.execute(
        "INSERT INTO audit_head (stream, seq, prev, hash)"
        f" SELECT 'proposal:' || gid, {ENTRIES}, '', sha256(int8send(gid)) FROM given"
    )


# -- Measuring --------------------------------------------------------------------------------------


def addresses(stage):
    """Every page that has an address without an argument, and those that the measure names."""
    found = {}
    skipped = {"login", "logout", "display", "session-extend", "sessions-end"}
    for each in patterns():
        try:
            if each.name not in skipped:
                found[each.name] = reverse(each.name)
        except NoReverseMatch:
            continue
    for given in LISTS[1:]:
        found[f"proposals {given}"] = f"{reverse('proposals')}?{given}"
    for given in ("state=archived", "sort=number", "end=1", "q=Room", "q=said"):
        found[f"meetings {given}"] = f"{reverse('meetings')}?{given}"
    for text in SEARCHES:
        found[f"search {text}"] = f"{reverse('search')}?q={text}"
    for measure in ("submitted", "resolved", "waived", "planned", "received"):
        found[f"figure-cases {measure}"] = f"{reverse('figure-cases')}?of={measure}"
    found["streams end"] = f"{reverse('streams')}?end=1"
    found["proposal"] = reverse("proposal", args=[stage.proposal.pk])
    found["meeting"] = reverse("meeting", args=[stage.meeting.pk])
    found["stream"] = reverse("stream", args=[stage.proposal.stream])
    found["csv, its first byte"] = reverse("export", args=["proposals", "csv"])
    return found


def ask(client, address):
    """The answer, as far as its first byte; None where the page is not this person's."""
    response = client.get(address)
    if response.streaming:
        next(iter(response.streaming_content))
    return response if response.status_code == 200 else None


class Site:
    """A database of one size, and who looks at it."""

    def __init__(self, database, plans):
        self.database, self.plans = database, plans
        self.times, self.statements = defaultdict(list), {}
        with databases.django_on(database):
            begun = time.perf_counter()
            with clock.frozen(START):
                self.stage = Stage().to("executing")
            fill(self.stage, plans)
            print(f"{plans:,} proposals made in {time.perf_counter() - begun:.0f} s", flush=True)
            self.addresses = addresses(self.stage)
            self.clients = {}
            for role in ROLES:
                self.clients[role] = Client()
                self.clients[role].force_login(self.stage[role], "django.contrib.auth.backends.ModelBackend")

    def count(self):
        """The statements of each page for each role that may open it."""
        with databases.django_on(self.database):
            for role, client in self.clients.items():
                for name, address in self.addresses.items():
                    with CaptureQueriesContext(connection) as captured:
                        if ask(client, address) is not None:
                            self.statements[role, name] = len(captured)

    def timed(self):
        """Role and name of each page that is timed."""
        for name in self.addresses:
            for roles in TIMED:
                role = next((role for role in roles if (role, name) in self.statements), None)
                if role:
                    yield role, name

    def measure(self, role, name):
        """The page once for nothing, then some times by the processor's clock."""
        client, address = self.clients[role], self.addresses[name]
        with databases.django_on(self.database):
            ask(client, address)
            server = connection.connection.info.backend_pid
            for _ in range(REQUESTS):
                begun = time.process_time() + taken(server)
                ask(client, address)
                self.times[role, name].append(time.process_time() + taken(server) - begun)
            assert connection.connection.info.backend_pid == server


def taken(process):
    """The seconds of processor time that a process of one thread has taken so far."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


def percentile(times):
    """The 95th percentile."""
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.95))]


def median(times):
    return sorted(times)[len(times) // 2]


def ratio(few, many):
    return max(many, LEAST) / max(few, LEAST)


def report(small, large):
    rows = []
    for key, times in large.times.items():
        few, many = percentile(small.times[key]), percentile(times)
        medians = median(small.times[key]), median(times)
        rows.append((ratio(few, many), ratio(*medians), *medians, large.statements[key], key))
    rows.sort(key=lambda row: row[1], reverse=True)
    number = len(next(iter(large.times.values())))
    print(f"{len(rows)} pages, n = {number} each; ratios of 95th percentiles and of medians, medians")
    print(f"{'95th':>6} {'median':>6} {SIZES[0]:>9,} {SIZES[1]:>10,} statements  role and page")
    for at_most, middle, few, many, statements, (role, name) in rows if "-v" in sys.argv else rows[:25]:
        print(
            f"{at_most:6.2f} {middle:6.2f} {few * 1000:6.1f} ms {many * 1000:7.1f} ms {statements:10}  {role}: {name}"
        )
    counted = sorted(((number, key) for key, number in large.statements.items()), reverse=True)
    chatty = [row for row in counted if row[0] > MOST_STATEMENTS]
    for statements, (role, name) in chatty or counted[:1]:
        print(f"{statements} statements  {role}: {name}")
    over, middle = (sum(row[place] > MOST_RATIO for row in rows) for place in (0, 1))
    print(
        f"pages: {over} of {len(rows)} above {MOST_RATIO} by the 95th percentile, {middle} by the median (n = {number});"
        f" {len(chatty)} of {len(counted)} above {MOST_STATEMENTS} statements"
    )


def main(seconds):
    settings.ALLOWED_HOSTS = ["testserver"]
    logging.disable(logging.ERROR)  # pages that are not for a role
    made = [databases.clone(databases.template()) for _ in SIZES]
    try:
        sites = [Site(database, plans) for database, plans in zip(made, SIZES, strict=True)]
        large, begun = sites[-1], time.perf_counter()
        large.count()
        print(
            f"{len(large.statements)} pages of {len(ROLES)} roles, at most {max(large.statements.values())} statements,"
            f" counted in {time.perf_counter() - begun:.0f} s",
            flush=True,
        )
        gc.collect()
        gc.freeze()
        begun, number = time.perf_counter(), 0
        while number < ROUNDS or time.perf_counter() - begun < seconds:
            for role, name in large.timed():
                for site in sites[:: 1 if number % 2 else -1]:
                    site.measure(role, name)
            number += 1
            print(f"round {number}: {time.perf_counter() - begun:.0f} s", flush=True)
        report(*sites)
    finally:
        connection.close()
        for database in made:
            databases.drop(database)


if __name__ == "__main__":
    main(next((int(word) for word in sys.argv[1:] if word.isdigit()), SECONDS))
    databases.cluster().release()
