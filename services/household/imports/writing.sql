-- Staged lines of some households into the registry. Blank keeps what is known; phones are entered, never replaced (their stored
-- forms cannot be compared). Rows that would not change are left alone, so a file sent again makes no history and no news.
-- Parameters: :import_id, :households (ids). Statements are separated by two empty lines.

INSERT INTO household AS known (id, number, division_code, group_name, address, phone, kind, lifted_year, minimum_living,
    destitute, housing_grade, water_safe, relocated, head_name, member_count)
SELECT p.household_id, p.household_number, p.division_code, p.group_name, p.address, p.phone, coalesce(p.kind, 'general'),
    p.lifted_year, coalesce(p.minimum_living, false), coalesce(p.destitute, false), p.housing_grade, p.water_safe, false, p.name,
    family.people
FROM import_person p JOIN (
    SELECT household_id, count(*) AS people FROM import_person
    WHERE import_id = :import_id AND household_id = ANY(:households) GROUP BY household_id) family USING (household_id)
WHERE p.import_id = :import_id AND p.household_id = ANY(:households) AND p.relationship = 'head'
ON CONFLICT (id) DO UPDATE SET
    group_name = coalesce(excluded.group_name, known.group_name),
    address = coalesce(excluded.address, known.address),
    phone = coalesce(known.phone, excluded.phone),
    kind = excluded.kind,
    lifted_year = coalesce(excluded.lifted_year, known.lifted_year),
    minimum_living = excluded.minimum_living,
    destitute = excluded.destitute,
    housing_grade = coalesce(excluded.housing_grade, known.housing_grade),
    water_safe = coalesce(excluded.water_safe, known.water_safe)
WHERE (known.group_name, known.address, known.kind, known.lifted_year, known.minimum_living, known.destitute,
        known.housing_grade, known.water_safe)
    IS DISTINCT FROM (coalesce(excluded.group_name, known.group_name), coalesce(excluded.address, known.address),
        excluded.kind, coalesce(excluded.lifted_year, known.lifted_year), excluded.minimum_living, excluded.destitute,
        coalesce(excluded.housing_grade, known.housing_grade), coalesce(excluded.water_safe, known.water_safe))
RETURNING id, version


INSERT INTO member AS known (id, household_id, division_code, name, identity_number, number_index, sex, birth_date, relationship,
    ethnic_group, education, school_status, health, disability_kind, disability_grade, labour, work_place, work_months,
    medical_insurance)
SELECT member_id, household_id, division_code, name, identity_number, number_index, sex, birth_date, relationship, ethnic_group,
    education, school_status, coalesce(health, '{}'), disability_kind, disability_grade, labour, work_place, work_months,
    medical_insurance
FROM import_person WHERE import_id = :import_id AND household_id = ANY(:households)
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name,
    relationship = excluded.relationship,
    ethnic_group = coalesce(excluded.ethnic_group, known.ethnic_group),
    education = coalesce(excluded.education, known.education),
    school_status = coalesce(excluded.school_status, known.school_status),
    health = CASE WHEN excluded.health = '{}' THEN known.health ELSE excluded.health END,
    disability_kind = coalesce(excluded.disability_kind, known.disability_kind),
    disability_grade = coalesce(excluded.disability_grade, known.disability_grade),
    labour = coalesce(excluded.labour, known.labour),
    work_place = coalesce(excluded.work_place, known.work_place),
    work_months = coalesce(excluded.work_months, known.work_months),
    medical_insurance = coalesce(excluded.medical_insurance, known.medical_insurance)
WHERE (known.name, known.relationship, known.ethnic_group, known.education, known.school_status, known.health,
        known.disability_kind, known.disability_grade, known.labour, known.work_place, known.work_months,
        known.medical_insurance)
    IS DISTINCT FROM (excluded.name, excluded.relationship, coalesce(excluded.ethnic_group, known.ethnic_group),
        coalesce(excluded.education, known.education), coalesce(excluded.school_status, known.school_status),
        CASE WHEN excluded.health = '{}' THEN known.health ELSE excluded.health END,
        coalesce(excluded.disability_kind, known.disability_kind),
        coalesce(excluded.disability_grade, known.disability_grade), coalesce(excluded.labour, known.labour),
        coalesce(excluded.work_place, known.work_place), coalesce(excluded.work_months, known.work_months),
        coalesce(excluded.medical_insurance, known.medical_insurance))
RETURNING household_id


INSERT INTO person_number (number_index, member_id, household_id)
SELECT number_index, member_id, household_id FROM import_person
WHERE import_id = :import_id AND household_id = ANY(:households) AND number_index IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM person_number held
        WHERE held.number_index = import_person.number_index AND held.member_id = import_person.member_id)


-- A household whose members changed is a changed household: its version counts them all.
UPDATE household SET
    member_count = present.people,
    head_name = coalesce(present.head, head_name)
FROM (
    SELECT household_id, count(*) AS people, max(name) FILTER (WHERE relationship = 'head') AS head
    FROM member WHERE household_id = ANY(:touched) AND left_on IS NULL GROUP BY household_id) present
WHERE household.id = present.household_id


DELETE FROM import_person WHERE import_id = :import_id AND household_id = ANY(:households)
