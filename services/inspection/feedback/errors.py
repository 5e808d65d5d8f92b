"""How a file of feedback is refused as a whole."""

from __future__ import annotations

from shared.refusal import Refusal


class TooManyLines(Refusal):
    """A file of feedback has at most 5,000 lines."""

    status = 422
    code = "too_many_lines"
    zh = "考核反馈文件最多 5000 行，请分批上传"
