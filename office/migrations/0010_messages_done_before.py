"""Messages from before that ask for an act which was done, or cannot be done any more, are done."""

from django.db import migrations

#: kind → the states of its object in which the act is still to be done
_ASKS = {
    "submit": ("submitted",),
    "return": ("returned",),
    "convene": ("convened",),
    "change_meeting": ("convened",),
    "send_notice": ("convened",),
    "authorise_proxy": ("convened", "in_session"),
    "request_abstention": ("tabled", "voting"),
    "propose_cancellation": ("voting",),
    "draft_minutes": ("minuted",),
    "sign_minutes": ("signed",),
    "report_decisions": ("signed", "archived"),
    "decide_credit": ("carried",),
}
_PAST = """
UPDATE committee_message message SET done_at = now()
FROM {table} object
WHERE message.about = '{kind}:' || object.id AND message.done_at IS NULL
    AND message.kind = %s AND NOT object.state = ANY(%s)
"""
_ACKNOWLEDGED = """
UPDATE committee_message message SET done_at = now()
FROM committee_delivery delivery JOIN committee_notice notice ON notice.id = delivery.notice_id
WHERE message.about = 'meeting:' || notice.meeting_id AND message.done_at IS NULL
    AND message.kind = 'send_notice' AND delivery.acknowledged_by_id = message.person_id
"""
_RECEIVED = """
UPDATE committee_message message SET done_at = now()
FROM office_report report
WHERE message.about = 'meeting:' || report.meeting_id AND message.done_at IS NULL
    AND message.kind = 'report_decisions' AND report.received_at IS NOT NULL
"""


def _settle(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for kind, table in (("proposal", "proposals_proposal"), ("meeting", "committee_meeting")):
            for asks, states in _ASKS.items():
                cursor.execute(_PAST.format(table=table, kind=kind), [asks, list(states)])
        cursor.execute(_ACKNOWLEDGED)
        cursor.execute(_RECEIVED)


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0009_requests_of_programs"),
        ("committee", "0014_messages_done"),
        ("proposals", "0009_resubmitted"),
    ]
    operations = [migrations.RunPython(_settle, migrations.RunPython.noop, elidable=True)]
