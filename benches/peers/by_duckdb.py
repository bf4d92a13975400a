"""The plan as one SQL query. A cap of the year is a cap on the running sum, so that a window says it."""

from __future__ import annotations

import sys

import duckdb
from plan import MILLION, Plan

plan = Plan.read()
province, year, out = sys.argv[1], sys.argv[2], sys.argv[3]
values = ", ".join(f"('{r.care}', '{r.level}', {r.first}, {r.later}, {r.ratio}, {r.cap})" for r in plan.rows)
half = MILLION // 2

settled = f"""
WITH law (care, level, first, later, ratio, cap) AS (VALUES {values}),
bill AS (
    SELECT *, a_fen + b_fen - (b_fen * {plan.share} + {half}) // {MILLION} AS in_scope,
        row_number() OVER (PARTITION BY person, care ORDER BY date, bill) AS number
    FROM read_parquet('{province}/bills/{year}/*.parquet')
),
asked AS (
    SELECT bill.*, cap,
        (greatest(in_scope - CASE WHEN number = 1 THEN first ELSE later END, 0) * ratio + {half}) // {MILLION} AS due
    FROM bill JOIN law USING (care, level)
),
reached AS (
    SELECT *, sum(due) OVER (
        PARTITION BY person, care ORDER BY date, bill ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS reached
    FROM asked
)
SELECT bill, care, level, a_fen + b_fen + c_fen + over_limit_fen AS total_fen, in_scope AS in_scope_fen,
    least(reached, cap) - least(reached - due, cap) AS paid_fen
FROM reached
"""
if len(sys.argv) > 4:
    duckdb.sql(f"COPY (SELECT bill, paid_fen::BIGINT AS paid_fen FROM ({settled})) TO '{sys.argv[4]}'")
else:
    sums = ", ".join(f"sum({name})::BIGINT AS {name}" for name in ("total_fen", "in_scope_fen", "paid_fen"))
    totals = f"SELECT care, level, count(*) AS bills, {sums} FROM ({settled}) GROUP BY ALL ORDER BY ALL"
    duckdb.sql(f"COPY ({totals}) TO '{out}'")
