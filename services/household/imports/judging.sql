-- What only the registry and the whole file can tell. Each statement moves lines from staging to the rejects, with the
-- reason; all are safe to repeat. Parameters: :import_id, :division_code (where the rejects are filed), :areas (the
-- requester's ranges). Statements are separated by two empty lines.

-- unknown_village
WITH bad AS (
    DELETE FROM import_person p
    WHERE p.import_id = :import_id AND NOT EXISTS (
        SELECT FROM division d WHERE d.code = p.division_code AND d.level = 'village')
    RETURNING p.line, p.household_number, p.relationship, p.division_code)
INSERT INTO import_reject (import_id, line, code, header, value, household_number, is_head, division_code)
SELECT :import_id, line, 'unknown_village', '行政区划代码', division_code, household_number, relationship = 'head', :division_code
FROM bad


-- outside_area
WITH bad AS (
    DELETE FROM import_person p
    WHERE p.import_id = :import_id AND NOT EXISTS (
        SELECT FROM unnest(CAST(:areas AS text[])) area
        WHERE CAST(p.division_code AS text) <@ CAST(area AS division_range))
    RETURNING p.line, p.household_number, p.relationship, p.division_code)
INSERT INTO import_reject (import_id, line, code, header, value, household_number, is_head, division_code)
SELECT :import_id, line, 'outside_area', '行政区划代码', division_code, household_number, relationship = 'head', :division_code
FROM bad


-- duplicate_person
WITH bad AS (
    DELETE FROM import_person p USING (
        SELECT line, row_number() OVER (PARTITION BY number_index ORDER BY line) AS occurrence
        FROM import_person WHERE import_id = :import_id AND number_index IS NOT NULL) seen
    WHERE p.import_id = :import_id AND p.line = seen.line AND seen.occurrence > 1
    RETURNING p.line, p.household_number, p.relationship, p.division_code)
INSERT INTO import_reject (import_id, line, code, header, value, household_number, is_head, division_code)
SELECT :import_id, line, 'duplicate_person', '证件号码', '', household_number, relationship = 'head', :division_code
FROM bad


-- A household that is registered keeps its id, and so does a person who is registered in it.
UPDATE import_person p SET household_id = h.id FROM household h
WHERE p.import_id = :import_id AND h.number = p.household_number AND p.household_id <> h.id


UPDATE import_person p SET member_id = n.member_id FROM person_number n
WHERE p.import_id = :import_id AND n.number_index = p.number_index AND n.household_id = p.household_id
    AND p.member_id <> n.member_id


-- person_registered
WITH bad AS (
    DELETE FROM import_person p USING person_number n
    WHERE p.import_id = :import_id AND n.number_index = p.number_index AND n.household_id <> p.household_id
    RETURNING p.line, p.household_number, p.relationship, p.division_code)
INSERT INTO import_reject (import_id, line, code, header, value, household_number, is_head, division_code)
SELECT :import_id, line, 'person_registered', '证件号码', '', household_number, relationship = 'head', :division_code
FROM bad


-- A household that cannot stand goes as a whole: half of it would be a guess.
WITH judged AS (
    SELECT household_number, CASE
        WHEN count(DISTINCT division_code) > 1 THEN 'two_villages'
        WHEN count(*) FILTER (WHERE relationship = 'head') > 1 THEN 'two_heads'
        WHEN bool_or(relationship = 'head') OR EXISTS (SELECT FROM household h WHERE h.number = p.household_number) THEN NULL
        WHEN EXISTS (
            SELECT FROM import_reject r
            WHERE r.import_id = :import_id AND r.household_number = p.household_number AND r.is_head) THEN 'head_rejected'
        ELSE 'head_missing' END AS code
    FROM import_person p WHERE import_id = :import_id GROUP BY household_number),
bad AS (
    DELETE FROM import_person p USING judged j
    WHERE p.import_id = :import_id AND p.household_number = j.household_number AND j.code IS NOT NULL
    RETURNING p.line, j.code, p.household_number, p.relationship)
INSERT INTO import_reject (import_id, line, code, header, value, household_number, is_head, division_code)
SELECT :import_id, line, code, '户编号', household_number, household_number, relationship = 'head', :division_code
FROM bad
