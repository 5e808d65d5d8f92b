"""Pydantic's complaints in Chinese."""

from __future__ import annotations

from typing import Any

_WORDS = {
    "missing": "必填",
    "json_invalid": "不是有效的 JSON",
    "extra_forbidden": "不认识的字段",
    "model_attributes_type": "应为 JSON 对象",
    "dict_type": "应为 JSON 对象",
    "string_type": "应为文本",
    "not_a_cell": "单元格应为文本、数字、是否或空",
    "string_too_short": "长度不得少于 {min_length}",
    "string_too_long": "长度不得超过 {max_length}",
    "string_pattern_mismatch": "格式不正确",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "bool_type": "应为是或否",
    "bool_parsing": "应为是或否",
    "decimal_type": "应为数字",
    "decimal_parsing": "应为数字",
    "decimal_max_places": "小数位数不得超过 {decimal_places}",
    "float_parsing": "应为数字",
    "date_parsing": "应为日期，如 2021-06-09",
    "date_from_datetime_parsing": "应为日期，如 2021-06-09",
    "datetime_parsing": "应为时间，如 2021-06-09T08:00:00+08:00",
    "timezone_aware": "时间须带时区",
    "uuid_parsing": "应为 UUID",
    "enum": "不在允许的取值之内",
    "literal_error": "不在允许的取值之内",
    "list_type": "应为列表",
    "too_short": "至少 {min_length} 项",
    "too_long": "至多 {max_length} 项",
    "greater_than": "必须大于 {gt}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than": "必须小于 {lt}",
    "less_than_equal": "不得大于 {le}",
    "unknown_code": "不在代码表 {list} 之内",
    "tuple_type": "应为列表",
    "mapping_type": "应为 JSON 对象",
    "model_type": "应为 JSON 对象",
    "date_type": "应为日期，如 2021-06-09",
    #: A rule's own checks say it themselves.
    "rule_unsound": "{zh}",
    "unknown_dataset": "没有这个数据集，可由 GET /datasets 查看",
}


def in_chinese(error: Any) -> str:
    """Return the words for one of pydantic's errors; its own where the list knows none."""
    words = _WORDS.get(error["type"])
    if words is None:
        return str(error["msg"]).removeprefix("Value error, ")
    return words.format(**error.get("ctx", {}))
