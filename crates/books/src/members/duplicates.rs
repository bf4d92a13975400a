//! Who is secured twice on a day (重复参保): within the insurance, between insurances, and across regions, each a list of its own.

use std::collections::BTreeMap;

use domain::{Date, vocabulary};
use serde_json::{Value, json};

use super::insured::insured;
use super::list::shown;
use super::membership::{Membership, State};
use super::snapshot::{Snapshot, identity};
use crate::answer::Stop;
use crate::codec::Word;
use crate::command;
use crate::desk::Desk;
use crate::dues::paid_on;
use crate::people::{Arrangement, Dossier};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

vocabulary! {
    /// Between what somebody is secured twice.
    Overlap {
        Inside = "resident-resident", "居民医保内部", "within the residents' scheme";
        Employee = "resident-employee", "居民医保与职工医保", "residents' and employees' scheme";
        Other = "resident-other", "居民医保与其他保障", "residents' scheme and another arrangement";
        Regions = "regions", "跨地区", "in two regions";
    }
}

command! {
    /// List who is secured twice on a day
    ListDuplicates = "member duplicates", "重复参保名单" {
        /// The day; today, if left out
        on: Option<Date> = "哪一日，不写为今天",
        /// Between what; all, if left out
        kind: Option<Word<Overlap>> = "重复的种类，不写为全部",
    }
}

const COLUMNS: &[Column] = &[
    col("kind", "种类", "kind"),
    col("person", "个人编号", "person"),
    col("name", "姓名", "name"),
    col("number", "证件号码", "document"),
    col("here", "本地参保", "here"),
    col("there", "另一处", "there"),
    col("from", "另一处起始日", "there since"),
];

/// A person who is secured twice.
struct Twice {
    kind: Overlap,
    person: Key,
    here: String,
    there: String,
    from: Option<String>,
}

impl Question for ListDuplicates {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let day = self.on.unwrap_or_else(|| desk.today());
        let mut found = overlaps(desk, books, day)?;
        found.extend(compared(books, day)?);
        found.retain(|twice| self.kind.is_none_or(|kind| kind.0 == twice.kind));
        found.sort_by(|a, b| (a.kind, &a.person).cmp(&(b.kind, &b.person)));
        let mut rows: Vec<Vec<Value>> = Vec::new();
        for Twice { kind, person, here, there, from } in found {
            let (name, number) = shown(desk, books, &person)?;
            let id = super::id(&person).to_owned();
            rows.push(vec![
                json!(kind.code()),
                json!(id),
                json!(name),
                json!(number),
                json!(here),
                json!(there),
                json!(from),
            ]);
        }
        let foot = format!("{} 条", rows.len());
        Ok(Table { title: format!("{day} 重复参保"), columns: COLUMNS, rows, foot })
    }
}

/// Persons active on a day, by their dossiers.
fn active(desk: &Desk<'_>, books: &mut Books<'_>, day: Date) -> Result<Vec<(Key, String, usize)>, Stop> {
    let mut open: BTreeMap<Key, Vec<(i16, String)>> = BTreeMap::new();
    for year in [day.year(), day.year().saturating_sub(1)] {
        books.each::<Membership>(Some(year), |key, membership| {
            let person = Key::of(key.subject.replacen("member/", "person/", 1));
            for relation in &membership.relations {
                let academic = relation.capacity.academic;
                let in_year = super::begins(year, academic) <= day && day < super::ends(year, academic);
                // Paid as of the day or not is seen below: what has ended or is paused by the day is out.
                if in_year && matches!(relation.state_on(day, None), State::New) {
                    open.entry(person.clone()).or_default().push((year, relation.capacity.area.clone()));
                }
            }
            Ok(())
        })?;
    }
    let mut found = Vec::new();
    for (person, relations) in open {
        let mut paid = 0;
        for (year, _) in &relations {
            paid += usize::from(paid_on(desk, books, &person, *year)?.is_some());
        }
        let area = relations.into_iter().next().map(|(_, area)| area).unwrap_or_default();
        if paid > 0 {
            found.push((person, area, paid));
        }
    }
    Ok(found)
}

fn overlaps(desk: &Desk<'_>, books: &mut Books<'_>, day: Date) -> Result<Vec<Twice>, Stop> {
    let mut found = Vec::new();
    let mut entries: BTreeMap<_, Vec<(Key, String)>> = BTreeMap::new();
    for (person, area, paid) in active(desk, books, day)? {
        let since = |date: Date| Some(date.to_string());
        if paid > 1 {
            let there = "另一参保年度的参保关系".to_owned();
            found.push(Twice { kind: Overlap::Inside, person: person.clone(), here: area.clone(), there, from: None });
        }
        let covered = insured(desk, books, &person, day).is_ok();
        let Some(dossier) = books.find::<Dossier>(&person)? else { continue };
        for secured in &dossier.secured {
            if secured.from > day || secured.end.is_some_and(|end| end <= day) {
                continue;
            }
            let kind = match secured.kind.0 {
                Arrangement::Employee => Overlap::Employee,
                Arrangement::ResidentElsewhere => Overlap::Regions,
                Arrangement::Other => Overlap::Other,
            };
            let there = match &secured.region {
                Some(region) => format!("{}（{region}）", secured.name),
                None => secured.name.clone(),
            };
            found.push(Twice { kind, person: person.clone(), here: area.clone(), there, from: since(secured.from) });
        }
        if covered {
            entries.entry(identity(dossier)).or_default().push((person, area));
        }
    }
    for together in entries.into_values().filter(|together| together.len() > 1) {
        for (at, (person, area)) in together.iter().enumerate() {
            let others = together.iter().enumerate().filter(|(other, _)| *other != at);
            let there: Vec<String> =
                others.map(|(_, (other, area))| format!("个人编号 {}（{area}）", super::id(other))).collect();
            let there = there.join("、");
            found.push(Twice { kind: Overlap::Inside, person: person.clone(), here: area.clone(), there, from: None });
        }
    }
    Ok(found)
}

/// Who was found on the lists of other regions, by the last list frozen on or before the day.
fn compared(books: &mut Books<'_>, day: Date) -> Result<Vec<Twice>, Stop> {
    let mut last: Option<(Date, Snapshot)> = None;
    books.each::<Snapshot>(None, |key, snapshot| {
        let of = key.subject.trim_start_matches("snapshot/").parse::<Date>().ok();
        if let Some(of) = of.filter(|of| *of <= day && last.as_ref().is_none_or(|(known, _)| known < of)) {
            last = Some((of, snapshot.clone()));
        }
        Ok(())
    })?;
    let Some((of, snapshot)) = last else { return Ok(Vec::new()) };
    let twice = snapshot.doubles.into_iter().flat_map(|(region, doubles)| {
        doubles.into_iter().map(move |double| Twice {
            kind: Overlap::Regions,
            person: Key::of(double.person),
            here: double.area,
            there: format!("{region}（{}）", double.there),
            from: Some(format!("{of} 名单")),
        })
    });
    Ok(twice.collect())
}
