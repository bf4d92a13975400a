"""A Spark cluster on one machine: a standalone master and workers, each a process of its own, on loopback.

``python cluster.py WORKERS`` starts one and prints its address, until it is ended.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pyspark

HOST = "127.0.0.1"
HOME = Path(pyspark.__file__).parent


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])


class Cluster:
    """A master and its workers."""

    def __init__(self, workers: int, memory: str = "1g") -> None:
        self._folder = TemporaryDirectory(prefix="tongchou-spark-")
        self._environment = os.environ | {
            "SPARK_HOME": str(HOME),
            "SPARK_LOCAL_IP": HOST,
            "SPARK_NO_DAEMONIZE": "1",
            "PYSPARK_PYTHON": sys.executable,
        }
        port = _free_port()
        self.address = f"spark://{HOST}:{port}"
        self._memory = memory
        self.master = self._start("master.Master", "--host", HOST, "--port", str(port), "--webui-port", "0")
        self._until(f"Starting Spark master at {self.address}", self.master)
        self.workers = [self._worker(at) for at in range(workers)]

    def _worker(self, at: int) -> subprocess.Popen[bytes]:
        words = ["--host", HOST, "--cores", "1", "--memory", self._memory, "--webui-port", "0"]
        worker = self._start("worker.Worker", *words, "--work-dir", f"{self._folder.name}/{at}", self.address)
        self._until("Successfully registered with master", worker)
        return worker

    def _start(self, which: str, *words: str) -> subprocess.Popen[bytes]:
        log = Path(self._folder.name) / f"{which}-{_free_port()}.log"
        with log.open("wb") as out:
            started = subprocess.Popen(
                [str(HOME / "bin/spark-class"), f"org.apache.spark.deploy.{which}", *words],
                env=self._environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                # A group of its own, with the executors in it: what dies with the machine dies together.
                start_new_session=True,
            )
        started.log = log  # type: ignore[attr-defined]
        return started

    @staticmethod
    def _until(line: str, process: subprocess.Popen[bytes], seconds: int = 300) -> None:
        log: Path = process.log  # type: ignore[attr-defined]
        for _ in range(seconds * 10):
            text = log.read_text(errors="replace")
            if line in text:
                return
            if process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"no “{line}” from Spark:\n{text}")

    @staticmethod
    def kill(process: subprocess.Popen[bytes]) -> None:
        """Ends a master, or a worker with its executors, as a machine that loses its power."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def stop(self) -> None:
        for process in (*self.workers, self.master):
            self.kill(process)
        self._folder.cleanup()


if __name__ == "__main__":
    cluster = Cluster(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
    print(cluster.address, flush=True)
    try:
        cluster.master.wait()
    except KeyboardInterrupt:
        pass
    finally:
        cluster.stop()
