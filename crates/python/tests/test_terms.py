"""Terms loaded and carried elsewhere, one bill explained, several terms compared."""

from __future__ import annotations

import json
import pickle
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

import tongchou
from conftest import ROOT
from conftest import tongchou as command

BILL = {"date": date(2022, 3, 1), "care": "inpatient", "level": "2", "tier": "first", "birth": date(1968, 5, 2), "a": "16000"}


def test_terms_say_what_they_are() -> None:
    terms = tongchou.terms("重庆", year=2022)
    assert (terms.region, terms.name, terms.years) == ("chongqing", "baseline", (2022, 2022))
    assert terms.funds[0] == "basic" and terms.basis == "illustrative"
    assert terms.hashes[0][0] == "2022-01-01" and len(terms.hashes[0][1]) == 64
    assert set(tongchou.regions()) >= {"chongqing", "tianjin", "suzhou"}


def test_what_is_not_there_is_named_with_what_is() -> None:
    with pytest.raises(tongchou.UsageError, match="chongqing"):
        tongchou.terms("重氢", year=2022)
    with pytest.raises(tongchou.UsageError, match="tianjin-2022-draft"):
        tongchou.terms("天津", year=2023, drafts=["nothing"])
    with pytest.raises(tongchou.UsageError, match="2022-01-31"):
        tongchou.terms("重庆", year=2022, known_on="last year")
    with pytest.raises(tongchou.UsageError, match="year="):
        tongchou.terms("重庆", year=(2023, 2022))
    with pytest.raises(tongchou.UsageError, match="没有政策文件|读不了"):
        tongchou.terms("重庆", year=2022, policies=["no/such/folder"])


def test_faulty_policy_files_are_told_with_place_and_cure(tmp_path: Path) -> None:
    folder = tmp_path / "policies" / "500000-chongqing"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "policies/500000-chongqing/region.toml", folder)
    (folder / "2030-01-01-own.toml").write_text("[notice]\nunknown = 1\n")
    with pytest.raises(tongchou.PolicyError) as raised:
        tongchou.terms("重庆", year=2022, policies=[tmp_path / "policies"])
    assert "2030-01-01-own.toml" in str(raised.value)
    assert all(finding.cure for finding in raised.value.findings)


def test_terms_travel_with_files_of_their_own(tmp_path: Path) -> None:
    terms = tongchou.terms("天津", year=2023, drafts=["tianjin-2022-draft"], policies=[ROOT / "policies"], name="稿")
    again = pickle.loads(pickle.dumps(terms))
    assert (again.hashes, again.name, again.region) == (terms.hashes, "稿", "tianjin")
    assert terms.hashes != tongchou.terms("天津", year=2023).hashes
    again, (plans, asked) = terms.__reduce__()
    with pytest.raises(tongchou.UsageError, match="同一版本"):
        again([(day, "0" * 64) for day, _ in plans], asked)


def test_a_figure_is_changed_by_its_path() -> None:
    changed = tongchou.terms("重庆", year=2022, set={"stage.inpatient.cap": 1000})
    assert changed.name == "stage.inpatient.cap=1000"
    explained = changed.explain(BILL)
    assert (explained.paid["basic"], explained.steps[1].cap_fen) == (100_000, 100_000)
    assert pickle.loads(pickle.dumps(changed)).hashes == changed.hashes != tongchou.terms("重庆", year=2022).hashes
    with pytest.raises(tongchou.UsageError, match="stage.inpatient.cap"):
        tongchou.terms("重庆", year=2022, set={"stage.inpatient.lid": 1000})
    with pytest.raises(tongchou.PolicyError, match="first"):
        tongchou.terms("重庆", year=2022, set={"stage.inpatient.cap[tier=third]": 1000})


def test_one_bill_is_explained_as_by_the_command_line() -> None:
    explained = tongchou.terms("重庆", year=2022).explain(BILL)
    words = ["explain", "重庆", "--date", "2022-03-01", "--level", "2", "--tier", "first", "--birth", "1968-05-02", "--a", "16000"]
    told = json.loads(command(*words, "--format", "jsonl").stdout)
    assert [step.text for step in explained.steps] == [step["text"] for step in told["steps"]]
    assert [step.sources for step in explained.steps] == [step["sources"] for step in told["steps"]]
    assert tongchou.yuan(explained.person_pays_fen) == Decimal(told["person_pays"])
    assert tongchou.yuan(explained.paid["basic"]) == Decimal(told["basic"])
    assert explained.terms == told["receipt"]["terms"]
    basic = explained.steps[1]
    assert explained.steps[2].clauses == ["CQ21-02.1i", "CQ21-02.1h"] and not basic.clauses  # nothing but an assumption
    assert basic.fund == "basic" and basic.deductible_fen and basic.paid_fen == explained.paid["basic"]
    assert basic.base_fen == explained.in_scope_fen and explained.steps[0].paid_fen is None
    assert basic.text in str(explained) and basic.english in explained.english


def test_earlier_bills_count_towards_deductible_and_limits() -> None:
    terms = tongchou.terms("重庆", year=2022)
    alone = terms.explain(BILL)
    after = terms.explain(BILL | {"date": date(2022, 4, 1), "a": Decimal("16000")}, before=[BILL])
    assert alone.steps[1].cap_used_fen == 0
    assert after.steps[1].cap_used_fen == alone.steps[1].paid_fen
    with pytest.raises(tongchou.UsageError, match="before"):
        terms.explain(BILL, before=[BILL | {"person": "somebody else"}])


def test_a_bill_that_is_not_decided_or_not_sound_is_refused() -> None:
    terms = tongchou.terms("重庆", year=2022)
    with pytest.raises(tongchou.Refused) as refused:
        terms.explain(BILL | {"tier": "third"})
    assert refused.value.code == "unknown-tier" and refused.value.cure in str(refused.value)
    with pytest.raises(tongchou.BillsError, match="浮点数"):
        terms.explain(BILL | {"a": 16000.5})
    with pytest.raises(TypeError, match="decimals"):
        terms.explain(BILL | {"mark": object()})


def test_a_comparison_adds_up_to_what_each_variant_settles() -> None:
    draft = tongchou.terms("天津", year=2023, drafts=["tianjin-2022-draft"])
    base = tongchou.terms("天津", year=2023)
    rows = [
        {"bill": f"b{at}", "person": at % 40, "date": date(2023, 1 + at % 12, 3), "birth": date(1950 + at % 70, 1, 1)}
        | {"care": ["住院", "普通门诊"][at % 3 == 0], "level": "123"[at % 3], "tier": ["high", "low"][at % 2], "a_fen": 100_000 * (at % 37 + 1)}
        for at in range(400)
    ]
    for row in rows:
        row["tier"] = ["high", "low"][row["person"] % 2]
    table = pa.Table.from_pylist(rows)
    compared = pa.table(tongchou.compare([base, draft], table))
    assert compared.column_names[:4] == ["variant", "tier", "level", "care"]
    for variant in (base, draft):
        own = compared.filter(pc.equal(compared["variant"], variant.name))
        settled = pa.table(variant.settle(table))
        for name in ("total_fen", "in_scope_fen", "funds_fen", "person_pays_fen"):
            assert pc.sum(own[name]).as_py() == pc.sum(settled[name]).as_py(), name
        refused = len(settled) - settled["refused"].null_count
        assert (pc.sum(own["bills"]).as_py(), pc.sum(own["refused"]).as_py()) == (len(table) - refused, refused)
    with pytest.raises(tongchou.UsageError, match="name="):
        tongchou.compare([base, base], table)
    with pytest.raises(tongchou.UsageError, match="同一统筹区"):
        tongchou.compare([base, tongchou.terms("重庆", year=2023, name="另一地")], table)
