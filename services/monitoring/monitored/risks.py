"""Whether risks, as they are filled in, contradict themselves: no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from services.monitoring.forms import RiskForm
from services.monitoring.replicas.model import PersonReplica
from shared.refusal import Fault, Invalid


def expect_sound_risks(risks: Mapping[str, RiskForm], members: Sequence[PersonReplica]) -> None:
    """Refuse risks that contradict themselves; they are keyed by where they stand in the form."""
    faults = tuple(_faults(risks, members))
    if faults:
        raise Invalid(errors=faults)


def _faults(risks: Mapping[str, RiskForm], members: Sequence[PersonReplica]) -> Iterator[Fault]:
    seen: set[str] = set()
    known = {member.member_id for member in members}
    for at, risk in risks.items():
        if risk.risk_type in seen:
            yield Fault(f"{at}/risk_type", "risk_twice", "named already", zh="该项风险重复")
        if risk.member_id is not None and risk.member_id not in known:
            yield Fault(f"{at}/member_id", "not_of_household", "no present member", zh="不是本户现有成员")
        if (risk.risk_type == "disaster") != (risk.disaster_kind is not None):
            yield Fault(
                f"{at}/disaster_kind",
                "disaster_kind",
                "goes with natural disaster",
                zh="因自然灾害须填写子项",
            )
        seen.add(risk.risk_type)
