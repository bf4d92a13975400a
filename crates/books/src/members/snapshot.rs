//! Who was insured at the end of a day, frozen (JS22-09.3b): counts by area, who is not counted in the subsidy and why, and the hash of
//! the list. The list itself is made again from the journal as it stood at the moment, and has the same hash, or the
//! difference is told.
//!
//! Two regions compare their lists by tokens: a keyed hash of the document under a word that both agree on. No number leaves the
//! region, and only who appears in both is known to either.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Date, Scheme};
use enrolment::RecordState;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::insured::insured;
use super::membership::Membership;
use crate::answer::Stop;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::people::{Document, DocumentKind, Dossier, normal, open};
use crate::sheets::{Books, Key};
use crate::vault::hex;

/// Entries of the register in an area, and how many persons are in a state that decides whether they count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Entries of the register.
    pub heads: i64,
    /// Persons by the words of `subsidy.count`. Somebody with two entries here is one person under `duplicate`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub excluded: BTreeMap<String, i64>,
    /// Persons who have an entry here and one in another area, or in another region of the province by the lists compared.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub elsewhere: i64,
    /// Persons who have an entry here and one in another province by the lists compared: the rule on who is enrolled twice is
    /// about the province.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub outside: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// A person found on the list of another region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Double {
    /// Subject of the dossier.
    pub person: String,
    /// Area here.
    pub area: String,
    /// Area there.
    pub there: String,
    /// The state under which the claim counts the person already; nobody is taken out of it twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// What can be recorded of a day's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum SnapshotEntry {
    /// It is frozen.
    Taken {
        /// Counts by area.
        areas: BTreeMap<String, Counted>,
        /// Hash of the list.
        hash: String,
        /// Edition of the terms by which it was told who is covered.
        edition: String,
    },
    /// It is compared with the list of another region; a later comparison with the same region replaces it.
    Compared {
        /// The other region.
        region: String,
        /// Hash of its list.
        list: String,
        /// Who is on both.
        doubles: Vec<Double>,
    },
}

/// A day's list, frozen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The moment, microseconds since 1970, UTC.
    pub at: i64,
    /// Counts by area.
    pub areas: BTreeMap<String, Counted>,
    /// Hash of the list.
    pub hash: String,
    /// Edition of the terms.
    pub edition: String,
    /// Who is on the lists of other regions too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub doubles: BTreeMap<String, Vec<Double>>,
}

impl Fold for Snapshot {
    type Entry = SnapshotEntry;
    const KIND: &'static str = "snapshot";

    fn apply(&mut self, stamp: &Stamp<'_>, entry: &SnapshotEntry) {
        match entry {
            SnapshotEntry::Taken { areas, hash, edition } => {
                (self.at, self.areas) = (stamp.at, areas.clone());
                (self.hash, self.edition) = (hash.clone(), edition.clone());
            }
            SnapshotEntry::Compared { region, doubles, .. } => {
                self.doubles.insert(region.clone(), doubles.clone());
            }
        }
    }
}

impl Snapshot {
    /// Persons insured.
    pub fn heads(&self) -> i64 {
        self.areas.values().map(|counted| counted.heads).sum()
    }

    /// What counts in the subsidy claim, by area, with those found on the lists of other regions.
    pub fn counted(&self) -> BTreeMap<String, Counted> {
        let mut areas = self.areas.clone();
        // Of a person found on several lists, one inside the province decides.
        let mut doubles: BTreeMap<(&str, &str), (bool, Option<&str>)> = BTreeMap::new();
        for (region, double) in self.doubles.iter().flat_map(|(region, all)| all.iter().map(move |one| (region, one))) {
            let (inside, state) = doubles.entry((&double.area, &double.person)).or_default();
            *inside |= province(&double.area) == province(region);
            *state = double.state.as_deref();
        }
        for ((area, _), (inside, state)) in doubles {
            let counted = areas.entry(area.to_owned()).or_default();
            match state {
                _ if !inside => counted.outside += 1,
                None => counted.elsewhere += 1,
                Some(PERMIT) => {
                    counted.excluded.entry(PERMIT.to_owned()).and_modify(|persons| *persons -= 1);
                    counted.elsewhere += 1;
                }
                Some(_) => {}
            }
        }
        areas
    }
}

/// The province of an area or region, by its code.
fn province(code: &str) -> Option<&str> {
    code.get(..2)
}

/// The stream of a day's list.
pub fn snapshot_key(day: Date) -> Key {
    Key::of(format!("snapshot/{day}"))
}

/// What counts in the subsidy claim by the list of a day: entries by area, and how many persons are in which state that a rule
/// of `subsidy.count` decides about.
///
/// # Errors
/// When the source fails; `None` where no list of the day was frozen.
pub fn counted(books: &mut Books<'_>, day: Date) -> Result<Option<BTreeMap<String, Counted>>, Stop> {
    Ok(books.find::<Snapshot>(&snapshot_key(day))?.map(Snapshot::counted))
}

/// A person on the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Listed {
    pub person: Key,
    pub area: String,
    pub tier: String,
    pub group: &'static str,
    pub since: String,
    pub states: Vec<&'static str>,
    /// Whether the same human being has another entry on the list.
    pub twice: bool,
}

/// Who is enrolled on a residence permit: the mildest of states, whoever is in another one is counted under that.
const PERMIT: &str = "residence-permit";

impl Listed {
    /// The one state under which the claim counts the entry: nobody is taken out twice.
    fn state(&self) -> Option<&'static str> {
        self.states.iter().find(|state| **state != PERMIT).or(self.states.first()).copied()
    }

    /// The state under which the claim counts the person, by this entry or by another one in the area.
    pub(super) fn counted(&self) -> Option<&'static str> {
        self.state().filter(|state| *state != PERMIT || !self.twice).or(self.twice.then_some(DUPLICATE))
    }

    fn line(&self) -> String {
        let Listed { person, area, tier, group, since, states, .. } = self;
        format!("{}\t{area}\t{tier}\t{group}\t{since}\t{}\n", person.subject, states.join(","))
    }
}

/// Who is insured in the residents' scheme on a day, in the order of persons' numbers.
pub(super) fn list(desk: &Desk<'_>, books: &mut Books<'_>, day: Date) -> Result<Vec<Listed>, Stop> {
    let mut persons = BTreeSet::new();
    for year in [day.year(), day.year().saturating_sub(1)] {
        books.each::<Membership>(Some(year), |key, _| {
            persons.insert(Key::of(key.subject.replacen("member/", "person/", 1)));
            Ok(())
        })?;
    }
    let persons: Vec<Key> = persons.into_iter().collect();
    let mut found = Vec::new();
    for page in persons.chunks(super::list::PAGE) {
        books.preload(page.iter().flat_map(|person| super::keys(person, day.year())))?;
        for person in page {
            let insured = match insured(desk, books, person, day) {
                Ok(insured) if insured.person.scheme == Scheme::Resident => insured,
                Ok(_) | Err(Stop::Refused(_)) => continue,
                Err(stop) => return Err(stop),
            };
            let states = match books.find::<Dossier>(person)? {
                Some(dossier) => states(desk, dossier, day)?,
                None => Vec::new(),
            };
            found.push(Listed {
                person: person.clone(),
                area: insured.area,
                tier: insured.person.tier.unwrap_or_default(),
                group: insured.person.group.code(),
                since: insured.person.insured_since.map_or_else(String::new, |day| day.to_string()),
                states,
                twice: false,
            });
        }
    }
    same_identity(books, &mut found)?;
    Ok(found)
}

/// States of a person's record, by the words of `subsidy.count`.
fn states(desk: &Desk<'_>, dossier: &Dossier, day: Date) -> Result<Vec<&'static str>, Stop> {
    let mut states = Vec::new();
    match dossier.document() {
        None => states.push("no-id"),
        Some(document) if !agrees(desk, dossier, document)? => states.push("wrong-id"),
        Some(_) => {}
    }
    for state in dossier.record_states(day) {
        match state {
            RecordState::ResidencePermit | RecordState::PermitExpired => states.push(state.code()),
            _ => {}
        }
    }
    Ok(states)
}

/// Whether a document says of birth and sex what the register says.
fn agrees(desk: &Desk<'_>, dossier: &Dossier, document: &Document) -> Result<bool, Stop> {
    if !matches!(document.kind.0, DocumentKind::IdCard | DocumentKind::Residence) {
        return Ok(true);
    }
    let number = open(desk, "number", &document.number)?;
    let Ok(number) = normal(document.kind.0, &number) else { return Ok(false) };
    let born = dossier.born.is_none_or(|born| number.born.is_none_or(|of| of == born));
    let sex = dossier.sex.is_none_or(|sex| number.sex.is_none_or(|of| of == sex.0));
    Ok(born && sex)
}

/// Marks the entries of one human being under several numbers: same name, birth and sex. Within an area the second and later
/// are duplicates; over several areas each has its other elsewhere.
fn same_identity(books: &mut Books<'_>, found: &mut [Listed]) -> Result<(), Stop> {
    let mut entries: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, listed) in found.iter().enumerate() {
        if let Some(dossier) = books.find::<Dossier>(&listed.person)? {
            entries.entry(identity(dossier)).or_default().push(at);
        }
    }
    for together in entries.into_values().filter(|together| together.len() > 1) {
        let areas: BTreeSet<String> = together.iter().filter_map(|at| Some(found.get(*at)?.area.clone())).collect();
        let (skip, word) = if areas.len() == 1 { (1, DUPLICATE) } else { (0, ELSEWHERE) };
        for (nth, at) in together.into_iter().enumerate() {
            if let Some(listed) = found.get_mut(at) {
                listed.twice = true;
                listed.states.extend((nth >= skip).then_some(word));
            }
        }
    }
    Ok(())
}

/// The state of the second entry of a person in an area.
const DUPLICATE: &str = "duplicate";

/// The state of an entry whose person has another one in another area.
const ELSEWHERE: &str = "elsewhere";

/// What two entries of one human being have in common, whatever the document. The sealed name is the same where the name is.
pub(super) fn identity(dossier: &Dossier) -> (String, Option<Date>, Option<&'static str>) {
    let name = dossier.name.as_ref().map_or_else(String::new, |name| name.0.clone());
    (name, dossier.born, dossier.sex.map(|sex| sex.0.code()))
}

/// The hash of a list.
pub(super) fn hash(list: &[Listed]) -> String {
    let mut hash = Sha256::new();
    for listed in list {
        hash.update(listed.line().as_bytes());
    }
    hex(&hash.finalize())
}

/// Counts by area.
pub(super) fn count(list: &[Listed]) -> BTreeMap<String, Counted> {
    let mut areas: BTreeMap<String, Counted> = BTreeMap::new();
    for listed in list {
        let counted = areas.entry(listed.area.clone()).or_default();
        counted.heads += 1;
        match listed.state() {
            Some(ELSEWHERE) => counted.elsewhere += 1,
            Some(state) => *counted.excluded.entry(state.to_owned()).or_default() += 1,
            None => {}
        }
    }
    areas
}

/// The token by which two regions compare: a hash of the document under a word that both agree on.
pub(super) fn token(word: &str, kind: DocumentKind, number: &str) -> String {
    let mut hash = Sha256::new();
    for part in [word, kind.code(), number] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut token = hex(&hash.finalize());
    token.truncate(32);
    token
}

/// The token of a person's document in use.
pub(super) fn token_of(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    word: &str,
) -> Result<Option<String>, Stop> {
    let Some(document) = books.find::<Dossier>(person)?.and_then(Dossier::document).cloned() else { return Ok(None) };
    let number = open(desk, "number", &document.number)?;
    Ok(Some(token(word, document.kind.0, &number)))
}
