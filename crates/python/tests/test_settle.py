"""Tables settled: what the command line says of the same bills, to the fen, whoever hands the table over."""

from __future__ import annotations

import random
import threading
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import tongchou
from conftest import Province
from conftest import tongchou as command


def by_command(table: pa.Table, region: str, folder: Path, *words: str) -> list[dict[str, Any]]:
    """The settlements of a table by the command line, amounts in fen."""
    given, out = folder / "given.parquet", folder / "out.parquet"
    pq.write_table(table, given)
    command("settle", str(given), "--region", region, "-o", str(out), *words)
    rows = pq.read_table(out).to_pylist()
    money = {"total", "in_scope", "first_self_pay", "out_of_scope", "over_limit", "funds", "person_pays"}
    money |= {name for name in rows[0] if name in FUNDS}
    kept = {"bill", "person", "kind", "basis", *money}
    return [{f"{k}_fen" if k in money else k: int(v * 100) if k in money else v for k, v in row.items() if k in kept} for row in rows]


FUNDS = {"basic", "large_amount", "catastrophic", "supplement", "civil_service", "assistance", "tilt", "accident", "other"}


def same(settled: tongchou.Table, expected: list[dict[str, Any]]) -> None:
    ours = {}
    for row in pa.table(settled).to_pylist():
        assert row["refused"] is None, row
        assert ours.setdefault((str(row["bill"]), row["kind"], str(row["person"])), row) is row
    assert len(ours) == len(expected)
    for row in expected:
        mine = ours[row["bill"], row["kind"], row["person"]]
        for name, value in row.items():
            if name.endswith("_fen"):
                assert mine.get(name, 0) == value, (row["bill"], name)
        assert mine["basis"] == row["basis"]


@pytest.mark.parametrize("name", ["chongqing", "suzhou", "tianjin"])
def test_every_bill_is_settled_as_by_the_command_line(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    province: Province = request.getfixturevalue(name)
    terms = tongchou.terms(name, year=(province.year, province.year + province.years - 1))
    table = province.bills()
    expected = by_command(table, name, tmp_path)
    same(terms.settle(table), expected)
    # In any order of rows, but for bills of one day, and by any number of threads.
    days = table.sort_by([("date", "ascending")])
    same(terms.settle(days, threads=3), expected)
    same(terms.settle(table, threads=1), expected)


@pytest.mark.parametrize("name", ["chongqing", "suzhou", "tianjin"])
def test_a_comparison_in_columns_gives_the_sums_of_bills_settled_in_order(name: str, request: pytest.FixtureRequest) -> None:
    province: Province = request.getfixturevalue(name)
    table = pa.concat_tables(pq.read_table(file) for file in province.files())
    # Referrals are in it; a tier that is not known too, and rows in no order.
    tiers = table["tier"].cast(pa.string()).to_pylist()
    persons = table["person"].to_pylist()
    known = [tier if person % 50 or tier is None else "no-such" for person, tier in zip(persons, tiers)]
    table = table.set_column(table.schema.get_field_index("tier"), "tier", pa.array(known, pa.string()))
    order = list(range(len(table)))
    random.Random(2).shuffle(order)
    table = table.take(order)
    variants = [
        tongchou.terms(name, year=province.year),
        tongchou.terms(name, year=province.year, set={"stage.inpatient.cap": 3000}),
        tongchou.terms(name, year=province.year, set={"stage.inpatient.cap": 800}),
    ]
    assert any(table["from_bill"].is_valid().to_pylist())
    keys = ["tier", "level", "care"]
    compared = pa.table(tongchou.compare(variants, table))
    paid = set()
    for variant in variants:
        settled = pa.table(variant.settle(table))
        assert settled["bill"].equals(table["bill"])
        for key in keys:
            settled = settled.append_column(key, pc.fill_null(table[key].cast(pa.string()), ""))
        amounts = [column for column in compared.column_names if column.endswith("_fen")]
        counts = [("basis", "count"), ("refused", "count")]
        sums = settled.group_by(keys).aggregate([*counts, *((column, "sum") for column in amounts)])
        sums = sums.rename_columns([*keys, "bills", "refused", *amounts])
        own = compared.filter(pc.equal(compared["variant"], variant.name)).drop_columns("variant")
        expected = sums.select(own.column_names).sort_by([(key, "ascending") for key in keys]).to_pylist()
        expected = [{key: value or 0 if key not in keys else value for key, value in row.items()} for row in expected]
        assert own.sort_by([(key, "ascending") for key in keys]).to_pylist() == expected, variant.name
        paid.add(pc.sum(own["funds_fen"]).as_py())
    assert len(paid) == len(variants)


def test_rows_come_out_as_they_came_in(bills: pa.Table) -> None:
    terms = tongchou.terms("chongqing", year=2022)
    order = list(range(len(bills)))
    random.Random(1).shuffle(order)
    mixed = bills.take(order)
    settled = pa.table(terms.settle(mixed))
    for name in ("bill", "person", "date"):
        assert settled[name].to_pylist() == mixed[name].to_pylist()
    total = [sum(row[c] or 0 for c in ("a_fen", "b_fen", "c_fen", "over_limit_fen")) for row in mixed.to_pylist()]
    assert settled["total_fen"].to_pylist() == total
    paid = [a + b for a, b in zip(settled["funds_fen"].to_pylist(), settled["person_pays_fen"].to_pylist())]
    assert paid == total


def test_pandas_polars_and_duckdb_give_what_pyarrow_gives(chongqing: Province, bills: pa.Table) -> None:
    terms = tongchou.terms("chongqing", year=2022)
    expected = pa.table(terms.settle(bills))
    file = str(chongqing.files()[0])
    frames = {
        "pandas": pd.read_parquet(file, dtype_backend="pyarrow"),
        "pandas, its own types": pd.read_parquet(file).astype({"from_bill": "Int64"}),
        "polars": pl.read_parquet(file),
        "duckdb": duckdb.sql(f"select * from '{file}'"),
        "batches": bills.to_reader(max_chunksize=700),
    }
    for name, frame in frames.items():
        settled = pa.table(terms.settle(frame))
        assert settled.drop_columns(["bill", "person", "date"]).equals(
            expected.drop_columns(["bill", "person", "date"])
        ), name
        assert settled["bill"].cast(pa.int64()).to_pylist() == expected["bill"].to_pylist(), name


def test_each_of_them_takes_the_result(bills: pa.Table) -> None:
    settled = tongchou.terms("chongqing", year=2022).settle(bills)
    funds = sum(pa.table(settled)["funds_fen"].to_pylist())
    assert pl.DataFrame(settled)["funds_fen"].sum() == funds
    assert pd.DataFrame.from_arrow(settled)["funds_fen"].sum() == funds
    assert duckdb.sql("select sum(funds_fen)::bigint from settled").fetchall() == [(funds,)]
    assert len(settled) == len(bills) and settled.column_names[:4] == ["bill", "person", "date", "kind"]


def a_bill(**changed: Any) -> dict[str, Any]:
    bill = {"bill": "b1", "person": "甲", "date": date(2022, 3, 1), "tier": "first", "birth": date(1968, 5, 2)}
    return bill | {"care": "住院", "level": "2", "a_fen": 1_600_050} | changed


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    """With the columns of all rows, not of the first alone."""
    return pa.Table.from_pylist(rows, schema=pa.unify_schemas([pa.Table.from_pylist([row]).schema for row in rows]))


def test_reversals_and_referrals_are_settled_in_order(tmp_path: Path) -> None:
    rows = [
        a_bill(a_fen=9_000_000),
        a_bill(bill="b2", person="乙", date=date(2022, 1, 5), level="1"),
        a_bill(bill="b3", person="乙", date=date(2022, 1, 9), level="3", from_bill="b2", mark="referral"),
        a_bill(bill="b4", date=date(2022, 4, 1), a_fen=9_000_000),
        {"bill": "b5", "person": "甲", "date": date(2022, 5, 1), "reverses": "b1"},
    ]
    table = table_of(rows)
    settled = tongchou.terms("重庆", year=2022).settle(table)
    same(settled, by_command(table, "chongqing", tmp_path))
    kinds = list(zip(pa.table(settled)["bill"].to_pylist(), pa.table(settled)["kind"].to_pylist()))
    assert kinds == [("b1", "settled"), ("b2", "settled"), ("b3", "settled"), ("b4", "settled"), ("b4", "difference"), ("b5", "reversed")]


def test_what_the_terms_do_not_decide_is_refused_in_its_row() -> None:
    table = table_of([a_bill(), a_bill(bill="b2", person="乙", tier="third")])
    settled = pa.table(tongchou.terms("重庆", year=2022).settle(table)).to_pylist()
    assert settled[0]["refused"] is None and settled[0]["funds_fen"] > 0
    assert settled[1]["refused"] == "unknown-tier" and settled[1]["funds_fen"] is None
    assert "third" in settled[1]["reason"] and "region.toml" in settled[1]["reason"]


def test_every_fault_is_told_as_by_the_command_line(tmp_path: Path) -> None:
    table = table_of(
        [a_bill(level="4"), a_bill(a_fen=-5), a_bill(bill="b3", person="乙"), a_bill(bill="b4", person="丙", from_bill="b3")]
    )
    table = table.set_column(0, "bill", pa.array(["b1", "b1", "b3", "b4"]))
    terms = tongchou.terms("重庆", year=2022)
    with pytest.raises(tongchou.BillsError) as raised:
        terms.settle(table)
    found = raised.value.findings
    assert [(f.code, f.row) for f in found] == [
        ("unknown-word", 0),
        ("negative-amount", 1),
        ("duplicate-bill", 1),
        ("other-person", 3),
    ]
    file = tmp_path / "bills.parquet"
    pq.write_table(table, file)
    told = command("settle", str(file), "--region", "重庆", code=1).stderr
    for finding in found:
        assert finding.message in told and finding.cure.splitlines()[0][:20] in told, finding
        assert finding.place.removeprefix("table:") in told
    assert str(found[0]) in str(raised.value)
    # The sound rows, where that is asked for: here the one that no fault touches.
    settled = terms.settle(table, keep_going=True)
    assert pa.table(settled)["bill"].to_pylist() == ["b3"]
    assert [f.code for f in settled.findings] == [f.code for f in found]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"region": "天津"}, "region"),
        ({"date": date(2021, 3, 1)}, "outside-years"),
        ({"a_fen": 16000.5}, "wrong-type"),
        ({"unknown": 1}, "unknown-column"),
        ({"date": datetime(2022, 3, 1, 8)}, "wrong-type"),
    ],
)
def test_a_fault_has_its_code(changed: dict[str, Any], code: str) -> None:
    with pytest.raises(tongchou.BillsError) as raised:
        tongchou.terms("重庆", year=2022).settle(pa.Table.from_pylist([a_bill(**changed)]))
    assert [finding.code for finding in raised.value.findings] == [code]
    assert raised.value.findings[0].cure


def test_what_pandas_makes_of_a_table_is_taken() -> None:
    frame = pd.DataFrame([a_bill(), a_bill(bill="b2")])
    frame["date"] = pd.to_datetime(frame["date"])
    frame["care"] = frame["care"].astype("category")
    settled = tongchou.terms("重庆", year=2022).settle(frame[frame["bill"] == "b2"])
    assert pa.table(settled)["bill"].to_pylist() == ["b2"]


def test_an_empty_table_gives_an_empty_one(bills: pa.Table) -> None:
    terms = tongchou.terms("chongqing", year=2022)
    settled = terms.settle(bills.slice(0, 0))
    assert len(settled) == 0 and settled.column_names == terms.settle(bills).column_names
    assert pa.table(settled).schema == pa.table(terms.settle(bills)).schema


def test_no_table_is_said_so() -> None:
    with pytest.raises(tongchou.UsageError, match="from_pylist"):
        tongchou.terms("重庆", year=2022).settle([a_bill()])  # type: ignore[arg-type]


def test_the_interpreter_is_free_meanwhile(bills: pa.Table) -> None:
    terms = tongchou.terms("chongqing", year=2022)
    bills = bills.drop_columns(["from_bill"])
    numbers = {name: bills[name].to_numpy() * 20 for name in ("bill", "person")}

    def copy(number: int) -> pa.Table:
        again = bills.set_column(0, "bill", pa.array(numbers["bill"] + number))
        return again.set_column(again.column_names.index("person"), "person", pa.array(numbers["person"] + number))

    many = pa.concat_tables(copy(number) for number in range(20))
    done, beats = threading.Event(), 0
    running = threading.Thread(target=lambda: (terms.settle(many, threads=1), done.set()))
    running.start()
    while not done.wait(0.001):
        beats += 1
    assert beats > 10
