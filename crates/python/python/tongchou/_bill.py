"""A bill as a mapping, made the JSON that the reader of bills takes."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any, Iterable, Mapping

_BILL = {"bill", "票据号", "账单号"}
_PERSON = {"person", "人员编号"}


def as_json(bill: Mapping[str, Any], before: Iterable[Mapping[str, Any]] | None) -> list[str]:
    """The bills before it and the bill, an object each. One asked about by itself needs neither an id nor a person."""
    return [_object(bill, at + 1) for at, bill in enumerate([*(before or ()), bill])]


def _object(bill: Mapping[str, Any], number: int) -> str:
    full = {key: value for key, value in bill.items() if value is not None}
    if not _BILL & full.keys():
        full["bill"] = str(number)
    if not _PERSON & full.keys():
        full["person"] = "1"
    return json.dumps(full, default=_text, ensure_ascii=False)


def _text(value: Any) -> Any:
    """Days and decimals are text in JSON; floats stay floats there, so that they are refused."""
    if isinstance(value, (date, Decimal)):
        return str(value)
    if hasattr(value, "item"):  # a number of numpy
        return value.item()
    raise TypeError(f"{value!r} ({type(value).__name__}): a bill holds texts, whole numbers, decimals, days and lists")
