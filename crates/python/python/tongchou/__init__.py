"""Resident medical security of China, settled from its own legal notices.

>>> import tongchou
>>> terms = tongchou.terms("重庆", year=2022)
>>> settled = terms.settle(table)       # any Arrow table: pyarrow, pandas, polars, DuckDB
>>> print(terms.explain({"date": "2022-03-01", "care": "inpatient", "level": "2", "tier": "first", "a": "16000"}))

Amounts are whole fen (``_fen``): money is never a float here. What a table of bills holds is told in
``docs/guide/claims-files.md``.
"""

from __future__ import annotations

from datetime import date as _date
from decimal import Decimal as _Decimal
from os import PathLike as _PathLike
from os import fspath as _fspath
from typing import Any, Iterable, Mapping, Sequence

from ._tongchou import Explanation, Step, Table, Terms, __version__
from ._tongchou import _compare, _load
from ._tongchou import regions as _regions
from .errors import BillsError, Error, Finding, PolicyError, Refused, UsageError

__all__ = [
    "BillsError",
    "Error",
    "Explanation",
    "Finding",
    "PolicyError",
    "Refused",
    "Step",
    "Table",
    "Terms",
    "UsageError",
    "__version__",
    "compare",
    "regions",
    "terms",
    "yuan",
]

Folders = Sequence["str | _PathLike[str]"]


def terms(
    region: str,
    year: int | tuple[int, int],
    *,
    drafts: Iterable[str] = (),
    set: Mapping[str, object] | None = None,
    known_on: str | _date | None = None,
    strict: bool = False,
    policies: Folders = (),
    name: str | None = None,
) -> Terms:
    """The terms of a region for a year, or for the years from the first to the last of a pair.

    ``drafts`` are folded on top, by the ids of their notices; ``set`` changes figures, as ``{"stage.inpatient.cap": 200000}``
    (``tongchou policy paths REGION`` lists the paths); ``known_on`` leaves out what was not yet known on that day;
    ``strict`` refuses figures that rest on less than a stated rule and a published statistic; ``policies`` are folders laid
    over the notices that the package carries. ``name`` is what comparisons call them: ``baseline``, or the drafts, if not
    given.

    Raises ``UsageError`` for a region, draft, day or folder that is not there, ``PolicyError`` for faulty policy files and for
    changes that the terms do not have.
    """
    first, last = (year, year) if isinstance(year, int) else year
    if isinstance(drafts, str):
        drafts = (drafts,)
    changes = [f"{path}={value}" for path, value in (set or {}).items()]
    day = None if known_on is None else str(known_on)
    return _load(region, first, last, list(drafts), day, strict, [_fspath(folder) for folder in policies], [], changes, name)


def regions(policies: Folders = ()) -> dict[str, str]:
    """Slug and Chinese name of every region at hand."""
    return dict(_regions([_fspath(folder) for folder in policies]))


def compare(terms: Sequence[Terms], table: Any, *, keep_going: bool = False, threads: int | None = None) -> Table:
    """Sums of a table of bills under each of several terms, in one reading.

    One row for each variant, tier, level and kind of care that occurs: how many bills, how many refused, and in fen their
    total, what is in scope, what each fund and the person pays. Terms must be of the same region and years, each with a
    name of its own.

    Raises ``BillsError`` with all that is wrong with the table; with ``keep_going``, rows at fault are left out and told
    in ``findings``.
    """
    return _compare(list(terms), table, keep_going, threads)


def yuan(fen: int) -> _Decimal:
    """Whole fen as yuan, exactly: ``yuan(1158030) == Decimal("11580.30")``."""
    return _Decimal(int(fen)).scaleb(-2).quantize(_Decimal("0.01"))


def _again(plans: list[tuple[str, str]], asked: tuple[Any, ...]) -> Terms:
    """Terms that another process asked for; refused, if this package makes others of it."""
    made = _load(*asked)
    if made.hashes != plans:
        raise UsageError(
            f"此处的 tongchou {__version__} 编出的条款与发出任务的一方不同",
            "所有机器装同一版本的 tongchou",
        )
    return made
