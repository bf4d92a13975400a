"""Holds what the peers pay against what Tongchou pays: sums of all bills, and every single bill.

``agree.py TONGCHOU PROVINCE YEAR OUT PEER...`` prints how many bills were compared, or what differs, and then fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb

program, province, year, out, *peers = sys.argv[1:]
POLICIES = str(Path(__file__).parent / "policies")


def rows(query: str) -> list[tuple]:
    return duckdb.sql(query).fetchall()


def cells(file: str) -> list[tuple]:
    """Sums by care and level, of whatever tier."""
    sums = ", ".join(f"sum({name}::BIGINT)::BIGINT" for name in ("bills", "total_fen", "in_scope_fen", "paid_fen"))
    return rows(f"SELECT care, level, {sums} FROM read_csv('{file}', all_varchar=true) GROUP BY ALL ORDER BY ALL")


def main() -> None:
    own = cells(f"{out}/tongchou/tables/cells.csv")
    for peer in peers:
        theirs = cells(f"{out}/{peer}.csv")
        if theirs != own:
            print(f"{peer}, sums by care and level:", *set(theirs) ^ set(own), sep="\n")
            sys.exit(1)
    single = 0
    for part in sorted(Path(f"{province}/bills/{year}").glob("part-*.parquet")):
        settled = f"{out}/settled.parquet"
        words = [program, "settle", str(part), "--region", "peers", "--policies", POLICIES, "-o", settled]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        for peer in peers:
            off = rows(
                f"SELECT bill, own.paid, their.paid_fen "
                f"FROM (SELECT bill::BIGINT AS bill, (funds * 100)::BIGINT AS paid FROM '{settled}') own "
                f"LEFT JOIN '{out}/{peer}.parquet' their USING (bill) "
                f"WHERE own.paid IS DISTINCT FROM their.paid_fen LIMIT 5"
            )
            if off:
                print(f"{peer}, bill, fen by Tongchou, fen by the peer:", *off, sep="\n")
                sys.exit(1)
        single += rows(f"SELECT count(*) FROM '{settled}'")[0][0]
    print(json.dumps({"bills": sum(cell[2] for cell in own), "single": single}))


main()
