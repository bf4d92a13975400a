"""The plan in OpenFisca, as far as its words go.

It has periods and vectors of persons, and nothing for several events of a person in a period that follow one another. So the
n-th bill of a person stands on the n-th day of the year: the running amount is then a formula that asks the day before.
Done outside it, with NumPy: bringing bills into that order, blocks of persons with about as many bills (every person of a
simulation has every day), the two kinds of care apart, and sums, since its whole numbers have 32 bits.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum, EnumArray
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit, period
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable
from plan import MILLION, Plan

plan = Plan.read()
province, year, out = sys.argv[1], sys.argv[2], sys.argv[3]
names = sorted({row.level for row in plan.rows})
Level = Enum("Level", {f"level_{name}": name for name in names})
Person = build_entity(key="person", plural="persons", label="who has bills", is_person=True)
#: Persons of a simulation.
BLOCK = 50_000


def part(of, ppm):
    """A part of an amount, rounded half up to the fen."""
    return (of.astype(np.int64) * ppm + MILLION // 2) // MILLION


class level(Variable):
    value_type, possible_values, default_value = Enum, Level, Level[f"level_{names[0]}"]
    entity, definition_period, label = Person, DateUnit.DAY, "where"


class a_fen(Variable):
    value_type, entity, definition_period, label = int, Person, DateUnit.DAY, "class A"


class b_fen(Variable):
    value_type, entity, definition_period, label = int, Person, DateUnit.DAY, "class B"


class in_scope(Variable):
    value_type, entity, definition_period, label = int, Person, DateUnit.DAY, "in scope"

    def formula(person, day, parameters):
        b = person("b_fen", day)
        return person("a_fen", day) + b - part(b, parameters(day).share)


class used(Variable):
    value_type, entity, definition_period, label = int, Person, DateUnit.DAY, "paid before, in the year"

    def formula(person, day, parameters):
        if day.start.month == day.start.day == 1:
            return person.filled_array(0)
        before = day.offset(-1)
        return person("used", before) + person("paid", before)


class paid(Variable):
    value_type, entity, definition_period, label = int, Person, DateUnit.DAY, "paid"

    def formula(person, day, parameters):
        law, where = parameters(day), person("level", day)
        deductible = law.first if day.start.month == day.start.day == 1 else law.later
        due = part(np.maximum(person("in_scope", day) - deductible[where], 0), law.ratio[where])
        return np.minimum(due, law.cap - person("used", day))


def system(care: str) -> TaxBenefitSystem:
    """The law of a kind of care."""
    rows = [row for row in plan.rows if row.care == care]
    since = lambda value: {"values": {f"{year}-01-01": {"value": value}}}
    by_level = lambda of: {f"level_{row.level}": since(of(row)) for row in rows}
    law = {
        "share": since(plan.share),
        "cap": since(rows[0].cap),
        "first": by_level(lambda row: row.first),
        "later": by_level(lambda row: row.later),
        "ratio": by_level(lambda row: row.ratio),
    }
    made = TaxBenefitSystem([Person])
    made.parameters = ParameterNode("", data=law)
    made.add_variables(level, a_fen, b_fen, in_scope, used, paid)
    return made


def settle(law: TaxBenefitSystem, bills: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """In scope and paid of each bill; bills of a person lie together, in order."""
    starts = np.flatnonzero(np.diff(bills["person"], prepend=-1))
    counts = np.diff(starts, append=len(bills["person"]))
    if counts.max() > 365:
        sys.exit(f"a person has {counts.max()} bills, and the year has 365 days for them")
    by_count = np.argsort(counts, kind="stable")
    scopes, pays = np.zeros_like(bills["a_fen"]), np.zeros_like(bills["a_fen"])
    for first in range(0, len(starts), BLOCK):
        some = by_count[first : first + BLOCK]
        simulation = SimulationBuilder().build_default_simulation(law, count=len(some))
        for number in range(counts[some].max()):
            day = period(str(date(int(year), 1, 1) + timedelta(days=number)))
            has = np.flatnonzero(counts[some] > number)
            rows = starts[some[has]] + number
            for name in ("a_fen", "b_fen", "level"):
                column = np.zeros(len(some), bills[name].dtype)
                column[has] = bills[name][rows]
                simulation.set_input(name, day, EnumArray(column, Level) if name == "level" else column)
            pays[rows] = simulation.calculate("paid", day)[has]
            scopes[rows] = simulation.calculate("in_scope", day)[has]
    return scopes, pays


def main() -> None:
    read = ["bill", "person", "date", "care", "level", "a_fen", "b_fen", "c_fen", "over_limit_fen"]
    table = ds.dataset(f"{province}/bills/{year}").to_table(columns=read)
    for words in ("care", "level"):
        table = table.set_column(table.schema.get_field_index(words), words, table[words].cast(pa.string()))
    table = table.sort_by([("person", "ascending"), ("date", "ascending"), ("bill", "ascending")])
    ids, parts = [], []
    for care in sorted({row.care for row in plan.rows}):
        rows = table.filter(pc.equal(table["care"], care))
        place = pc.index_in(rows["level"], pa.array([item.value for item in Level]))
        bills = {name: rows[name].to_numpy() for name in ("person", "a_fen", "b_fen")} | {"level": place.to_numpy()}
        scopes, pays = settle(system(care), bills)
        ids.append(pa.table({"bill": rows["bill"], "paid_fen": pays}))
        total = sum(rows[name].to_numpy() for name in ("a_fen", "b_fen", "c_fen", "over_limit_fen"))
        cells = {"care": rows["care"], "level": rows["level"], "total_fen": total}
        parts.append(pa.table(cells | {"in_scope_fen": scopes, "paid_fen": pays}))
    if len(sys.argv) > 4:
        pq.write_table(pa.concat_tables(ids), sys.argv[4])
        return
    sums = [("total_fen", "count")]
    sums += [(name, "sum") for name in ("total_fen", "in_scope_fen", "paid_fen")]
    cells = pa.concat_tables(parts).group_by(["care", "level"]).aggregate(sums)
    cells = cells.sort_by([("care", "ascending"), ("level", "ascending")])
    names = {"total_fen_count": "bills", "total_fen_sum": "total_fen"}
    names |= {"in_scope_fen_sum": "in_scope_fen", "paid_fen_sum": "paid_fen"}
    csv.write_csv(cells.rename_columns([names.get(name, name) for name in cells.column_names]), out)


main()
