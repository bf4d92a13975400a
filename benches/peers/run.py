"""The same bills by the same simple plan: Tongchou beside DuckDB, Polars and OpenFisca.

``python3 run.py TONGCHOU FOLDER [--people N] [--wheel WHEEL]``: TONGCHOU is the program, built with
``--release``; FOLDER is where the environment, the province and the results go; WHEEL, if given, Tongchou's
Python package, which then runs beside. ``cargo xtask bench peers`` does it all but for the wheel.

Each run is a process of its own that reads the same Parquet files and writes sums by kind of care and level. Told are the
median of three by the clock, processor time and peak memory, each beside Tongchou's. Sums and the payment of every bill must
be the same to the fen; a peer that differs ends the run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import venv
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
YEAR = "2022"
#: Each with how it settles.
WHEEL = {"tongchou_python": "tongchou.compare"}
PEERS = {"duckdb": "one SQL query", "polars": "one lazy query", "openfisca": "formulas by day, one thread"}


@dataclass
class Measured:
    """A run: seconds by the clock, seconds of processors, MiB at the peak."""

    clock: float
    processor: float
    memory: float


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("tongchou", type=Path)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--people", type=int, default=1_000_000, help="of the province (default: a million)")
    asked.add_argument("--wheel", type=Path, help="Tongchou's Python package, to run it beside")
    asked.add_argument("--format", choices=["table", "json"], default="table")
    args = asked.parse_args()
    if sys.version_info < (3, 11):
        stop("Python 3.11 or later is needed (the plan is read by tomllib)", "take a newer python3")
    args.folder.mkdir(parents=True, exist_ok=True)
    python = environment(args.folder / "venv")
    peers = PEERS
    if args.wheel:
        peers = WHEEL | PEERS
        install(python, "--force-reinstall", "--no-deps", str(args.wheel))
    program = args.tongchou.resolve()
    province = made(program, args.folder / f"province-{args.people}", args.people)
    out = args.folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    runs = {"tongchou": median(3, lambda: simulated(program, province, out))}
    for peer in peers:
        times = 1 if peer == "openfisca" else 3
        words = [str(python), str(HERE / f"by_{peer}.py"), str(province), YEAR]
        runs[peer] = median(times, lambda: measured([*words, str(out / f"{peer}.csv")]))
        measured([*words, "-", str(out / f"{peer}.parquet")])
    checked = subprocess.run(
        [python, str(HERE / "agree.py"), str(program), str(province), YEAR, str(out), *peers],
        stdout=subprocess.PIPE, text=True,
    )
    if checked.returncode:
        stop(f"the peers do not agree:\n{checked.stdout}", "hold the plan of that peer (by_*.py) against the policy file")
    tell(args.format, runs, json.loads(checked.stdout))


def stop(what: str, cure: str) -> None:
    sys.exit(f"error: {what}\n  = {cure}")


def environment(folder: Path) -> Path:
    """The Python of a virtual environment with the peers, from PyPI."""
    wanted, done = (HERE / "requirements.txt").read_text(), folder / "made-of.txt"
    python = folder / "bin/python"
    if done.is_file() and done.read_text() == wanted:
        return python
    try:
        venv.create(folder, with_pip=True, clear=True)
    except subprocess.CalledProcessError as failed:
        stop(f"no virtual environment: {failed}", "Debian: apt-get install python3-venv")
    install(python, "-r", str(HERE / "requirements.txt"))
    done.write_text(wanted)
    return python


def install(python: Path, *what: str) -> None:
    if subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]).returncode:
        stop(
            f"pip could not install {what[-1]}: see above",
            "PyPI must be within reach (a mirror: PIP_INDEX_URL); where a version is gone, name another in requirements.txt",
        )


def made(program: Path, folder: Path, people: int) -> Path:
    """A province of so many people, made once."""
    if not (folder / "province.toml").is_file():
        words = ["generate", "--region", "peers", "--people", str(people), "--year", YEAR, "-o", str(folder)]
        ran = subprocess.run([program, *words, "--policies", str(HERE / "policies")], stdout=sys.stderr)
        if ran.returncode:
            stop("no province: see above", "the program must be built with its default features")
    return folder


def simulated(program: Path, province: Path, out: Path) -> Measured:
    """Settles the province by Tongchou, which reads people and enrolment too and writes a whole report."""
    shutil.rmtree(out / "tongchou", ignore_errors=True)
    words = [str(program), "simulate", str(province), "--policies", str(HERE / "policies"), "-o", str(out / "tongchou")]
    return measured(words)


def measured(words: list[str]) -> Measured:
    begun = time.perf_counter()
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    clock = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        stop(f"{' '.join(words[:3])} ended with {child.returncode}: see above", "run it alone")
    return Measured(clock, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(times: int, run) -> Measured:
    return sorted((run() for _ in range(times)), key=lambda measured: measured.clock)[times // 2]


def tell(form: str, runs: dict[str, Measured], agreed: dict[str, int]) -> None:
    own = runs["tongchou"]
    if form == "json":
        lines = []
        for name, run in runs.items():
            for what, unit in (("clock", "s"), ("processor", "s"), ("memory", "MiB")):
                value, floor = getattr(run, what), getattr(own, what)
                told = {"name": f"{name}, {what}", "value": value, "unit": unit, "floor": "× tongchou"}
                lines.append(told | {"ratio": value / floor})
        print(json.dumps(lines))
        return
    print(f"{agreed['bills']:,} bills, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print(f"sums by kind of care and level agree to the fen; so does each of {agreed['single']:,} bills by every peer")
    print(f"{'':16}{'s':>8}{'ratio':>8}{'cpu s':>9}{'ratio':>8}{'MiB':>8}{'ratio':>8}")
    how = PEERS | WHEEL | {"tongchou": "simulate: people and enrolment read too, a report written"}
    for name, run in runs.items():
        pairs = [(run.clock, own.clock), (run.processor, own.processor), (run.memory, own.memory)]
        cells = [f"{value:>{8 + (at == 1)}.{1 if at < 2 else 0}f}{value / floor:>7.2f}×" for at, (value, floor) in enumerate(pairs)]
        print(f"{name:16}{''.join(cells)}  {how[name]}")


if __name__ == "__main__":
    main()
