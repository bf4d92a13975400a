//! Conditions over the closed vocabulary of facts: what a row, a stage or an adjustment asks of a bill.
//!
//! A condition names a fact and the values it may have; an absent fact means any. [`Conditions`] is as written (with names);
//! [`Test`] is the same with the names of tiers, disease lists and carry rules replaced by numbers of one region
//! ([`Names`]), so that it is answered by masks against [`Facts`].

use std::fmt;

use domain::{AgeBand, Care, Categories, Filing, Group, Level, Marks, Scheme};

/// Conditions as written. Empty lists mean any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Insurance.
    pub scheme: Vec<Scheme>,
    /// Kinds of care.
    pub care: Vec<Care>,
    /// Provider levels.
    pub level: Vec<Level>,
    /// Tier ids.
    pub tier: Vec<String>,
    /// Population groups.
    pub group: Vec<Group>,
    /// Any of these categories.
    pub category: Categories,
    /// And also any of these categories.
    pub category_also: Categories,
    /// Completed years.
    pub age: Option<AgeBand>,
    /// Admission numbers of the year, both ends included.
    pub admission: Option<(u8, u8)>,
    /// Places of care against the place of insurance.
    pub filing: Vec<Filing>,
    /// Any of these disease lists.
    pub disease: Vec<String>,
    /// Any of these marks.
    pub mark: Marks,
    /// Any of these carry rules holds.
    pub carry: Vec<String>,
    /// Catalogue class (scope tables only).
    pub class: Vec<String>,
    /// Subsidy area (subsidy tables only).
    pub area: Vec<String>,
}

impl Conditions {
    /// The keys of the vocabulary.
    pub const KEYS: &'static [&'static str] = &[
        "scheme", "care", "level", "tier", "group", "category", "category_also", "age", "admission", "filing",
        "disease", "mark", "carry",
    ];

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        *self == Conditions::default()
    }

    /// The conditions as a test over numbered facts.
    ///
    /// # Errors
    /// The kind and the name that the region does not have.
    pub fn test(&self, names: &Names) -> Result<Test, (&'static str, String)> {
        fn mask<T: Copy>(values: &[T], bit: impl Fn(T) -> u32) -> u32 {
            if values.is_empty() { u32::MAX } else { values.iter().fold(0, |m, v| m | 1 << bit(*v)) }
        }
        fn named(kind: &'static str, wanted: &[String], known: &[String]) -> Result<u32, (&'static str, String)> {
            wanted.iter().try_fold(0, |mask, name| {
                let at = known.iter().position(|k| k == name).ok_or((kind, name.clone()))?;
                // Beyond what a mask holds; the library reports such a region.
                let bit = 1u32.checked_shl(at as u32).ok_or((kind, name.clone()))?;
                Ok(mask | bit)
            })
        }
        let tier = named("tier", &self.tier, &names.tiers)?;
        Ok(Test {
            scheme: mask(&self.scheme, |v| v as u32),
            care: mask(&self.care, |v| v as u32),
            level: mask(&self.level, |v| v as u32),
            tier: if self.tier.is_empty() { u32::MAX } else { tier },
            group: mask(&self.group, |v| v as u32),
            filing: mask(&self.filing, |v| v as u32),
            age: self.age.map_or((0, u8::MAX), |band| (band.low, band.high)),
            admission: self.admission.unwrap_or((0, u8::MAX)),
            categories: self.category.0,
            categories_also: self.category_also.0,
            marks: self.mark.0,
            diseases: named("disease", &self.disease, &names.diseases)?,
            carries: named("carry", &self.carry, &names.carries)?,
        })
    }
}

impl fmt::Display for Conditions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        let mut add = |words: Vec<String>| {
            if !words.is_empty() {
                parts.push(words.join("/"));
            }
        };
        add(self.scheme.iter().map(|v| v.name().to_owned()).collect());
        add(self.care.iter().map(|v| v.name().to_owned()).collect());
        add(self.level.iter().map(|v| v.name().to_owned()).collect());
        add(self.tier.clone());
        add(self.group.iter().map(|v| v.name().to_owned()).collect());
        add(self.category.iter().map(|v| v.name().to_owned()).collect());
        add(self.category_also.iter().map(|v| format!("且{}", v.name())).collect());
        add(self.age.iter().map(|v| format!("{v}岁")).collect());
        add(self.admission.iter().map(|(low, high)| admission_words(*low, *high)).collect());
        add(self.filing.iter().map(|v| v.name().to_owned()).collect());
        add(self.disease.iter().map(|v| format!("病种:{v}")).collect());
        add(self.mark.iter().map(|v| v.name().to_owned()).collect());
        add(self.carry.iter().map(|v| format!("结转:{v}")).collect());
        add(self.class.iter().map(|v| format!("{v}类")).collect());
        add(self.area.clone());
        f.write_str(&parts.join(" "))
    }
}

fn admission_words(low: u8, high: u8) -> String {
    match (low, high) {
        (low, u8::MAX) => format!("第{low}次及以上住院"),
        (low, high) if low == high => format!("第{low}次住院"),
        (low, high) => format!("第{low}至{high}次住院"),
    }
}

/// The names of one region that conditions may use, each numbered by its position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Tier ids.
    pub tiers: Vec<String>,
    /// Disease lists.
    pub diseases: Vec<String>,
    /// Carry rules.
    pub carries: Vec<String>,
}

/// The facts of one bill, numbered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Facts {
    /// Insurance.
    pub scheme: u8,
    /// Kind of care.
    pub care: u8,
    /// Provider level.
    pub level: u8,
    /// Benefit tier; 31 where the person has none.
    pub tier: u8,
    /// Population group.
    pub group: u8,
    /// Place of care.
    pub filing: u8,
    /// Completed years.
    pub age: u8,
    /// Number of this admission in the year; 0 if not an admission.
    pub admission: u8,
    /// Categories held.
    pub categories: u32,
    /// Marks.
    pub marks: u32,
    /// Disease lists the bill's disease is on.
    pub diseases: u32,
    /// Carry rules that hold for the person this year.
    pub carries: u32,
}

/// Conditions over numbered facts. Single-valued facts are masks of allowed values; sets ask for any shared member (0: any).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Test {
    /// Allowed schemes.
    pub scheme: u32,
    /// Allowed kinds of care.
    pub care: u32,
    /// Allowed levels.
    pub level: u32,
    /// Allowed tiers.
    pub tier: u32,
    /// Allowed groups.
    pub group: u32,
    /// Allowed filings.
    pub filing: u32,
    /// Lowest and highest age.
    pub age: (u8, u8),
    /// Lowest and highest admission number.
    pub admission: (u8, u8),
    /// Any of these categories.
    pub categories: u32,
    /// And also any of these categories.
    pub categories_also: u32,
    /// Any of these marks.
    pub marks: u32,
    /// Any of these disease lists.
    pub diseases: u32,
    /// Any of these carry rules.
    pub carries: u32,
}

impl Test {
    /// Whether the facts satisfy the conditions.
    pub fn holds(&self, facts: &Facts) -> bool {
        let one = |mask: u32, value: u8| mask >> value & 1 == 1;
        let any = |wanted: u32, held: u32| wanted == 0 || wanted & held != 0;
        one(self.scheme, facts.scheme)
            && one(self.care, facts.care)
            && one(self.level, facts.level)
            && one(self.tier, facts.tier)
            && one(self.group, facts.group)
            && one(self.filing, facts.filing)
            && (self.age.0..=self.age.1).contains(&facts.age)
            && (self.admission.0..=self.admission.1).contains(&facts.admission)
            && any(self.categories, facts.categories)
            && any(self.categories_also, facts.categories)
            && any(self.marks, facts.marks)
            && any(self.diseases, facts.diseases)
            && any(self.carries, facts.carries)
    }
}

/// One fact that tests depend on, with the values that they tell apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Insurance: 2 values.
    Scheme,
    /// Kind of care.
    Care,
    /// Provider level.
    Level,
    /// Benefit tier: the region's tiers, and none.
    Tier(u8),
    /// Population group.
    Group,
    /// Place of care.
    Filing,
    /// Age, told apart at these first years of a band.
    Age(Vec<u8>),
    /// Admission number, told apart at these first numbers.
    Admission(Vec<u8>),
    /// One category: held or not.
    Category(u8),
    /// One mark.
    Mark(u8),
    /// One disease list.
    Disease(u8),
    /// One carry rule.
    Carry(u8),
}

impl Axis {
    /// How many values are told apart.
    pub fn size(&self) -> usize {
        match self {
            Axis::Scheme => Scheme::ALL.len(),
            Axis::Care => Care::ALL.len(),
            Axis::Level => Level::ALL.len(),
            Axis::Tier(tiers) => *tiers as usize + 1,
            Axis::Group => Group::ALL.len(),
            Axis::Filing => Filing::ALL.len(),
            Axis::Age(cuts) | Axis::Admission(cuts) => cuts.len() + 1,
            Axis::Category(_) | Axis::Mark(_) | Axis::Disease(_) | Axis::Carry(_) => 2,
        }
    }

    /// The number of the value that the facts have on this axis.
    #[inline]
    pub fn value(&self, facts: &Facts) -> usize {
        let bit = |set: u32, at: u8| (set >> at & 1) as usize;
        let band = |cuts: &[u8], value: u8| cuts.iter().filter(|cut| **cut <= value).count();
        match self {
            Axis::Scheme => facts.scheme as usize,
            Axis::Care => facts.care as usize,
            Axis::Level => facts.level as usize,
            Axis::Tier(tiers) => facts.tier.min(*tiers) as usize,
            Axis::Group => facts.group as usize,
            Axis::Filing => facts.filing as usize,
            Axis::Age(cuts) => band(cuts, facts.age),
            Axis::Admission(cuts) => band(cuts, facts.admission),
            Axis::Category(at) => bit(facts.categories, *at),
            Axis::Mark(at) => bit(facts.marks, *at),
            Axis::Disease(at) => bit(facts.diseases, *at),
            Axis::Carry(at) => bit(facts.carries, *at),
        }
    }

    /// Facts with the given value on this axis.
    pub fn set(&self, facts: &mut Facts, value: usize) {
        let small = value as u8;
        let bit = |set: &mut u32, at: u8| *set = (*set & !(1 << at)) | ((value as u32) << at);
        match self {
            Axis::Scheme => facts.scheme = small,
            Axis::Care => facts.care = small,
            Axis::Level => facts.level = small,
            Axis::Tier(tiers) => facts.tier = if small == *tiers { 31 } else { small },
            Axis::Group => facts.group = small,
            Axis::Filing => facts.filing = small,
            Axis::Age(cuts) => facts.age = if value == 0 { 0 } else { cuts[value - 1] },
            Axis::Admission(cuts) => facts.admission = if value == 0 { 0 } else { cuts[value - 1] },
            Axis::Category(at) => bit(&mut facts.categories, *at),
            Axis::Mark(at) => bit(&mut facts.marks, *at),
            Axis::Disease(at) => bit(&mut facts.diseases, *at),
            Axis::Carry(at) => bit(&mut facts.carries, *at),
        }
    }
}

/// The combinations of facts that a set of tests can tell apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Space {
    /// The facts that matter.
    pub axes: Vec<Axis>,
}

impl Space {
    /// The space of the given tests; `tiers` is the region's number of tiers.
    pub fn of<'a>(tests: impl Iterator<Item = &'a Test> + Clone, tiers: usize) -> Space {
        let masked = |of: fn(&Test) -> u32| tests.clone().any(|t| of(t) != u32::MAX);
        let mut axes = Vec::new();
        let mut single = |used: bool, axis: Axis| {
            if used {
                axes.push(axis);
            }
        };
        single(masked(|t| t.scheme), Axis::Scheme);
        single(masked(|t| t.care), Axis::Care);
        single(masked(|t| t.level), Axis::Level);
        single(masked(|t| t.tier), Axis::Tier(tiers as u8));
        single(masked(|t| t.group), Axis::Group);
        single(masked(|t| t.filing), Axis::Filing);
        let cuts = |of: fn(&Test) -> (u8, u8)| {
            let mut cuts: Vec<u8> = tests
                .clone()
                .flat_map(|t| [of(t).0, of(t).1.saturating_add(1)])
                .filter(|cut| *cut > 0 && *cut < u8::MAX)
                .collect();
            cuts.sort_unstable();
            cuts.dedup();
            cuts
        };
        let (ages, admissions) = (cuts(|t| t.age), cuts(|t| t.admission));
        single(!ages.is_empty(), Axis::Age(ages));
        single(!admissions.is_empty(), Axis::Admission(admissions));
        let union = |of: fn(&Test) -> u32| tests.clone().fold(0, |all, t| all | of(t));
        let bits = |set: u32| (0..32u8).filter(move |at| set >> at & 1 == 1);
        axes.extend(bits(union(|t| t.categories | t.categories_also)).map(Axis::Category));
        axes.extend(bits(union(|t| t.marks)).map(Axis::Mark));
        axes.extend(bits(union(|t| t.diseases)).map(Axis::Disease));
        axes.extend(bits(union(|t| t.carries)).map(Axis::Carry));
        Space { axes }
    }

    /// The number of combinations; the largest number where there are more.
    pub fn size(&self) -> usize {
        self.axes.iter().map(Axis::size).fold(1, usize::saturating_mul)
    }

    /// The combination with a number, as facts.
    pub fn facts(&self, mut number: usize) -> Facts {
        let mut facts = Facts { tier: 31, ..Facts::default() };
        for axis in &self.axes {
            axis.set(&mut facts, number % axis.size());
            number /= axis.size();
        }
        facts
    }

    /// The number of the combination that the facts fall in.
    #[inline]
    pub fn number(&self, facts: &Facts) -> usize {
        let mut stride = 1;
        let mut number = 0;
        for axis in &self.axes {
            number += axis.value(facts) * stride;
            stride *= axis.size();
        }
        number
    }

    /// The facts in words, for findings.
    pub fn words(&self, facts: &Facts, names: &Names) -> String {
        let words: Vec<String> = self.axes.iter().filter_map(|axis| axis_words(axis, facts, names)).collect();
        if words.is_empty() { "任何情形".to_owned() } else { words.join(" ") }
    }
}

fn axis_words(axis: &Axis, facts: &Facts, names: &Names) -> Option<String> {
    let held = |set: u32, at: u8| set >> at & 1 == 1;
    let name = |list: &[String], at: u8| list.get(at as usize).cloned().unwrap_or_else(|| "?".to_owned());
    Some(match axis {
        Axis::Scheme => Scheme::ALL[facts.scheme as usize].name().to_owned(),
        Axis::Care => Care::ALL[facts.care as usize].name().to_owned(),
        Axis::Level => Level::ALL[facts.level as usize].name().to_owned(),
        Axis::Tier(_) if facts.tier == 31 => "无档次".to_owned(),
        Axis::Tier(_) => name(&names.tiers, facts.tier),
        Axis::Group => Group::ALL[facts.group as usize].name().to_owned(),
        Axis::Filing => Filing::ALL[facts.filing as usize].name().to_owned(),
        Axis::Age(_) => format!("{}岁", facts.age),
        Axis::Admission(_) => format!("第{}次住院", facts.admission),
        Axis::Category(at) if held(facts.categories, *at) => domain::Category::ALL[*at as usize].name().to_owned(),
        Axis::Mark(at) if held(facts.marks, *at) => domain::Mark::ALL[*at as usize].name().to_owned(),
        Axis::Disease(at) if held(facts.diseases, *at) => format!("病种:{}", name(&names.diseases, *at)),
        Axis::Carry(at) if held(facts.carries, *at) => format!("结转:{}", name(&names.carries, *at)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_space_numbers_each_combination_once() {
        let names = Names { tiers: vec!["low".into(), "high".into()], ..Names::default() };
        let when = Conditions {
            level: vec![Level::Three],
            tier: vec!["high".into()],
            age: AgeBand::parse("0-17"),
            admission: Some((2, u8::MAX)),
            category: Categories::NONE.with(domain::Category::Edge),
            ..Conditions::default()
        };
        let test = when.test(&names).unwrap();
        let space = Space::of([&test].into_iter(), names.tiers.len());
        assert_eq!(space.size(), 5 * 3 * 2 * 2 * 2);
        for number in 0..space.size() {
            assert_eq!(space.number(&space.facts(number)), number);
        }
        assert_eq!((0..space.size()).filter(|n| test.holds(&space.facts(*n))).count(), 1);
    }

    #[test]
    fn unknown_names_are_named() {
        let when = Conditions { tier: vec!["middling".into()], ..Conditions::default() };
        assert_eq!(when.test(&Names::default()), Err(("tier", "middling".to_owned())));
    }
}
