"""Writing rules and putting them in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import text

from services.monitoring.rulebook import errors
from services.monitoring.rulebook.documents import Rule
from services.monitoring.rulebook.fitting import fits_beside, misfits
from services.monitoring.rulebook.model import RuleDraft
from services.monitoring.rulebook.queries import draft_locked, rules
from shared.database import Writer
from shared.refusal import Fault
from shared.web.edge import OutsideArea
from shared.web.validation_zh import in_chinese

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('rule ' || :rule, 0))")


def read_rule(document: Mapping[str, Any]) -> Rule:
    """Return the rule of a document, its examples tried, or refuse with every fault."""
    try:
        rule = Rule.model_validate(document)
    except ValidationError as error:
        faults = tuple(
            Fault(
                "/document/" + "/".join(str(part) for part in each["loc"]),
                "rule_unsound",
                each["msg"].removeprefix("Value error, "),
                zh=in_chinese(each),
            )
            for each in error.errors(include_url=False, include_input=False)
        )
        raise errors.RuleUnsound(errors=faults) from error
    # Not asked of rules as they are read: one that is in force already is not to stop all others.
    if faults := tuple(misfits(rule)):
        raise errors.RuleUnsound(errors=faults)
    return rule


async def draft(db: Writer, document: Mapping[str, Any]) -> RuleDraft:
    """Keep a new version, or a new rule, for another person to put in force."""
    rule = read_rule(document)
    if len(rule.versions) != 1:
        raise errors.RuleUnsound("a draft holds one version", zh_detail="每份草案只写一个版本")
    version = rule.versions[0]
    if not all(db.principal.covers(place) for place in [version.area] if place):
        raise OutsideArea
    await _expect_fitting(db, rule)
    row = RuleDraft(
        rule=rule.id,
        area=version.area or _only_area(db),
        valid_from=version.valid_from,
        document=_placed(rule, version.area or _only_area(db)),
        drafted_by=db.principal.subject,
        drafted_by_name=db.principal.name,
        drafted_on=db.today,
    )
    db.add(row)
    await db.flush()
    return row


async def publish(db: Writer, draft_id: UUID, *, version: int) -> RuleDraft:
    """Put a version in force."""
    row = (await draft_locked(db, draft_id)).expect(version)
    _expect_own(db, row)
    # Of two at the same moment the second finds what the first put in force.
    await db.execute(_LOCK, {"rule": row.rule})
    await _expect_fitting(db, row.read)
    row.publish(by=db.principal.subject, name=db.principal.name, on=db.today)
    await db.flush()
    return row


async def withdraw(db: Writer, draft_id: UUID, reason: str, *, version: int) -> RuleDraft:
    """Give a draft up."""
    row = (await draft_locked(db, draft_id)).expect(version)
    _expect_own(db, row)
    row.withdraw(reason=reason, by=db.principal.subject, name=db.principal.name, on=db.today)
    await db.flush()
    return row


async def _expect_fitting(db: Writer, rule: Rule) -> None:
    """Refuse a version that changes what its rule is about, or whose name is taken."""
    known = (await rules(db)).get(rule.id)
    if known is None:
        return
    if known.risk_type != rule.risk_type:
        raise errors.RuleHeadDiffers
    expect_same_head(known, rule)
    if not all(fits_beside(version, known) for version in rule.versions):
        english = "it asks none of the figures that all other versions of the rule ask"
        raise errors.RuleUnsound(english, zh_detail="未取用本规则其他版本都取用的 figures；请另立规则")
    if {each.version for each in known.versions} & {each.version for each in rule.versions}:
        raise errors.VersionKnown


def expect_same_head(known: Rule, rule: Rule) -> None:
    """Refuse a version that is about something else than its rule, or goes by figures that the rule does not draw."""
    if any(getattr(known, name) != getattr(rule, name) for name in ("subject", "meaning", "figures")):
        raise errors.RuleHeadDiffers


def _only_area(db: Writer) -> str:
    # Whoever answers for one county writes for it: nobody puts a rule in force for everywhere by leaving a field out.
    if len(db.principal.areas) != 1:
        raise OutsideArea
    return db.principal.areas[0]


def _placed(rule: Rule, area: str) -> dict[str, Any]:
    placed = rule.model_copy(update={"versions": (rule.versions[0].model_copy(update={"area": area}),)})
    return placed.model_dump(mode="json", by_alias=True, exclude_none=True)


def _expect_own(db: Writer, row: RuleDraft) -> None:
    if row.area is not None and not db.principal.covers(row.area):
        raise OutsideArea
