//! The registry of what a notice file may hold: one line per field. The reader, the JSON Schema and the reference pages all
//! come from here.

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Free text.
    Text,
    /// One text or a list of texts.
    Texts,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A day.
    Date,
    /// A month and day, as `10-01`.
    MonthDay,
    /// Yuan, a derivation, `"open"`, or `"none"`.
    Amount,
    /// A list of amounts.
    Amounts,
    /// A ratio with a percent sign, at most 100%.
    Rate,
    /// A factor with a percent sign, which may go above 100%.
    Factor,
    /// Percentage points, without a sign of per cent.
    Points,
    /// A rule on a statistic.
    Rule,
    /// One word of a closed list.
    Word(&'static [&'static str]),
    /// Words of a closed list.
    Words(&'static [&'static str]),
    /// A table of conditions.
    When,
    /// A table of these fields.
    Table(&'static [Field]),
    /// A list of tables; with conditions beside the values if the flag is set.
    Rows(&'static [Field], bool),
}

/// One field: its name, what it holds, whether it must be there, and what it means.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Name in the file.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
    /// Meaning, for the reference and the editor.
    pub doc: &'static str,
}

/// One kind of provision: the pattern of its key (`*` is any name) and its fields.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Key pattern, as `stage.*.bands`.
    pub pattern: &'static str,
    /// Chinese name.
    pub name: &'static str,
    /// Meaning.
    pub doc: &'static str,
    /// Its own fields, beside [`COMMON`].
    pub fields: &'static [Field],
}

const fn must(name: &'static str, kind: Kind, doc: &'static str) -> Field {
    Field { name, kind, required: true, doc }
}

const fn may(name: &'static str, kind: Kind, doc: &'static str) -> Field {
    Field { name, kind, required: false, doc }
}

use crate::value::RoundTo;
use Kind::{
    Amount, Amounts, Bool, Date, Factor, Integer, MonthDay, Points, Rate, Rows, Rule, Text, Texts, When, Word, Words,
};

/// The words of [`domain::Payer`].
pub const PAYERS: &[&str] = &[
    "basic", "catastrophic", "large-amount", "supplement", "civil-service", "assistance", "tilt", "accident", "other",
];
const CARE: &[&str] = &[
    "inpatient", "outpatient", "emergency", "special", "two-disease", "pharmacy", "delivery", "prenatal",
    "day-surgery", "single-disease",
];
const SCHEMES: &[&str] = &["resident", "employee"];
const SPONSORS: &[&str] =
    &["finance", "central", "province", "city", "district", "assistance", "education", "employer", "large-amount-fund"];

/// The ways a service item may be asked for.
pub const WAYS: &[&str] = &["counter", "web", "phone", "mail", "visit", "booking", "agent"];
/// The kinds of places that take items in: the agency itself, and points that it has authorised.
pub const POINTS: &[&str] = &["agency", "town", "village", "pharmacy", "clinic", "bank", "firm"];

/// A step of a service item.
const STEP: &[Field] = &[
    must("step", Text, "the state it leads to"),
    must("name", Text, "Chinese name of the state"),
    may("after", Texts, "the states it may follow; none: the state in which the matter opens"),
    may("by", Word(&["accepting", "deciding", "either"]), "which office takes it; the deciding one if left out"),
    may("reason", Bool, "true: a reason must be recorded"),
    may("needs", Texts, "facts that must be recorded with it"),
    may("money", Word(&["owes", "pays"]), "the fund owes the amount from here on, or pays what it owes"),
    may("ends", Bool, "true: the matter ends here"),
];

/// Fields that every provision may have.
pub const COMMON: &[Field] = &[
    may("clause", Texts, "条款编号 clause ids of the register (policies/clauses.tsv)"),
    may("from", Date, "first day; the notice's effective day if left out"),
    may("until", Date, "last day, inclusive"),
    may("year", Integer, "short for a whole calendar year (an academic year where the calendar is academic)"),
    may("basis", Word(&["stated", "derived", "secondary", "illustrative"]), "依据 on what the figures rest"),
    may("source", Text, "where a figure below `stated` comes from"),
    may("reading", Text, "the reading taken where the text leaves one open"),
    may("note", Text, "anything else the reader should know"),
    may("ends", Bool, "true: from `from` on, this key no longer holds"),
];

/// Fields of a rule on a statistic, which may stand in place of an amount.
pub const RULE: &[Field] = &[
    must("of", Text, "statistic"),
    may("share", Factor, "share of it"),
    may("times", Integer, "multiple of it, instead of a share"),
    must("years_before", Integer, "its year against the year of the day"),
    must("round", Word(RoundTo::WORDS), "unit it is rounded to"),
    may("region", Text, "another region's statistic, by slug or code"),
];

const BAND: &[Field] = &[
    may("to", Amount, "upper end, inclusive; open-ended if left out"),
    must("ratio", Rate, "share paid within the band"),
];

/// Every kind of provision.
pub const PARTS: &[Part] = &[
    Part {
        pattern: "stage.*.shape",
        name: "支付环节",
        doc: "A stage of payment: who pays, of what, in which order.",
        fields: &[
            must("name", Text, "Chinese name"),
            may("english", Text, "English name"),
            must("payer", Word(PAYERS), "the fund that pays"),
            must("layer", Word(&["basic", "catastrophic", "assistance", "other"]), "place in the legal order"),
            must("order", Integer, "position among the stages"),
            may("covers", When, "which bills it looks at"),
            may("excludes", When, "which of those it leaves out"),
            must(
                "base",
                Word(&["in-scope", "burden", "burden-with-first-self-pay", "bill-burden"]),
                "the amount it starts from: in-scope amount of the bill, or what earlier stages left",
            ),
            must("measure", Word(&["visit", "year"]), "whether bands run on the visit or on the amount of the year"),
            may(
                "exclusive",
                Bool,
                "only the first such stage of the layer that covers a bill pays (default in layer basic)",
            ),
            may("list_item", Text, "the item of the national benefit list it stands on"),
        ],
    },
    Part {
        pattern: "stage.*.deductible",
        name: "起付标准",
        doc: "The amount the person bears before the stage pays.",
        fields: &[
            must("per", Word(&["visit", "year"]), "taken from each visit, or once a year"),
            may("pool", Text, "year: shared with the stages of the same pool"),
            may("year_limit", Amount, "limit on the sum of a year"),
            may("chain", Bool, "counted on continuously along a referral chain"),
            may("minus_carry", Text, "lowered by this carry rule"),
            must(
                "rows",
                Rows(
                    &[
                        may("amount", Amount, "the amount"),
                        may("rule", Rule, "the rule the published amount follows; the checker compares"),
                        may("share", Rate, "share of an earlier admission's amount, instead of an amount"),
                        may("of", Word(&["first", "previous", "own"]), "which amount the share is of"),
                        may("floor", Amount, "not below this"),
                    ],
                    true,
                ),
                "decision table",
            ),
        ],
    },
    Part {
        pattern: "stage.*.bands",
        name: "支付比例",
        doc: "What share is paid, in bands.",
        fields: &[
            may(
                "on",
                Word(&["above-deductible", "gross"]),
                "bands are measured above the deductible (default) or on the gross amount",
            ),
            must(
                "rows",
                Rows(
                    &[
                        may("ratio", Rate, "one ratio for all amounts"),
                        may("bands", Rows(BAND, false), "bands, lowest first"),
                        may("open", Bool, "true: the notice leaves this ratio to another text"),
                    ],
                    true,
                ),
                "decision table",
            ),
        ],
    },
    Part {
        pattern: "stage.*.cap",
        name: "最高支付限额",
        doc: "A limit on what the stage pays or counts.",
        fields: &[
            must("per", Word(&["visit", "year", "lifetime"]), "over what it is counted"),
            may(
                "on",
                Word(&["paid", "counted", "gross"]),
                "what it limits: fund payment (default), amount above the deductible, base amount",
            ),
            may("pool", Text, "shared with the stages of the same pool"),
            may("plus_carry", Text, "raised by this carry rule"),
            must(
                "rows",
                Rows(&[must("amount", Amount, "the limit, or none"), may("rule", Rule, "the rule it follows")], true),
                "decision table",
            ),
        ],
    },
    Part {
        pattern: "stage.*.entry",
        name: "计入线",
        doc: "A line that a kind of care must pass before it counts in a yearly base.",
        fields: &[must(
            "rows",
            Rows(
                &[
                    must("line", Amount, "the line, per year"),
                    must("then", Word(&["excess", "whole"]), "what counts above the line: the excess, or the whole"),
                ],
                true,
            ),
            "decision table",
        )],
    },
    Part {
        pattern: "stage.*.adjust.*",
        name: "待遇调整",
        doc: "A change of a stage's figures under conditions; all that match apply, in order.",
        fields: &[
            may("when", When, "when it applies"),
            may("order", Integer, "sequence among adjustments"),
            may("ratio_points", Points, "percentage points added to every ratio"),
            may("ratio_times", Factor, "factor on every ratio"),
            may("deductible_times", Factor, "factor on the deductible"),
            may("deductible_minus", Amount, "taken off the deductible"),
            may("deductible_at_most", Amount, "the deductible is this, or the lower one that would apply"),
            may("deductible_none", Bool, "no deductible"),
            may("cap_plus", Amount, "added to the cap"),
            may("cap_none", Bool, "no cap"),
            may("open", Bool, "true: a change is stated but its figure is left to another text"),
        ],
    },
    Part {
        pattern: "scope.first-self-pay",
        name: "先行自付",
        doc: "First self-pay share by catalogue class, where a bill names none.",
        fields: &[must("rows", Rows(&[must("share", Rate, "share the person pays first")], true), "decision table")],
    },
    Part {
        pattern: "tier.benefit",
        name: "待遇档次",
        doc: "Benefit tier other than the tier of contribution.",
        fields: &[must("rows", Rows(&[must("becomes", Text, "tier id")], true), "decision table; no row: own tier")],
    },
    Part {
        pattern: "tier.finance",
        name: "筹资档次",
        doc: "Tier a person is financed at, other than the tier chosen.",
        fields: &[must("rows", Rows(&[must("becomes", Text, "tier id")], true), "decision table; no row: own tier")],
    },
    Part {
        pattern: "disease.*.*",
        name: "病种",
        doc: "A disease code on a list.",
        fields: &[must("name", Text, "name"), may("ages", Text, "age band it is meant for")],
    },
    Part {
        pattern: "settlement.order",
        name: "结算顺序",
        doc: "The legal order of layers.",
        fields: &[must("layers", Words(&["basic", "catastrophic", "assistance", "other"]), "first to last")],
    },
    Part {
        pattern: "settlement.refuse.*",
        name: "不予结算",
        doc: "Bills that are refused by name, with a reason, before any stage looks at them.",
        fields: &[
            must("when", When, "which bills"),
            may("unless", When, "what lets such a bill pass all the same"),
            must("says", Text, "the reason, and what to do, in words for people"),
        ],
    },
    Part {
        pattern: "carry.*",
        name: "跨年结转",
        doc: "What a year leaves to the next: a lower deductible, a flag, a higher ceiling.",
        fields: &[
            must("kind", Word(&["quiet-years", "light-year", "unused-limit"]), "mechanism"),
            may("scheme", Words(SCHEMES), "schemes it holds for"),
            must("care", Words(CARE), "care whose in-scope amounts are counted"),
            may("stage", Text, "stage whose deductible or cap is compared"),
            may(
                "against",
                Word(&["base", "lowered"]),
                "quiet-years: compared with the unlowered or the lowered deductible",
            ),
            may("steps", Amounts, "quiet-years: lowering after one, two, three … years"),
            may("full_year", Bool, "the person must have been insured the whole year"),
            may("rows", Rows(&[must("line", Amount, "light-year: at most this much")], true), "light-year: the lines"),
        ],
    },
    Part {
        pattern: "contribution.standard",
        name: "个人缴费标准",
        doc: "What a person pays for an insured year.",
        fields: &[must("rows", Rows(&[must("amount", Amount, "per person and year")], true), "decision table")],
    },
    Part {
        pattern: "contribution.academic",
        name: "学年缴费标准",
        doc: "What a student pays for an academic year (September to August).",
        fields: &[must("rows", Rows(&[must("amount", Amount, "per person and year")], true), "decision table")],
    },
    Part {
        pattern: "contribution.sponsor.*",
        name: "资助参保",
        doc: "Who pays a needy person's contribution, and how much of it.",
        fields: &[
            may("when", When, "whom it is for"),
            may("share", Rate, "share of the contribution"),
            may("amount", Amount, "a fixed amount"),
            must("payer", Word(SPONSORS), "who pays it"),
            may("order", Integer, "sequence; the first that holds applies"),
        ],
    },
    Part {
        pattern: "contribution.collect.*",
        name: "征缴方式",
        doc: "How and when contributions are collected.",
        fields: &[
            may("when", When, "whom it is for"),
            may("opens", Date, "no collection before this day"),
            may("withholding", Bool, "whether the contribution may be withheld from an allowance"),
            may("elect_tier", Bool, "the person must choose the tier; none is assigned"),
            may("yearly", Bool, "declared and paid each year; nothing is carried over"),
            may("collector", Word(&["tax"]), "who collects: the tax authority"),
        ],
    },
    Part {
        pattern: "subsidy.standard",
        name: "财政补助标准",
        doc: "Fiscal subsidy per person and year.",
        fields: &[must("amount", Amount, "per person and year"), may("floor", Bool, "a minimum only")],
    },
    Part {
        pattern: "subsidy.split",
        name: "补助分担",
        doc: "Which government pays which part of the subsidy.",
        fields: &[must(
            "rows",
            Rows(
                &[
                    may("central", Amount, "central part"),
                    may("province", Amount, "provincial part"),
                    may("local", Amount, "city and county part"),
                ],
                true,
            ),
            "one row an area; each sums to the standard",
        )],
    },
    Part {
        pattern: "subsidy.count.*",
        name: "补助人数口径",
        doc: "Who counts in the subsidy claim.",
        fields: &[
            must(
                "reason",
                Word(&["no-id", "wrong-id", "duplicate", "residence-permit", "permit-expired"]),
                "state of the person's record",
            ),
            must("counts", Integer, "0 or 1"),
        ],
    },
    Part {
        pattern: "enrolment.window",
        name: "集中参保期",
        doc: "The concentrated enrolment period of an insured year.",
        fields: &[
            may("opens", Date, "first day (with `year`)"),
            may("closes", Date, "last day (with `year`)"),
            may("opens_day", MonthDay, "first day, every year"),
            may("closes_day", MonthDay, "last day, every year"),
            may("in_year", Integer, "year of those days against the insured year, as -1"),
            may("benefits_from", MonthDay, "benefits start, in the insured year"),
        ],
    },
    Part {
        pattern: "enrolment.waiting",
        name: "待遇等待期",
        doc: "Waiting period of who joins outside the exempt cases.",
        fields: &[
            may("months", Integer, "length in months"),
            may("days", Integer, "length in days"),
            may("open", Bool, "true: the notice leaves the length to another text"),
        ],
    },
    Part {
        pattern: "enrolment.exempt.*",
        name: "免等待情形",
        doc: "Who does not wait.",
        fields: &[
            must("kind", Word(&["in-window", "after-employee-break", "newborn", "category", "graduate"]), "the case"),
            may("months", Integer, "within this many months"),
            may("days", Integer, "within this many days"),
            may("category", Texts, "categories"),
            may("benefits_from", Word(&["year-start", "payment", "birth", "september"]), "when benefits start"),
        ],
    },
    Part {
        pattern: "enrolment.bridge",
        name: "转职工等待期内待遇",
        doc: "A resident who moves to the employee scheme keeps resident benefits while waiting.",
        fields: &[must("scheme", Word(SCHEMES), "the scheme whose benefits are kept")],
    },
    Part {
        pattern: "enrolment.bar.*",
        name: "不得参保",
        doc: "Who is not enrolled.",
        fields: &[must("reason", Word(&["other-scheme", "duplicate"]), "why")],
    },
    Part {
        pattern: "enrolment.accept.*",
        name: "放开户籍",
        doc: "Who is enrolled without local household registration.",
        fields: &[must("reason", Word(&["residence-permit", "flexible-worker"]), "who")],
    },
    Part {
        pattern: "enrolment.join.*",
        name: "应参保险种",
        doc: "Persons who join a given scheme, and who pays for them.",
        fields: &[
            may("when", When, "whom it is for"),
            must("scheme", Word(SCHEMES), "the scheme they join"),
            may("payer", Word(SPONSORS), "who pays when there is no employer"),
            may("employer_pays", Bool, "an employer, if there is one, pays"),
        ],
    },
    Part {
        pattern: "filing.*.term",
        name: "备案有效期",
        doc: "How long a filing of a kind holds.",
        fields: &[
            may("months", Integer, "it holds this many months from its first day"),
            may("least_months", Integer, "it holds at least this many months"),
        ],
    },
    Part {
        pattern: "filing.*.papers",
        name: "备案材料",
        doc: "What a filing of a kind must be accompanied by.",
        fields: &[
            may("declaration", Bool, "true: the person's declaration is enough, and the filing holds at once"),
            may("documents", Texts, "documents that must be named"),
        ],
    },
    Part {
        pattern: "filing.*.back",
        name: "补办备案",
        doc: "How far before the day it is filed a filing may begin; without it, not at all.",
        fields: &[must("days", Integer, "days")],
    },
    Part {
        pattern: "filing.*.changes",
        name: "备案变更",
        doc: "How often the places of a filing may change, and how many there may be.",
        fields: &[
            may("per_year", Integer, "changes in a calendar year"),
            may("months_between", Integer, "months from one choice to the next"),
            may("places", Integer, "providers chosen at a time"),
        ],
    },
    Part {
        pattern: "filing.*.identified",
        name: "鉴定",
        doc: "The right must be identified by an expert before it is filed.",
        fields: &[
            may("diseases", Texts, "diseases that a named centre identifies; others: any designated provider"),
            may("centres", Texts, "codes of the centres"),
        ],
    },
    Part {
        pattern: "filing.*.home",
        name: "双向结算",
        doc: "On the same filing, the person also settles at home.",
        fields: &[must("two_way", Bool, "true: both at home and at the filed place")],
    },
    Part {
        pattern: "designation.recognise.*",
        name: "互认定点",
        doc: "Providers that other authorities designate are accepted without a designation of one's own.",
        fields: &[must("areas", Texts, "codes of the areas whose designations are recognised")],
    },
    Part {
        pattern: "designation.exempt.*",
        name: "非定点例外",
        doc: "Care that is accepted at a provider that is not designated.",
        fields: &[must("care", Words(CARE), "kinds of care")],
    },
    Part {
        pattern: "upload.delay",
        name: "上传时限",
        doc: "How long after care a provider may upload its record.",
        fields: &[
            may("minutes", Integer, "minutes"),
            may("open", Bool, "true: the notice leaves the line to another text"),
        ],
    },
    Part {
        pattern: "account.transfer",
        name: "个人账户划转",
        doc: "Share of the month's account credit moved to the card.",
        fields: &[
            must("share", Rate, "share of the month's credit"),
            may("leaves_ledger", Bool, "true: what has moved is the member's own, neither booked nor claimed any more"),
        ],
    },
    Part {
        pattern: "account.withdrawal",
        name: "个人账户提取",
        doc: "Withdrawal of the account balance after heavy in-patient costs.",
        fields: &[
            must("line", Amount, "yearly in-patient costs from which the right opens, inclusive"),
            must("counts", Word(&["total", "in-scope"]), "which costs count"),
            must("limit", Word(&["balance", "own-cost"]), "how much may be drawn"),
        ],
    },
    Part {
        pattern: "accident.cover",
        name: "意外伤害附加保险",
        doc: "What is an accident, and what it covers.",
        fields: &[
            must("schemes", Words(SCHEMES), "who is covered without own enrolment"),
            must("conditions", Texts, "all must hold"),
            must("outcomes", Texts, "one must be claimed"),
        ],
    },
    Part {
        pattern: "accident.premium",
        name: "意外伤害筹资",
        doc: "Yearly premium and the funds it is drawn from.",
        fields: &[
            may("amount", Amount, "per person and year"),
            may("draws", Rows(&[must("fund", Text, "the fund drawn on")], true), "by scheme"),
        ],
    },
    Part {
        pattern: "matter.*",
        name: "经办事项",
        doc: "A service item: who may ask for it, by which way and where, the steps it goes, and the days it may take.",
        fields: &[
            must("name", Text, "Chinese name"),
            may("english", Text, "English name"),
            may("code", Text, "code of the item; no two items have the same"),
            must("applicant", Word(&["person", "organisation", "any", "none"]), "who asks"),
            may("ways", Words(WAYS), "ways it may be asked for; any if left out"),
            may("points", Words(POINTS), "where it may be taken in; only at the agency if left out"),
            may(
                "decides",
                Word(&["home", "here", "partner"]),
                "who decides: the agency of the applicant's area (default for a person), of the place where it is taken in, or the partner it is sent to",
            ),
            may("needs", Texts, "facts that must be recorded when it opens"),
            may("sealed", Bool, "true: who asks is kept under seal"),
            may("days", Integer, "days it may take; no due date if left out"),
            may("working", Bool, "true: the days are working days"),
            may("payer", Word(PAYERS), "the fund that pays, where a step moves money"),
            may("payee", Word(&["person", "provider"]), "who is paid"),
            must("flow", Rows(STEP, false), "the steps, the opening state first"),
        ],
    },
    Part {
        pattern: "matters.list",
        name: "经办事项清单",
        doc: "That only items on the list are handled.",
        fields: &[may("edition", Text, "edition of the list the notice names")],
    },
    Part {
        pattern: "relief.line",
        name: "高额负担线",
        doc: "The burden left after the three layers above which a person is referred to temporary relief and charity.",
        fields: &[must("amount", Amount, "per person and year")],
    },
    Part {
        pattern: "relief.level",
        name: "分层分类帮扶",
        doc: "The level of help by class of person and burden; the first row that fits.",
        fields: &[must(
            "levels",
            Rows(
                &[
                    may("above", Amount, "only burdens above this"),
                    must("help", Text, "the level of help"),
                    must("to", Word(&["temporary-relief", "charity"]), "the kind of help it is referred to"),
                    must("body", Text, "name of the body that receives the referral"),
                ],
                true,
            ),
            "decision table",
        )],
    },
    Part {
        pattern: "assistance.classes",
        name: "救助对象分类",
        doc: "The classes of recipients of assistance, the highest first: who holds several is of the highest.",
        fields: &[must("classes", Texts, "categories of persons, the highest first")],
    },
    Part {
        pattern: "monitor.line",
        name: "因病致贫监测线",
        doc: "The own cost of twelve months above which a person is flagged as at risk of poverty through illness.",
        fields: &[
            must("amount", Amount, "per person, over twelve months"),
            may("clears_below", Amount, "the flag clears below this; below the line if left out"),
        ],
    },
    Part {
        pattern: "fund.warning",
        name: "基金预警线",
        doc: "The months of spending that a fund's accumulated balance must pay for; below, it warns.",
        fields: &[must("months", Integer, "below so many months it warns")],
    },
    Part {
        pattern: "credential.accepted",
        name: "就医凭证",
        doc: "The tokens by which a person may be identified for care.",
        fields: &[must("tokens", Words(&["card", "e-credential"]), "tokens that are accepted")],
    },
    Part {
        pattern: "transition.*",
        name: "过渡安排",
        doc: "A special measure with its last day and what follows it.",
        fields: &[
            must("name", Text, "Chinese name"),
            must("what", Text, "the key of the special measure"),
            may("last", Date, "its last day; open if left out"),
            must("successor", Text, "the key that holds after it"),
        ],
    },
    Part {
        pattern: "open.*",
        name: "待定",
        doc: "An open figure: the notice leaves it to another text.",
        fields: &[must("what", Text, "the key concerned"), must("needs", Text, "what is missing")],
    },
    Part {
        pattern: "statistic.*",
        name: "测试统计数",
        doc: "A statistic of a test (overlays only): stands in for every year.",
        fields: &[must("value", Amount, "yuan")],
    },
    Part {
        pattern: "check.*",
        name: "核对",
        doc: "A statement of the notice about figures, held by the checker.",
        fields: &[
            must(
                "kind",
                Word(&[
                    "at-least", "rises-by", "equals", "by-level", "every-band-rises", "unchanged", "not-lower",
                    "favours", "about-times", "half-income", "about-share", "same-pooling", "same-in-cities",
                    "same-as-city", "on-list", "named-on-list", "one-window",
                ]),
                "the statement",
            ),
            may("what", Text, "the key it is about"),
            may("stage", Text, "the stage it is about"),
            may("amount", Amount, "the amount compared"),
            may("when", When, "whom it is about"),
            may("category", Texts, "categories it is about"),
            may("at", Date, "the day of the change"),
            may("trend", Word(&["falling", "rising"]), "by-level: from primary to level 3"),
            may("of", Text, "the statistic"),
            may("times", Integer, "about-times: the multiple"),
            may("tolerance", Rate, "about-times: how far off is still about"),
            may("tolerance_points", Points, "about-share: how far off is still about"),
            may("years_before", Integer, "the statistic's year against the year of the day"),
            may("share", Rate, "about-share: the share"),
            may(
                "payers",
                Words(PAYERS),
                "on-list: the funds that may appear; named-on-list: those whose stages are named",
            ),
            may("names", Texts, "named-on-list: the names they may have"),
        ],
    },
];

/// The part whose pattern a key fits.
pub fn part(key: &str) -> Option<&'static Part> {
    PARTS.iter().find(|part| fits(part.pattern, key))
}

/// Whether a key fits a pattern segment by segment.
pub fn fits(pattern: &str, key: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('.'), key.split('.'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}
