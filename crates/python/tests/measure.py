"""How fast it is: a province's bills, from their files, compared on this machine and on a cluster on it.

``python measure.py REGION YEAR PROVINCE [--draft DRAFT] [--runs N]``, with a wheel built by ``maturin build --release``. In an
environment with PySpark the cluster is a standalone master with one worker and with two, a processor each; in one with Sail it
is Sail, on all processors. Each figure is the best of some runs after one to warm up, reading included, and the sums of every
run must be those of one machine. The rate counts each bill once for every variant.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Callable

import pyarrow as pa
import pyarrow.parquet as pq

import tongchou
from tongchou import spark as on_spark

KEYS = [(name, "ascending") for name in ("variant", "tier", "level", "care")]


class Measure:
    """What is settled, and how often each way is tried."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.terms = [tongchou.terms(args.region, year=args.year)]
        self.terms += [tongchou.terms(args.region, year=args.year, drafts=[draft]) for draft in args.draft]
        self.terms += [tongchou.terms(args.region, year=args.year, set=dict([one.split("=", 1)])) for one in args.set]
        self.files = sorted((args.province / "bills" / str(args.year)).glob("part-*.parquet"))
        self.runs = args.runs
        self.bills = sum(pq.read_metadata(file).num_rows for file in self.files)
        self.sums: list[dict[str, Any]] | None = None

    def table(self) -> pa.Table:
        return pa.concat_tables(pq.read_table(file) for file in self.files)

    def tell(self, what: str, work: Callable[[], pa.Table]) -> None:
        """Says how long it takes, and holds its sums against those of the first that was told."""
        begun = time.perf_counter()
        first = self._checked(what, work())
        warm = time.perf_counter() - begun
        taken = []
        for _ in range(self.runs):
            begun = time.perf_counter()
            work()
            taken.append(time.perf_counter() - begun)
        rate = self.bills * len(self.terms) / min(taken)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{what:44} {min(taken):8.2f} s {rate:12,.0f} bills/s   first {warm:.2f} s, so far {peak:,.0f} MiB", flush=True)
        assert first, what

    def _checked(self, what: str, sums: pa.Table) -> bool:
        found = pa.table(sums).sort_by(KEYS).to_pylist()
        if self.sums is None:
            self.sums = found
        assert found == self.sums, f"{what} gives other sums"
        return bool(found)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("region")
    asked.add_argument("year", type=int)
    asked.add_argument("province", type=Path)
    asked.add_argument("--draft", action="append", default=[], help="a variant: the terms with this draft")
    asked.add_argument("--set", action="append", default=[], help="a variant: the terms with this figure, path=value")
    asked.add_argument("--runs", type=int, default=3)
    measure = Measure(asked.parse_args())
    processors = os.cpu_count() or 1
    load = os.getloadavg()[0]
    print(f"{measure.bills:,} bills, {len(measure.terms)} variants, {processors} processors, load {load:.1f}")
    begun = time.perf_counter()
    measure.table()
    print(f"reading alone: {time.perf_counter() - begun:.2f} s")
    for threads in dict.fromkeys((1, processors)):
        measure.tell(f"one machine, {threads} threads", lambda: tongchou.compare(measure.terms, measure.table(), threads=threads))
    if importlib.util.find_spec("pysail"):
        by_sail(measure)
    else:
        by_spark(measure)


def by_spark(measure: Measure) -> None:
    """On a standalone cluster of one worker, and of two."""
    from cluster import HOST, Cluster
    from pyspark.sql import SparkSession

    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": HOST}
    for workers in (1, 2):
        begun = time.perf_counter()
        cluster = Cluster(workers, memory="2g")
        try:
            builder = SparkSession.builder.master(cluster.address).config("spark.driver.host", HOST)
            builder = builder.config("spark.driver.bindAddress", HOST).config("spark.ui.enabled", "false")
            session = builder.config("spark.executor.cores", "1").config("spark.executor.memory", "1500m").getOrCreate()
            print(f"a cluster of {workers} and a session: {time.perf_counter() - begun:.0f} s")
            df = session.read.parquet(*map(str, measure.files))
            both(measure, f"Spark, {workers} workers", df)
            session.stop()
        finally:
            cluster.stop()


def by_sail(measure: Measure) -> None:
    """On Sail in a process of its own threads; it does not read dictionary-encoded words, so that these become text first."""
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    with TemporaryDirectory(prefix="tongchou-sail-") as folder:
        for file in measure.files:
            part = pq.read_table(file)
            text = [pa.field(f.name, pa.string()) if pa.types.is_dictionary(f.type) else f for f in part.schema]
            pq.write_table(part.cast(pa.schema(text)), Path(folder) / file.name)
        begun = time.perf_counter()
        server = SparkConnectServer("127.0.0.1", 0)
        server.start(background=True)
        host, port = server.listening_address
        session = SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()
        print(f"Sail and a session: {time.perf_counter() - begun:.1f} s")
        both(measure, "Sail", session.read.parquet(folder))
        session.stop()
        server.stop()


def both(measure: Measure, where: str, df: Any) -> None:
    """With bills brought together by person, and where they lie."""
    measure.tell(where, lambda: on_spark.compare(df, measure.terms).toArrow())
    # A frame is made anew each time: of one that was run before, Spark has the sums already.
    measure.tell(f"{where}, nothing moved", lambda: on_spark.compare(df, measure.terms, partitioned=True).toArrow())


if __name__ == "__main__":
    main()
