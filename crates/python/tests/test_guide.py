"""The guide says what the package says: its cells are run in order, and print what stands below them.

A page gets a folder of its own. Commands of ``console`` blocks are run there, ``python`` blocks in one namespace, as the cells of
a notebook: what a cell prints, and the value of its last expression, is the ``text`` block that follows it. ``GUIDES=write``
puts what is printed into the page.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, tongchou

BLOCK = re.compile(r"^```(\w[^\n]*)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def cell(source: str, names: dict[str, Any]) -> str:
    """Runs a cell; what it prints, and its last value."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(tree, "<cell>", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
            if value is not None:
                print(value if isinstance(value, str) else repr(value))
    return "".join(line.rstrip() + "\n" for line in out.getvalue().splitlines())


def follow(page: str, names: dict[str, Any]) -> str:
    """Runs a page; gives it back with what its cells print."""
    told, at, printed = [], 0, None
    for block in BLOCK.finditer(page):
        kind, body = block[1].split(), block[2]
        told.append(page[at : block.start()])
        at = block.end()
        if kind[0] == "text" and printed is not None:
            body, printed = printed, None
        elif printed:
            told.append(f"```text\n{printed}```\n\n")
            printed = None
        if kind[0] == "python":
            printed = cell(body, names)
        if kind[0] == "console" and "by-hand" not in kind:
            for line in body.splitlines():
                if line.startswith("$ tongchou "):
                    tongchou(*shlex.split(line)[2:])
        told.append(f"```{block[1]}\n{body}```\n")
    if printed:
        told.append(f"\n```text\n{printed}```\n")
    return "".join(told) + page[at:]


@pytest.mark.parametrize("name", ["python.md"])
def test_the_guide_says_what_the_package_says(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = ROOT / "docs/guide" / name
    text = page.read_text()
    monkeypatch.chdir(tmp_path)
    told = follow(text, {"__name__": "__main__"})
    if os.environ.get("GUIDES") == "write" and told != text:
        page.write_text(told)
        text = told
    assert told == text, "GUIDES=write mends the page, if the package is right"
