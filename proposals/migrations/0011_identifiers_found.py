"""Identifiers are found whatever they are made of: by themselves, and as they are folded."""

from django.db import migrations

from regulation.text import DASHES, is_invisible


def _ranges(chars):
    """The characters as the inside of a bracket of a regular expression."""
    found = []
    for code in map(ord, chars):
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return "".join(f"\\U{first:08X}-\\U{last:08X}" for first, last in found)


INVISIBLE = _ranges(
    char for char in map(chr, (*range(0x20000), *range(0xE0000, 0xE1000))) if is_invisible(char)
)
#: keys whose texts are amounts, rates or dates; every other text is a name or says something
NUMBERS = (
    "amount", "base_date", "cost", "discount_rate", "due_on", "expected_recovery", "haircut", "interest",
    "interest_off_balance", "interest_on_balance", "interest_waived", "issued_on", "new_money", "new_rate", "on",
    "penalty", "penalty_waived", "principal", "principal_waived", "probability", "rate", "value", "valued_on",
)  # fmt: skip
IDENTIFIERS = ("contract_no", "id_no", "title_no")

# A line for each text that is no amount, rate or date; an identifier has a second one, without blanks and with one
# kind of dash, where that differs. What nobody sees is left out of all.
WORDS = r"""
CREATE OR REPLACE FUNCTION plan_words(document jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(string_agg(line, E'\n'), '') FROM (
        SELECT key, regexp_replace(normalize(said #>> '{}', NFKC), '[INVISIBLE]', '', 'g') AS text
        FROM jsonb_path_query(document, 'strict $.** ? (@.type() == "object")') AS part,
            jsonb_each(part) AS pair (key, value),
            jsonb_path_query(value, '$[*] ? (@.type() == "string")') AS said
        WHERE key <> ALL ('{NUMBERS}')
    ) AS named CROSS JOIN LATERAL (
        SELECT text AS line
        UNION ALL
        SELECT folded FROM regexp_replace(translate(text, 'DASHES', 'HYPHENS'), '\s', '', 'g') AS folded
        WHERE key = ANY ('{IDENTIFIERS}') AND folded <> text
    ) AS lines
$$;
"""
for name, stands in {
    "INVISIBLE": INVISIBLE,
    "NUMBERS": ",".join(NUMBERS),
    "DASHES": DASHES,
    "HYPHENS": "-" * len(DASHES),
    "IDENTIFIERS": ",".join(IDENTIFIERS),
}.items():
    WORDS = WORDS.replace(name, stands)
BEFORE = r"""
CREATE OR REPLACE FUNCTION plan_words(document jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(normalize(string_agg(said #>> '{}', E'\n'), NFKC), '') FROM jsonb_path_query(
        document, 'strict $.** ? (@.type() == "string" && !(@ like_regex "^[0-9.-]*$"))'
    ) AS said
$$;
"""
FILL = """
UPDATE proposals_plantext AS text SET words = version.words, grams = bigrams(version.words)
    FROM (SELECT id, plan_words(document) AS words FROM proposals_planversion OFFSET 0) AS version
    WHERE version.id = text.version_id AND version.words <> text.words;
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0010_folded_contracts")]

    operations = [migrations.RunSQL(WORDS, BEFORE), migrations.RunSQL(FILL, migrations.RunSQL.noop)]
