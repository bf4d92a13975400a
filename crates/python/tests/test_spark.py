"""The same run on a Spark cluster of two workers: the same fen, and still so when a worker dies in the middle."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

import tongchou
from cluster import HOST, Cluster
from conftest import Province
from tongchou import spark as on_spark

pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java (Debian: openjdk-17-jre-headless)")

KEYS = ["variant", "tier", "level", "care"]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    started = Cluster(2)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def session(cluster: Cluster) -> Iterator[SparkSession]:
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": HOST}
    builder = SparkSession.builder.master(cluster.address).appName("tongchou")
    settings = {
        "spark.driver.host": HOST,
        "spark.driver.bindAddress": HOST,
        "spark.executor.memory": "512m",
        "spark.executor.cores": "1",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "1000",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def rows(table: pa.Table, *, by: list[str]) -> list[dict[str, object]]:
    return table.sort_by([(name, "ascending") for name in by]).to_pylist()


@pytest.fixture(scope="module")
def terms() -> list[tongchou.Terms]:
    """A baseline and a variant of it."""
    known = tongchou.terms("chongqing", year=2022, known_on="2021-12-31", name="as known in 2021")
    return [tongchou.terms("chongqing", year=2022), known]


def test_every_bill_is_settled_as_on_one_machine(
    session: SparkSession, chongqing: Province, bills: pa.Table, terms: list[tongchou.Terms], tmp_path: Path
) -> None:
    df = session.read.parquet(*map(str, chongqing.files()))
    on_spark.settle(df, terms[0]).write.parquet(str(tmp_path / "settled"))
    settled = pq.read_table(tmp_path / "settled")
    expected = pa.table(terms[0].settle(bills))
    assert settled.column_names == expected.column_names
    assert rows(settled, by=["bill"]) == rows(expected, by=["bill"])


def test_baseline_and_variants_are_settled_and_compared_in_one_pass(
    session: SparkSession, chongqing: Province, bills: pa.Table, terms: list[tongchou.Terms]
) -> None:
    df = session.read.parquet(*map(str, chongqing.files()))
    settled = on_spark.settle(df, terms, partitions=5).toArrow()
    for variant in terms:
        own = settled.filter(pa.compute.equal(settled["variant"], variant.name)).drop_columns("variant")
        expected = pa.table(variant.settle(bills))
        for row, other in zip(rows(own, by=["bill"]), rows(expected, by=["bill"])):
            assert {name: row[name] for name in other} == other
    compared = on_spark.compare(df, terms, partitions=5).toArrow()
    expected = pa.table(tongchou.compare(terms, bills))
    assert compared.column_names == expected.column_names
    assert rows(compared, by=KEYS) == rows(expected, by=KEYS)
    # Nothing is moved where the persons lie together already, as they do in the files of a province.
    still = on_spark.compare(df, terms, partitioned=True)
    assert rows(still.toArrow(), by=KEYS) == rows(expected, by=KEYS)


def test_years_that_leave_something_to_the_next_are_settled_in_order(session: SparkSession, tianjin: Province) -> None:
    terms = tongchou.terms("tianjin", year=(2018, 2019))
    files = [str(file) for year in (2018, 2019) for file in tianjin.files(year)]
    compared = on_spark.compare(session.read.parquet(*files), [terms]).toArrow()
    assert rows(compared, by=KEYS) == rows(pa.table(tongchou.compare([terms], tianjin.bills())), by=KEYS)


def test_a_fault_ends_the_job_with_its_place_and_cure(session: SparkSession, chongqing: Province) -> None:
    from pyspark.sql import functions

    df = session.read.parquet(*map(str, chongqing.files())).withColumn("level", functions.lit("9"))
    with pytest.raises(Exception, match="unknown-word"):
        on_spark.settle(df, tongchou.terms("chongqing", year=2022)).count()
    with pytest.raises(tongchou.UsageError, match="person"):
        on_spark.settle(df.drop("person"), tongchou.terms("chongqing", year=2022))


def test_a_worker_that_dies_in_the_middle_changes_nothing(
    cluster: Cluster, session: SparkSession, chongqing: Province, bills: pa.Table, terms: list[tongchou.Terms]
) -> None:
    df = session.read.parquet(*map(str, chongqing.files()))
    answer: list[pa.Table] = []
    # Many small pieces, so that there is a middle to die in.
    job = on_spark.compare(df, terms, partitions=60)
    running = threading.Thread(target=lambda: answer.append(job.toArrow()))
    running.start()
    tracker, done = session.sparkContext.statusTracker(), 0
    while running.is_alive() and done < 20:
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        done = max((stage.numCompletedTasks for stage in stages if stage and stage.numTasks == 60), default=0)
        time.sleep(0.01)
    assert running.is_alive() and 20 <= done < 60, "nobody was in the middle of anything"
    cluster.kill(cluster.workers[0])
    running.join()
    assert rows(answer[0], by=KEYS) == rows(pa.table(tongchou.compare(terms, bills)), by=KEYS)
    executors = session.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1  # and the driver
    assert executors == 1, "the worker that was killed did not work"
