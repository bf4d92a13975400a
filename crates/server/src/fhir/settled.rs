//! What the books know of a person's settlements and insured years, as the resources need it.

use std::collections::BTreeMap;

use books::care::{BillRecord, CareEntry, CareYear, Paid, settlement_number};
use books::members::{self, Membership, Relation};
use books::{Books, Desk, Key, Refusal, Stop};
use domain::Date;

/// How many years of insurance are looked through, back from today.
const BACK: i16 = 10;

/// A settlement with what became of it.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    pub number: String,
    /// Number of the person.
    pub person: String,
    /// The day on which it was settled.
    pub on: Date,
    pub bill: BillRecord,
    /// What stands of it.
    pub paid: Paid,
    pub taken_back: bool,
}

/// An insured year.
#[derive(Clone, Debug)]
pub(super) struct Insured {
    /// Number of the person.
    pub person: String,
    pub year: i16,
    /// Which relation of the year.
    pub relation: usize,
    pub known: Relation,
}

impl Insured {
    /// The name of it as a resource.
    pub fn id(&self) -> String {
        format!("{}-{}-{}", self.person, self.year, self.relation)
    }

    /// Whether a day falls into it.
    pub fn has(&self, day: Date) -> bool {
        let academic = self.known.capacity.academic;
        members::begins(self.year, academic) <= day && day < members::ends(self.year, academic)
    }
}

/// Every settlement of a person, in order.
pub(super) fn settlements(books: &mut Books<'_>, person: &Key) -> Result<Vec<Settled>, Stop> {
    let number = members::id(person).to_owned();
    let mut found: BTreeMap<(i16, u32), Settled> = BTreeMap::new();
    for (key, entry, body) in books.history::<CareYear>(&format!("care/{number}"))? {
        match body {
            CareEntry::Settled { bill, paid, .. } => {
                let settled = Settled {
                    number: settlement_number(person, key.year, entry.number),
                    person: number.clone(),
                    on: service::day_of(entry.at),
                    bill,
                    paid,
                    taken_back: false,
                };
                found.insert((key.year, entry.number), settled);
            }
            CareEntry::Differed { settlement, bill, change, .. } => {
                if let Some(settled) = found.get_mut(&(key.year, settlement)) {
                    settled.bill = bill;
                    settled.paid = settled.paid.plus(&change);
                }
            }
            CareEntry::Reversed { settlement, .. } => {
                if let Some(settled) = found.get_mut(&(key.year, settlement)) {
                    settled.taken_back = true;
                }
            }
            CareEntry::Reinstated { settlement, .. } => {
                if let Some(settled) = found.get_mut(&(key.year, settlement)) {
                    settled.taken_back = false;
                }
            }
            CareEntry::Opened { .. }
            | CareEntry::Stands { .. }
            | CareEntry::Closed { .. }
            | CareEntry::PaidOut { .. } => {}
        }
    }
    Ok(found.into_values().collect())
}

/// The insured years of a person, oldest first.
pub(super) fn insured(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key) -> Result<Vec<Insured>, Stop> {
    let today = desk.today().year();
    let keys: Vec<Key> = (today - BACK..=today + 1).map(|year| members::key(person, year)).collect();
    books.preload(keys.iter().cloned())?;
    let mut years = Vec::new();
    for key in keys {
        let Some(membership) = books.find::<Membership>(&key)? else { continue };
        let relations = membership.relations.iter().enumerate();
        years.extend(relations.map(|(relation, known)| Insured {
            person: members::id(person).to_owned(),
            year: key.year,
            relation,
            known: known.clone(),
        }));
    }
    Ok(years)
}

/// Nothing of this name, or nothing that the asker may see.
pub(super) fn nothing(kind: &str, id: &str) -> Stop {
    Refusal::new("unknown-resource", format!("没有 {kind}/{id}"), "用 ?patient=个人编号 列出可读的资源").into()
}
