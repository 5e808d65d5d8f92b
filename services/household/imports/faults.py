"""Why a line is refused: code to words."""

from __future__ import annotations

from shared.domain.disability_card import NotADisabilityCard
from shared.domain.identity_number import FAULTS
from shared.sheets.parts import TOO_MANY_CELLS, TOO_MANY_CELLS_ZH

WORDS: dict[str, str] = {
    **{code: zh for code, (zh, _) in FAULTS.items()},
    TOO_MANY_CELLS: TOO_MANY_CELLS_ZH,
    "missing": "必填项为空",
    "unknown_code": "取值不在代码表之内",
    "not_a_number": "应为整数",
    "out_of_range": "数值超出范围",
    "not_an_amount": "应为数字，最多两位小数",
    "too_long": "内容过长",
    "bad_phone": "电话号码格式不正确",
    "bad_bank_account": "银行账号应为 8 至 30 位数字",
    "bad_disability_card": NotADisabilityCard.zh,
    "card_contradicts": "残疾证号与身份证号不符",
    "not_a_date": "日期无法识别，请写作 2021-06-30",
    "date_ahead": "日期不得晚于今天",
    "birth_date_contradicts": "出生日期与身份证号不符",
    "ambiguous_person": "无证件号码，本户有多人姓名和出生日期相同，无法确定是谁",
    "not_yes_no": "应填写是或否",
    "bad_division": "应为 12 位村级区划代码",
    "unknown_village": "区划代码不是已登记的村",
    "village_closed": "该村当前不存在（已撤销或尚未设立）",
    "outside_area": "该村不在您的管辖范围内",
    "duplicate_person": "同一身份证号在文件中重复出现，以先出现的一行为准",
    "person_registered": "该身份证号已登记在其他农户中",
    "person_deceased": "该人员已登记死亡",
    "person_away": "该人员暂时离家，请先办理返回",
    "sex_contradicts": "性别与身份证号不符",
    "household_merged": "该户已并入其他农户",
    "head_missing": "本户没有户主",
    "head_rejected": "本户户主所在行有误，请一并更正后重报",
    "two_heads": "本户有两名及以上户主（含已登记的户主）",
    "two_villages": "同一户编号的户主在另一个村，请核对区划代码",
}
