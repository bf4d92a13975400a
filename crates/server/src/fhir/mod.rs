//! What the books know of a person's insurance, as resources of FHIR R4: Coverage, Claim, ClaimResponse and
//! ExplanationOfBenefit, to be read and searched by person.
//!
//! Resources carry the person's number in the books and never a name or an identity number. A settlement is one Claim with its
//! answer; one that was taken back stays, as cancelled. Deliberately absent: writing (settle by the national interface or by
//! REST), and Patient (who a person is, only the counter may read).

mod claim;
mod coverage;
mod routes;
mod settled;
mod types;

use books::{Books, Desk, Key, Stop, people};
use domain::Date;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use settled::{Insured, Settled, insured, nothing, settlements};

pub(crate) use routes::routes;

/// The kinds of resources that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Coverage,
    Claim,
    ClaimResponse,
    ExplanationOfBenefit,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 4] = [Kind::Coverage, Kind::Claim, Kind::ClaimResponse, Kind::ExplanationOfBenefit];

    /// As it stands in a path.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Coverage => "Coverage",
            Kind::Claim => "Claim",
            Kind::ClaimResponse => "ClaimResponse",
            Kind::ExplanationOfBenefit => "ExplanationOfBenefit",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A resource as JSON, with the name it has among its kind. Text, for an amount keeps its two decimals.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub id: String,
    pub json: Box<RawValue>,
}

impl Resource {
    fn of(id: &str, resource: &impl Serialize) -> Result<Resource, Stop> {
        let json = to_raw_value(resource).map_err(|error| Stop::Source(error.to_string()))?;
        Ok(Resource { id: id.to_owned(), json })
    }
}

/// Every resource of a kind that a person has, oldest first.
///
/// # Errors
/// When the person is not known, or the source fails.
pub(crate) fn of_person(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    region: &str,
    kind: Kind,
    person: &Key,
) -> Result<Vec<Resource>, Stop> {
    people::dossier(books, person)?;
    let years = insured(desk, books, person)?;
    if kind == Kind::Coverage {
        let today = desk.today();
        return years.iter().map(|year| Resource::of(&year.id(), &coverage::coverage(region, year, today))).collect();
    }
    let settled = settlements(books, person)?;
    settled.iter().map(|settled| of_settlement(region, kind, settled, &years)).collect()
}

/// A resource by its name. The name begins with the number of its person.
///
/// # Errors
/// When there is none, or the source fails.
pub(crate) fn named(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    region: &str,
    kind: Kind,
    id: &str,
) -> Result<Resource, Stop> {
    let person = person_of(id).ok_or_else(|| nothing(kind.name(), id))?;
    let found = match of_person(desk, books, region, kind, &person) {
        Ok(found) => found,
        Err(Stop::Refused(_)) => Vec::new(),
        Err(stop) => return Err(stop),
    };
    found.into_iter().find(|resource| resource.id == id).ok_or_else(|| nothing(kind.name(), id))
}

/// The person whose resource has this name.
pub(crate) fn person_of(id: &str) -> Option<Key> {
    let mut parts = id.rsplitn(3, '-');
    let (_, _, person) = (parts.next()?, parts.next()?, parts.next()?);
    Some(people::person_key(person))
}

fn of_settlement(region: &str, kind: Kind, settled: &Settled, years: &[Insured]) -> Result<Resource, Stop> {
    let id = settled.number.as_str();
    let under = covering(settled.bill.date, years).map_or_else(|| settled.person.clone(), Insured::id);
    match kind {
        Kind::Claim => Resource::of(id, &claim::claim(settled, &under)),
        Kind::ClaimResponse => Resource::of(id, &claim::claim_response(region, settled)),
        Kind::ExplanationOfBenefit => Resource::of(id, &claim::explanation(region, settled, &under)),
        Kind::Coverage => Err(nothing(kind.name(), id)),
    }
}

/// The insured year that a day falls into.
fn covering(day: Date, years: &[Insured]) -> Option<&Insured> {
    years.iter().rev().find(|year| year.has(day))
}
