"""What the tests share: the command line to hold the package against, and provinces that it makes.

``TONGCHOU`` names the program, ``PROVINCES`` a folder that keeps what was generated between runs.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[3]


def tongchou(*words: str, cwd: Path | None = None, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Runs the command line."""
    ran = subprocess.run([os.environ["TONGCHOU"], *words], cwd=cwd, capture_output=True, text=True)
    assert ran.returncode == code, ran.stderr
    return ran


class Province:
    """A made-up province, by the command line."""

    def __init__(self, region: str, year: int, people: int, years: int = 1) -> None:
        self.region, self.year, self.years = region, year, years
        version = tongchou("--version").stdout.split()[-1]
        self.folder = Path(os.environ["PROVINCES"]) / f"{region}-{year}-{years}-{people}-{version}"
        words = ["generate", "--region", region, "--people", str(people), "--year", str(year), "--years", str(years)]
        tongchou(*words, "--seed", "5", "--anomalies", "-o", str(self.folder))

    def files(self, year: int | None = None) -> list[Path]:
        return sorted((self.folder / "bills" / str(year or self.year)).glob("part-*.parquet"))

    def bills(self) -> pa.Table:
        """The bills of all years."""
        years = range(self.year, self.year + self.years)
        return pa.concat_tables(pq.read_table(file) for year in years for file in self.files(year))


@pytest.fixture(scope="session")
def chongqing() -> Province:
    return Province("chongqing", 2022, 3000)


@pytest.fixture(scope="session")
def tianjin() -> Province:
    """Two years of a region whose years leave something to the next."""
    return Province("tianjin", 2018, 1500, years=2)


@pytest.fixture(scope="session")
def suzhou() -> Province:
    return Province("suzhou", 2023, 1500)


@pytest.fixture(scope="session")
def bills(chongqing: Province) -> pa.Table:
    return chongqing.bills()
