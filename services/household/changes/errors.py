"""How natural changes are refused."""

from __future__ import annotations

from shared.refusal import Refusal


class HeadStays(Refusal):
    """The head stays: a change of head is a change of its own."""

    status = 422
    code = "head_stays"
    zh = "原户主未离开，变更户主请单独办理"


class DateBeforeJoining(Refusal):
    """Nobody leaves a household before joining it, or before being born."""

    status = 422
    code = "date_before_joining"
    zh = "减少日期不得早于增加日期或出生日期"


class DateBeforeBirth(Refusal):
    """Nobody joins a household before being born."""

    status = 422
    code = "date_before_birth"
    zh = "增加日期不得早于出生日期"


class NotOnTheDayOfBirth(Refusal):
    """Whoever is born joins on that day, and it must be known."""

    status = 422
    code = "not_on_the_day_of_birth"
    zh = "因出生增加的，须有出生日期，且增加日期即出生日期"


class DateBeforeLeaving(Refusal):
    """Nobody comes back before having left."""

    status = 422
    code = "date_before_leaving"
    zh = "返回日期不得早于离开日期"


class NotAway(Refusal):
    """Only who is away for a time can come back."""

    status = 409
    code = "not_away"
    zh = "该成员不是暂时离家人员（参军、服刑、失踪、在外就学），不能办理返回"


class HeadAlready(Refusal):
    """This member is the head already."""

    status = 409
    code = "head_already"
    zh = "该成员已是户主"


class NobodyStays(Refusal):
    """A split leaves somebody behind."""

    status = 422
    code = "nobody_stays"
    zh = "分户后原户至少保留一人"


class SameHousehold(Refusal):
    """One household cannot stand on both sides."""

    status = 422
    code = "same_household"
    zh = "不能与本户自身办理并户或转户"


class HouseholdMerged(Refusal):
    """The household was merged into another one."""

    status = 409
    code = "household_merged"
    zh = "该户已并入其他农户"


class EverybodyNeeded(Refusal):
    """A merger takes everybody along: say of each who they are to the head there."""

    status = 422
    code = "everybody_needed"
    zh = "并户须包括被并户的全部成员，并逐人写明与新户主的关系"


class UndoneAlready(Refusal):
    """The change has been undone."""

    status = 409
    code = "undone_already"
    zh = "该变更已撤销"


class ChangedSince(Refusal):
    """The same people have been changed since: undo what came later first."""

    status = 409
    code = "changed_since"
    zh = "此后相关成员又有变动，请先撤销后来的变更"
