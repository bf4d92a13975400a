//! The person a question is about, by flags.

use domain::{Categories, Category, Date, Group, Person, Scheme};
use policy::{Library, Region};

use super::policy::day;
use crate::stop::Stop;

/// The facts of a person that terms may ask for.
#[derive(clap::Args)]
pub struct About {
    /// Insurance: resident (default) or employee
    #[arg(long, value_parser = scheme, default_value = "resident")]
    scheme: Scheme,
    /// Tier of contribution, by id or Chinese name
    #[arg(long)]
    tier: Option<String>,
    /// Population group: adult (default), minor, student, university, elder, active or retired
    #[arg(long, value_parser = group, default_value = "adult")]
    group: Group,
    /// Category held, by its word or Chinese name; several joined by commas
    #[arg(long, value_parser = category, value_delimiter = ',')]
    category: Vec<Category>,
    /// Date of birth
    #[arg(long, value_name = "DAY", value_parser = day)]
    born: Option<Date>,
}

macro_rules! parsers {
    ($($name:ident -> $vocabulary:ident;)*) => {$(
        fn $name(word: &str) -> Result<$vocabulary, String> {
            $vocabulary::parse(word).ok_or_else(|| {
                let words: Vec<String> = $vocabulary::ALL.iter().map(|v| format!("{} {}", v.code(), v.name())).collect();
                format!("可用：{}", words.join("、"))
            })
        }
    )*};
}
parsers! {
    scheme -> Scheme;
    group -> Group;
    category -> Category;
}

impl About {
    /// As the terms see one.
    pub fn person(&self, library: &Library, region: &Region) -> Result<Person, Stop> {
        let tiers = library.tiers(region);
        let tier = match &self.tier {
            None => None,
            Some(word) => Some(tiers.iter().find(|(id, name)| id == word || name == word).ok_or_else(|| {
                let known: Vec<String> = tiers.iter().map(|(id, name)| format!("{id} {name}")).collect();
                let cure = if known.is_empty() {
                    "本地不分档，去掉 --tier".to_owned()
                } else {
                    format!("可用：{}", known.join("、"))
                };
                Stop::usage(format!("{}没有叫 “{word}” 的档次 (unknown tier)", region.name), cure)
            })?),
        };
        Ok(Person {
            scheme: self.scheme,
            tier: tier.map(|(id, _)| id.clone()),
            group: self.group,
            categories: self.category.iter().copied().collect::<Categories>(),
            born: self.born,
            insured_since: None,
        })
    }

    /// What is known of the person, in words.
    pub fn words(&self, lang: crate::session::Lang) -> Vec<String> {
        let mut words = vec![lang.of(self.scheme.name(), self.scheme.code()).to_owned()];
        words.extend(self.tier.clone());
        words.push(lang.of(self.group.name(), self.group.code()).to_owned());
        words.extend(self.category.iter().map(|category| lang.of(category.name(), category.code()).to_owned()));
        words.extend(self.born.map(|born| format!("{}{born}", lang.of("生于 ", "born "))));
        words
    }
}

/// Yuan on the command line.
pub fn yuan(text: &str) -> Result<domain::Fen, String> {
    domain::Fen::parse_yuan(text)
        .ok()
        .filter(|fen| *fen >= domain::Fen::ZERO)
        .ok_or_else(|| "金额写元，至多两位小数，不为负，如 146.40 (yuan, as 146.40)".to_owned())
}
