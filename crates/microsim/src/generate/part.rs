//! One part of a province: 65,536 people, their enrolment, bills, lines and what was planted, each file written whole.

use std::path::{Path, PathBuf};

use domain::{Categories, Marks, Scheme};

use super::anomalies::{Anomaly, Planting, Truth};
use super::calendar::{Calendar, number};
use super::care::{Clinic, Event};
use super::figures::{Figures, Sex};
use super::ground::{Answers, Ground};
use super::lines::Cutter;
use super::society::{Life, Society, Standing};
use crate::files::Table;
use crate::{Stopped, Watch};

/// People of a part.
pub const PART: i64 = 65_536;

/// Everything a part is made from.
pub struct Maker<'m> {
    /// The region.
    pub ground: &'m Ground<'m>,
    /// Its figures.
    pub figures: &'m Figures,
    /// The people.
    pub society: &'m Society<'m>,
    /// Their care.
    pub clinic: &'m Clinic<'m>,
    /// Lines, if they are asked for.
    pub cutter: Option<Cutter>,
    /// Anomalies and their rates, if they are asked for.
    pub anomalies: Option<Vec<(Anomaly, u64)>>,
    /// The years.
    pub calendars: &'m [Calendar],
    /// Everybody, to the end of the last year.
    pub persons: i64,
    /// Seed.
    pub seed: u64,
    /// Folder of the province.
    pub folder: &'m Path,
    /// Who follows it.
    pub watch: &'m dyn Watch,
}

/// Persons made between two looks at whether it is still wanted.
const STRETCH: usize = 1_024;

/// Where the files of a part stand.
pub struct Paths<'p> {
    folder: &'p Path,
    part: i64,
}

impl<'p> Paths<'p> {
    /// Of a part.
    pub fn of(folder: &'p Path, part: i64) -> Paths<'p> {
        Paths { folder, part }
    }

    /// People.
    pub fn people(&self) -> PathBuf {
        self.folder.join(format!("people/part-{:05}.parquet", self.part))
    }

    /// `enrolment`, `bills` or `lines` of a year.
    pub fn yearly(&self, what: &str, year: i16) -> PathBuf {
        self.folder.join(format!("{what}/{year}/part-{:05}.parquet", self.part))
    }

    /// The truth of a year in all parts.
    pub fn whole_truth(folder: &Path, year: i16) -> PathBuf {
        folder.join(format!("truth/{year}.parquet"))
    }

    /// The truth of a year, until all parts are there.
    pub fn truth(&self, year: i16) -> PathBuf {
        self.folder.join(format!("truth/{year}/part-{:05}.parquet", self.part))
    }
}

/// A person of the part in a year, and the bills.
struct Insured {
    life: usize,
    standing: Standing,
    events: Vec<Event>,
    truths: Vec<Truth>,
}

/// A bill: who, the standing, the event.
#[derive(Clone, Copy)]
struct Bill<'b> {
    id: i64,
    life: &'b Life,
    standing: &'b Standing,
    event: &'b Event,
}

/// The id of a bill: person, year and number can be read in it.
pub fn bill_id(person: i64, year: i16, made: u32) -> i64 {
    (person * 1_000 + i64::from(year - 2000)) * 10_000 + i64::from(made)
}

impl Maker<'_> {
    /// Makes a part; what is there already stays.
    ///
    /// # Errors
    /// Of the disk, or when it is stopped.
    pub fn make(&self, part: i64, answers: &mut Answers) -> anyhow::Result<()> {
        let paths = Paths::of(self.folder, part);
        let range = part * PART..((part + 1) * PART).min(self.persons);
        let lives: Vec<Life> = range.map(|person| self.society.life(person)).collect();
        for calendar in self.calendars {
            let year = calendar.year;
            let mut files = vec![paths.yearly("enrolment", year), paths.yearly("bills", year)];
            files.extend(self.cutter.as_ref().map(|_| paths.yearly("lines", year)));
            let told = Paths::whole_truth(self.folder, year).is_file();
            files.extend(self.anomalies.as_ref().filter(|_| !told).map(|_| paths.truth(year)));
            if files.iter().all(|file| file.is_file()) {
                continue;
            }
            let insured = self.year(&lives, calendar, answers)?;
            if self.anomalies.is_some() {
                truth_table(&lives, year, &insured)?.write(&paths.truth(year))?;
            }
            self.enrolment(&lives, calendar, &insured)?.write(&paths.yearly("enrolment", year))?;
            let bills: Vec<Bill<'_>> = bills(&lives, year, &insured).collect();
            if let Some(cutter) = &self.cutter {
                self.lines(cutter, &bills)?.write(&paths.yearly("lines", year))?;
            }
            self.bills(calendar, &bills)?.write(&paths.yearly("bills", year))?;
        }
        if !paths.people().is_file() {
            self.people(&lives, answers)?.write(&paths.people())?;
        }
        Ok(())
    }

    fn year(&self, lives: &[Life], calendar: &Calendar, answers: &mut Answers) -> Result<Vec<Insured>, Stopped> {
        let mut insured = Vec::with_capacity(lives.len());
        for (at, life) in lives.iter().enumerate() {
            if at % STRETCH == 0 {
                if self.watch.stopped() {
                    return Err(Stopped);
                }
                self.watch.made(STRETCH.min(lives.len() - at) as i64);
            }
            let Some(standing) = self.society.standing(life, calendar, answers) else { continue };
            if standing.paid.is_none() {
                continue;
            }
            let mut events = self.clinic.year(life, &standing, calendar, answers);
            let truths = match &self.anomalies {
                Some(rates) => {
                    let mut planting = Planting { clinic: self.clinic, life, standing: &standing, calendar, answers };
                    planting.plant(self.seed, rates, &mut events)
                }
                None => Vec::new(),
            };
            insured.push(Insured { life: at, standing, events, truths });
        }
        Ok(insured)
    }

    fn tier(&self, tier: u8) -> String {
        self.ground.tiers.get(usize::from(tier)).cloned().unwrap_or_default()
    }

    fn people(&self, lives: &[Life], answers: &mut Answers) -> anyhow::Result<Table> {
        let calendar = &self.calendars[0];
        let first: Vec<Option<Standing>> =
            lives.iter().map(|life| self.society.standing(life, calendar, answers)).collect();
        // Born later: as the first day of life finds them.
        let mut standings = Vec::with_capacity(lives.len());
        for (life, standing) in lives.iter().zip(first) {
            let later = || self.calendars.iter().find(|calendar| calendar.year == life.born.year());
            let found =
                standing.or_else(|| later().and_then(|calendar| self.society.standing(life, calendar, answers)));
            standings.push(found);
        }
        let of = |at: usize| standings[at].as_ref();
        let each = || 0..lives.len();
        let mut table = Table::default();
        table.longs("person", lives.iter().map(|life| life.person));
        table.dates("birth", lives.iter().map(|life| Some(number(life.born))));
        table.words("sex", lives.iter().map(|life| Some(life.sex == Sex::Female)), |female| {
            if female { "female" } else { "male" }.to_owned()
        })?;
        table.words("area", lives.iter().map(|life| self.ground.areas.get(life.area).map(|_| life.area)), |area| {
            self.ground.areas[area].clone()
        })?;
        table.words("tier", each().map(|at| of(at)?.tier), |tier| self.tier(tier))?;
        table.words("group", each().map(|at| Some(of(at)?.group)), |group| group.code().to_owned())?;
        table.words("category", each().map(|at| named(of(at)?.categories)), category_text)?;
        table.longs("income_fen", lives.iter().map(|life| life.income));
        table.bytes("decile", lives.iter().map(|life| life.decile as i8));
        table.dates("insured_since", each().map(|at| of(at)?.insured_since.map(number)));
        table.dates("died", lives.iter().map(|life| self.society.died(life, self.calendars)));
        let chronic = |at: usize| self.clinic.chronic(&lives[at], of(at)?.age);
        table.words("chronic", each().map(chronic), |mask| self.clinic.chronic_text(mask))?;
        Ok(table)
    }

    fn enrolment(&self, lives: &[Life], calendar: &Calendar, insured: &[Insured]) -> anyhow::Result<Table> {
        let standing = || insured.iter().map(|insured| &insured.standing);
        let day = |day: i32| calendar.first + day;
        let mut table = Table::default();
        table.longs("person", insured.iter().map(|insured| lives[insured.life].person));
        table.words("scheme", standing().map(|_| Some(Scheme::Resident)), |scheme| scheme.code().to_owned())?;
        table.words("tier", standing().map(|s| s.tier), |tier| self.tier(tier))?;
        table.words("group", standing().map(|s| Some(s.group)), |group| group.code().to_owned())?;
        table.words("category", standing().map(|s| named(s.categories)), category_text)?;
        table.dates("paid_on", standing().map(|s| s.paid?.on(calendar.year, self.figures).map(number)));
        table.some_longs("standard_fen", standing().map(|s| s.contribution.standard));
        table.some_longs("personal_fen", standing().map(|s| s.contribution.personal));
        table.words("sponsor", standing().map(|s| s.contribution.sponsor.as_deref()), str::to_owned)?;
        table.some_longs("sponsored_fen", standing().map(|s| s.contribution.sponsored));
        table.dates("covered_from", standing().map(|s| s.covered.map(|(from, _)| day(from))));
        table.dates("covered_to", standing().map(|s| s.covered.map(|(_, last)| day(last))));
        table.dates("insured_since", standing().map(|s| s.insured_since.map(number)));
        Ok(table)
    }

    fn bills(&self, calendar: &Calendar, bills: &[Bill<'_>]) -> anyhow::Result<Table> {
        let share = domain::Rate::from_ppm(i64::try_from(self.figures.b_share.0).unwrap_or(0)).to_string();
        let plan = |bill: &Bill<'_>| self.ground.plan_on(calendar.day(bill.event.end));
        let mut table = Table::default();
        table.longs("bill", bills.iter().map(|bill| bill.id));
        table.longs("person", bills.iter().map(|bill| bill.life.person));
        table.dates("date", bills.iter().map(|bill| Some(calendar.first + bill.event.end)));
        table.words("care", bills.iter().map(|bill| Some(bill.event.care)), |care| care.code().to_owned())?;
        table.words("level", bills.iter().map(|bill| Some(bill.event.level)), |level| level.code().to_owned())?;
        table.words("scheme", bills.iter().map(|_| Some(Scheme::Resident)), |scheme| scheme.code().to_owned())?;
        table.words("tier", bills.iter().map(|bill| bill.standing.tier), |tier| self.tier(tier))?;
        table.words("group", bills.iter().map(|bill| Some(bill.standing.group)), |group| group.code().to_owned())?;
        let categories = |bill: &Bill<'_>| named(bill.standing.categories_on(bill.event.end));
        table.words("category", bills.iter().map(categories), category_text)?;
        table.dates("birth", bills.iter().map(|bill| Some(number(bill.life.born))));
        table.dates("insured_since", bills.iter().map(|bill| bill.standing.insured_since.map(number)));
        table.words("filing", bills.iter().map(|bill| Some(bill.event.filing)), |filing| filing.code().to_owned())?;
        table.words("disease", bills.iter().map(|bill| bill.event.disease), |at| {
            self.ground.diseases[usize::from(at)].clone()
        })?;
        let marks = |bill: &Bill<'_>| {
            let Event { care, level, accident, .. } = *bill.event;
            Some(self.ground.marks(care, level, accident)).filter(|marks| *marks != Marks::NONE)
        };
        table.words("mark", bills.iter().map(marks), |marks| joined(marks.iter().map(|mark| mark.code())))?;
        for (class, name) in ["a_fen", "b_fen", "c_fen", "over_limit_fen"].into_iter().enumerate() {
            table.longs(name, bills.iter().map(|bill| bill.event.amounts[class]));
        }
        let needed = |bill: &Bill<'_>| self.ground.share_needed(plan(bill)).then_some(());
        table.words("b_share", bills.iter().map(needed), |()| share.clone())?;
        let from = |bill: &Bill<'_>| bill.event.from.map(|made| bill_id(bill.life.person, calendar.year, made));
        table.some_longs("from_bill", bills.iter().map(from));
        table.ints("#hospital", bills.iter().map(|bill| bill.event.hospital));
        table.words("#diagnosis", bills.iter().map(|bill| Some(bill.event.diagnosis)), |at| {
            self.figures.diagnosis[at].code.clone()
        })?;
        table.shorts("#days", bills.iter().map(|bill| bill.event.days as i16));
        table.words("#sex", bills.iter().map(|bill| Some(bill.life.sex == Sex::Female)), |female| {
            if female { "female" } else { "male" }.to_owned()
        })?;
        Ok(table)
    }

    fn lines(&self, cutter: &Cutter, bills: &[Bill<'_>]) -> anyhow::Result<Table> {
        let each = bills.iter().flat_map(|bill| {
            let lines = cutter.cut(bill.id, bill.event);
            (1..).zip(lines).map(|(nth, line)| (bill.id, nth, line))
        });
        let lines: Vec<(i64, i16, super::lines::Line)> = each.collect();
        let item = |at: usize| &self.figures.item[at];
        let mut table = Table::default();
        table.longs("bill", lines.iter().map(|(bill, ..)| *bill));
        table.shorts("line", lines.iter().map(|(_, nth, _)| *nth));
        table.words("code", lines.iter().map(|(.., line)| Some(line.item)), |at| item(at).code.clone())?;
        table.words("name", lines.iter().map(|(.., line)| Some(line.item)), |at| item(at).name.clone())?;
        table.words("kind", lines.iter().map(|(.., line)| Some(line.item)), |at| item(at).kind.clone())?;
        table.words("class", lines.iter().map(|(.., line)| Some(line.item)), |at| item(at).class.clone())?;
        table.longs("amount_fen", lines.iter().map(|(.., line)| line.amount));
        table.longs("over_limit_fen", lines.iter().map(|(.., line)| line.over_limit));
        Ok(table)
    }
}

fn bills<'b>(lives: &'b [Life], year: i16, insured: &'b [Insured]) -> impl Iterator<Item = Bill<'b>> {
    insured.iter().flat_map(move |insured| {
        let life = &lives[insured.life];
        let bill = move |event: &'b Event| Bill {
            id: bill_id(life.person, year, event.made),
            life,
            standing: &insured.standing,
            event,
        };
        insured.events.iter().map(bill)
    })
}

fn truth_table(lives: &[Life], year: i16, insured: &[Insured]) -> anyhow::Result<Table> {
    let each =
        insured.iter().flat_map(|insured| insured.truths.iter().map(|truth| (lives[insured.life].person, truth)));
    let rows: Vec<(i64, &Truth)> = each.collect();
    let mut table = Table::default();
    table.longs("bill", rows.iter().map(|(person, truth)| bill_id(*person, year, truth.made)));
    table.longs("person", rows.iter().map(|(person, _)| *person));
    table.words("anomaly", rows.iter().map(|(_, truth)| Some(truth.anomaly)), |anomaly| anomaly.code().to_owned())?;
    table.some_longs("other_bill", rows.iter().map(|(person, truth)| Some(bill_id(*person, year, truth.other?))));
    Ok(table)
}

fn named(categories: Categories) -> Option<Categories> {
    Some(categories).filter(|categories| *categories != Categories::NONE)
}

fn category_text(categories: Categories) -> String {
    joined(categories.iter().map(|category| category.code()))
}

fn joined<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.collect::<Vec<_>>().join("|")
}
