//! The figures a province is drawn from: `population.toml` of the national folder, overridden key by key by those of the
//! regions down to the one asked for, and by a file of the user's. Each figure has a basis and a source.

use std::collections::BTreeMap;

use domain::{AgeBand, Basis, Care, Category, Filing, Group, Level, Rate, Vocabulary};
use policy::{FiguresFile, Library, Region};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use sha2::{Digest, Sha256};

use super::draw::Shape;
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
    /// A planted anomaly.
    AnomalyRate { kind: String, per_100k: u64, }
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
        unbroken: i16,
        frailty: Vec<Knot>,
        chronic: Vec<Chronic>,
        major: Vec<Major>,
        emergency: Share,
        forms: Vec<FormShare>,
        fertility: Vec<AgeShare>,
        prenatal: u64,
        away: Vec<FilingShare>,
        referral: Share,
        accident: Share,
        hospital: Vec<LevelCount>,
        pharmacies: u64,
        usual: Share,
        b_share: Share,
        diagnosis: Vec<Diagnosis>,
        item: Vec<Item>,
        anomaly: Vec<AnomalyRate>,
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

    fn check(&self) -> Result<(), Refused> {
        let whole = |name: &str, sum: u64| {
            let shown = Rate::from_ppm(i64::try_from(sum).unwrap_or(i64::MAX));
            let cure = "改到合计正好是 100%";
            if sum == 1_000_000 { Ok(()) } else { Err(Refused::new(format!("`{name}` 的份额合计 {shown}"), cure)) }
        };
        whole("age", self.age.iter().map(|row| row.share.0).sum())?;
        whole("fertility", self.fertility.iter().map(|row| row.share.0).sum())?;
        whole("away", self.away.iter().map(|row| row.share.0).sum())?;
        for (care, rows) in &self.levels {
            whole(&format!("levels.{}", care.0), rows.iter().map(|row| row.share.0).sum())?;
        }
        self.within()?;
        if self.age.iter().any(|row| row.ages.0.high >= MAX_AGE) {
            return Err(Refused::new("`age` 的最后一段没有上限", "写成 90-99 这样的一段"));
        }
        for (care, classes) in &self.classes {
            // Each share varies between half and half as much again: what is left is class A.
            if (classes.b.0 + classes.c.0 + classes.over_limit.0) * 3 > 2_000_000 {
                let what = format!("`classes.{}` 的乙类、丙类、超限价合计超过三分之二", care.0);
                return Err(Refused::new(what, "合计不超过三分之二，其余是甲类"));
            }
        }
        for diagnosis in self.chronic.iter().map(|c| &c.diagnosis).chain(self.major.iter().map(|m| &m.diagnosis)) {
            if self.diagnosis_of(diagnosis).is_none() {
                let what = format!("`chronic` 或 `major` 用到没有的诊断 {diagnosis}");
                return Err(Refused::new(what, "在 diagnosis 里加上这个编码"));
            }
        }
        for class in ["A", "B", "C"] {
            if !self.item.iter().any(|item| item.class == class && !item.stay) {
                return Err(Refused::new(format!("`item` 里没有{class}类的门诊项目"), "加上一项"));
            }
        }
        [Care::Outpatient, Care::Inpatient].into_iter().try_for_each(|care| {
            self.shape(care)?;
            let known = [self.levels.contains_key(&Word(care)), self.cost.contains_key(&Word(care))];
            let known = known.into_iter().all(|known| known) && self.classes.contains_key(&Word(care));
            if known { Ok(()) } else { Err(missing(&format!("levels.{care}、cost.{care} 或 classes.{care}"))) }
        })
    }

    /// What happens or not cannot happen to more than all.
    fn within(&self) -> Result<(), Refused> {
        let one = [
            ("male", self.male),
            ("first_tier", self.first_tier),
            ("category_change", self.category_change),
            ("lapse", self.lapse),
            ("late", self.late),
            ("emergency", self.emergency),
            ("referral", self.referral),
            ("accident", self.accident),
            ("usual", self.usual),
            ("b_share", self.b_share),
        ];
        let one = one.map(|(name, share)| (name, share.0));
        let chronic = self.chronic.iter().map(|c| ("chronic", c.recognised.0));
        let rates = self.mortality.iter().map(|row| ("mortality", row.per_100k));
        let rates = rates.chain(self.major.iter().flat_map(|m| m.incidence.iter().map(|row| ("major", row.per_100k))));
        let rates =
            rates.chain(self.anomaly.iter().map(|row| ("anomaly", row.per_100k))).chain([("births", self.births)]);
        let ppm = rates.map(|(name, per_100k)| (name, per_100k.saturating_mul(10)));
        match one.into_iter().chain(chronic).chain(ppm).find(|(_, ppm)| *ppm > 1_000_000) {
            None => Ok(()),
            Some((name, _)) => {
                let cure = "百分数写到 100% 为止，每十万人的写到 100000 为止";
                Err(Refused::new(format!("`{name}` 超过全部的人 (more than all)"), cure))
            }
        }
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
