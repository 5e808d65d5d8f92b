-- Give every staged row of a batch (:id) its outcome. By blind index, then by name: a person whom the registry knows under another
-- name is a doubt, not a match. :division_code is the sender's, under which rows about strangers are kept.
-- Who is present counts; of persons who have left, the one who left last.

INSERT INTO comparison_result (comparison_id, line, outcome, number_index, household_id, member_id, division_code, amount, note)
SELECT r.comparison_id, r.line,
    CASE
        WHEN coalesce(here.member_id, gone.member_id) IS NULL THEN 'unmatched'
        WHEN coalesce(here.name_key, gone.name_key) = r.name THEN 'matched'
        ELSE 'mismatched' END,
    r.number_index,
    coalesce(here.household_id, gone.household_id),
    coalesce(here.member_id, gone.member_id),
    coalesce(here.division_code, gone.division_code, :division_code),
    CASE WHEN coalesce(here.member_id, gone.member_id) IS NOT NULL THEN r.amount END,
    CASE WHEN here.member_id IS NOT NULL THEN r.note WHEN gone.member_id IS NOT NULL THEN '已不在户' END
FROM comparison_row r
LEFT JOIN person_replica here ON here.number_index = r.number_index AND here.left_on IS NULL
LEFT JOIN (
    SELECT DISTINCT ON (number_index) number_index, household_id, member_id, division_code, name_key
    FROM person_replica WHERE left_on IS NOT NULL AND number_index IS NOT NULL
    ORDER BY number_index, left_on DESC) gone ON here.member_id IS NULL AND gone.number_index = r.number_index
WHERE r.comparison_id = :id
ON CONFLICT (comparison_id, line) DO NOTHING
