-- Around the merge of a batch. Parameters: :import_id, :households (ids). Statements are separated by two empty lines.

-- A number held by another household by now ends the attempt; the next one judges the lines again.
INSERT INTO household_number (division_code, number, household_id)
SELECT division_code, household_number, household_id FROM import_person
WHERE import_id = :import_id AND household_id = ANY(:households) AND relationship = 'head'


INSERT INTO person_number (number_index, member_id, household_id)
SELECT number_index, member_id, household_id FROM import_person
WHERE import_id = :import_id AND household_id = ANY(:households) AND number_index IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM person_number held
        WHERE held.number_index = import_person.number_index AND held.member_id = import_person.member_id)


-- A household whose members changed is a changed household: its version counts them all.
UPDATE household SET member_count = present.people, head_name = present.head
FROM (
    SELECT household_id, count(*) AS people, max(name) FILTER (WHERE relationship = 'head') AS head
    FROM member WHERE household_id = ANY(:touched) AND left_on IS NULL GROUP BY household_id) present
WHERE household.id = present.household_id
    AND (household.id = ANY(:only_members)
        OR (member_count, head_name) IS DISTINCT FROM (CAST(present.people AS integer), present.head))


DELETE FROM import_person WHERE import_id = :import_id AND household_id = ANY(:households)
