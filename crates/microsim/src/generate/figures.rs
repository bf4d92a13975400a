//! The figures a province is drawn from: `population.toml` of the national folder, overridden key by key by those of the
//! regions down to the one asked for, and by a file of the user's. Each figure has a basis and a source.

mod between;
mod check;

use std::collections::BTreeMap;

use domain::{AgeBand, Basis, Care, Category, Filing, Group, Level, Rate, Vocabulary};
use policy::{FiguresFile, Library, Region};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use sha2::{Digest, Sha256};

pub use self::between::Between;
use super::draw::{Draws, Shape};
use crate::Refused;

/// A figure and what it rests on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure<T> {
    /// On what it rests.
    #[serde(deserialize_with = "basis")]
    pub basis: Basis,
    /// Where it comes from.
    pub source: String,
    #[serde(default, rename = "note")]
    _note: Option<String>,
    /// The figure.
    pub value: T,
}

/// Parts per million, written as a percentage.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub struct Share(pub u64);

impl TryFrom<String> for Share {
    type Error = String;

    fn try_from(text: String) -> Result<Share, String> {
        let rate = Rate::parse_percent(&text).map_err(|error| format!("“{text}”：{error}"))?;
        u64::try_from(rate.ppm()).map(Share).map_err(|_| format!("“{text}” 是负数"))
    }
}

/// Ages, as `0-17` or `60+`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Ages(pub AgeBand);

impl Default for Ages {
    fn default() -> Ages {
        Ages(AgeBand { low: 0, high: u8::MAX })
    }
}

impl TryFrom<String> for Ages {
    type Error = String;

    fn try_from(text: String) -> Result<Ages, String> {
        AgeBand::parse(&text).map(Ages).ok_or_else(|| format!("年龄写成 0-17 或 60+，不是 “{text}”"))
    }
}

fn basis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Basis, D::Error> {
    let text = String::deserialize(deserializer)?;
    Basis::parse(&text).ok_or_else(|| D::Error::custom(format!("basis 没有 “{text}”：写 secondary 或 illustrative 等")))
}

/// A word of the vocabulary of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word<V>(pub V);

impl<'de, V: Vocabulary> Deserialize<'de> for Word<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Word<V>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let words = || V::all().iter().map(|word| word.word()).collect::<Vec<_>>().join("、");
        V::read(&text).map(Word).ok_or_else(|| D::Error::custom(format!("不认识 “{text}”；可用：{}", words())))
    }
}

/// Declares a row of a table of figures.
macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$attr])* pub $field: $kind,)* }
    )*};
}

/// Female or male, as diagnoses ask for it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// 女
    Female,
    /// 男
    Male,
}

rows! {
    /// A share of the people by age.
    AgeShare { ages: Ages, share: Share, }
    /// Cases a year of a hundred thousand people of these ages.
    AgeRate { ages: Ages, per_100k: u64, }
    /// A multiple by age.
    AgeTimes { ages: Ages, times: Share, }
    /// The population group of an age.
    GroupRow { ages: Ages, words: Vec<Word<Group>>, #[serde(default)] share: Option<Share>, }
    /// A quantile.
    Knot { at: Share, times: Share, }
    /// A share of a tier.
    TierShare { tier: String, share: Share, #[serde(default)] ages: Ages, }
    /// Who holds a category.
    CategoryRow {
        word: Word<Category>, share: Share,
        #[serde(default)] ages: Ages,
        #[serde(default)] group: Option<Word<Group>>,
        #[serde(default)] deciles: Option<u8>,
        #[serde(default)] alone: bool,
    }
    /// A chronic illness.
    Chronic {
        id: String, diagnosis: String,
        #[serde(default)] special: Option<String>,
        #[serde(default)] two_disease: bool,
        recognised: Share, admissions: Share, prevalence: Vec<AgeShare>,
    }
    /// A major illness: stays and visits a year of a hundred who have it.
    Major {
        id: String, diagnosis: String,
        #[serde(default)] chemotherapy: Option<String>,
        #[serde(default)] special: Option<String>,
        years: i16, admissions: u64, visits: u64, times: Share, incidence: Vec<AgeRate>,
    }
    /// A share of a form of care.
    FormShare { care: Word<Care>, share: Share, }
    /// A share of a level of provider.
    LevelShare { level: Word<Level>, share: Share, }
    /// What a bill costs on average at a level.
    LevelCost { level: Word<Level>, yuan: i64, }
    /// Providers of a level.
    LevelCount { level: Word<Level>, per_million: u64, }
    /// A share of a way of filing.
    FilingShare { filing: Word<Filing>, share: Share, }
    /// What of a bill is not in class A.
    Classes { b: Share, c: Share, over_limit: Share, }
    /// A diagnosis.
    Diagnosis {
        code: String, name: String,
        #[serde(default)] care: Vec<Word<Care>>,
        #[serde(default)] sex: Option<Sex>,
        #[serde(default)] ages: Ages,
        weight: u64,
        #[serde(default)] days: i64,
    }
    /// What a line may be for; `stay` only in a stay.
    Item { code: String, name: String, kind: String, class: String, price: i64, #[serde(default)] stay: bool, }
    /// A day of every year.
    YearDay { month: i8, day: i8, }
    /// How long a stay is: a part of the usual days of its diagnosis whatever it costs, the rest as it costs; days at most.
    StayDays { usual: Share, most: u64, }
    /// How a class of a bill is cut into lines: at least so many, one more for so many yuan, at most so many of each class.
    Lines { yuan: u64, least: Between, weights: Between, a: u64, b: u64, c: u64, }
    /// A planted anomaly.
    AnomalyRate { kind: String, per_100k: u64, }
    /// Stays of so many days are overlapped, by one that costs so many times as much.
    OverlappingStays { days: u64, least: Share, most: Share, }
    /// Stays of so many days are split, at this share of days and amounts.
    SplitStay { days: u64, first: Share, }
    /// So many purchases within so many days, each so many times as much.
    Reselling { purchases: Between, days: Between, times: Between, }
}

/// Declares all figures: those that must be there, and those by kind of care.
macro_rules! figures {
    (one { $($one:ident: $kind:ty,)* } optional { $($may:ident: $may_kind:ty,)* } by_care { $($map:ident: $map_kind:ty,)* }) => {
        /// One file of figures.
        #[derive(Clone, Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            $($one: Option<Figure<$kind>>,)*
            $($may: Option<Figure<$may_kind>>,)*
            $(#[serde(default)] $map: BTreeMap<Word<Care>, Figure<$map_kind>>,)*
        }

        /// All figures of a region.
        #[derive(Clone, Debug)]
        #[expect(missing_docs, reason = "the figures are explained in population.toml, where they are written")]
        pub struct Figures {
            $(pub $one: $kind,)*
            $(pub $may: Option<$may_kind>,)*
            $(pub $map: BTreeMap<Word<Care>, $map_kind>,)*
            /// Hash of the files they were read from.
            pub hash: String,
            /// The weakest basis of them.
            pub basis: Basis,
        }

        impl File {
            /// What stands in the other file takes the place of what stands here.
            fn override_by(&mut self, other: File) {
                $(self.$one = other.$one.or(self.$one.take());)*
                $(self.$may = other.$may.or(self.$may.take());)*
                $(self.$map.extend(other.$map);)*
            }

            fn figures(self, hash: String) -> Result<Figures, Refused> {
                let basis = self.sources().iter().map(|(_, basis, _)| *basis).max().unwrap_or_default();
                Ok(Figures {
                    $($one: self.$one.ok_or_else(|| missing(stringify!($one)))?.value,)*
                    $($may: self.$may.map(|figure| figure.value),)*
                    $($map: self.$map.into_iter().map(|(care, figure)| (care, figure.value)).collect(),)*
                    hash,
                    basis,
                })
            }

            /// Basis and source of each figure, by name.
            fn sources(&self) -> Vec<(String, Basis, &str)> {
                let mut sources = Vec::new();
                $(sources.extend(self.$one.as_ref().map(|f| (stringify!($one).to_owned(), f.basis, f.source.as_str())));)*
                $(sources.extend(self.$may.as_ref().map(|f| (stringify!($may).to_owned(), f.basis, f.source.as_str())));)*
                $(for (care, f) in &self.$map {
                    sources.push((format!("{}.{}", stringify!($map), care.0), f.basis, f.source.as_str()));
                })*
                sources
            }
        }
    };
}

figures! {
    one {
        age: Vec<AgeShare>,
        male: Share,
        births: u64,
        mortality: Vec<AgeRate>,
        group: Vec<GroupRow>,
        income: Vec<Knot>,
        income_mean: i64,
        first_tier: Share,
        category_change: Share,
        category: Vec<CategoryRow>,
        lapse: Share,
        late: Share,
        late_months: Between,
        paid_before: YearDay,
        newborn_paid: u64,
        unbroken: i16,
        frailty: Vec<Knot>,
        chronic: Vec<Chronic>,
        major: Vec<Major>,
        emergency: Share,
        forms: Vec<FormShare>,
        fertility: Vec<AgeShare>,
        prenatal: u64,
        prenatal_days: Between,
        away: Vec<FilingShare>,
        referral: Share,
        referral_days: Between,
        between_stays: u64,
        accident: Share,
        hospital: Vec<LevelCount>,
        elsewhere: Share,
        reform: Vec<Word<Level>>,
        pharmacies: u64,
        usual: Share,
        b_share: Share,
        classes_vary: Share,
        bill: Between,
        stay_days: StayDays,
        lines: Lines,
        diagnosis: Vec<Diagnosis>,
        item: Vec<Item>,
        anomaly: Vec<AnomalyRate>,
        overlapping_stays: OverlappingStays,
        split_stay: SplitStay,
        reselling: Reselling,
    }
    optional {
        tier: Vec<TierShare>,
    }
    by_care {
        rate: u64,
        by_age: Vec<AgeTimes>,
        levels: Vec<LevelShare>,
        cost: Vec<LevelCost>,
        shape: Vec<Knot>,
        classes: Classes,
    }
}

fn missing(name: &str) -> Refused {
    Refused::new(
        format!("人口参数里没有 `{name}` (missing figure)"),
        "照 policies/000000-national/population.toml 补上，连同 basis 和 source",
    )
}

impl Figures {
    /// The figures of a region: the national ones, over them those of the regions down to this, over all a file of the
    /// user's.
    ///
    /// # Errors
    /// As [`Figures::read`].
    pub fn of_region(library: &Library, region: &Region, own: Option<(&str, &str)>) -> Result<Figures, Refused> {
        Figures::read(below(library, region, &library.populations).chain(own))
    }

    /// The figures of some files, each its name and text, the later over the earlier.
    ///
    /// # Errors
    /// When a text is not as it should be: with file, line and what to write.
    pub fn read<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Figures, Refused> {
        let (mut whole, mut hash) = (File::default(), Sha256::new());
        for (name, text) in files {
            let file: File = toml::from_str(text).map_err(|error| {
                Refused::new(format!("{name}：{error}"), "改正此处；每项都要有 basis、source 和 value")
            })?;
            for (figure, _, source) in file.sources() {
                if source.trim().is_empty() {
                    return Err(Refused::new(format!("{name}：`{figure}` 的 source 是空的"), "写明这个数字从哪里来"));
                }
            }
            // Line ends are the editor's, not the figure's.
            hash.update(text.replace("\r\n", "\n"));
            hash.update([0]);
            whole.override_by(file);
        }
        let hash = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let figures = whole.figures(hash)?;
        figures.check()?;
        Ok(figures)
    }

    /// The place of a diagnosis in the list.
    pub fn diagnosis_of(&self, code: &str) -> Option<usize> {
        self.diagnosis.iter().position(|diagnosis| diagnosis.code == code)
    }

    /// The tail of costs of this kind of care.
    ///
    /// # Errors
    /// When it is missing or does not ascend.
    pub fn shape(&self, care: Care) -> Result<Shape, Refused> {
        let name = format!("shape.{}", like(care));
        shape(&name, of_care(&self.shape, care).ok_or_else(|| missing(&name))?)
    }

    /// The figure of a kind of care, or of the kind it is like.
    pub fn of<'m, T>(&self, map: &'m BTreeMap<Word<Care>, T>, care: Care) -> Option<&'m T> {
        of_care(map, care)
    }
}

/// Slug of the region whose figures all others start from.
const NATIONAL: &str = "national";

/// Name and text of the files that hold for a region: the national one, then those of the regions down to this.
pub fn below<'l>(
    library: &Library,
    region: &Region,
    files: &'l [FiguresFile],
) -> impl Iterator<Item = (&'l str, &'l str)> + use<'l> {
    let mut chain: Vec<&str> = library.chain(region).into_iter().map(|r| r.slug.as_str()).collect();
    chain.retain(|slug| *slug != NATIONAL);
    chain.push(NATIONAL);
    let of = |slug: &&str| files.iter().find(|file| file.region == **slug);
    let found: Vec<&FiguresFile> = chain.iter().rev().filter_map(of).collect();
    found.into_iter().map(|file| (file.shown.as_str(), file.text.as_str()))
}

/// Nobody is this old.
pub const MAX_AGE: u8 = 120;

/// A kind of care without figures of its own goes by those of stays, or of ordinary visits.
fn like(care: Care) -> Care {
    match care {
        Care::Inpatient | Care::DaySurgery | Care::SingleDisease | Care::Delivery => Care::Inpatient,
        _ => Care::Outpatient,
    }
}

fn of_care<T>(map: &BTreeMap<Word<Care>, T>, care: Care) -> Option<&T> {
    map.get(&Word(care)).or_else(|| map.get(&Word(like(care))))
}

/// A shape of some quantiles.
///
/// # Errors
/// When they do not ascend from 0% to 100%.
pub fn shape(name: &str, knots: &[Knot]) -> Result<Shape, Refused> {
    let signed = |share: Share| i64::try_from(share.0).unwrap_or(i64::MAX);
    let pairs: Vec<(i64, i64)> = knots.iter().map(|knot| (signed(knot.at), signed(knot.times))).collect();
    Shape::new(&pairs).ok_or_else(|| {
        Refused::new(format!("`{name}` 的分位不是从 0% 到 100% 递增"), "按 at 递增写，times 不减，首尾是 0% 和 100%")
    })
}

/// The first row whose ages hold this one, by age.
pub fn by_age<T, V: Copy + Default>(rows: &[T], of: impl Fn(&T) -> (Ages, V)) -> Vec<V> {
    let at = |age: u8| rows.iter().map(&of).find(|(ages, _)| ages.0.contains(age)).map(|(_, value)| value);
    (0..=MAX_AGE).map(|age| at(age).unwrap_or_default()).collect()
}
