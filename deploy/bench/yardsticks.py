"""What others would compare a department's file with: DuckDB, pandas, an ORM in batches; each in a process of its own.

They read the same files, match by number, compare names, count outcomes and add up amounts, and keep nothing but that;
the ORM stores a row for each, as most such programs do. None indexes, encrypts, checks, records or tells anything.
"""

from __future__ import annotations

import asyncio
import csv
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import asyncpg
from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_BATCH = 1000
TABLES = """
    CREATE TABLE person (number text PRIMARY KEY, name text NOT NULL);
    CREATE TABLE result (id bigserial PRIMARY KEY, number text, outcome text NOT NULL, amount text)
"""


class _Base(DeclarativeBase):
    pass


class _Person(_Base):
    __tablename__ = "person"
    number: Mapped[str] = mapped_column(String, primary_key=True)
    name: Mapped[str]


class _Result(_Base):
    __tablename__ = "result"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    outcome: Mapped[str]
    amount: Mapped[str]


def by_duckdb(persons: str, rows: str) -> float:
    """Compare with DuckDB; returns seconds."""
    import duckdb

    begun = time.perf_counter()
    connection = duckdb.connect()
    connection.execute(
        """
        CREATE TABLE compared AS
        SELECT r.*, CASE WHEN p.number IS NULL THEN 'unmatched' WHEN p.name = r."姓名" THEN 'matched'
            ELSE 'mismatched' END AS outcome
        FROM read_csv(?, all_varchar = true) r LEFT JOIN read_csv(?, all_varchar = true) p ON p.number = r."身份证号"
        """,
        [rows, persons],
    )
    connection.execute("SELECT outcome, count(*) FROM compared GROUP BY outcome").fetchall()
    connection.execute(
        """
        SELECT "身份证号", sum(TRY_CAST("自付金额" AS DECIMAL(14, 2))) FROM compared WHERE outcome = 'matched'
        GROUP BY 1 HAVING sum(TRY_CAST("自付金额" AS DECIMAL(14, 2))) > 15000
        """
    ).fetchall()
    return time.perf_counter() - begun


def by_pandas(persons: str, rows: str) -> float:
    """Compare with pandas; returns seconds."""
    import pandas as pd

    begun = time.perf_counter()
    known = pd.read_csv(persons, dtype=str)
    merged = pd.read_csv(rows, dtype=str).merge(known, left_on="身份证号", right_on="number", how="left")
    matched = merged["name"] == merged["姓名"]
    merged["outcome"] = "mismatched"
    merged.loc[matched, "outcome"] = "matched"
    merged.loc[merged["number"].isna(), "outcome"] = "unmatched"
    merged["outcome"].value_counts()
    amounts = pd.to_numeric(merged["自付金额"], errors="coerce")[matched]
    sums = amounts.groupby(merged["身份证号"][matched]).sum()
    len(sums[sums > 15000])  # noqa: PLR2004 - the general threshold
    return time.perf_counter() - begun


def by_orm(url: str, rows: str) -> float:
    """Compare with SQLAlchemy's ORM, a thousand rows at a time; returns seconds."""
    return asyncio.run(_by_orm(url, rows))


async def _by_orm(url: str, rows: str) -> float:
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    begun = time.perf_counter()
    # One reader of one file: nobody else waits for the loop.
    with Path(rows).open(encoding="utf-8", newline="") as file:  # noqa: ASYNC230
        reader = csv.DictReader(file)
        for batch in _batches(reader):
            numbers = [row["身份证号"] for row in batch]
            async with AsyncSession(engine) as session, session.begin():
                found = await session.scalars(select(_Person).where(_Person.number.in_(numbers)))
                known = {person.number: person.name for person in found}
                session.add_all([_judged(row, known) for row in batch])
    seconds = time.perf_counter() - begun
    await engine.dispose()
    return seconds


def _batches(reader: csv.DictReader[str]) -> Iterator[list[dict[str, str]]]:
    while batch := list(islice(reader, _BATCH)):
        yield batch


def _judged(row: dict[str, str], known: dict[str, str]) -> _Result:
    name = known.get(row["身份证号"])
    outcome = "unmatched" if name is None else "matched" if name == row["姓名"] else "mismatched"
    return _Result(number=row["身份证号"], outcome=outcome, amount=row["自付金额"])


async def load_persons(url: str, persons: Path) -> None:
    """Give the ORM its persons."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(TABLES)
        await connection.copy_to_table("person", source=persons, format="csv", header=True)
        await connection.execute("VACUUM ANALYZE person")
    finally:
        await connection.close()


async def timed(name: str, *arguments: str) -> float:
    """Run a yardstick in a process of its own; returns its own seconds, without its start."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        name,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    if process.returncode:
        raise RuntimeError(complained.decode())
    return float(said)


if __name__ == "__main__":
    print({"duckdb": by_duckdb, "pandas": by_pandas, "orm": by_orm}[sys.argv[1]](*sys.argv[2:]))
