"""The simple plan, read from the policy file that Tongchou reads: no figure stands in two places."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

POLICIES = Path(__file__).parent / "policies"
MILLION = 1_000_000


@dataclass(frozen=True)
class Row:
    """What holds for a kind of care at a level: fen, and parts per million."""

    care: str
    level: str
    first: int
    later: int
    ratio: int
    cap: int


@dataclass(frozen=True)
class Plan:
    """First self-pay share of class B in parts per million, and a row for each kind of care and level."""

    share: int
    rows: list[Row]

    @classmethod
    def read(cls) -> Plan:
        text = (POLICIES / "990900-peers/illustrative.toml").read_text(encoding="utf-8")
        law = tomllib.loads(text)
        shares = {row["class"]: _ppm(row["share"]) for row in law["scope"]["first-self-pay"][0]["rows"]}
        return cls(shares["B"], [row for stage in law["stage"].values() for row in _rows(stage)])


def _rows(stage: dict[str, list[dict[str, Any]]]) -> list[Row]:
    care = stage["shape"][0]["covers"]["care"]
    (cap,) = stage["cap"][0]["rows"]
    first, later, ratio = {}, {}, {}
    for row in stage["deductible"][0]["rows"]:
        number = row.get("admission", "any")
        for level in _levels(row):
            first |= {level: row["amount"] * 100} if number in ("1", "any") else {}
            later |= {level: row["amount"] * 100} if number in ("2+", "any") else {}
    for row in stage["bands"][0]["rows"]:
        ratio |= {level: _ppm(row["ratio"]) for level in _levels(row)}
    return [Row(care, level, first[level], later[level], ratio[level], cap["amount"] * 100) for level in ratio]


def _levels(row: dict[str, Any]) -> list[str]:
    level = row["level"]
    return level if isinstance(level, list) else [level]


def _ppm(percent: str) -> int:
    exact = Fraction(percent.removesuffix("%")) * MILLION / 100
    assert exact.denominator == 1, percent
    return exact.numerator
