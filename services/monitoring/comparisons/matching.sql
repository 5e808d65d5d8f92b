-- Compare the staged rows of a batch with the registry's replica, and say what the matches mean. All statements are safe to
-- repeat. Parameters: :id (the comparison), :division_code (its sender's county), and those of the rule.
-- Statements are separated by two empty lines.

-- outcomes: by blind index, then by name. A person whose household knows them under another name is a doubt, not a match.
INSERT INTO comparison_result (comparison_id, line, outcome, number_index, household_id, member_id, division_code, amount, note)
SELECT r.comparison_id, r.line,
    CASE
        WHEN p.member_id IS NULL THEN 'not_in_registry'
        WHEN p.name_key = r.name THEN 'matched'
        ELSE 'name_mismatch' END,
    r.number_index, p.household_id, p.member_id, coalesce(p.division_code, :division_code),
    CASE WHEN p.member_id IS NOT NULL THEN r.amount END, CASE WHEN p.member_id IS NOT NULL THEN r.note END
FROM comparison_row r
LEFT JOIN LATERAL (
    -- Somebody who moved between households is still listed in the old one: who is present counts.
    SELECT household_id, member_id, division_code, name_key FROM person_replica p
    WHERE p.number_index = r.number_index ORDER BY p.left_on NULLS FIRST LIMIT 1) p ON true
WHERE r.comparison_id = :id
ON CONFLICT (comparison_id, line) DO NOTHING
