"""Key households: those with the largest stock at each of three levels, chosen monthly (S2)."""

from __future__ import annotations

from datetime import date

from django.db import connection

from portfolio.models import KeyHousehold

# Ties go by the household's id.
_CHOOSE = """
INSERT INTO portfolio_keyhousehold (month, institution_id, place, household_id, npl)
SELECT %(month)s, institution, place, household, npl FROM (
    SELECT above.id AS institution, borrower.household_id AS household, sum(loan.principal)::bigint AS npl,
        row_number() OVER (
            PARTITION BY above.id ORDER BY sum(loan.principal) DESC, borrower.household_id
        ) AS place
    FROM portfolio_loan AS loan
        JOIN portfolio_borrower AS borrower ON borrower.id = loan.borrower_id
        JOIN portfolio_institution AS place ON place.id = loan.institution_id
        JOIN portfolio_institution AS above ON above.bank_id = place.bank_id
            AND place.lft BETWEEN above.lft AND above.rgt
            AND above.level IN ('union', 'office', 'institution')
    WHERE loan.bank_id = %(bank)s AND loan.state = 'open' AND loan.gone_on IS NULL AND loan.loan_class >= 3
        AND loan.principal > 0
    GROUP BY above.id, borrower.household_id
) AS ranked WHERE place <= %(places)s
"""


def choose(bank: int, day: date, places: int) -> None:
    """The key households of the day's month are chosen, unless they were."""
    month = day.replace(day=1)
    if KeyHousehold.objects.filter(month=month, institution__bank=bank).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(_CHOOSE, {"bank": bank, "month": month, "places": places})
