"""Reports to head office have a series of their own; theirs went on with the dockets' before."""

from django.db import migrations

CONTINUED = """
INSERT INTO committee_series (committee_id, kind, year, last)
SELECT meeting.committee_id, 'report', report.year, max(report.number)
FROM office_report report JOIN committee_meeting meeting ON meeting.id = report.meeting_id
GROUP BY meeting.committee_id, report.year
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("office", "0004_papers_never_change"), ("committee", "0003_papers")]

    operations = [migrations.RunSQL(CONTINUED, migrations.RunSQL.noop)]
