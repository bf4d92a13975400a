//! A person against the conditions of tables and rules.

use domain::{Categories, Person, Scheme};
use policy::{Cited, Conditions, Facts, Names, Row, Terms};

use crate::reasons::Refusal;

/// A person as conditions see one on the day of the terms.
pub(crate) struct Asked {
    names: Names,
    facts: Facts,
    age: Option<u8>,
}

impl Asked {
    pub(crate) fn of(terms: &Terms<'_>, person: &Person) -> Result<Asked, Refusal> {
        let names = terms.names();
        let age = person.age_on(terms.day);
        let Categories(categories) = person.categories;
        let mut facts =
            Facts { scheme: person.scheme as u8, group: person.group as u8, categories, tier: 31, ..Facts::default() };
        facts.age = age.unwrap_or(0);
        let asked = Asked { names, facts, age };
        match &person.tier {
            Some(tier) => asked.at_tier(tier),
            None => Ok(asked),
        }
    }

    /// The same person at another tier.
    pub(crate) fn at_tier(&self, tier: &str) -> Result<Asked, Refusal> {
        let at = self.names.tiers.iter().position(|known| known == tier);
        let at = at.ok_or_else(|| {
            let known = self.names.tiers.join("、");
            Refusal::new("tier", format!("没有叫 “{tier}” 的档次"), format!("可用的档次：{known}"))
        })?;
        let facts = Facts { tier: at as u8, ..self.facts };
        Ok(Asked { names: self.names.clone(), facts, age: self.age })
    }

    /// The same person in another scheme.
    pub(crate) fn in_scheme(&self, scheme: Scheme) -> Asked {
        let facts = Facts { scheme: scheme as u8, ..self.facts };
        Asked { names: self.names.clone(), facts, age: self.age }
    }

    /// Whether conditions hold for the person; refused where they turn on an age that is not known.
    pub(crate) fn meets(&self, when: &Conditions, key: &str) -> Result<bool, Refusal> {
        let dangling = |(kind, name): (&str, String)| {
            Refusal::new(key, format!("条件用到没有的名称 “{name}” ({kind})"), "先运行 policy check，改正名称")
        };
        let test = when.test(&self.names).map_err(dangling)?;
        let Some((low, high)) = when.age.filter(|_| self.age.is_none()).map(|band| (band.low, band.high)) else {
            return Ok(test.holds(&self.facts));
        };
        let some_age = Facts { age: low, ..self.facts };
        if test.holds(&some_age) {
            let message = format!("规定与年龄（{low} 至 {high} 周岁）有关，出生日期未给出");
            return Err(Refusal::new(key, message, "补上出生日期"));
        }
        Ok(false)
    }

    /// The first row of a table that holds for the person.
    pub(crate) fn row<'l>(&self, cited: Cited<'l>) -> Result<Option<&'l Row>, Refusal> {
        for row in cited.provision.record.rows("rows") {
            if self.meets(&row.when, &cited.provision.key)? {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }
}
