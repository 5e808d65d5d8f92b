"""How small credit refuses."""

from __future__ import annotations

from shared.refusal import Refusal


class TooMuchCredit(Refusal):
    """A small credit is 50,000 yuan at most, for 36 months at most."""

    status = 422
    code = "too_much_credit"
    zh = "脱贫人口小额信贷不超过 5 万元、期限不超过 3 年"


class NotOfCreditAge(Refusal):
    """The borrower is too young or too old for a small credit, or their birth date is not known."""

    status = 422
    code = "not_of_credit_age"
    zh = "借款人年龄不符合小额信贷条件，或出生日期未登记"


class NotForThisPurpose(Refusal):
    """A small credit serves production: not a wedding, a house, finance or household goods."""

    status = 422
    code = "not_for_this_purpose"
    zh = "小额信贷用于发展生产，不得用于结婚、建房、理财、购置家庭用品等"


class NotForThisHousehold(Refusal):
    """Small credit is for lifted households and monitored objects."""

    status = 422
    code = "not_for_this_household"
    zh = "小额信贷面向脱贫户和监测对象"


class LoanRunning(Refusal):
    """The household has a running small credit: one at a time."""

    code = "loan_running"
    zh = "该户已有未结清的小额信贷，一户一笔"


class CreditClosed(Refusal):
    """The credit is repaid or was renewed."""

    code = "credit_closed"
    zh = "该笔贷款已还清或已续贷"


class RepaidTooMuch(Refusal):
    """More would be repaid than is owed."""

    status = 422
    code = "repaid_too_much"
    zh = "还款超过未还本金"


class ExtendedTooLate(Refusal):
    """A credit is extended before it falls due, not after."""

    code = "extended_too_late"
    zh = "展期须在到期前办理"


class ExtendedTooFar(Refusal):
    """The credit was extended already, or would be for longer than the rule allows."""

    status = 422
    code = "extended_too_far"
    zh = "已办理过展期，或展期超过规定月数"


class NoCreditMeasure(Refusal):
    """The measure is no running measure of kind credit of this household, or has its loan already."""

    status = 422
    code = "no_credit_measure"
    zh = "该措施不是本户实施中的小额信贷措施，或已关联贷款"


class DoubtedAlready(Refusal):
    """The credit is under this doubt already."""

    code = "doubted_already"
    zh = "该笔贷款已有此项疑点待核实"


class NoDoubt(Refusal):
    """The credit is not under this doubt."""

    code = "no_doubt"
    zh = "该笔贷款没有待核实的此项疑点"


class SamePersonSettles(Refusal):
    """Whoever raised a doubt does not settle it."""

    code = "same_person_settles"
    zh = "提出疑点的人不得自行核实结论"
