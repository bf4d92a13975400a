//! A person's sheet: documents, facts and categories, each from the day it holds.

use domain::{Categories, Category, Date, vocabulary};
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

/// A category held from a day on.
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
    },
    /// Dies.
    Died {
        /// The day.
        on: Date,
    },
    /// A register says that the person holds a category; it replaces what the same register said of the same beginning.
    Category(Holding),
}

/// What is known of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dossier {
    /// Documents, the first first.
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
    /// Categories, as the registers have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Holding>,
}

impl Dossier {
    /// The categories held on a day: what any register says.
    pub fn categories_on(&self, day: Date) -> Categories {
        let holds = |h: &&Holding| h.from <= day && h.end.is_none_or(|end| day < end);
        self.categories.iter().filter(holds).map(|holding| holding.category.0).collect()
    }
}

impl Fold for Dossier {
    type Entry = DossierEntry;
    const KIND: &'static str = "person";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &DossierEntry) {
        match entry {
            DossierEntry::Registered { document, name, sex, born, area } => {
                self.documents.push(document.clone());
                self.name = Some(name.clone());
                (self.sex, self.born) = (*sex, *born);
                self.area.clone_from(area);
            }
            DossierEntry::Died { on } => self.died = Some(*on),
            DossierEntry::Category(holding) => {
                let same = |h: &Holding| {
                    h.category == holding.category && h.source == holding.source && h.from == holding.from
                };
                self.categories.retain(|known| !same(known));
                self.categories.push(holding.clone());
            }
        }
    }
}
