"""The part of ``tongchou`` that is written in Rust."""

from os import PathLike
from typing import Any, Iterable, Mapping, Protocol, Sequence, final, type_check_only

from .errors import Finding

__version__: str

@type_check_only
class ArrowStream(Protocol):
    """Any table that speaks the Arrow PyCapsule interface: of pyarrow, pandas, polars, DuckDB and others."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class Table:
    """A table of results.

    Hand it to ``pyarrow.table``, ``polars.DataFrame``, ``pandas.DataFrame.from_arrow`` or DuckDB; none of them copies it.
    """

    column_names: list[str]
    """Names of the columns."""
    findings: list[Finding]
    """What was wrong with rows that were left out."""
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __len__(self) -> int: ...

@final
class Terms:
    """The terms of a region for some years, ready to settle. Made by ``tongchou.terms``; can be pickled."""

    region: str
    """Slug of the region."""
    region_name: str
    """Chinese name of the region."""
    name: str
    """What comparisons call them."""
    years: tuple[int, int]
    """First and last year."""
    funds: list[str]
    """Codes of the funds that may pay, in legal order."""
    hashes: list[tuple[str, str]]
    """Of each span of days on which the terms stay the same, its first day and the hash of the terms."""
    basis: str
    """Code of the weakest basis that any figure of the terms rests on: ``stated``, ``derived``, ``secondary``, ``illustrative``."""

    def settle(self, table: ArrowStream, *, keep_going: bool = False, threads: int | None = None) -> Table:
        """Settles a table of bills; its columns are those of a file of bills.

        Rows may stand in any order: bills of a person are settled by date, those of one day in the order of the table.
        Persons begin the first year with nothing. The result has the columns ``bill``, ``person`` and ``date`` as they were
        given, then ``kind`` (``settled``, ``reversed``, ``difference``), whole fen in ``total_fen``, ``in_scope_fen``,
        ``first_self_pay_fen``, ``out_of_scope_fen``, ``over_limit_fen``, one column for each fund (``basic_fen`` …),
        ``funds_fen`` and ``person_pays_fen``, the weakest ``basis`` used, and for a bill that the terms do not decide
        ``refused`` and ``reason``, its amounts being null. One row a bill, in the order of the table; a bill that a reversal
        touches has more, and all of them add up.

        As many threads as there are processors, if not said otherwise; the interpreter is free meanwhile.

        Raises ``BillsError`` with all that is wrong with the table; with ``keep_going``, rows at fault are left out and told
        in ``findings``.
        """

    def _settle_beside(self, table: ArrowStream, others: list[Terms]) -> Table: ...
    def explain(self, bill: Mapping[str, Any], *, before: Iterable[Mapping[str, Any]] | None = None) -> Explanation:
        """What is paid of one bill, a mapping with the columns of a file of bills, and why.

        ``before`` are the person's earlier bills of the time, which count towards deductibles and limits. Neither an id nor
        a person is needed. Amounts are in yuan, as text or ``Decimal``, or whole fen in ``a_fen`` and so on.

        Raises ``BillsError`` for a faulty bill, ``Refused`` for one that the terms do not decide.
        """

@final
class Step:
    """A step of a settlement. Amounts are whole fen, and there where the step is a stage's."""

    stage: str
    """Id of the stage; ``scope`` and ``carry`` for what comes before the stages."""
    name: str | None
    """Chinese name of the stage."""
    fund: str | None
    """Code of the fund that pays."""
    text: str
    """The step in Chinese."""
    english: str
    """The step in English."""
    sources: list[str]
    """Where the figures come from, a line each, in Chinese."""
    english_sources: list[str]
    """The same in English."""
    clauses: list[str]
    """Ids of the clauses."""
    basis: str
    """Code of the weakest basis of the step."""
    base_fen: int | None
    """What it started from."""
    deductible_fen: int | None
    """The deductible taken from this bill."""
    counted_fen: int | None
    """What counts after the deductible."""
    uncapped_fen: int | None
    """Payment before the cap."""
    cap_fen: int | None
    """The cap; none where there is none."""
    cap_used_fen: int | None
    """What was used of it before this bill."""
    paid_fen: int | None
    """Payment."""

@final
class Explanation:
    """What is paid of a bill, and why. Amounts are whole fen; as text it is the steps in Chinese."""

    bill: str
    person: str
    date: str
    total_fen: int
    in_scope_fen: int
    first_self_pay_fen: int
    out_of_scope_fen: int
    over_limit_fen: int
    funds_fen: int
    person_pays_fen: int
    paid: dict[str, int]
    """What each fund pays, by its code, in legal order."""
    basis: str
    """Code of the weakest basis used."""
    terms: str
    """Hash of the terms."""
    steps: list[Step]
    text: str
    """All of it in Chinese."""
    english: str
    """All of it in English."""

def _load(
    region: str,
    first_year: int,
    last_year: int,
    drafts: list[str],
    known_on: str | None,
    strict: bool,
    policies: list[str | PathLike[str]],
    overlays: list[tuple[str, str, str]],
    set: list[str],
    name: str | None,
) -> Terms: ...
def _fund_columns(terms: list[Terms]) -> list[str]: ...
def _compare(terms: list[Terms], table: ArrowStream, keep_going: bool, threads: int | None) -> Table: ...
def regions(policies: Sequence[str | PathLike[str]]) -> list[tuple[str, str]]: ...
