-- Persons of a batch whom the rule hits, each once in its window. Parameters: :id, :dataset, :year, :rule, :version, :window_of
-- (``calendar_year`` or ``each``), :window, thresholds by class, :now.

WITH persons AS (
    SELECT DISTINCT r.member_id, r.household_id, r.division_code FROM comparison_result r
    WHERE r.comparison_id = :id AND r.outcome = 'matched'),
sums AS (
    SELECT r.member_id, sum(r.amount) AS value FROM comparison_result r
    JOIN comparison c ON c.id = r.comparison_id
    JOIN persons p ON p.member_id = r.member_id
    WHERE r.outcome = 'matched' AND c.dataset = :dataset AND c.superseded_by IS NULL AND left(c.period, 4) = :year
    GROUP BY r.member_id),
classed AS (
    SELECT p.member_id, p.household_id, p.division_code, s.value, CASE
        WHEN h.destitute THEN 'destitute'
        WHEN h.minimum_living THEN 'minimum_living'
        WHEN EXISTS (
            SELECT FROM monitored_object o WHERE o.household_id = p.household_id
            AND o.status IN ('monitored', 'elimination_proposed', 'elimination_withheld')) THEN 'monitored'
        WHEN h.kind = 'lifted' THEN 'lifted'
        ELSE 'general' END AS person_class
    FROM persons p JOIN sums s USING (member_id) JOIN household_replica h ON h.id = p.household_id),
judged AS (
    SELECT *, CAST(CAST(:thresholds AS jsonb) ->> person_class AS numeric) AS threshold FROM classed)
INSERT INTO comparison_alert (rule, "window", member_id, comparison_id, household_id, division_code, rule_version,
    person_class, value, threshold, raised_at)
SELECT :rule, :window, member_id, :id, household_id, division_code, :version, person_class, value, threshold, :now
FROM judged WHERE :window_of = 'each' OR value > threshold
ON CONFLICT DO NOTHING
