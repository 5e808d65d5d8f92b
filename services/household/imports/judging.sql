-- What only the registry and the whole file can tell. Each statement moves lines from staging to the rejects, with the
-- reason; all are safe to repeat. Parameters: :import_id, :division_code (where the rejects are filed), :areas (the
-- requester's ranges), :today. Statements are separated by two empty lines.

-- unknown_village
WITH bad AS (
    DELETE FROM import_person p
    WHERE p.import_id = :import_id AND NOT EXISTS (
        SELECT FROM division d WHERE d.code = p.division_code AND d.level = 'village')
    RETURNING p.line, p.household_number, p.relationship, p.division_code)
INSERT INTO import_reject (import_id, line, code, header, value, household_number, is_head, division_code)
SELECT :import_id, line, 'unknown_village', '行政区划代码', division_code, household_number, relationship = 'head', :division_code
FROM bad


-- village_closed
WITH bad AS (
    DELETE FROM import_person p USING division d
    WHERE p.import_id = :import_id AND d.code = p.division_code AND (d.valid_from > :today OR d.valid_until <= :today)
    RETURNING p.line, p.household_number, p.relationship, p.division_code)
INSERT INTO import_reject (import_id, line, code, header, value, household_number, is_head, division_code)
SELECT :import_id, line, 'village_closed', '行政区划代码', division_code, household_number, relationship = 'head', :division_code
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
        SELECT line, row_number() OVER (PARTITION BY coalesce(number_index, convert_to(
                concat_ws('|', division_code, household_number, name, birth_date), 'UTF8')) ORDER BY line) AS occurrence
        FROM import_person WHERE import_id = :import_id) seen
    WHERE p.import_id = :import_id AND p.line = seen.line AND seen.occurrence > 1
    RETURNING p.line, p.household_number, p.relationship, p.division_code)
INSERT INTO import_reject (import_id, line, code, header, value, household_number, is_head, division_code)
SELECT :import_id, line, 'duplicate_person', '证件号码', '', household_number, relationship = 'head', :division_code
FROM bad


-- A household that is registered keeps its id, and so does a person who is registered in it.
UPDATE import_person p SET household_id = n.household_id FROM household_number n
WHERE p.import_id = :import_id AND n.division_code = p.division_code AND n.number = p.household_number
    AND p.household_id <> n.household_id


-- An office that numbers its households anew is known by the head: one who is head in the same village's registry, of a
-- household that no other line of the file names by its number. Where two heads lead to two households, to choose would
-- be a guess: none is taken for it, and both heads are refused as registered elsewhere.
UPDATE import_person p SET household_id = known.household_id
FROM (
    SELECT head.household_id AS staged_id, min(m.household_id::text)::uuid AS household_id
    FROM import_person head
    JOIN person_number n ON n.number_index = head.number_index
    JOIN member m ON m.id = n.member_id AND m.relationship = 'head' AND m.division_code = head.division_code
        AND m.left_on IS NULL
    WHERE head.import_id = :import_id AND head.relationship = 'head' AND head.household_id <> m.household_id
        AND NOT EXISTS (SELECT FROM household h WHERE h.id = head.household_id)
        AND NOT EXISTS (
            SELECT FROM import_person other
            WHERE other.import_id = :import_id AND other.household_id = m.household_id)
    GROUP BY head.household_id HAVING count(*) = 1) known
WHERE p.import_id = :import_id AND p.household_id = known.staged_id


UPDATE import_person p SET member_id = n.member_id FROM person_number n
WHERE p.import_id = :import_id AND n.number_index = p.number_index AND n.household_id = p.household_id
    AND p.member_id <> n.member_id


-- One without a number is known by name and birth date in the household; one who was registered without a number, and has
-- one by now, too.
UPDATE import_person p SET member_id = known.id
FROM (
    SELECT household_id, name, birth_date, min(id::text)::uuid AS id FROM member
    WHERE household_id IN (SELECT household_id FROM import_person WHERE import_id = :import_id) AND left_on IS NULL
    GROUP BY household_id, name, birth_date HAVING count(*) = 1) known
JOIN member m ON m.id = known.id
WHERE p.import_id = :import_id AND p.household_id = known.household_id AND p.name = known.name
    AND p.birth_date = known.birth_date AND p.member_id <> known.id
    AND (p.number_index IS NULL OR m.number_index IS NULL)
    AND NOT EXISTS (SELECT FROM import_person o WHERE o.import_id = :import_id AND o.member_id = known.id)


-- ambiguous_person
WITH bad AS (
    DELETE FROM import_person p USING (
        SELECT household_id, name, birth_date FROM member
        WHERE household_id IN (SELECT household_id FROM import_person WHERE import_id = :import_id) AND left_on IS NULL
        GROUP BY household_id, name, birth_date HAVING count(*) > 1) several
    WHERE p.import_id = :import_id AND p.number_index IS NULL AND p.household_id = several.household_id
        AND p.name = several.name AND p.birth_date = several.birth_date
    RETURNING p.line, p.household_number, p.relationship, p.division_code)
INSERT INTO import_reject (import_id, line, code, header, value, household_number, is_head, division_code)
SELECT :import_id, line, 'ambiguous_person', '姓名', '', household_number, relationship = 'head', :division_code
FROM bad


-- person_registered
WITH bad AS (
    DELETE FROM import_person p USING person_number n
    WHERE p.import_id = :import_id AND n.number_index = p.number_index AND n.household_id <> p.household_id
    RETURNING p.line, p.household_number, p.relationship, p.division_code)
INSERT INTO import_reject (import_id, line, code, header, value, household_number, is_head, division_code)
SELECT :import_id, line, 'person_registered', '证件号码', '', household_number, relationship = 'head', :division_code
FROM bad


-- Only the dead, and those who are away for a time, keep their number in a household that they have left.
-- person_deceased, person_away
WITH bad AS (
    DELETE FROM import_person p USING member m
    WHERE p.import_id = :import_id AND m.id = p.member_id AND m.left_on IS NOT NULL
    RETURNING p.line, p.household_number, p.relationship, p.division_code,
        CASE m.leave_reason WHEN 'death' THEN 'person_deceased' ELSE 'person_away' END AS code)
INSERT INTO import_reject (import_id, line, code, header, value, household_number, is_head, division_code)
SELECT :import_id, line, code, '证件号码', '', household_number, relationship = 'head', :division_code
FROM bad


-- A household that cannot stand goes as a whole: half of it would be a guess. Its head is the file's, or the registered
-- one where the file does not speak of that person.
WITH staged AS (
    SELECT household_id, household_number, count(*) FILTER (WHERE relationship = 'head') AS heads
    FROM import_person WHERE import_id = :import_id GROUP BY household_id, household_number),
kept AS (
    SELECT m.household_id, count(*) AS heads FROM member m
    WHERE m.household_id IN (SELECT household_id FROM staged) AND m.relationship = 'head' AND m.left_on IS NULL
        AND NOT EXISTS (SELECT FROM import_person p WHERE p.import_id = :import_id AND p.member_id = m.id)
    GROUP BY m.household_id),
refused AS (
    SELECT DISTINCT household_number FROM import_reject WHERE import_id = :import_id AND is_head),
several AS (
    SELECT household_number FROM staged GROUP BY household_number HAVING count(*) > 1),
judged AS (
    SELECT s.household_id, CASE
        WHEN h.merged_into IS NOT NULL THEN 'household_merged'
        WHEN s.heads + coalesce(k.heads, 0) > 1 THEN 'two_heads'
        WHEN s.heads = 1 THEN NULL
        WHEN r.household_number IS NOT NULL THEN 'head_rejected'
        WHEN k.heads = 1 THEN NULL
        WHEN v.household_number IS NOT NULL THEN 'two_villages'
        ELSE 'head_missing' END AS code
    FROM staged s
    LEFT JOIN household h ON h.id = s.household_id
    LEFT JOIN kept k ON k.household_id = s.household_id
    LEFT JOIN refused r ON r.household_number = s.household_number
    LEFT JOIN several v ON v.household_number = s.household_number),
bad AS (
    DELETE FROM import_person p USING judged j
    WHERE p.import_id = :import_id AND p.household_id = j.household_id AND j.code IS NOT NULL
    RETURNING p.line, j.code, p.household_number, p.relationship)
INSERT INTO import_reject (import_id, line, code, header, value, household_number, is_head, division_code)
SELECT :import_id, line, code, '户编号', household_number, household_number, relationship = 'head', :division_code
FROM bad
