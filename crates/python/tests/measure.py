"""How fast it is: a province's bills compared on this machine and on a Spark cluster of one and of two workers.

``python measure.py REGION YEAR PROVINCE [DRAFT]``, with a wheel built by ``maturin build --release``. Each figure is the best of
three runs after one to warm up; the rate counts each bill once for every variant.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Callable

import pyarrow as pa
import pyarrow.parquet as pq
from cluster import HOST, Cluster
from pyspark.sql import SparkSession

import tongchou
from tongchou import spark as on_spark


def best(work: Callable[[], object]) -> float:
    """Seconds of the best of three runs."""
    work()
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def main(region: str, year: int, folder: str, *drafts: str) -> None:
    terms = [tongchou.terms(region, year=year)]
    terms += [tongchou.terms(region, year=year, drafts=[draft]) for draft in drafts]
    files = [str(file) for file in sorted((Path(folder) / "bills" / str(year)).glob("part-*.parquet"))]
    bills = pa.concat_tables(pq.read_table(file) for file in files)
    settled = len(bills) * len(terms)

    def tell(what: str, seconds: float) -> None:
        print(f"{what}: {seconds:.2f} s, {settled / seconds:,.0f} bills a second", flush=True)

    print(f"{len(bills):,} bills, {len(terms)} variants, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    for threads in (1, os.cpu_count()):
        tell(f"one machine, {threads} threads", best(lambda: tongchou.compare(terms, bills, threads=threads)))
    tell("one machine, each bill's row", best(lambda: [variant.settle(bills) for variant in terms]))
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": HOST}
    for workers in (1, 2):
        begun = time.perf_counter()
        cluster = Cluster(workers, memory="2g")
        builder = SparkSession.builder.master(cluster.address).config("spark.driver.host", HOST)
        builder = builder.config("spark.driver.bindAddress", HOST).config("spark.ui.enabled", "false")
        session = builder.config("spark.executor.cores", "1").config("spark.executor.memory", "1500m").getOrCreate()
        print(f"a cluster of {workers} and a session: {time.perf_counter() - begun:.0f} s")
        df = session.read.parquet(*files)
        tell(f"Spark, {workers} workers", best(lambda: on_spark.compare(df, terms).toArrow()))
        still = on_spark.compare(df, terms, partitioned=True)
        tell(f"Spark, {workers} workers, nothing moved", best(lambda: still.toArrow()))
        session.stop()
        cluster.stop()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
