"""How the rulebook refuses."""

from __future__ import annotations

from shared.refusal import Refusal


class RuleUnsound(Refusal):
    """The rule contradicts itself: an unknown name, an operator that does not fit, an example that fails."""

    status = 422
    code = "rule_unsound"
    zh = "规则不成立：事实、阈值或运算不匹配，或示例不符"


class RuleHeadDiffers(Refusal):
    """A new version keeps the rule's subject, meaning, type of risk and figures: what differs there is another rule."""

    status = 422
    code = "rule_head_differs"
    zh = "新版本不得改变规则的对象、用途、风险类型和取数（figures）；取数不同的，请另立规则"


class VersionKnown(Refusal):
    """A version of this name is there already."""

    code = "version_known"
    zh = "该版本号已存在"


class DraftDecided(Refusal):
    """The draft was published or withdrawn already."""

    code = "draft_decided"
    zh = "该草案已发布或已撤回"


class SamePersonPublishes(Refusal):
    """Another person than the one who wrote it puts a rule in force."""

    code = "same_person"
    zh = "须由起草人以外的人发布"


class HoldsInThePast(Refusal):
    """A rule does not hold for days that are over: what was decided then stays."""

    status = 422
    code = "holds_in_the_past"
    zh = "规则不得从过去的日期起生效"


class NothingToTry(Refusal):
    """A trial needs a rule that is known, or one that is written out."""

    status = 422
    code = "nothing_to_try"
    zh = "请指明已有规则，或写出规则草案"


class ThresholdUnknown(Refusal):
    """The rule has no threshold of this name, or it is of another shape."""

    status = 422
    code = "threshold_unknown"
    zh = "规则没有该阈值，或阈值形式不符"
