"""The plan by Tongchou's Python package, which reads bills alone, as the peers do; the policy file says it."""

from __future__ import annotations

import sys

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from plan import POLICIES

import tongchou

province, year, out = sys.argv[1], sys.argv[2], sys.argv[3]
terms = tongchou.terms("peers", year=int(year), policies=[POLICIES])
bills = ds.dataset(f"{province}/bills/{year}").to_table()
if len(sys.argv) > 4:
    settled = pa.table(terms.settle(bills)).select(["bill", "funds_fen"])
    pq.write_table(settled.rename_columns(["bill", "paid_fen"]), sys.argv[4])
else:
    sums = pa.table(tongchou.compare([terms], bills)).rename_columns({"funds_fen": "paid_fen"})
    csv.write_csv(sums.select(["care", "level", "bills", "total_fen", "in_scope_fen", "paid_fen"]), out)
