"""Every field of the collection form (监测户、脱贫户信息采集表)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_11_25_collection_form"
down_revision = "2026_11_24_household_numbers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    for table, columns in _COLUMNS.items():
        for name, kind in columns.items():
            op.add_column(table, _column(name, kind))
            op.add_column("import_person", _column(name, kind, staged=True))


def _column(name: str, kind: sa.types.TypeEngine[object], *, staged: bool = False) -> sa.Column[object]:
    """Several codes are an empty list until somebody names one; what is staged may be unsaid."""
    if isinstance(kind, postgresql.ARRAY) and not staged:
        return sa.Column(name, kind, server_default="{}", nullable=False)
    return sa.Column(name, kind, nullable=True)


_TEXT, _YEAR, _YES_NO, _SEALED = sa.String(), sa.Integer(), sa.Boolean(), sa.LargeBinary()
_MEASURE, _CODES = sa.Numeric(precision=8, scale=2), postgresql.ARRAY(sa.String())

_COLUMNS: dict[str, dict[str, sa.types.TypeEngine[object]]] = {
    "household": {
        "other_causes": _CODES,
        "military_family": _YES_NO,
        "resettlement_site": _TEXT,
        "housing_graded_year": _YEAR,
        "housing_area": _MEASURE,
        "house_repair": _TEXT,
        "house_repair_year": _YEAR,
        "water_problems": _CODES,
        "forest_mu": _MEASURE,
        "road_kind": _TEXT,
        "road_distance": _MEASURE,
        "electricity": _YES_NO,
        "production_power": _YES_NO,
        "broadcasting": _YES_NO,
        "sanitary_toilet": _YES_NO,
        "fuel": _TEXT,
        "cooperative": _YES_NO,
        "led_by_enterprise": _YES_NO,
        "bank_name": _TEXT,
        "bank_account": _SEALED,
        "bank_account_index": _SEALED,
    },
    "member": {
        "mobile": _SEALED,
        "mobile_index": _SEALED,
        "marital_status": _TEXT,
        "dropout_reason": _TEXT,
        "mandarin": _YES_NO,
        "disability_card": _SEALED,
        "disability_card_index": _SEALED,
        "disability_card_year": _YEAR,
        "work_abroad": _YES_NO,
        "employer": _TEXT,
        "public_post_kind": _TEXT,
        "public_post_months": sa.Integer(),
        "medical_insurance_kind": _TEXT,
        "serious_illness_insurance": _YES_NO,
        "commercial_insurance": _YES_NO,
        "medical_aid": _YES_NO,
        "pension": _TEXT,
        "receives_minimum_living": _YES_NO,
        "receives_destitute_support": _YES_NO,
        "join_reason": _TEXT,
    },
}
