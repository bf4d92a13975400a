"""The code for Spark on Sail, an engine in Rust that speaks Spark Connect: the same fen."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession

import tongchou
from tongchou import spark as on_spark

KEYS = ["variant", "tier", "level", "care"]


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    session = SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()
    yield session
    session.stop()
    server.stop()


def test_bills_are_settled_and_compared_as_on_one_machine(
    session: SparkSession, bills: pa.Table, tmp_path: Path
) -> None:
    terms = [tongchou.terms("chongqing", year=2022), tongchou.terms("chongqing", year=2022, known_on="2021-12-31", name="then")]
    # Sail 0.7 does not know the dictionary-encoded words of a province's files; text it does.
    text = [pa.field(f.name, pa.string()) if pa.types.is_dictionary(f.type) else f for f in bills.schema]
    pq.write_table(bills.cast(pa.schema(text)), tmp_path / "bills.parquet")
    df = session.read.parquet(str(tmp_path / "bills.parquet"))
    settled = on_spark.settle(df, terms[0], partitions=4).toArrow()
    expected = pa.table(terms[0].settle(bills))
    assert settled.sort_by("bill").to_pylist() == expected.sort_by("bill").to_pylist()
    compared = on_spark.compare(df, terms, partitions=4).toArrow()
    order = [(name, "ascending") for name in KEYS]
    assert compared.sort_by(order).to_pylist() == pa.table(tongchou.compare(terms, bills)).sort_by(order).to_pylist()
