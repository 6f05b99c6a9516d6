"""Texts are found by four characters at once, and numbers of up to three digits that are a line by themselves."""

from django.db import migrations

# A pair of digits is in nearly every plan; four characters are in few. What is four characters long or longer is
# looked for by its fours alone, what is shorter by its pairs, and one character by itself. Ones and pairs are
# numbers from 0 on, as they were; short lines of digits are -1 to -1000, and fours lie below.
GRAMS = r"""
CREATE FUNCTION grams_of(words text) RETURNS TABLE (one integer, two integer, four integer)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pairs.one, pairs.two,
        CASE WHEN lead(pairs.two) OVER following IS NOT NULL THEN
            (-1001 - ((pairs.two * 1000003::bigint + lead(pairs.two, 2) OVER following) & 1073741823))::integer
        END
    FROM (
        SELECT n, code AS one, ((code * 65537::bigint + lead(code) OVER (ORDER BY n)) & 2147483647)::integer AS two
        FROM (
            SELECT n, CASE WHEN c !~ '\s' THEN ascii(c) END AS code
            FROM string_to_table(lower(normalize(words, NFKC)), NULL) WITH ORDINALITY AS t (c, n)
        ) AS chars
    ) AS pairs
    WINDOW following AS (ORDER BY n)
$$;
-- what the index has of a text
CREATE OR REPLACE FUNCTION bigrams(words text) RETURNS integer[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT gram), '{}') FROM (
        SELECT unnest(ARRAY[one, two, four]) AS gram FROM grams_of(words)
        UNION ALL
        SELECT -1 - line::integer FROM string_to_table(normalize(words, NFKC), E'\n') AS line
        WHERE line ~ '^[0-9]{1,3}$'
    ) AS grams
    WHERE gram IS NOT NULL
$$;
-- what a text must have in which the word stands
CREATE FUNCTION asked_grams(word text) RETURNS integer[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(
        array_agg(DISTINCT four) FILTER (WHERE four IS NOT NULL),
        array_agg(DISTINCT two) FILTER (WHERE two IS NOT NULL),
        array_agg(DISTINCT one) FILTER (WHERE one IS NOT NULL),
        '{}'
    ) FROM grams_of(word)
$$;
"""
UNDO = r"""
DROP FUNCTION asked_grams(text);
DROP FUNCTION grams_of(text);
CREATE OR REPLACE FUNCTION bigrams(words text) RETURNS integer[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT gram), '{}') FROM (
        SELECT unnest(ARRAY[
            ascii(c),
            ((ascii(c)::bigint * 65537 + ascii(lead(c) OVER (ORDER BY n))) & 2147483647)::integer
        ]) AS gram, c, lead(c) OVER (ORDER BY n) AS following
        FROM string_to_table(lower(normalize(words, NFKC)), NULL) WITH ORDINALITY AS t(c, n)
    ) AS grams
    WHERE gram IS NOT NULL AND c !~ '\s' AND (gram = ascii(c) OR following !~ '\s')
$$;
"""
FILL = "UPDATE proposals_plantext SET grams = bigrams(words);"


class Migration(migrations.Migration):
    dependencies = [("proposals", "0012_guards")]

    operations = [
        migrations.RunSQL(GRAMS, UNDO),
        migrations.RunSQL(FILL, FILL),
    ]
