"""The docket, its filing with head office, and the plan itself (Art. 13, 14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from committee.models import Unit
from documents.content import Bar, Bars, Block, Column, Content, Fields, Note, Picture, Table, Text
from office.papers.terms import concessions
from office.papers.wording import Sheet, Voice, amount_of
from proposals import finance
from proposals.labels import FINDINGS
from proposals.models import Docket, DocketEntry, PlanVersion


def docket(sheet: Sheet, entries: Sequence[DocketEntry]) -> Content:
    """The plans put forward to the chair."""
    say = sheet.say
    total = Decimal(0)
    rows = []
    for number, entry in enumerate(entries, 1):
        document, owed = entry.version.plan.document, finance.exposure(entry.version.plan)
        total += owed
        rows.append(
            [
                str(number),
                entry.proposal.written_number,
                entry.proposal.unit.name,
                f"{document.get('borrower', {}).get('name', '')}\n{document.get('title', '')}",
                amount_of(owed),
            ]
        )
    table = Table(
        columns=[
            Column(name=say("No.", "序号"), width=0, align="center"),
            Column(name=say("Plan", "方案编号"), width=0),
            Column(name=say("Handled by", "经办机构"), width=3),
            Column(name=say("Borrower and title", "借款人及方案名称"), width=5),
            Column(name=say("Owed (yuan)", "债权金额（元）"), width=0, align="right"),
        ],
        rows=rows,
    )
    opening = say(
        "After screening under Article 14 of the joint-committee regulation, the plans below ({n}, owed"
        " {total} in total) are put forward to the committee.",
        "根据《不良贷款清收化解联席会议制度》第十四条，经筛选，拟将下列{n}项方案提交联席会议审议，"
        "债权金额合计{total}。",
        n=len(rows),
        total=say.money(total),
    )
    return sheet.content(
        say("Docket", "拟上会名单"),
        [
            Text(text=opening),
            table,
            Text(text=say("We submit this docket for your decision.", "以上拟上会名单，请审定。")),
        ],
        to=say("To the chair:", "主任委员："),
        signature=sheet.signature(sheet.office),
        issued=sheet.issued(),
    )


def filing(sheet: Sheet, found: Docket, entries: Sequence[DocketEntry], head_office: Unit) -> Content:
    """The letter with which the docket is filed with head office; a record, no approval is awaited."""
    say = sheet.say
    text = say(
        "Under Article 14 of the joint-committee regulation we file the docket with you: {n} plans handled by"
        " {units}. Details are in the enclosure.",
        "根据《不良贷款清收化解联席会议制度》第十四条，现将拟上会名单报请备案。"
        "本次共{n}项方案，经办机构为{units}，详见附件。",
        n=len(entries),
        units=say.joined(dict.fromkeys(entry.proposal.unit.name for entry in entries)),
    )
    return sheet.content(
        say("Filing of the docket with head office", "关于报备拟上会名单的函"),
        [Text(text=text), Text(text=say("We submit this for your records.", "特此报备。"))],
        to=say("To: {name}", "{name}：", name=head_office.name),
        attachments=[say("Docket", "拟上会名单")],
        signature=sheet.signature(sheet.office, on=found.filed_at),
        issued=sheet.issued(found.filed_at),
    )


def plan(sheet: Sheet, version: PlanVersion, pictures: Sequence[tuple[str, str]] = ()) -> Content:
    """A version of a plan with its figures; `pictures` are drawn pages of its attachments: file and name."""
    say, document = sheet.say, version.plan.document
    proposal = version.proposal
    parts = [part for part in _parts(say, version) if part[2]]
    blocks: list[Block] = []
    for number, (english, chinese, inside) in enumerate(parts, 1):
        blocks += [say.heading(number, english, chinese), *inside]
    if pictures:
        blocks.append(say.heading(len(parts) + 1, "Pictures", "附图"))
        blocks += [Picture(file=file, alt=name) for file, name in pictures]
    blocks.append(
        Note(
            text=say(
                "Version {n} of plan {plan}; digest (SHA-256) {digest}.",
                "方案{plan}第{n}版，摘要值（SHA-256）：{digest}。",
                n=version.number,
                plan=proposal.written_number,
                digest=version.digest,
            )
        )
    )
    return sheet.content(
        document.get("title") or say("Recovery plan", "清收化解方案"),
        blocks,
        organ=proposal.unit.name,
        signature=sheet.signature(proposal.unit.name, on=version.made_at),
    )


def _parts(say: Voice, version: PlanVersion) -> Iterator[tuple[str, str, list[Block]]]:
    """Each part of the plan: its heading in both languages, and what is in it."""
    document = version.plan.document
    yield "Borrower", "借款人", _borrower(say, document)
    yield "Loans", "债权情况", _loans(say, version)
    yield "Security", "担保情况", _security(say, document)
    yield (
        "Conditions met (Article 7)",
        "符合条件（第七条）",
        [
            block
            for number, evidence in sorted(document.get("conditions", {}).items())
            for block in (
                Text(lead=f"{say.condition(number)}{'：' if say.chinese else ': '}", text=evidence or "—"),
            )
        ],
    )
    found = document.get("investigation", {})
    yield (
        "Investigation",
        "调查情况",
        [
            Text(lead=f"{say.field(key)}{'：' if say.chinese else ': '}", text=found[key])
            for key in FINDINGS
            if found.get(key)
        ],
    )
    yield "Measures and concessions", "清收化解措施及让渡事项", _measures(say, document)
    yield "Repayment", "还款安排", _repayment(say, document)
    yield "Comparison", "方案比较", _comparison(say, version)
    yield "Execution", "组织实施", _execution(say, document)
    yield (
        "Attachments",
        "附件清单",
        [
            Text(text=say.item(number, row.get("name", "")))
            for number, row in enumerate(document.get("attachments", ()), 1)
        ],
    )


def _fields(say: Voice, rows: Sequence[tuple[str, str]]) -> list[Block]:
    kept = [[name, value] for name, value in rows if value]
    return [Fields(head=[say("Matter", "项目"), say("Entry", "内容")], rows=kept)] if kept else []


def _borrower(say: Voice, document: Mapping[str, Any]) -> list[Block]:
    found = document.get("borrower", {})
    return _fields(
        say,
        [
            (say.field("name"), found.get("name", "")),
            (say.field("id_no"), found.get("id_no", "")),
            (say.field("kind"), say.code("borrower.kind", found["kind"]) if found.get("kind") else ""),
            (
                say.field("operating"),
                say.code("operating", found["operating"]) if found.get("operating") else "",
            ),
            (say.field("cause"), found.get("cause", "")),
            (say.field("base_date"), say.day(document["base_date"]) if document.get("base_date") else ""),
        ],
    )


def _loans(say: Voice, version: PlanVersion) -> list[Block]:
    document, owed = version.plan.document, finance.owed(version.plan)
    rows = [
        [
            row.get("contract_no", ""),
            amount_of(row.get("principal")),
            amount_of(
                Decimal(row.get("interest_on_balance", 0)) + Decimal(row.get("interest_off_balance", 0))
            ),
            amount_of(row.get("penalty")),
            say.code("classification", row["classification"]) if row.get("classification") else "",
            str(row.get("days_past_due", "")),
        ]
        for row in document.get("loans", ())
    ]
    if not rows:
        return []
    rows.append(
        [
            say("Total", "合计"),
            amount_of(owed.principal),
            amount_of(owed.interest),
            amount_of(owed.penalty),
            "",
            "",
        ]
    )
    return [
        Table(
            title=say("Loans owed (yuan)", "贷款明细表（单位：元）"),
            columns=[
                Column(name=say.field("contract_no"), width=4),
                Column(name=say.field("principal"), width=3, align="right"),
                Column(name=say.field("interest"), width=3, align="right"),
                Column(name=say.field("penalty"), width=3, align="right"),
                Column(name=say.field("classification"), width=2, align="center"),
                Column(name=say.field("days_past_due"), width=2, align="right"),
            ],
            rows=rows,
        ),
        Text(text=say("Owed in total {total}.", "债权金额合计{total}。", total=say.money(owed.total))),
    ]


def _security(say: Voice, document: Mapping[str, Any]) -> list[Block]:
    blocks: list[Block] = []
    guarantees, collateral = document.get("guarantees", ()), document.get("collateral", ())
    if guarantees:
        blocks.append(
            Table(
                title=say.field("guarantees"),
                columns=[
                    Column(name=say.field("guarantor"), width=3),
                    Column(name=say.field("amount"), width=3, align="right"),
                    Column(name=say.field("capacity"), width=5),
                ],
                rows=[
                    [row.get("guarantor", ""), amount_of(row.get("amount")), row.get("capacity", "")]
                    for row in guarantees
                ],
            )
        )
    if collateral:
        blocks.append(
            Table(
                title=say.field("collateral"),
                columns=[
                    Column(name=say.field("kind"), width=3),
                    Column(name=say.field("title_no"), width=4),
                    Column(name=say.field("owner"), width=3),
                    Column(name=say.field("value"), width=3, align="right"),
                    Column(name=say.field("appraiser"), width=4),
                ],
                rows=[
                    [
                        say.code("collateral.kind", row.get("kind", "")),
                        row.get("title_no", ""),
                        row.get("owner", ""),
                        amount_of(row.get("value")),
                        row.get("appraiser", ""),
                    ]
                    for row in collateral
                ],
            )
        )
    return blocks


def _measures(say: Voice, document: Mapping[str, Any]) -> list[Block]:
    blocks: list[Block] = [
        Text(text=say.item(number, f"{say.measure(each)}{'。' if say.chinese else '.'}"))
        for number, each in enumerate(document.get("measures", ()), 1)
    ]
    given = concessions(say, {key: str(value) for key, value in document.get("concessions", {}).items()})
    if given:
        blocks.append(
            Text(text=say("Concessions: {given}.", "让渡事项：{given}。", given=say.joined(given, "；")))
        )
    return blocks


def _repayment(say: Voice, document: Mapping[str, Any]) -> list[Block]:
    blocks: list[Block] = []
    sources = document.get("sources", ())
    if sources:
        blocks.append(
            Table(
                title=say.field("sources"),
                columns=[
                    Column(name=say.field("kind"), width=3),
                    Column(name=say.field("amount"), width=3, align="right"),
                    Column(name=say.field("description"), width=6),
                ],
                rows=[
                    [
                        say.code("sources.kind", row.get("kind", "")),
                        amount_of(row.get("amount")),
                        row.get("description", ""),
                    ]
                    for row in sources
                ],
            )
        )
    dues = document.get("schedule", ())
    if dues:
        blocks.append(_schedule(say, dues))
    return blocks


def _schedule(say: Voice, dues: Sequence[Mapping[str, Any]]) -> Table:
    principal = sum((Decimal(row.get("principal", 0)) for row in dues), Decimal(0))
    interest = sum((Decimal(row.get("interest", 0)) for row in dues), Decimal(0))
    rows = [
        [
            str(number),
            say.day(row["due_on"]) if row.get("due_on") else "",
            amount_of(row.get("principal")),
            amount_of(row.get("interest")),
            amount_of(Decimal(row.get("principal", 0)) + Decimal(row.get("interest", 0))),
        ]
        for number, row in enumerate(dues, 1)
    ]
    rows.append(
        ["", say("Total", "合计"), amount_of(principal), amount_of(interest), amount_of(principal + interest)]
    )
    return Table(
        title=say("Schedule (yuan)", "还款计划表（单位：元）"),
        columns=[
            Column(name=say("No.", "期次"), width=0, align="center"),
            Column(name=say.field("due_on"), width=3, align="center"),
            Column(name=say.field("principal"), width=3, align="right"),
            Column(name=say.field("interest"), width=3, align="right"),
            Column(name=say("Together", "本息合计"), width=3, align="right"),
        ],
        rows=rows,
    )


def _comparison(say: Voice, version: PlanVersion) -> list[Block]:
    """The plan against each alternative, as a table and as bars of present values."""
    if not version.plan.complete:
        return []
    found = finance.plan_amounts(version.plan)
    own = say("This plan", "本方案")
    values = [
        (own, found.total_recovery, found.net_present_value, True),
        *(
            (say.code("alternatives.name", row.name), row.recovery, row.net_present_value, False)
            for row in found.alternatives
        ),
    ]
    most = max((max(value, Decimal(0)) for _n, _r, value, _o in values), default=Decimal(0)) or Decimal(1)
    told = [f"{name} {amount_of(value)}" for name, _recovery, value, _own in values]
    return [
        Table(
            title=say("Recovery and present value (yuan)", "收回金额及现值比较表（单位：元）"),
            columns=[
                Column(name=say("Way", "方式"), width=3),
                Column(name=say("Recovery", "收回金额"), width=3, align="right"),
                Column(name=say("Present value", "现值"), width=3, align="right"),
            ],
            rows=[[name, amount_of(recovery), amount_of(value)] for name, recovery, value, _own in values],
        ),
        Bars(
            title=say("Present values: {all}", "现值比较：{all}", all=say.joined(told, "；")),
            bars=[
                Bar(
                    name=say("{name}, present value", "{name}（现值）", name=name),
                    amount=amount_of(value),
                    permille=int(max(value, Decimal(0)) / most * 1000),
                    own=own_,
                )
                for name, _recovery, value, own_ in values
            ],
        ),
    ]


def _execution(say: Voice, document: Mapping[str, Any]) -> list[Block]:
    blocks = _fields(
        say,
        [
            (say.field("executor"), document.get("executor", "")),
            (
                say.field("expected_recovery"),
                amount_of(document["expected_recovery"]) if document.get("expected_recovery") else "",
            ),
        ],
    )
    rows = [
        [say.day(row["on"]) if row.get("on") else "", row.get("what", "")]
        for row in document.get("milestones", ())
    ]
    if rows:
        blocks.append(
            Table(
                title=say.field("milestones"),
                columns=[
                    Column(name=say.field("on"), width=2, align="center"),
                    Column(name=say.field("what"), width=5),
                ],
                rows=rows,
            )
        )
    return blocks
