"""What rules made of batches goes with whom it is about: a warning, a doubt, to the household where they are now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import text

from services.monitoring.doubts.model import Doubt
from shared.database import Writer

#: In which clue an alert is looked into: its own, or, of whoever went on while that was open, the one that followed
#: them to where the alert is now, once it has its verdict.
LOOKED_INTO = """coalesce(
        (SELECT there.id FROM clue there
            WHERE there.household_id = {alert}.household_id AND there.risk_type = {alert}.risk_type
                AND there.settled_on IS NOT NULL AND {alert}.clue_id IS NOT NULL
                AND there.evidence @> jsonb_build_array(
                    jsonb_build_object('source', 'follow_up', 'member_id', {alert}.member_id))
                AND NOT EXISTS (
                    SELECT FROM clue own
                    WHERE own.id = {alert}.clue_id AND own.household_id = {alert}.household_id)
            ORDER BY there.id DESC LIMIT 1),
        {alert}.clue_id)"""
#: Somebody is warned once in a window, by whatever id: what was raised first goes along, the other stays behind.
_ALERTS = text(
    """
    WITH going AS (
        SELECT DISTINCT ON (alert.rule, alert."window", mover.now_id) alert.rule, alert."window", alert.subject_id,
            mover.now_id, home.id AS home_id, home.division_code
        FROM mover JOIN household_replica home ON home.id = mover.now_household_id
        JOIN comparison_alert alert ON alert.household_id = mover.household_id AND alert.subject_id = mover.id
        WHERE mover.person = ANY(:persons) AND mover.id <> mover.now_id AND NOT EXISTS (
            SELECT FROM comparison_alert there
            WHERE (there.rule, there."window", there.subject_id) = (alert.rule, alert."window", mover.now_id))
        ORDER BY alert.rule, alert."window", mover.now_id, alert.raised_at)
    UPDATE comparison_alert alert SET subject_id = now_id, household_id = home_id, division_code = going.division_code,
        member_id = CASE WHEN alert.member_id IS NOT NULL THEN now_id END
    FROM going
    WHERE (alert.rule, alert."window", alert.subject_id) = (going.rule, going."window", going.subject_id)
    """
)
_DOUBTS = text(
    """
    UPDATE doubt SET household_id = home.id, division_code = home.division_code,
        member_id = CASE WHEN doubt.member_id IS NOT NULL THEN mover.now_id END
    FROM mover JOIN household_replica home ON home.id = mover.now_household_id
    WHERE mover.person = ANY(:persons) AND mover.id <> mover.now_id
        AND doubt.household_id = mover.household_id AND coalesce(doubt.member_id, doubt.household_id) = mover.id
    RETURNING doubt.id
    """
)
#: What was raised of a record's own before it was taken for another one's: as its clue says, or its doubt's name.
_OWN_DOUBT = """CAST(md5(concat_ws('|', {raised}.rule, {raised}."window", parted.gone_id)) AS uuid)"""
_PARTED = """
    FROM unnest(CAST(:gone AS uuid[]), CAST(:kept AS uuid[])) AS parted (gone_id, kept_id)
    JOIN mover kept ON kept.id = parted.kept_id
    JOIN mover own ON own.id = parted.gone_id AND own.now_id = own.id
    JOIN household_replica home ON home.id = own.household_id
    """
_ALERTS_BACK = text(
    f"""
    UPDATE comparison_alert alert SET subject_id = own.id, member_id = own.id, household_id = home.id,
        division_code = home.division_code
    {_PARTED}
    WHERE alert.household_id = kept.now_household_id AND alert.subject_id = kept.now_id
        AND NOT EXISTS (
            SELECT FROM comparison_alert there
            WHERE (there.rule, there."window", there.subject_id) = (alert.rule, alert."window", own.id))
        AND (alert.doubt_id = {_OWN_DOUBT.format(raised="alert")} OR EXISTS (
            SELECT FROM clue, jsonb_array_elements(clue.evidence) told
            WHERE clue.id = alert.clue_id AND told ->> 'member_id' = CAST(own.id AS text)
                AND told ->> 'reference' = 'comparison:' || alert.told_by AND told -> 'detail' ->> 'rule' = alert.rule))
    """  # noqa: S608 - ours
)
_DOUBTS_BACK = text(
    f"""
    UPDATE doubt SET member_id = own.id, household_id = home.id, division_code = home.division_code
    {_PARTED}
    WHERE doubt.household_id = kept.now_household_id AND doubt.member_id = kept.now_id
        AND doubt.id = {_OWN_DOUBT.format(raised="doubt")}
    RETURNING doubt.id
    """  # noqa: S608 - ours
)


async def follow_movers(db: Writer, persons: Collection[UUID]) -> None:
    """Take what was raised about movers to where they are now; of a household not known yet once it is."""
    if not persons:
        return
    await db.execute(_ALERTS, {"persons": list(persons)})
    moved = await db.rows(_DOUBTS, {"persons": list(persons)})
    await db.history_follows(Doubt, [doubt for (doubt,) in moved])


async def give_back(db: Writer, parted: Mapping[UUID, UUID]) -> None:
    """Give those who had been taken for somebody else, by whom, what was raised of their own record before."""
    values = {"gone": list(parted), "kept": list(parted.values())}
    await db.execute(_ALERTS_BACK, values)
    back = await db.rows(_DOUBTS_BACK, values)
    await db.history_follows(Doubt, [doubt for (doubt,) in back])
