"""Why a line of a file of feedback is refused."""

from __future__ import annotations

from shared.sheets.reasons import common

#: Code to its words, zh and en.
REASONS: dict[str, tuple[str, str]] = {
    **common("missing", "too_long", "not_a_date", "date_ahead"),
    "unknown_item": (
        "排查清单中没有该项目，请填写编码（如 A1-03）或全称",
        "the checklist has no such item: write its code, such as A1-03, or its whole name",
    ),
    "unknown_place": (
        "未找到该乡镇或村，请核对名称或填写区划代码",
        "no such town or village: check the name, or write the division code",
    ),
    "ambiguous_place": (
        "村名不止一处，请同时填写乡镇",
        "several villages have this name: write the town, too",
    ),
    "outside_area": ("该区划不在您的管辖范围内", "the place lies outside your area"),
    "not_in_campaign": ("该区划不在本次排查范围内", "the campaign does not look there"),
    "village_needed": ("该项目须填写到村", "the item needs a village"),
    "object_needed": (
        "该项目须填写户编号或户主、对象名称",
        "the item needs the number or the head of a household, or the object's name",
    ),
    "unknown_household": (
        "该村没有此户，请核对户编号或户主姓名",
        "the village has no such household: check its number, or the name of its head",
    ),
    "ambiguous_household": (
        "该村有多户同名户主，请填写户编号",
        "several heads of households have this name in the village: write the household's number",
    ),
    "ambiguous_number": (
        "不止一村有此户编号，请同时填写村",
        "households of several villages have this number: write the village, too",
    ),
    "unknown_member": ("该户没有此家庭成员", "the household has no such member"),
    "deadline_before": ("整改时限不得早于反馈日期", "a deadline before the day of the feedback"),
    "deadline_after_campaign": (
        "整改时限不得超过排查工作截止日期",
        "a deadline after the campaign's last day",
    ),
    "plan_incomplete": (
        "措施、责任单位、责任人须同时填写或同时不填",
        "measures, unit and person are all filled in, or none of them",
    ),
}
