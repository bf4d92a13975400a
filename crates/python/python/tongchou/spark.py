"""The same run on many machines: Apache Spark, and what speaks its DataFrame interface.

The bills of a person are brought together in one partition and put in the order of their days; each partition is then handed
to the same engine as Arrow batches (``DataFrame.mapInArrow``), a few hundred thousand rows at a time. Every machine needs this
package, of the same version: terms are compiled where they are used, and a worker that makes others of them refuses.

>>> from tongchou import spark as on_spark
>>> settled = on_spark.settle(session.read.parquet("bills/2022"), terms)
>>> settled.write.parquet("settled/2022")

A table whose persons lie together already, as the files of ``tongchou generate`` or a table bucketed by person, is settled
without moving anything: ``partitioned=True``.

Not checked here: that an id of a bill is used once in the whole table. It is within each piece of whole persons, so that no
person has a bill twice; two persons in different pieces may have the same id, which changes no amount.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ._tongchou import Terms, _compare, _fund_columns
from .errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

__all__ = ["compare", "settle"]

_NAMES = {"bill": ("bill", "票据号", "账单号"), "person": ("person", "人员编号"), "date": ("date", "日期")}

#: Rows that are settled at once, about: whole persons, so that a piece takes some hundred megabytes at most.
_ROWS = 200_000

_KEYS = ("variant", "tier", "level", "care")


def settle(
    df: DataFrame,
    terms: Terms | Sequence[Terms],
    *,
    partitions: int | None = None,
    order: Sequence[str] | None = None,
    partitioned: bool = False,
) -> DataFrame:
    """Settles a table of bills: a row a bill, with the columns of ``Terms.settle``.

    With several terms, baseline and variants are settled in one pass, and a column ``variant`` says whose a row is.
    ``partitions`` is how many pieces the persons are spread over (Spark's own number, if not given). Bills of a person and day
    are taken in the ``order`` of these columns, by default the id of the bill: a table on many machines has no order of its
    own. With ``partitioned``, the bills of each person are in one partition already and nothing is moved.

    A faulty bill ends the job with a ``BillsError``. Raises ``UsageError`` where a column that is needed is not there.
    """
    several = _several(terms)
    ready, person = _ready(df, partitions, order, partitioned)
    named = not isinstance(terms, Terms)

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for piece in _pieces(batches, person):
            for variant in several:
                settled = pa.table(variant._settle_beside(piece, several))
                if named:
                    settled = settled.add_column(0, "variant", pa.repeat(variant.name, len(settled)))
                yield from settled.to_batches()

    return ready.mapInArrow(work, _settled(ready, several, named))


def compare(
    df: DataFrame,
    terms: Sequence[Terms],
    *,
    partitions: int | None = None,
    order: Sequence[str] | None = None,
    partitioned: bool = False,
) -> DataFrame:
    """Sums of a table of bills under each of several terms, in one pass: the columns of ``tongchou.compare``.

    ``partitions``, ``order`` and ``partitioned`` are as in ``settle``. Variants come in the order of their names.
    """
    from pyspark.sql import functions

    several = _several(terms)
    ready, person = _ready(df, partitions, order, partitioned)

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for piece in _pieces(batches, person):
            yield from pa.table(_compare(several, piece, False, 1)).to_batches()

    schema = _compared(several)
    parts = ready.mapInArrow(work, schema)
    sums = [functions.sum(name).alias(name) for name in schema.names if name not in _KEYS]
    return parts.groupBy(*_KEYS).agg(*sums).orderBy(*_KEYS)


def _several(terms: Terms | Sequence[Terms]) -> list[Terms]:
    several = [terms] if isinstance(terms, Terms) else list(terms)
    names = [variant.name for variant in several]
    if not names or len(set(names)) < len(names):
        raise UsageError(f"条款的名字须各不相同，至少一套：{names}", '给每套一个名字：terms(…, name="…")')
    return several


def _column(df: DataFrame, wanted: str) -> str:
    for name in df.columns:
        if name.strip().lower() in _NAMES[wanted]:
            return name
    raise UsageError(f"缺少 {wanted} 列", f"列名用 {' 或 '.join(_NAMES[wanted])}")


def _ready(
    df: DataFrame, partitions: int | None, order: Sequence[str] | None, partitioned: bool
) -> tuple[DataFrame, str]:
    """The bills of each person together and in order, without the columns that are not read; and the person's column."""
    bill, person, date = (_column(df, wanted) for wanted in ("bill", "person", "date"))
    if not partitioned:
        remarks = [name for name in df.columns if name.startswith("#") and name not in (order or ())]
        df = df.drop(*remarks)
        df = df.repartition(person) if partitions is None else df.repartition(partitions, person)
    within = [person, date, *([bill] if order is None else order)]
    return df.sortWithinPartitions(*dict.fromkeys(within)), person


def _pieces(batches: Iterable[pa.RecordBatch], person: str) -> Iterator[pa.Table]:
    """Tables of whole persons from batches in which each person's rows lie together."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows < _ROWS:
            continue
        table = pa.Table.from_batches(held)
        unfinished = pc.sum(pc.equal(table[person], table[person][-1])).as_py() or 0
        if rows > unfinished:
            yield table.slice(0, rows - unfinished)
            held = table.slice(rows - unfinished).to_batches()
            rows = unfinished
    if rows:
        yield pa.Table.from_batches(held)


def _settled(df: DataFrame, terms: Sequence[Terms], named: bool) -> StructType:
    from pyspark.sql.types import LongType, StringType, StructType

    schema = StructType()
    if named:
        schema.add("variant", StringType(), False)
    for wanted in ("bill", "person", "date"):
        schema.add(wanted, df.schema[_column(df, wanted)].dataType)
    schema.add("kind", StringType(), False)
    before = ("total_fen", "in_scope_fen", "first_self_pay_fen", "out_of_scope_fen", "over_limit_fen")
    for name in (*before, *_fund_columns(list(terms)), "funds_fen", "person_pays_fen"):
        schema.add(name, LongType())
    for name in ("basis", "refused", "reason"):
        schema.add(name, StringType())
    return schema


def _compared(terms: Sequence[Terms]) -> StructType:
    from pyspark.sql.types import LongType, StringType, StructType

    schema = StructType()
    for name in _KEYS:
        schema.add(name, StringType(), False)
    sums = ("bills", "refused", "total_fen", "in_scope_fen", "first_self_pay_fen")
    for name in (*sums, *_fund_columns(list(terms)), "funds_fen", "person_pays_fen"):
        schema.add(name, LongType(), False)
    return schema
