"""The plan as one lazy Polars query, by windows over person and kind of care."""

from __future__ import annotations

import sys

import polars as pl
from plan import MILLION, Plan

plan = Plan.read()
province, year, out = sys.argv[1], sys.argv[2], sys.argv[3]
law = pl.LazyFrame(plan.rows).with_columns(pl.col("care", "level").cast(pl.String))
own = ["person", "care"]


def part(of: pl.Expr, ppm: pl.Expr | int) -> pl.Expr:
    """A part of an amount, rounded half up to the fen."""
    return (of * ppm + MILLION // 2) // MILLION


settled = (
    pl.scan_parquet(f"{province}/bills/{year}/*.parquet")
    .with_columns(pl.col("care", "level").cast(pl.String))
    .sort("person", "date", "bill")
    .with_columns(in_scope_fen=pl.col("a_fen") + pl.col("b_fen") - part(pl.col("b_fen"), plan.share))
    .with_columns(number=pl.int_range(pl.len()).over(own))
    .join(law, on=["care", "level"], maintain_order="left")
    .with_columns(deductible=pl.when(pl.col("number") == 0).then("first").otherwise("later"))
    .with_columns(due=part((pl.col("in_scope_fen") - pl.col("deductible")).clip(lower_bound=0), pl.col("ratio")))
    .with_columns(reached=pl.col("due").cum_sum().over(own))
    .with_columns(
        total_fen=pl.sum_horizontal("a_fen", "b_fen", "c_fen", "over_limit_fen"),
        paid_fen=pl.min_horizontal("reached", "cap") - pl.min_horizontal(pl.col("reached") - pl.col("due"), "cap"),
    )
)
if len(sys.argv) > 4:
    settled.select("bill", "paid_fen").collect().write_parquet(sys.argv[4])
else:
    totals = settled.group_by("care", "level").agg(
        pl.len().alias("bills"), pl.col("total_fen", "in_scope_fen", "paid_fen").sum()
    )
    totals.sort("care", "level").collect().write_csv(out)
