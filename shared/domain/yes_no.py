"""Yes and no, as people write them into tables."""

from __future__ import annotations

import polars as pl

from shared.domain.written import plain, plain_column

_WRITTEN = {
    **dict.fromkeys(("是", "有", "1", "y", "yes", "true", "√"), True),
    **dict.fromkeys(("否", "无", "0", "n", "no", "false", "×"), False),
}


def parse_yes_no(written: str) -> bool | None:
    """Return what somebody answered; None where it is neither."""
    return _WRITTEN.get(plain(written).lower())


def yes_no_column(written: pl.Expr) -> pl.Expr:
    """Return what ``parse_yes_no`` returns, for a column of text."""
    return (
        plain_column(written)
        .str.to_lowercase()
        .replace_strict(_WRITTEN, default=None, return_dtype=pl.Boolean)
    )
