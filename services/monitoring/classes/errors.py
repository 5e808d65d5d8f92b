"""How the classes of lifted households refuse."""

from __future__ import annotations

from shared.refusal import Refusal


class NothingToClassify(Refusal):
    """Only a lifted household that is not under watch has a class."""

    code = "nothing_to_classify"
    zh = "仅未纳入监测的脱贫户实行分类管理"


class ClassChecked(Refusal):
    """The town has checked the class: it is decided or sent back first."""

    code = "class_checked"
    zh = "乡镇已审核，须先由县级审定或退回"


class ClassNotProposed(Refusal):
    """No proposed class waits for the town."""

    code = "class_not_proposed"
    zh = "没有待乡镇审核的分类"


class ClassNotChecked(Refusal):
    """The town has not checked the class."""

    code = "class_not_checked"
    zh = "乡镇尚未审核该分类"


class NoClassPending(Refusal):
    """No class waits for the town or the county."""

    code = "no_class_pending"
    zh = "没有办理中的分类"


class NotClassified(Refusal):
    """The household has no class that was decided."""

    code = "not_classified"
    zh = "该户尚无审定的分类"


class WhyAnother(Refusal):
    """Say why the household gets another class than the suggested one."""

    status = 422
    code = "why_another"
    zh = "与建议分类不一致的，须说明理由"


class VillageNeeded(Refusal):
    """Classes are proposed, checked and decided village by village."""

    status = 422
    code = "village_needed"
    zh = "请指明一个村（社区），分类按村办理"


class YearNotOpen(Refusal):
    """Classes are proposed for this year and the next."""

    status = 422
    code = "year_not_open"
    zh = "仅可办理本年度或下一年度的分类"
