"""The village's deliberation (村级评议) of a case or an elimination: its form, and what comes of the vote."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import Field

from services.monitoring.forms import Form, Name, StepForm, Words
from shared.refusal import Fault, Invalid, Refusal


class VotesDoNotAddUp(Refusal):
    """There are more votes than participants who may vote: kin are recused."""

    status = 422
    code = "votes_do_not_add_up"
    zh = "票数与应参加表决人数不符（亲属须回避）"


class Participant(Form):
    """Who took part in a village meeting."""

    name: Name
    role: Name
    #: Kin of the household: present, but recused (亲属回避).
    kin: bool = False


class DeliberationForm(StepForm):
    """The village's democratic deliberation (村级民主评议)."""

    participants: Annotated[list[Participant], Field(min_length=3, max_length=500)]
    votes_for: Annotated[int, Field(ge=0)]
    votes_against: Annotated[int, Field(ge=0)]
    abstained: Annotated[int, Field(ge=0)] = 0
    minutes: Words


def expect_recused(form: DeliberationForm, kin: Collection[str]) -> None:
    """Refuse participants who are known to be kin of the household and sit there as if they were not."""
    faults = tuple(
        Fault(f"/participants/{n}/kin", "kin_votes", "known to be kin", zh="已登记为该户亲属，须回避")
        for n, each in enumerate(form.participants)
        if each.name in kin and not each.kin
    )
    if faults:
        raise Invalid(errors=faults)


def is_carried(form: DeliberationForm) -> bool:
    """Tell whether the village agreed; refuses votes that kin must have cast."""
    voters = sum(not participant.kin for participant in form.participants)
    if form.votes_for + form.votes_against + form.abstained != voters:
        raise VotesDoNotAddUp(f"{voters} may vote", zh_detail=f"应参加表决{voters}人")
    return form.votes_for * 2 > voters
