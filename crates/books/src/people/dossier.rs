//! A person's sheet: documents, facts and categories, each from the day it holds.
//!
//! What a fact means for a rule is in [`facts`](super::facts). Nothing is taken out of a dossier: what was wrong is withdrawn or
//! amended by an entry that says why.

use domain::Date;
use serde::{Deserialize, Serialize};

use super::record::{Document, Holding, Loan, Membership, Permit, Registration, Secured, Sex, Study, Work};
use crate::codec::Word;
use crate::fold::{Fold, Stamp};
use crate::vault::Sealed;

/// What can be recorded of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum DossierEntry {
    /// Comes on the register.
    Registered {
        /// By which document.
        document: Document,
        /// Name, sealed.
        name: Sealed,
        /// Sex.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sex: Option<Word<Sex>>,
        /// Date of birth.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        born: Option<Date>,
        /// Code of the area: county, town or village.
        area: String,
        /// Telephone, sealed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phone: Option<Sealed>,
        /// Where the household is registered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        registration: Option<Word<Registration>>,
        /// How the person works.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        work: Option<Word<Work>>,
        /// Code of the ethnic group, sealed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ethnicity: Option<Sealed>,
        /// Name of the employer, sealed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        employer: Option<Sealed>,
    },
    /// What is given changes; what is not stays.
    Amended(Amendment),
    /// Has another document. Of the same kind, it takes the place of the one before.
    Document(Document),
    /// Is given a permit of residence, or the one of the same beginning is extended.
    Permit(Permit),
    /// Joins a household, or leaves it by an end.
    Household(Membership),
    /// Dies.
    Died {
        /// The day.
        on: Date,
        /// Who says so.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        source: String,
    },
    /// The death was an error.
    Revived {
        /// Why.
        reason: String,
    },
    /// A register says that the person holds a category; it replaces what the same register said of the same beginning.
    Category(Holding),
    /// Studies; it replaces what was said of the same school and beginning.
    Study(Study),
    /// A student loan is submitted or certified.
    Loan(Loan),
    /// Is secured elsewhere; it replaces what was said of the same arrangement and beginning.
    Secured(Secured),
    /// Somebody looked at the whole of the dossier, unmasked.
    Viewed {
        /// Why.
        reason: String,
    },
}

/// A change of what is known of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// Name, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Sealed>,
    /// Sex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Word<Sex>>,
    /// Date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<Date>,
    /// Code of the area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Telephone, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Sealed>,
    /// Where the household is registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Word<Registration>>,
    /// How the person works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<Word<Work>>,
    /// Code of the ethnic group by GB/T 3304, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ethnicity: Option<Sealed>,
    /// Name of the employer, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employer: Option<Sealed>,
    /// Why.
    pub reason: String,
}

/// What is known of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dossier {
    /// Documents, the first first; the last of a kind is the one in use.
    pub documents: Vec<Document>,
    /// Name, sealed.
    pub name: Option<Sealed>,
    /// Sex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Word<Sex>>,
    /// Date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<Date>,
    /// Day of death.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub died: Option<Date>,
    /// Code of the area.
    pub area: String,
    /// Telephone, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Sealed>,
    /// Where the household is registered, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Word<Registration>>,
    /// How the person works, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<Word<Work>>,
    /// Code of the ethnic group by GB/T 3304, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ethnicity: Option<Sealed>,
    /// Name of the employer, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employer: Option<Sealed>,
    /// Permits of residence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permits: Vec<Permit>,
    /// Households.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub households: Vec<Membership>,
    /// Categories, as the registers have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Holding>,
    /// Schools.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub studies: Vec<Study>,
    /// Student loans.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loans: Vec<Loan>,
    /// Other arrangements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secured: Vec<Secured>,
}

impl Fold for Dossier {
    type Entry = DossierEntry;
    const KIND: &'static str = "person";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &DossierEntry) {
        match entry {
            DossierEntry::Registered {
                document,
                name,
                sex,
                born,
                area,
                phone,
                registration,
                work,
                ethnicity,
                employer,
            } => {
                self.documents.push(document.clone());
                self.name = Some(name.clone());
                (self.sex, self.born, self.registration, self.work) = (*sex, *born, *registration, *work);
                self.area.clone_from(area);
                self.phone.clone_from(phone);
                self.ethnicity.clone_from(ethnicity);
                self.employer.clone_from(employer);
            }
            DossierEntry::Amended(amendment) => self.amend(amendment),
            DossierEntry::Document(document) => {
                put(&mut self.documents, document, |known| known.index == document.index);
            }
            DossierEntry::Permit(permit) => put(&mut self.permits, permit, |known| known.from == permit.from),
            DossierEntry::Household(time) => {
                put(&mut self.households, time, |known| known.household == time.household && known.from == time.from)
            }
            DossierEntry::Died { on, .. } => self.died = Some(*on),
            DossierEntry::Revived { .. } => self.died = None,
            DossierEntry::Category(holding) => put(&mut self.categories, holding, |known| known.same(holding)),
            DossierEntry::Study(study) => {
                put(&mut self.studies, study, |known| known.school == study.school && known.from == study.from);
            }
            DossierEntry::Loan(loan) => {
                put(&mut self.loans, loan, |known| known.school == loan.school && known.year == loan.year);
            }
            DossierEntry::Secured(secured) => put(&mut self.secured, secured, |known| {
                known.kind == secured.kind && known.name == secured.name && known.from == secured.from
            }),
            DossierEntry::Viewed { .. } => {}
        }
    }
}

impl Dossier {
    pub(super) fn amend(&mut self, amendment: &Amendment) {
        let Amendment { name, sex, born, area, phone, registration, work, ethnicity, employer, reason: _ } = amendment;
        take(&mut self.name, name);
        take(&mut self.sex, sex);
        take(&mut self.born, born);
        take(&mut self.phone, phone);
        take(&mut self.registration, registration);
        take(&mut self.work, work);
        take(&mut self.ethnicity, ethnicity);
        take(&mut self.employer, employer);
        if let Some(area) = area {
            self.area.clone_from(area);
        }
    }
}

fn take<T: Clone>(known: &mut Option<T>, given: &Option<T>) {
    if given.is_some() {
        known.clone_from(given);
    }
}

/// Puts an item last, in the place of the one it replaces.
fn put<T: Clone>(items: &mut Vec<T>, item: &T, same: impl Fn(&T) -> bool) {
    items.retain(|known| !same(known));
    items.push(item.clone());
}
