//! Terms of a day become a plan: tables put together, adjustments folded in, missing figures marked where they are needed.

use std::collections::BTreeMap;

use domain::{Basis, Care, Fen, Layer, Payer, Rate};
use policy::conditions::Axis;
use policy::{Amount, Cited, Conditions, Missing, Record, Space, Terms, Test};

use crate::carry::{CarryRule, Effect};
use crate::plan::{
    Band, Bands, Bar, Base, CapOn, Cell, Cite, Deductible, EntryLine, Plan, Row, Sources, Stage, StageRule, StageSlots,
};
use crate::refusal::Refusal;
use crate::run::MAX_STAGES;
use crate::scope::is_admission;
use crate::state::{MAX_SLOTS, NO_SLOT, SlotId, Slots};

/// How to compile.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Refuse figures that rest on less than a stated rule and a published statistic.
    pub strict: bool,
}

impl Plan {
    /// Compiles the terms of a day. What is missing is marked, and refused when a bill needs it.
    pub fn compile(terms: &Terms<'_>, options: Options, slots: &mut Slots) -> Plan {
        let mut compiler =
            Compiler { terms, options, slots, names: terms.names(), cites: Vec::new(), out_of_slots: false };
        compiler.plan()
    }
}

struct Compiler<'t, 'l> {
    terms: &'t Terms<'l>,
    options: Options,
    slots: &'t mut Slots,
    names: policy::Names,
    cites: Vec<Cite>,
    /// A slot was wanted and there was none left.
    out_of_slots: bool,
}

/// A part of a stage: the provision with its rows as tests, or why there is none.
struct Table<'l> {
    key: String,
    held: Result<(Cited<'l>, usize), Missing>,
    tests: Vec<Test>,
}

impl Table<'_> {
    fn row(&self, facts: &policy::Facts) -> Option<usize> {
        self.tests.iter().position(|test| test.holds(facts))
    }
}

/// An adjustment of a stage.
struct Adjust<'l> {
    key: String,
    test: Test,
    cited: Cited<'l>,
    cite: usize,
}

/// Which row of each table, and which adjustments, a combination of facts meets.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Meets {
    deductible: Option<usize>,
    /// The deductible row of a first admission, which a later one's share falls back on.
    first_deductible: Option<usize>,
    bands: Option<usize>,
    cap: Option<usize>,
    entry: Option<usize>,
    adjusts: Vec<bool>,
}

/// Everything of a stage before its table is filled.
struct Parts<'l> {
    deductible: Table<'l>,
    bands: Table<'l>,
    cap: Table<'l>,
    entry: Option<Table<'l>>,
    /// What counts towards the line of each row of `entry`.
    entry_slots: Vec<SlotId>,
    adjusts: Vec<Adjust<'l>>,
}

impl<'l> Compiler<'_, 'l> {
    fn plan(&mut self) -> Plan {
        let terms = self.terms;
        let mut shapes: Vec<(&str, Cited<'l>)> =
            terms.family("stage.").filter_map(|(rest, cited)| Some((rest.strip_suffix(".shape")?, cited))).collect();
        shapes.sort_by_key(|(id, cited)| (cited.provision.record.integer("order").unwrap_or(0), *id));
        let stages: Vec<Stage> = shapes.into_iter().map(|(id, shape)| self.stage(id, shape)).collect();
        let carries = self.carries(&stages);
        let diseases = self.diseases();
        let benefit_tiers = self.benefit_tiers();
        let class_b = self.class_b();
        let bars = self.bars();
        let bar_tests = bars.iter().flat_map(|bar| [Some(bar.when), bar.unless]).flatten();
        let unusable = self.unusable(stages.len());
        let ended = if stages.is_empty() { terms.ended() } else { None };
        let mut ages: Vec<u8> = stages
            .iter()
            .flat_map(|stage| &stage.space.axes)
            .filter_map(|axis| if let Axis::Age(cuts) = axis { Some(cuts.clone()) } else { None })
            .flatten()
            .chain(benefit_tiers.iter().flat_map(|(test, ..)| age_ends(test)))
            .chain(bar_tests.flat_map(|test| age_ends(&test)))
            .chain(class_b.iter().flatten().flat_map(|(test, ..)| age_ends(test)))
            .collect();
        ages.sort_unstable();
        ages.dedup();
        Plan {
            from: terms.day,
            ages,
            stages,
            bars,
            carries,
            names: self.names.clone(),
            diseases,
            benefit_tiers,
            class_b,
            rounding: terms.region.rounding,
            ended: ended.map(|(notice, on)| (notice.title.clone(), on)),
            unusable,
            cites: std::mem::take(&mut self.cites),
            hash: terms.hash(),
        }
    }

    /// Why the plan cannot be run at all, if it cannot.
    fn unusable(&self, stages: usize) -> Option<Refusal> {
        let what = if stages > MAX_STAGES {
            format!("支付环节 {stages} 个，至多 {MAX_STAGES} 个")
        } else if self.out_of_slots {
            format!("累计额度多于 {} 个", MAX_SLOTS - 1)
        } else {
            return None;
        };
        Some(Refusal::BeyondLimits(what))
    }

    /// Notes where a figure comes from.
    fn cite(&mut self, cited: Cited<'l>, basis: Basis) -> usize {
        let register = &self.terms.library.register;
        let place =
            |id: &String| (id.clone(), register.get(id).map_or(String::new(), |clause| clause.location.clone()));
        let cite = Cite {
            key: cited.provision.key.clone(),
            clauses: cited.provision.clauses.iter().map(place).collect(),
            notice: cited.notice.id.clone(),
            basis,
            reading: cited.provision.reading().map(str::to_owned),
        };
        if let Some(at) = self.cites.iter().position(|known| *known == cite) {
            return at;
        }
        self.cites.push(cite);
        self.cites.len() - 1
    }

    fn test(&self, when: &Conditions) -> Test {
        // The library has refused names that the region does not have; an unknown one matches nothing here.
        when.test(&self.names).unwrap_or(Test { scheme: 0, ..never() })
    }

    fn table(&mut self, key: String, field: &str) -> Table<'l> {
        match self.terms.get(&key) {
            Ok(cited) => {
                let tests = cited.provision.record.rows(field).iter().map(|row| self.test(&row.when)).collect();
                let cite = self.cite(cited, cited.provision.basis);
                Table { key, held: Ok((cited, cite)), tests }
            }
            Err(missing) => Table { key, held: Err(missing), tests: Vec::new() },
        }
    }

    fn stage(&mut self, id: &str, shape: Cited<'l>) -> Stage {
        let record = &shape.provision.record;
        let shape_cite = self.cite(shape, shape.provision.basis);
        let covers = self.test(&record.when("covers"));
        let excludes = record.get("excludes").map(|_| self.test(&record.when("excludes")));
        let parts = self.parts(id);
        let base = match record.text("base") {
            Some("burden") => Base::Burden,
            Some("burden-with-first-self-pay") => Base::BurdenWithFirstSelfPay,
            Some("bill-burden") => Base::BillBurden,
            _ => Base::InScope,
        };
        let layer = record.text("layer").and_then(Layer::parse).unwrap_or(Layer::Other);
        let deductible = parts.deductible.held.as_ref().ok().map(|(cited, _)| &cited.provision.record);
        let cap = parts.cap.held.as_ref().ok().map(|(cited, _)| &cited.provision.record);
        let bands = parts.bands.held.as_ref().ok().map(|(cited, _)| &cited.provision.record);
        let mut stage = Stage {
            id: id.to_owned(),
            name: record.text("name").unwrap_or(id).to_owned(),
            payer: record.text("payer").and_then(Payer::parse).unwrap_or(Payer::Other),
            layer,
            exclusive: record.flag("exclusive").unwrap_or(layer == Layer::Basic),
            rule: StageRule {
                base,
                part: match base {
                    Base::InScope | Base::Burden => 0,
                    Base::BurdenWithFirstSelfPay => 1,
                    Base::BillBurden => 2,
                },
                less_paid: base != Base::InScope,
                yearly: record.text("measure") == Some("year"),
                gross: bands.and_then(|r| r.text("on")) == Some("gross"),
                yearly_deductible: deductible.and_then(|r| r.text("per")) == Some("year"),
                chained: deductible.and_then(|r| r.flag("chain")) == Some(true),
                cap_on: match cap.and_then(|r| r.text("on")) {
                    Some("counted") => CapOn::Counted,
                    Some("gross") => CapOn::Gross,
                    _ => CapOn::Paid,
                },
                slots: StageSlots::default(),
            },
            space: space(&covers, excludes.as_ref(), &parts, self.names.tiers.len()),
            covers,
            excludes,
            index: Vec::new(),
            cells: vec![Cell::NotCovered],
            sources: vec![Sources::default()],
            shape: shape_cite,
        };
        stage.rule.slots = self.stage_slots(id, &stage, deductible, cap);
        self.fill(&mut stage, &parts, shape);
        stage
    }

    fn parts(&mut self, id: &str) -> Parts<'l> {
        let family = format!("stage.{id}.adjust.");
        let mut adjusts: Vec<(i64, &str, Cited<'l>)> = self
            .terms
            .family(&family)
            .map(|(name, cited)| (cited.provision.record.integer("order").unwrap_or(0), name, cited))
            .collect();
        adjusts.sort_by_key(|(order, name, _)| (*order, *name));
        let entry_key = format!("stage.{id}.entry");
        let entry = self.terms.held(&entry_key).is_some().then(|| self.table(entry_key, "rows"));
        Parts {
            deductible: self.table(format!("stage.{id}.deductible"), "rows"),
            bands: self.table(format!("stage.{id}.bands"), "rows"),
            cap: self.table(format!("stage.{id}.cap"), "rows"),
            entry_slots: self.entry_slots(id, entry.as_ref()),
            entry,
            adjusts: adjusts
                .into_iter()
                .map(|(_, name, cited)| Adjust {
                    key: format!("{family}{name}"),
                    test: self.test(&cited.provision.record.when("when")),
                    cite: self.cite(cited, cited.provision.basis),
                    cited,
                })
                .collect(),
        }
    }

    /// Each row of an entry table counts by itself: lines of different care do not share what they count.
    fn entry_slots(&mut self, id: &str, entry: Option<&Table<'l>>) -> Vec<SlotId> {
        let rows = entry.map_or(0, |table| table.tests.len());
        (0..rows).map(|row| self.slot(format!("stage.{id}.entry.{row}"), true)).collect()
    }

    /// The slot of a name; the plan cannot be run when there is none left.
    fn slot(&mut self, name: String, yearly: bool) -> SlotId {
        self.slots.slot(&name, yearly).unwrap_or_else(|| {
            self.out_of_slots = true;
            NO_SLOT
        })
    }

    fn stage_slots(
        &mut self,
        id: &str,
        stage: &Stage,
        deductible: Option<&Record>,
        cap: Option<&Record>,
    ) -> StageSlots {
        let mut slot = |wanted: bool, name: String, yearly: bool| {
            if wanted { self.slot(name, yearly) } else { NO_SLOT }
        };
        let pooled = |record: Option<&Record>, what: &str| match record.and_then(|r| r.text("pool")) {
            Some(pool) => format!("pool.{pool}.{what}"),
            None => format!("stage.{id}.{what}"),
        };
        let own = |what: &str| format!("stage.{id}.{what}");
        let lifetime = cap.and_then(|r| r.text("per")) == Some("lifetime");
        let over_time = cap.is_some_and(|r| r.text("per") != Some("visit"));
        let shares = deductible.is_some_and(|r| r.rows("rows").iter().any(|row| row.values.rate("share").is_some()));
        let rule = stage.rule;
        let stays = Care::ALL.iter().any(|care| is_admission(*care) && stage.covers.care >> (*care as u32) & 1 == 1);
        let limited = deductible.is_some_and(|r| r.amount("year_limit").is_some());
        let rule_of = |record: Option<&Record>, field: &str| record.and_then(|r| r.text(field)).map(str::to_owned);
        let (minus, plus) = (rule_of(deductible, "minus_carry"), rule_of(cap, "plus_carry"));
        let value = |rule: &Option<String>| format!("carry.{}.value", rule.as_deref().unwrap_or_default());
        StageSlots {
            deductible: slot(rule.yearly_deductible, pooled(deductible, "deductible"), true),
            position: slot(rule.yearly, own("position"), true),
            cap: slot(over_time, pooled(cap, "cap"), !lifetime),
            year_limit: slot(limited, own("deductible-sum"), true),
            first: slot(shares, own("first-deductible"), true),
            previous: slot(shares, own("previous-deductible"), true),
            // A deductible of the year counts on by itself.
            chain: slot((rule.chained || stays) && !rule.yearly_deductible, own("chain"), true),
            minus_carry: slot(minus.is_some(), value(&minus), false),
            plus_carry: slot(plus.is_some(), value(&plus), false),
        }
    }

    /// Fills the dense table of a stage: each combination of facts gets the cell of its rows.
    fn fill(&mut self, stage: &mut Stage, parts: &Parts<'l>, shape: Cited<'l>) {
        let size = stage.space.size();
        if size > policy::tables::LIMIT {
            let key = format!("stage.{}", stage.id);
            let facts = format!("条件组合 {size} 种，超过 {}", policy::tables::LIMIT);
            stage.space = Space::default();
            stage.index = vec![1];
            stage.cells.push(Cell::Refused(Refusal::Gap { key, facts }));
            stage.sources.push(Sources::default());
            return;
        }
        let mut known: BTreeMap<Meets, u16> = BTreeMap::new();
        for number in 0..size {
            let facts = stage.space.facts(number);
            if !stage.covers.holds(&facts) || stage.excludes.is_some_and(|excludes| excludes.holds(&facts)) {
                stage.index.push(0);
                continue;
            }
            let meets = Meets {
                deductible: parts.deductible.row(&facts),
                first_deductible: parts.deductible.row(&policy::Facts { admission: 1, ..facts }),
                bands: parts.bands.row(&facts),
                cap: parts.cap.row(&facts),
                entry: parts.entry.as_ref().and_then(|entry| entry.row(&facts)),
                adjusts: parts.adjusts.iter().map(|adjust| adjust.test.holds(&facts)).collect(),
            };
            let cell = *known.entry(meets.clone()).or_insert_with(|| {
                let mut sources = Sources::default();
                let cell = match self.row(stage.rule, parts, &meets, shape.provision.basis, &mut sources) {
                    Ok(row) => self.strict(parts, &meets, shape, row),
                    Err(refusal) => Cell::Refused(refusal),
                };
                stage.cells.push(cell);
                stage.sources.push(sources);
                (stage.cells.len() - 1) as u16
            });
            stage.index.push(cell);
        }
    }

    /// In a strict run, a row that rests on weak figures is refused, and they are named.
    fn strict(&self, parts: &Parts<'l>, meets: &Meets, shape: Cited<'l>, row: Row) -> Cell {
        if !self.options.strict || row.basis.holds_when_strict() {
            return Cell::Row(row);
        }
        let tables = [Some(&parts.deductible), Some(&parts.bands), Some(&parts.cap), parts.entry.as_ref()];
        let tables = tables.into_iter().flatten().filter_map(|table| Some(table.held.as_ref().ok()?.0));
        let adjusts = parts.adjusts.iter().zip(&meets.adjusts).filter(|(_, holds)| **holds);
        let keys: Vec<&str> = std::iter::once(shape)
            .chain(tables)
            .chain(adjusts.map(|(adjust, _)| adjust.cited))
            .filter(|cited| !cited.provision.basis.holds_when_strict())
            .map(|cited| cited.provision.key.as_str())
            .collect();
        Cell::Refused(Refusal::Weak { key: keys.join("、"), basis: row.basis })
    }

    fn row(
        &self,
        rule: StageRule,
        parts: &Parts<'l>,
        meets: &Meets,
        shape_basis: Basis,
        sources: &mut Sources,
    ) -> Result<Row, Refusal> {
        let mut row = Row {
            rule,
            deductible: Deductible::Fixed(0),
            unadjusted: 0,
            year_limit: Fen::UNLIMITED.0,
            bands: Bands { first: Band { from: 0, to: 0, ppm: 0 }, more: Box::new([]) },
            cap: Fen::UNLIMITED.0,
            entry: None,
            basis: shape_basis,
        };
        sources.deductible = self.put_deductible(&parts.deductible, meets, &mut row)?;
        sources.bands = self.put_bands(&parts.bands, meets.bands, &mut row)?;
        sources.cap = self.put_cap(&parts.cap, meets.cap, &mut row)?;
        if let (Some(table), Some(at)) = (&parts.entry, meets.entry) {
            let (values, cite, basis) = self.values(table, Some(at))?;
            let (line, basis) = self.amount(table, values, "line", basis)?;
            row.entry = Some(EntryLine {
                slot: parts.entry_slots[at],
                line: line.0,
                whole: values.text("then") == Some("whole"),
            });
            sources.entry = Some(cite);
            row.basis = row.basis.max(basis);
        }
        for adjust in parts.adjusts.iter().zip(&meets.adjusts).filter(|(_, holds)| **holds).map(|(adjust, _)| adjust) {
            self.put_adjust(adjust, &mut row)?;
            sources.adjusts.push(adjust.cite);
        }
        Ok(row)
    }

    /// The values of a table's row, or why there are none.
    fn values<'t>(&self, table: &'t Table<'l>, at: Option<usize>) -> Result<(&'t Record, usize, Basis), Refusal>
    where
        'l: 't,
    {
        let (cited, cite) = table.held.as_ref().map_err(|missing| self.open(&table.key, missing.clone()))?;
        let row = at.and_then(|at| cited.provision.record.rows("rows").get(at));
        let row = row.ok_or_else(|| Refusal::Gap { key: table.key.clone(), facts: String::new() })?;
        Ok((&row.values, *cite, cited.provision.basis))
    }

    fn amount(&self, table: &Table<'l>, values: &Record, field: &str, basis: Basis) -> Result<(Fen, Basis), Refusal> {
        let amount = values.amount(field).unwrap_or(&Amount::Open);
        self.terms.fen(amount, basis).map_err(|missing| self.open(&table.key, missing))
    }

    /// A missing figure, with the clauses that leave it open.
    fn open(&self, key: &str, missing: Missing) -> Refusal {
        let mut clauses = Vec::new();
        match self.terms.held(key) {
            Some(policy::Held::InForce(cited) | policy::Held::Ended(cited, _)) => {
                clauses.extend(cited.provision.clauses.clone())
            }
            None => {
                for (_, cited) in self.terms.family("open.") {
                    if cited.provision.record.text("what") == Some(key) {
                        clauses.extend(cited.provision.clauses.clone());
                    }
                }
            }
        }
        Refusal::Open { key: key.to_owned(), clauses, missing }
    }

    fn put_deductible(&self, table: &Table<'l>, meets: &Meets, row: &mut Row) -> Result<usize, Refusal> {
        let (values, cite, mut basis) = self.values(table, meets.deductible)?;
        if let Ok((cited, _)) = &table.held
            && let Some(limit) = cited.provision.record.amount("year_limit")
        {
            let missing = |missing| self.open(&table.key, missing);
            let (limit, derived) = self.terms.fen(limit, basis).map_err(missing)?;
            row.year_limit = limit.0;
            basis = basis.max(derived);
        }
        let mut floor = 0;
        if values.amount("floor").is_some() {
            let (amount, derived) = self.amount(table, values, "floor", basis)?;
            floor = amount.0;
            basis = basis.max(derived);
        }
        let share = values.rate("share");
        row.deductible = match (share, values.text("of")) {
            (Some(share), Some(of @ ("first" | "previous"))) => Deductible::Share {
                of_first: of == "first",
                share,
                floor,
                otherwise: self.first_amount(table, meets)?,
                times: Rate::ONE,
                minus: 0,
                at_most: Fen::UNLIMITED.0,
            },
            (share, _) => {
                let (amount, derived) = self.amount(table, values, "amount", basis)?;
                basis = basis.max(derived);
                let share = share.unwrap_or(Rate::ONE);
                Deductible::Fixed(amount.times(share, self.terms.region.rounding).0.max(floor))
            }
        };
        if let Deductible::Fixed(amount) = row.deductible {
            row.unadjusted = amount;
        }
        row.basis = row.basis.max(basis);
        Ok(cite)
    }

    /// The amount of a first admission: a share of an earlier one is of this where none met the stage.
    fn first_amount(&self, table: &Table<'l>, meets: &Meets) -> Result<i64, Refusal> {
        let (values, _, basis) = self.values(table, meets.first_deductible)?;
        match values.rate("share") {
            None => Ok(self.amount(table, values, "amount", basis)?.0.0),
            Some(_) => Ok(0),
        }
    }

    fn put_bands(&self, table: &Table<'l>, at: Option<usize>, row: &mut Row) -> Result<usize, Refusal> {
        let (values, cite, basis) = self.values(table, at)?;
        row.basis = row.basis.max(basis);
        if values.flag("open") == Some(true) {
            return Err(self.open(&table.key, Missing::Open));
        }
        let written = values.rows("bands");
        if written.is_empty() {
            let ratio = values.rate("ratio").ok_or_else(|| self.open(&table.key, Missing::Open))?;
            row.bands.first = Band { from: 0, to: Fen::UNLIMITED.0, ppm: ratio.ppm() };
            return Ok(cite);
        }
        let mut bands = Vec::new();
        let mut from = 0;
        for band in written {
            let to = match band.values.amount("to") {
                Some(_) => self.amount(table, &band.values, "to", basis)?.0.0,
                None => Fen::UNLIMITED.0,
            };
            let ratio = band.values.rate("ratio").unwrap_or_default();
            bands.push(Band { from, to: to.max(from), ppm: ratio.ppm() });
            from = to;
        }
        row.bands.first = bands.remove(0);
        row.bands.more = bands.into_boxed_slice();
        Ok(cite)
    }

    fn put_cap(&self, table: &Table<'l>, at: Option<usize>, row: &mut Row) -> Result<usize, Refusal> {
        let (values, cite, basis) = self.values(table, at)?;
        let (cap, derived) = self.amount(table, values, "amount", basis)?;
        row.cap = cap.0;
        row.basis = row.basis.max(derived);
        Ok(cite)
    }

    fn put_adjust(&self, adjust: &Adjust<'l>, row: &mut Row) -> Result<(), Refusal> {
        let record = &adjust.cited.provision.record;
        if record.flag("open") == Some(true) {
            return Err(self.open(&adjust.key, Missing::Open));
        }
        let fen = |field: &str| match record.amount(field) {
            Some(amount) => self
                .terms
                .fen(amount, Basis::Stated)
                .map(|(fen, _)| fen)
                .map_err(|missing| self.open(&adjust.key, missing)),
            None => Ok(Fen::ZERO),
        };
        let (minus_amount, cap_plus) = (fen("deductible_minus")?, fen("cap_plus")?);
        let at_most =
            if record.amount("deductible_at_most").is_some() { fen("deductible_at_most")? } else { Fen::UNLIMITED };
        let factor = record.rate("deductible_times").unwrap_or(Rate::ONE);
        let rounding = self.terms.region.rounding;
        row.deductible = match row.deductible {
            _ if record.flag("deductible_none") == Some(true) => Deductible::Fixed(0),
            Deductible::Fixed(amount) => {
                Deductible::Fixed(Fen(amount).times(factor, rounding).less(minus_amount).min(at_most).0)
            }
            Deductible::Share { of_first, share, floor, otherwise, times, minus, at_most: known } => {
                let times = times.times(factor).unwrap_or(times);
                let minus = Fen(minus).times(factor, rounding).0 + minus_amount.0;
                Deductible::Share { of_first, share, floor, otherwise, times, minus, at_most: at_most.0.min(known) }
            }
        };
        let points = record.rate("ratio_points").unwrap_or_default();
        let ratio_times = record.rate("ratio_times").unwrap_or(Rate::ONE);
        for band in row.bands.iter_mut().filter(|band| band.ppm > 0) {
            let ratio = Rate::from_ppm(band.ppm).times(ratio_times);
            let ratio = ratio.ok_or_else(|| Refusal::Gap {
                key: adjust.key.clone(),
                facts: "比例相乘后细于百万分之一".to_owned(),
            })?;
            band.ppm = ratio.plus_within_whole(points).ppm();
        }
        row.cap =
            if record.flag("cap_none") == Some(true) { Fen::UNLIMITED.0 } else { row.cap.saturating_add(cap_plus.0) };
        row.basis = row.basis.max(adjust.cited.provision.basis);
        Ok(())
    }

    fn diseases(&self) -> Vec<(String, u32)> {
        let mut codes: BTreeMap<String, u32> = BTreeMap::new();
        for (rest, _) in self.terms.family("disease.") {
            if let Some((list, code)) = rest.split_once('.')
                && let Some(at) = self.names.diseases.iter().position(|name| name == list)
            {
                *codes.entry(code.to_owned()).or_default() |= 1 << at;
            }
        }
        codes.into_iter().collect()
    }

    fn benefit_tiers(&mut self) -> Vec<(Test, u8, usize)> {
        let Ok(cited) = self.terms.get("tier.benefit") else { return Vec::new() };
        let cite = self.cite(cited, cited.provision.basis);
        let tier = |row: &policy::Row| {
            let wanted = row.values.text("becomes")?;
            let at = self.names.tiers.iter().position(|tier| tier == wanted)?;
            Some((self.test(&row.when), at as u8, cite))
        };
        cited.provision.record.rows("rows").iter().filter_map(tier).collect()
    }

    /// Bills refused by name, in the order of the rules' names.
    fn bars(&self) -> Vec<Bar> {
        let bar = |(_, cited): (&str, Cited<'l>)| {
            let provision = cited.provision;
            Bar {
                when: self.test(&provision.record.when("when")),
                unless: provision.record.get("unless").map(|_| self.test(&provision.record.when("unless"))),
                refusal: Refusal::Barred {
                    key: provision.key.clone(),
                    says: provision.record.text("says").unwrap_or_default().to_owned(),
                    clauses: provision.clauses.clone(),
                },
            }
        };
        self.terms.family("settlement.refuse.").map(bar).collect()
    }

    fn class_b(&mut self) -> Result<Vec<(Test, Rate, usize)>, Refusal> {
        let key = "scope.first-self-pay";
        let cited = self.terms.get(key).map_err(|missing| self.open(key, missing))?;
        if self.options.strict && !cited.provision.basis.holds_when_strict() {
            return Err(Refusal::Weak { key: key.to_owned(), basis: cited.provision.basis });
        }
        let cite = self.cite(cited, cited.provision.basis);
        let rows = cited.provision.record.rows("rows").iter();
        let for_b = rows.filter(|row| row.when.class.is_empty() || row.when.class.iter().any(|class| class == "B"));
        Ok(for_b.filter_map(|row| Some((self.test(&row.when), row.values.rate("share")?, cite))).collect())
    }

    fn carries(&mut self, stages: &[Stage]) -> Vec<CarryRule> {
        let rules: Vec<(&str, Cited<'l>)> = self.terms.family("carry.").collect();
        rules.into_iter().filter_map(|(id, cited)| self.carry(id, cited, stages)).collect()
    }

    fn carry(&mut self, id: &str, cited: Cited<'l>, stages: &[Stage]) -> Option<CarryRule> {
        let record = &cited.provision.record;
        let words = |field: &str| record.texts(field);
        let counts = Conditions {
            scheme: words("scheme").into_iter().filter_map(domain::Scheme::parse).collect(),
            care: words("care").into_iter().filter_map(domain::Care::parse).collect(),
            ..Conditions::default()
        };
        let stage = record.text("stage").and_then(|id| stages.iter().position(|stage| stage.id == id));
        let terms = self.terms;
        let fen = |amount: &Amount| terms.fen(amount, Basis::Stated).ok().map(|(fen, _)| fen);
        let slot = |compiler: &mut Self, what: &str, yearly: bool| compiler.slot(format!("carry.{id}.{what}"), yearly);
        let effect = match record.text("kind")? {
            "quiet-years" => Effect::QuietYears {
                stage: stage?,
                against_lowered: record.text("against") == Some("lowered"),
                steps: record.amounts("steps").into_iter().filter_map(fen).collect(),
                years: slot(self, "years", false),
                standard: slot(self, "standard", true),
            },
            "light-year" => {
                let rows = record.rows("rows").iter();
                Effect::LightYear {
                    lines: rows
                        .filter_map(|row| Some((self.test(&row.when), fen(row.values.amount("line")?)?)))
                        .collect(),
                }
            }
            _ => Effect::UnusedLimit { stage: stage? },
        };
        Some(CarryRule {
            id: id.to_owned(),
            bit: self.names.carries.iter().position(|name| name == id)? as u8,
            full_year: record.flag("full_year").unwrap_or(false),
            total: slot(self, "total", true),
            paid: slot(self, "paid", true),
            value: slot(self, "value", false),
            effect,
            counts: self.test(&counts),
            cite: self.cite(cited, cited.provision.basis),
        })
    }
}

/// The ages from which on a test answers otherwise.
fn age_ends(test: &Test) -> [u8; 2] {
    [test.age.0, test.age.1.saturating_add(1)]
}

/// A test that asks for nothing, to be narrowed.
fn never() -> Test {
    Test {
        scheme: u32::MAX,
        care: u32::MAX,
        level: u32::MAX,
        tier: u32::MAX,
        group: u32::MAX,
        filing: u32::MAX,
        age: (0, u8::MAX),
        admission: (0, u8::MAX),
        categories: 0,
        categories_also: 0,
        marks: 0,
        diseases: 0,
        carries: 0,
    }
}

fn space(covers: &Test, excludes: Option<&Test>, parts: &Parts<'_>, tiers: usize) -> Space {
    let tables = [Some(&parts.deductible), Some(&parts.bands), Some(&parts.cap), parts.entry.as_ref()];
    let tests: Vec<&Test> = std::iter::once(covers)
        .chain(excludes)
        .chain(tables.into_iter().flatten().flat_map(|table| &table.tests))
        .chain(parts.adjusts.iter().map(|adjust| &adjust.test))
        .collect();
    Space::of(tests.iter().copied(), tiers)
}
