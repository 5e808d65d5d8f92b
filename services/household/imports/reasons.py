"""Why a line is refused."""

from __future__ import annotations

from shared.domain.disability_card import NotADisabilityCard
from shared.sheets.reasons import OF_NUMBERS, common

#: Code to its words, zh and en.
REASONS: dict[str, tuple[str, str]] = {
    **OF_NUMBERS,
    **common("missing", "too_long", "unknown_code", "not_yes_no", "not_a_date", "date_ahead"),
    "not_a_number": ("应为整数", "not a whole number"),
    "out_of_range": ("数值超出范围", "a number out of range"),
    "not_an_amount": ("应为数字，最多两位小数", "not a number with two decimals at most"),
    "spoilt_figure": (
        "该号码被表格软件当作数字处理，后几位已丢失，请以文本格式重新填写",
        "a spreadsheet took the number for a figure and lost its last digits",
    ),
    "bad_phone": ("电话号码格式不正确", "not a phone number"),
    "bad_bank_account": ("银行账号应为 8 至 30 位数字", "a bank account has 8 to 30 digits"),
    "bad_disability_card": (NotADisabilityCard.zh, NotADisabilityCard.en),
    "card_contradicts": (
        "残疾证号与身份证号不符",
        "the disability card is not that of whoever has the identity number",
    ),
    "birth_date_contradicts": ("出生日期与身份证号不符", "another birth date than in the identity number"),
    "sex_contradicts": ("性别与身份证号不符", "another sex than in the identity number"),
    "ambiguous_person": (
        "无证件号码，本户有多人姓名和出生日期相同，无法确定是谁",
        "there is no number, and several people of the household have this name and birth date",
    ),
    "bad_division": ("应为 12 位村级区划代码", "a village's code has 12 digits"),
    "unknown_village": ("区划代码不是已登记的村", "no village is registered under this code"),
    "village_closed": (
        "该村当前不存在（已撤销或尚未设立）",
        "there is no such village today: it has ended, or has not begun yet",
    ),
    "outside_area": ("该村不在您的管辖范围内", "the village lies outside your area"),
    "duplicate_person": (
        "同一身份证号在文件中重复出现，以先出现的一行为准",
        "the person stands in the file several times: the first line counts",
    ),
    "person_registered": ("该身份证号已登记在其他农户中", "the number is registered in another household"),
    "person_deceased": ("该人员已登记死亡", "the person is registered as deceased"),
    "person_away": ("该人员暂时离家，请先办理返回", "the person is away for a time: enter the return first"),
    "household_merged": ("该户已并入其他农户", "the household was merged into another"),
    "head_missing": ("本户没有户主", "the household has no head"),
    "head_rejected": (
        "本户户主所在行有误，请一并更正后重报",
        "the line of the household's head is refused: correct it and send both again",
    ),
    "two_heads": (
        "本户有两名及以上户主（含已登记的户主）",
        "the household has several heads, the registered one included",
    ),
    "two_villages": (
        "同一户编号的户主在另一个村，请核对区划代码",
        "the head of the household of this number is in another village: check the division code",
    ),
}
