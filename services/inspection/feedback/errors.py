"""How a file of feedback refuses as a whole, and why a line of it does."""

from __future__ import annotations

from shared.refusal import Refusal
from shared.sheets.parts import TOO_MANY_CELLS, TOO_MANY_CELLS_ZH


class TooManyLines(Refusal):
    """A file of feedback has at most 5,000 lines."""

    status = 422
    code = "too_many_lines"
    zh = "考核反馈文件最多 5000 行，请分批上传"


#: Code of a line's fault to words.
WORDS = {
    TOO_MANY_CELLS: TOO_MANY_CELLS_ZH,
    "missing": "必填项为空",
    "unknown_item": "排查清单中没有该项目，请填写编码（如 A1-03）或全称",
    "unknown_place": "未找到该乡镇或村，请核对名称或填写区划代码",
    "ambiguous_place": "村名不止一处，请同时填写乡镇",
    "outside_area": "该区划不在您的管辖范围内",
    "not_in_campaign": "该区划不在本次排查范围内",
    "village_needed": "该项目须填写到村",
    "object_needed": "该项目须填写户编号或户主、对象名称",
    "unknown_household": "该村没有此户，请核对户编号或户主姓名",
    "ambiguous_household": "该村有多户同名户主，请填写户编号",
    "unknown_member": "该户没有此家庭成员",
    "not_a_date": "日期无法识别，请写作 2021-06-30",
    "date_ahead": "日期不得晚于今天",
    "deadline_before": "整改时限不得早于反馈日期",
    "deadline_after_campaign": "整改时限不得超过排查工作截止日期",
    "too_long": "内容过长",
    "plan_incomplete": "措施、责任单位、责任人须同时填写或同时不填",
}
