//! What a row of a feed may say of a person.

use domain::Category;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::answer::Refusal;
use crate::people::{Arrangement, StudyLevel};

/// What a row says: a category is held, the person died, studies, or is secured elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// Holds a category.
    Category(Category),
    /// Died.
    Death,
    /// Studies.
    Study(StudyLevel),
    /// Is secured by another arrangement.
    Secured(Arrangement),
}

/// The word for a death.
const DEATH: (&str, &str) = ("death", "死亡");

/// Short names that the registers use among themselves.
const SHORT: &[(&str, Category)] = &[
    ("特困", Category::Destitute),
    ("特困供养人员", Category::Destitute),
    ("低保", Category::MinimumAllowance),
    ("低保边缘", Category::Edge),
    ("返贫致贫", Category::ReturnedToPoverty),
    ("重度残疾", Category::SevereDisability),
    ("优抚", Category::Entitled),
    ("助学贷款", Category::LoanStudent),
    ("脱贫", Category::LiftedFromPoverty),
    ("监测", Category::Monitored),
];

impl Fact {
    /// Reads a word: of a category, `death`, of a kind of school or of another arrangement.
    ///
    /// # Errors
    /// When there is no such word.
    pub fn parse(text: &str) -> Result<Fact, Refusal> {
        let text = text.trim();
        let short = || SHORT.iter().find(|(name, _)| *name == text).map(|(_, category)| *category);
        let category = Category::parse(text).or_else(short).map(Fact::Category);
        let death = (text == DEATH.0 || text == DEATH.1).then_some(Fact::Death);
        let study = || StudyLevel::parse(text).map(Fact::Study);
        let secured = || Arrangement::parse(text).map(Fact::Secured);
        category.or(death).or_else(study).or_else(secured).ok_or_else(|| {
            let known: Vec<&str> = Fact::all().map(Fact::name).collect();
            Refusal::new(
                "unknown-category",
                format!("没有 “{text}” 这个类别或事项"),
                format!("可用：{}", known.join("、")),
            )
        })
    }

    fn all() -> impl Iterator<Item = Fact> {
        let categories = Category::ALL.iter().copied().map(Fact::Category);
        let study = StudyLevel::ALL.iter().copied().map(Fact::Study);
        let secured = Arrangement::ALL.iter().copied().map(Fact::Secured);
        categories.chain([Fact::Death]).chain(study).chain(secured)
    }

    /// The word used in files.
    pub fn code(self) -> &'static str {
        match self {
            Fact::Category(category) => category.code(),
            Fact::Death => DEATH.0,
            Fact::Study(level) => level.code(),
            Fact::Secured(kind) => kind.code(),
        }
    }

    /// The Chinese name.
    pub fn name(self) -> &'static str {
        match self {
            Fact::Category(category) => category.name(),
            Fact::Death => DEATH.1,
            Fact::Study(level) => level.name(),
            Fact::Secured(kind) => kind.name(),
        }
    }
}

impl Serialize for Fact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Fact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fact, D::Error> {
        let text = String::deserialize(deserializer)?;
        Fact::parse(&text).map_err(|refusal| serde::de::Error::custom(refusal.message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for fact in Fact::all() {
            assert_eq!(Fact::parse(fact.code()), Ok(fact));
            assert_eq!(Fact::parse(fact.name()), Ok(fact));
        }
        assert_eq!(Fact::parse("低保"), Ok(Fact::Category(Category::MinimumAllowance)));
        assert_eq!(Fact::parse("富裕").unwrap_err().code, "unknown-category");
    }
}
