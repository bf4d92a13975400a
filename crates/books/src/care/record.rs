//! A bill, its payments and the running amounts, as they stand in the journal.
//!
//! The receipt of a settlement: what was asked, what each stage paid with its steps, the running amounts after, and what
//! the answer was made by (policy edition, hash of the terms, engine). With it the answer can be made again to the fen.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Amounts, Basis, Bill, Care, Categories, Category, ClassAmounts, Date, Fen, Filing, Group, Level, Mark, Marks, Part,
    Payer, Person, Rate, Scheme,
};
use serde::{Deserialize, Serialize};
use settlement::{Entry, Opening, Plan, Progress, Rolled, StageStep};

use crate::codec::{Word, Yuan};

/// A person as the terms saw one on the day of a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRecord {
    /// Scheme.
    pub scheme: Word<Scheme>,
    /// Tier of contribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Population group.
    pub group: Word<Group>,
    /// Categories held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Word<Category>>,
    /// Date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<Date>,
    /// First day of unbroken cover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured_since: Option<Date>,
}

impl From<&Person> for PersonRecord {
    fn from(person: &Person) -> PersonRecord {
        PersonRecord {
            scheme: Word(person.scheme),
            tier: person.tier.clone(),
            group: Word(person.group),
            categories: person.categories.iter().map(Word).collect(),
            born: person.born,
            insured_since: person.insured_since,
        }
    }
}

impl From<&PersonRecord> for Person {
    fn from(record: &PersonRecord) -> Person {
        let categories: Categories = record.categories.iter().map(|word| word.0).collect();
        Person {
            scheme: record.scheme.0,
            tier: record.tier.clone(),
            group: record.group.0,
            categories,
            born: record.born,
            insured_since: record.insured_since,
        }
    }
}

/// A bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillRecord {
    /// Number of the visit at its provider.
    pub visit: String,
    /// The provider.
    pub provider: String,
    /// The person's facts.
    pub person: PersonRecord,
    /// First day of the visit, where the provider tells it: who was admitted while a filing held settles by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The day whose terms apply: the end of the visit.
    pub date: Date,
    /// Kind of care.
    pub care: Word<Care>,
    /// Level of the provider.
    pub level: Word<Level>,
    /// Place of care against place of insurance.
    pub filing: Word<Filing>,
    /// Code of the disease, where the terms ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disease: Option<String>,
    /// Marks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Word<Mark>>,
    /// Class A.
    pub a: Yuan,
    /// Class B.
    pub b: Yuan,
    /// First self-pay share of class B, if the bill names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub b_share: Option<String>,
    /// First self-pay of class B to the fen, where its lines were judged one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub b_self_pay: Option<Yuan>,
    /// Class C.
    pub c: Yuan,
    /// Above price limits.
    pub over_limit: Yuan,
    /// The visit that this one continues, by referral or as a further part of a stay: provider and visit, with a blank between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_visit: Option<String>,
    /// Which part of a stay, where it is settled in parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Word<Part>>,
    /// Basic insurance paid elsewhere: the amount is burden left by it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub burden_only: bool,
    /// The day on which a claim by hand was handed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted: Option<Date>,
}

impl BillRecord {
    /// The bill, as the engine takes it.
    pub fn bill(&self) -> Bill {
        let marks: Marks = self.marks.iter().map(|word| word.0).collect();
        Bill {
            id: super::book::visit_name(&self.provider, &self.visit),
            person_id: String::new(),
            region: None,
            person: Person::from(&self.person),
            date: self.date,
            care: self.care.0,
            level: self.level.0,
            filing: self.filing.0,
            disease: self.disease.clone(),
            marks,
            amounts: ClassAmounts {
                a: self.a.0,
                b: self.b.0,
                // What is recorded was read as a share before.
                b_share: self.b_share.as_deref().and_then(|share| Rate::parse_percent(share).ok()),
                b_self_pay: self.b_self_pay.map(|amount| amount.0),
                c: self.c.0,
                over_limit: self.over_limit.0,
            },
            from_bill: self.from_visit.clone(),
            part: self.part.map_or(Part::Whole, |part| part.0),
            reverses: None,
            burden_only: self.burden_only,
        }
    }
}

/// What one stage paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagePaid {
    /// Id of the stage.
    pub stage: String,
    /// The fund.
    pub payer: Word<Payer>,
    /// How much; negative where it is taken back.
    pub paid: Yuan,
}

/// What was paid of a bill, or the change of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// `medfee_sumamt`
    pub total: Yuan,
    /// `inscp_scp_amt`
    pub in_scope: Yuan,
    /// `preselfpay_amt`
    pub first_self_pay: Yuan,
    /// `fulamt_ownpay_amt`
    pub out_of_scope: Yuan,
    /// `overlmt_selfpay`
    pub over_limit: Yuan,
    /// Stages that paid, in order.
    pub stages: Vec<StagePaid>,
    /// What the person bears.
    pub person: Yuan,
    /// The weakest basis used.
    pub basis: String,
}

impl Paid {
    /// From an entry of the engine.
    pub fn of(plan: &Plan, entry: &Entry) -> Paid {
        let Amounts { total, in_scope, first_self_pay, out_of_scope, over_limit } = entry.amounts;
        let stages = plan.stages.iter().zip(&entry.by_stage).filter(|(_, paid)| **paid != 0);
        Paid {
            total: Yuan(total),
            in_scope: Yuan(in_scope),
            first_self_pay: Yuan(first_self_pay),
            out_of_scope: Yuan(out_of_scope),
            over_limit: Yuan(over_limit),
            stages: stages
                .map(|(stage, paid)| StagePaid {
                    stage: stage.id.clone(),
                    payer: Word(stage.payer),
                    paid: Yuan(Fen(*paid)),
                })
                .collect(),
            person: Yuan(entry.person),
            basis: entry.basis.to_string(),
        }
    }

    /// What all funds paid.
    pub fn funds(&self) -> Fen {
        self.stages.iter().map(|stage| stage.paid.0).sum()
    }

    /// By fund.
    pub fn by_payer(&self) -> BTreeMap<Payer, Fen> {
        let mut sums = BTreeMap::new();
        for stage in &self.stages {
            *sums.entry(stage.payer.0).or_insert(Fen::ZERO) += stage.paid.0;
        }
        sums
    }

    /// What takes it back.
    #[must_use]
    pub fn negated(&self) -> Paid {
        Paid { basis: self.basis.clone(), ..Paid::default() }.plus_times(self, -1)
    }

    /// With a change of it.
    #[must_use]
    pub fn plus(&self, change: &Paid) -> Paid {
        self.clone().plus_times(change, 1)
    }

    /// The change from an earlier answer to the same bill; `None` if no stage pays otherwise.
    pub fn since(&self, earlier: &Paid) -> Option<Paid> {
        Some(self.less(earlier)).filter(|change| !change.stages.is_empty())
    }

    /// The change from an earlier answer to the same bill, though it be none.
    pub fn less(&self, earlier: &Paid) -> Paid {
        self.clone().plus_times(earlier, -1)
    }

    fn plus_times(mut self, other: &Paid, sign: i64) -> Paid {
        let add = |to: &mut Yuan, amount: Yuan| to.0 += Fen(amount.0.0 * sign);
        add(&mut self.total, other.total);
        add(&mut self.in_scope, other.in_scope);
        add(&mut self.first_self_pay, other.first_self_pay);
        add(&mut self.out_of_scope, other.out_of_scope);
        add(&mut self.over_limit, other.over_limit);
        add(&mut self.person, other.person);
        for theirs in &other.stages {
            match self.stages.iter_mut().find(|s| s.stage == theirs.stage && s.payer == theirs.payer) {
                Some(ours) => add(&mut ours.paid, theirs.paid),
                None => self.stages.push(StagePaid { paid: Yuan(Fen(theirs.paid.0.0 * sign)), ..theirs.clone() }),
            }
        }
        self.stages.retain(|stage| stage.paid.0 != Fen::ZERO);
        self
    }
}

/// What a settlement was made by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pins {
    /// Hash of the policy files.
    pub edition: String,
    /// Hash of the terms of the day.
    pub terms: String,
    /// The program.
    pub engine: String,
    /// Drafts adopted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drafts: Vec<String>,
    /// Whether weak figures were refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub strict: bool,
}

/// The numbers of a stage's step, in the order of [`StageStep`]'s fields.
pub type StepRecord = [i64; 12];

/// A step as numbers.
pub fn step_record(step: &StageStep) -> StepRecord {
    let StageStep {
        stage,
        cell,
        base,
        counted,
        standard,
        deductible,
        band_from,
        band_to,
        uncapped,
        cap_used,
        cap,
        paid,
    } = *step;
    let (stage, cell) = (i64::from(stage), i64::from(cell));
    [stage, cell, base, counted, standard, deductible, band_from, band_to, uncapped, cap_used, cap, paid]
}

/// The step that these numbers are of.
pub fn step(record: &StepRecord) -> StageStep {
    let [stage, cell, base, counted, standard, deductible, band_from, band_to, uncapped, cap_used, cap, paid] = *record;
    let small = |number: i64| u16::try_from(number).unwrap_or_default();
    StageStep {
        stage: small(stage),
        cell: small(cell),
        base,
        counted,
        standard,
        deductible,
        band_from,
        band_to,
        uncapped,
        cap_used,
        cap,
        paid,
    }
}

/// What a carry rule left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolledRecord {
    /// Id of the rule.
    pub rule: String,
    /// Amount that counted.
    pub total: Yuan,
    /// What holds next year.
    pub value: Yuan,
    /// The flag holds next year.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flag: bool,
    /// On what the rule rests.
    pub basis: String,
    /// Position of its citation in the plan.
    pub cite: usize,
}

impl From<&Rolled> for RolledRecord {
    fn from(rolled: &Rolled) -> RolledRecord {
        RolledRecord {
            rule: rolled.rule.clone(),
            total: Yuan(rolled.total),
            value: Yuan(rolled.value),
            flag: rolled.flag,
            basis: rolled.basis.to_string(),
            cite: rolled.cite,
        }
    }
}

impl From<&RolledRecord> for Rolled {
    fn from(record: &RolledRecord) -> Rolled {
        Rolled {
            rule: record.rule.clone(),
            total: record.total.0,
            value: record.value.0,
            flag: record.flag,
            basis: Basis::parse(&record.basis).unwrap_or(Basis::Illustrative),
            cite: record.cite,
        }
    }
}

/// What a person brings into the books.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpeningRecord {
    /// Quiet years counted, by carry rule.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub quiet: BTreeMap<String, i64>,
    /// Amount added to a ceiling, by carry rule.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub carried: BTreeMap<String, Yuan>,
    /// Carry rules whose flag holds.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub flags: BTreeSet<String>,
    /// Amounts used, by slot name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub used: BTreeMap<String, Yuan>,
    /// Admissions of the year.
    #[serde(default)]
    pub admissions: u8,
}

impl From<&Opening> for OpeningRecord {
    fn from(opening: &Opening) -> OpeningRecord {
        let yuan = |map: &BTreeMap<String, Fen>| map.iter().map(|(k, v)| (k.clone(), Yuan(*v))).collect();
        OpeningRecord {
            quiet: opening.quiet.clone(),
            carried: yuan(&opening.carried),
            flags: opening.flags.clone(),
            used: yuan(&opening.used),
            admissions: opening.admissions,
        }
    }
}

impl From<&OpeningRecord> for Opening {
    fn from(record: &OpeningRecord) -> Opening {
        let fen = |map: &BTreeMap<String, Yuan>| map.iter().map(|(k, v)| (k.clone(), v.0)).collect();
        Opening {
            quiet: record.quiet.clone(),
            carried: fen(&record.carried),
            flags: record.flags.clone(),
            used: fen(&record.used),
            admissions: record.admissions,
        }
    }
}

/// Running amounts after a bill; with the bill itself, a [`Progress`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Amounts by slot name: fen, but for counts of years.
    pub used: BTreeMap<String, i64>,
    /// Admissions of the year.
    pub admissions: u8,
    /// Carry rules whose flag holds.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub flags: BTreeSet<String>,
    /// What the year before left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carried: Vec<RolledRecord>,
    /// Deductible met along referral chains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub met: Vec<(String, String, i64)>,
    /// Sum of all bills.
    pub sum: Yuan,
}

impl From<&Progress> for Running {
    fn from(progress: &Progress) -> Running {
        Running {
            used: progress.used.clone(),
            admissions: progress.admissions,
            flags: progress.flags.clone(),
            carried: progress.carried.iter().map(RolledRecord::from).collect(),
            met: progress.met.clone(),
            sum: Yuan(progress.sum),
        }
    }
}

impl Running {
    /// As the engine takes it, after a bill.
    pub fn progress(&self, last: &BillRecord) -> Progress {
        Progress {
            last: last.bill(),
            used: self.used.clone(),
            admissions: self.admissions,
            flags: self.flags.clone(),
            carried: self.carried.iter().map(Rolled::from).collect(),
            met: self.met.clone(),
            sum: self.sum.0,
        }
    }
}
