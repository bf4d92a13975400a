//! A person's sheet: documents, facts and categories, each from the day it holds.
//!
//! What a fact means for a rule is in [`facts`](super::facts). Nothing is taken out of a dossier: what was wrong is withdrawn or
//! amended by an entry that says why.

use domain::{Category, Date, vocabulary};
use serde::{Deserialize, Serialize};

use super::documents::DocumentKind;
use crate::codec::Word;
use crate::fold::{Fold, Stamp};
use crate::vault::Sealed;

vocabulary! {
    /// Sex, as on the document.
    Sex {
        Male = "male", "男", "male";
        Female = "female", "女", "female";
    }
}

vocabulary! {
    /// Where the household registration is.
    Registration {
        Local = "local", "本地户籍", "registered here";
        Elsewhere = "elsewhere", "非本地户籍", "registered elsewhere";
    }
}

vocabulary! {
    /// How a person works, as far as rules on enrolment ask.
    Work {
        Flexible = "flexible", "灵活就业", "flexibly employed";
        Other = "other", "其他", "other";
    }
}

vocabulary! {
    /// What kind of school.
    StudyLevel {
        School = "school", "中小学", "school";
        University = "university", "高校", "university";
    }
}

vocabulary! {
    /// Another arrangement by which a person is secured.
    Arrangement {
        Employee = "employee", "职工医保", "employee scheme";
        ResidentElsewhere = "resident-elsewhere", "外地居民医保", "resident scheme elsewhere";
        Other = "other", "其他医疗保障", "other arrangement";
    }
}

/// A document of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// What kind.
    pub kind: Word<DocumentKind>,
    /// Index of its number.
    pub index: String,
    /// Its number, sealed.
    pub number: Sealed,
    /// Last day on which it is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
}

/// A category held from a day on, as one register has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// Which.
    pub category: Word<Category>,
    /// First day.
    pub from: Date,
    /// First day on which it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Date>,
    /// Who says so: the register it comes from.
    pub source: String,
    /// As of which day the register says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<Date>,
    /// The grade, where the register has grades.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
    /// Why, where it was set by hand.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Taken back: it never held.
    #[serde(default, skip_serializing_if = "is_false")]
    pub withdrawn: bool,
}

impl Holding {
    /// A category that a register says is held from a day on.
    pub fn new(category: Category, from: Date, source: impl Into<String>) -> Holding {
        Holding {
            category: Word(category),
            from,
            end: None,
            source: source.into(),
            reported: None,
            grade: None,
            reason: String::new(),
            withdrawn: false,
        }
    }

    /// As of which day its register says so; what tells no day is older than all that does.
    pub fn told_on(&self) -> Date {
        self.reported.unwrap_or(Date::MIN)
    }

    /// Whether the grade is one of those the category is for: a soldier of another grade is not of it.
    pub fn in_grade(&self) -> bool {
        let Some(grade) = self.grade.as_deref().filter(|_| self.category.0 == Category::DisabledSoldier) else {
            return true;
        };
        let plain = grade.trim().trim_end_matches('级');
        matches!(plain, "1" | "2" | "3" | "4" | "5" | "6" | "一" | "二" | "三" | "四" | "五" | "六")
    }

    fn same(&self, other: &Holding) -> bool {
        self.category == other.category && self.source == other.source && self.from == other.from
    }
}

/// A permit of residence of somebody whose household is registered elsewhere (居住证).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permit {
    /// First day.
    pub from: Date,
    /// Last day on which it is valid.
    pub valid_until: Date,
}

/// Time in a household.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Index of the household's number.
    pub household: String,
    /// What the person is in it, as 户主 or 之子.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// First day.
    pub from: Date,
    /// First day on which it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Date>,
}

/// Time at a school.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Study {
    /// The school.
    pub school: String,
    /// What kind.
    pub level: Word<StudyLevel>,
    /// First day.
    pub from: Date,
    /// First day on which it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Date>,
    /// Day of graduation, where it ended by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graduated: Option<Date>,
    /// Who says so.
    pub source: String,
    /// As of which day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<Date>,
    /// Taken back: it never was.
    #[serde(default, skip_serializing_if = "is_false")]
    pub withdrawn: bool,
}

/// A student loan of an academic year on its way to being certified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loan {
    /// The school that submitted it.
    pub school: String,
    /// The year in which the academic year begins.
    pub year: i16,
    /// Day of submission.
    pub submitted: Date,
    /// Day of certification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certified: Option<Date>,
    /// Who certified it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
}

impl Loan {
    /// The state it is in.
    pub fn state(&self) -> &'static str {
        if self.certified.is_some() { "已认定" } else { "已报送，待认定" }
    }
}

/// Time under another arrangement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secured {
    /// What kind.
    pub kind: Word<Arrangement>,
    /// Its name, as people know it.
    pub name: String,
    /// Code of the region, where it is one of a region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// First day.
    pub from: Date,
    /// First day on which it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Date>,
    /// Last day that is paid for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_paid: Option<Date>,
    /// Last day of waiting for its benefits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_until: Option<Date>,
    /// Who says so.
    pub source: String,
    /// As of which day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<Date>,
    /// Taken back: it never was.
    #[serde(default, skip_serializing_if = "is_false")]
    pub withdrawn: bool,
}

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
            DossierEntry::Registered { document, name, sex, born, area, phone, registration, work } => {
                self.documents.push(document.clone());
                self.name = Some(name.clone());
                (self.sex, self.born, self.registration, self.work) = (*sex, *born, *registration, *work);
                self.area.clone_from(area);
                self.phone.clone_from(phone);
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
        let Amendment { name, sex, born, area, phone, registration, work, reason: _ } = amendment;
        take(&mut self.name, name);
        take(&mut self.sex, sex);
        take(&mut self.born, born);
        take(&mut self.phone, phone);
        take(&mut self.registration, registration);
        take(&mut self.work, work);
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

fn is_false(flag: &bool) -> bool {
    !*flag
}
