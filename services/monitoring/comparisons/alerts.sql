-- Persons of a batch (:id) whom the rule hits and who are present, each once in its window. An alert that an earlier batch raised
-- stands, unless this one has taken the batch's place: then it is this one's, and what was told is not told again.
-- :batches are those whose rows are added up; :least is the lowest threshold, none for a rule on single rows.

WITH sums AS (
    SELECT member_id, sum(amount) AS value FROM comparison_result
    WHERE comparison_id = ANY(:batches) AND outcome = 'matched'
    GROUP BY member_id
    HAVING bool_or(comparison_id = :id) AND (CAST(:least AS numeric) IS NULL OR sum(amount) > :least)),
under_watch AS MATERIALIZED (
    SELECT DISTINCT household_id FROM monitored_object
    WHERE status IN ('monitored', 'elimination_proposed', 'elimination_withheld')),
classed AS (
    SELECT p.member_id, p.household_id, p.division_code, s.value, CASE
        WHEN h.destitute THEN 'destitute'
        WHEN h.minimum_living THEN 'minimum_living'
        WHEN w.household_id IS NOT NULL THEN 'monitored'
        WHEN h.kind = 'lifted' THEN 'lifted'
        ELSE 'general' END AS person_class
    FROM sums s
    JOIN person_replica p ON p.member_id = s.member_id AND p.left_on IS NULL
    JOIN household_replica h ON h.id = p.household_id
    LEFT JOIN under_watch w ON w.household_id = p.household_id),
judged AS MATERIALIZED (
    SELECT *, CAST(CAST(:thresholds AS jsonb) ->> person_class AS numeric) AS threshold FROM classed)
INSERT INTO comparison_alert AS known (rule, "window", member_id, comparison_id, household_id, division_code, rule_version,
    person_class, value, threshold, raised_at)
SELECT DISTINCT ON (member_id) :rule, :window, member_id, :id, household_id, division_code, :version, person_class, value,
    threshold, :now
FROM judged WHERE CAST(:least AS numeric) IS NULL OR value > threshold
ON CONFLICT (rule, "window", member_id) DO UPDATE SET
    comparison_id = excluded.comparison_id,
    rule_version = excluded.rule_version,
    person_class = excluded.person_class,
    value = excluded.value,
    threshold = excluded.threshold
WHERE known.comparison_id IN (SELECT id FROM comparison WHERE superseded_by = :id)
