//! What is recorded of a person: each fact as its register has it, with its own days.

use domain::{Category, Date, vocabulary};
use serde::{Deserialize, Serialize};

use super::documents::DocumentKind;
use crate::codec::Word;
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

    pub(super) fn same(&self, other: &Holding) -> bool {
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

fn is_false(flag: &bool) -> bool {
    !*flag
}
