//! The people of a part: what they are grouped by, who is enrolled, and what is due for them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use arrow_array::{Array as _, Date32Array, Int64Array, RecordBatch};
use domain::Date;
use foldhash::fast::FixedState;

use super::days;
use crate::Refused;
use crate::arrays::{Ids, Words, day, days_of, fen_of, ids_of, number_of, words_of};
use crate::files;
use crate::outcome::{By, Group, People};

/// Number of a group, in the order in which a worker met them.
pub type GroupId = u16;

/// Number of a profile, in the order in which a worker met them.
pub type ProfileId = u32;

/// Some groups that a person is in at once: decile, set of categories, group and tier. Of a province only few such combinations
/// occur, so that who counts under one number counts in all of them, and in the group of all.
pub type Profile = [GroupId; 4];

/// Where a person counts.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    pub profile: ProfileId,
    pub area: GroupId,
    /// Age with sex.
    pub age: GroupId,
}

/// Age from which on persons are told together.
const OLDEST: i16 = 100;
/// The columns of people that are read.
pub const OF_PEOPLE: [&str; 10] =
    ["person", "birth", "died", "sex", "area", "tier", "group", "category", "income_fen", "decile"];
/// The columns of enrolment that are read.
pub const OF_ENROLMENT: [&str; 7] =
    ["person", "tier", "group", "category", "standard_fen", "personal_fen", "sponsored_fen"];
/// In place of categories, where a person holds none.
const NO_CATEGORY: &str = "none";

/// Numbers of groups, the same for all parts of a worker.
#[derive(Debug, Default)]
pub struct Groups {
    known: HashMap<(By, String), GroupId>,
    all: Vec<(By, String)>,
    known_profiles: HashMap<Profile, ProfileId, FixedState>,
    profiles: Vec<Profile>,
}

impl Groups {
    /// The number of a group, which is new if it has not been met.
    pub fn id(&mut self, by: By, value: &str) -> Result<GroupId, Refused> {
        let key = (by, value.to_owned());
        if let Some(id) = self.known.get(&key) {
            return Ok(*id);
        }
        let id = GroupId::try_from(self.all.len()).map_err(|_| {
            Refused::new("人群的分组超过 65535 种 (too many groups)", "核对 people 里的 category、tier、area")
        })?;
        self.all.push(key.clone());
        self.known.insert(key, id);
        Ok(id)
    }

    /// The number of a profile, which is new if it has not been met.
    fn profile(&mut self, profile: Profile) -> ProfileId {
        *self.known_profiles.entry(profile).or_insert_with(|| {
            self.profiles.push(profile);
            self.profiles.len() as ProfileId - 1
        })
    }

    /// The profiles in the order of their numbers.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// The groups in the order of their numbers.
    pub fn all(&self) -> &[(By, String)] {
        &self.all
    }

    /// The groups that a number stands for: of a set of categories, each.
    pub fn each(&self, id: GroupId) -> Vec<Group> {
        let (by, value) = &self.all[usize::from(id)];
        let values: BTreeSet<&str> = match by {
            By::Category => value.split('|').map(str::trim).filter(|word| !word.is_empty()).collect(),
            _ => BTreeSet::from([value.as_str()]),
        };
        values.into_iter().map(|value| Group { by: *by, value: value.to_owned() }).collect()
    }
}

/// The people of a part, by position.
#[derive(Debug)]
pub struct Folk {
    ids: Vec<i64>,
    counts: Vec<Counts>,
    income: Vec<i64>,
    enrolled: Vec<bool>,
    /// In all, the person's, the sponsor's, fen; nothing where the terms leave it open.
    due: Vec<Option<[i64; 3]>>,
}

impl Folk {
    /// Reads the people and the enrolment of a year.
    ///
    /// # Errors
    /// When a file cannot be read, or does not have the columns of a province.
    pub fn read(people: &Path, enrolment: &Path, year: i16, groups: &mut Groups) -> anyhow::Result<Folk> {
        let mut folk =
            Folk { ids: Vec::new(), counts: Vec::new(), income: Vec::new(), enrolled: Vec::new(), due: Vec::new() };
        let of_people = files::read(people, |name| OF_PEOPLE.contains(&name))?.0;
        let of_enrolment = files::read(enrolment, |name| OF_ENROLMENT.contains(&name))?.0;
        let mut profiles = folk.add_people(&Table { batch: &of_people, path: people }, year, groups)?;
        folk.add_enrolment(&Table { batch: &of_enrolment, path: enrolment }, groups, &mut profiles)?;
        for (counts, profile) in folk.counts.iter_mut().zip(profiles) {
            counts.profile = groups.profile(profile);
        }
        Ok(folk)
    }

    /// Gives the groups that make the profile of each person on the province's first day.
    fn add_people(&mut self, table: &Table<'_>, year: i16, groups: &mut Groups) -> Result<Vec<Profile>, Refused> {
        let (ids, birth, died) = (table.numbers("person")?, table.days("birth")?, table.days("died")?);
        let income = table.numbers("income_fen")?;
        let decile = table.numbers("decile")?;
        let mut deciles = Met::default();
        let [area, tier, group, category] = [
            table.groups("area", By::Area, groups)?,
            table.groups("tier", By::Tier, groups)?,
            table.groups("group", By::Group, groups)?,
            table.groups("category", By::Category, groups)?,
        ];
        let ages = Ages::of(year)?;
        let (sex, mut by_age) = (table.words("sex")?, Met::default());
        let rows = table.batch.num_rows();
        let mut profiles = Vec::with_capacity(rows);
        self.make_room(rows);
        for row in 0..rows {
            let id = ids.value(row);
            if self.ids.last().is_some_and(|last| *last >= id) {
                return Err(table.refused(row, "人员没有按升序排列", "重新生成"));
            }
            let born = day(&birth, row).ok_or_else(|| table.refused(row, "没有出生日期", "补上这一格"))?;
            // Not yet, or no longer, alive in the year.
            let Some(age) = ages.age(born).filter(|_| day(&died, row).is_none_or(|died| died >= ages.first)) else {
                continue;
            };
            let of_sex = if sex.keys.is_null(row) { 0 } else { sex.keys.value(row) as usize + 1 };
            let of_age = by_age.id(of_sex * (OLDEST as usize + 1) + age, || {
                groups.id(By::Age, &format!("{}/{age:03}", sex.of(row).unwrap_or_default()))
            })?;
            let tenth = decile.value(row);
            let of_decile = usize::try_from(tenth).ok().filter(|tenth| *tenth <= 10);
            let of_decile = of_decile.ok_or_else(|| table.refused(row, "decile 不在 0 至 10", "重新生成"))?;
            let of_decile = deciles.id(of_decile, || groups.id(By::Decile, &format!("{tenth:02}")))?;
            profiles.push([of_decile, category[row], group[row], tier[row]]);
            self.counts.push(Counts { profile: 0, area: area[row], age: of_age });
            self.ids.push(id);
            self.income.push(income.value(row));
            self.enrolled.push(false);
            self.due.push(None);
        }
        Ok(profiles)
    }

    fn make_room(&mut self, rows: usize) {
        self.counts.reserve(rows);
        self.ids.reserve(rows);
        self.income.reserve(rows);
        self.enrolled.reserve(rows);
        self.due.reserve(rows);
    }

    /// What enrolment says of the year goes before what the province's first day said.
    fn add_enrolment(
        &mut self,
        table: &Table<'_>,
        groups: &mut Groups,
        profiles: &mut [Profile],
    ) -> Result<(), Refused> {
        let ids = table.numbers("person")?;
        let tier = table.groups("tier", By::Tier, groups)?;
        let group = table.groups("group", By::Group, groups)?;
        let category = table.groups("category", By::Category, groups)?;
        let due = ["standard_fen", "personal_fen", "sponsored_fen"].map(|name| table.fen(name));
        let [standard, personal, sponsored] = due;
        let due = [standard?, personal?, sponsored?];
        for row in 0..table.batch.num_rows() {
            let at = self.find(ids.value(row));
            let at = at.ok_or_else(|| table.refused(row, "参保人不在 people 里", "重新生成"))?;
            if self.enrolled[at] {
                return Err(table.refused(row, "此人参保两次", "每人每年只留一行"));
            }
            self.enrolled[at] = true;
            let fen = |column: &Int64Array| if column.is_null(row) { 0 } else { column.value(row) };
            // Where the whole is not known, neither is what others pay of it; where it is, their parts may be open.
            let known = !due[0].is_null(row);
            self.due[at] = known.then(|| [fen(&due[0]), fen(&due[1]), fen(&due[2])]);
            let [_, of_category, of_group, of_tier] = &mut profiles[at];
            (*of_category, *of_group, *of_tier) = (category[row], group[row], tier[row]);
        }
        Ok(())
    }

    /// Where a person stands.
    pub fn find(&self, id: i64) -> Option<usize> {
        // Mostly persons follow each other without a gap.
        let guess = usize::try_from(id.checked_sub(*self.ids.first()?)?).ok()?;
        match self.ids.get(guess) {
            Some(found) if *found == id => Some(guess),
            _ => self.ids.binary_search(&id).ok(),
        }
    }

    /// Whether a person is enrolled for the year.
    pub fn is_enrolled(&self, person: usize) -> bool {
        self.enrolled[person]
    }

    /// Income of the year before, fen.
    pub fn income(&self, person: usize) -> i64 {
        self.income[person]
    }

    /// Where a person counts.
    pub fn counts(&self, person: usize) -> Counts {
        self.counts[person]
    }

    /// Incomes of the enrolled, fen.
    pub fn incomes(&self) -> impl Iterator<Item = i64> {
        self.income.iter().zip(&self.enrolled).filter(|(_, enrolled)| **enrolled).map(|(income, _)| *income)
    }

    /// Everybody, by group.
    pub fn people(&self, groups: &Groups) -> BTreeMap<Group, People> {
        let mut by_id = vec![People::default(); groups.all().len()];
        let mut by_profile = vec![People::default(); groups.profiles().len()];
        for person in 0..self.ids.len() {
            let enrolled = self.enrolled[person];
            let due = self.due[person];
            let [standard, personal, sponsored] = due.unwrap_or_default();
            let one = People {
                living: 1,
                enrolled: i64::from(enrolled),
                undecided: i64::from(enrolled && due.is_none()),
                standard,
                personal,
                sponsored,
                income: if enrolled { self.income[person] } else { 0 },
            };
            let Counts { profile, area, age } = self.counts[person];
            by_profile[profile as usize].add(&one);
            by_id[usize::from(area)].add(&one);
            by_id[usize::from(age)].add(&one);
        }
        let mut all = People::default();
        for (sums, profile) in by_profile.iter().zip(groups.profiles()) {
            profile.iter().for_each(|id| by_id[usize::from(*id)].add(sums));
            all.add(sums);
        }
        let mut people = BTreeMap::from([(Group { by: By::All, value: String::new() }, all)]);
        for (id, sums) in (0..).zip(by_id).filter(|(_, sums)| sums.living > 0) {
            for group in groups.each(id) {
                people.entry(group).or_default().add(&sums);
            }
        }
        people
    }
}

/// Ages on the first day of a year; days are those since 1970-01-01.
struct Ages {
    /// First day of the year.
    first: i32,
    /// Last day of the year.
    last: i32,
    /// By the days from a birth to the last day of the year; who was born before that is of the oldest.
    ages: Vec<u8>,
}

impl Ages {
    fn of(year: i16) -> Result<Ages, Refused> {
        let (first, last) = days(year, year)?;
        let (first, last) = (number_of(first), number_of(last));
        let mut ages = Vec::new();
        for age in 0..OLDEST {
            // Who is older by a year was born on the first of January of the year before, or earlier.
            let older = Date::new(year - age - 1, 1, 1).map(number_of);
            let older = older.map_err(|_| Refused::new(format!("年度 {year} (no such year)"), "核对 --year"))?;
            ages.resize((last - older) as usize, age as u8);
        }
        Ok(Ages { first, last, ages })
    }

    /// Completed years on the first day of the year, 0 for who is born in it; nothing for who is born later.
    fn age(&self, born: i32) -> Option<usize> {
        let days = usize::try_from(i64::from(self.last) - i64::from(born)).ok()?;
        Some(self.ages.get(days).map_or(OLDEST as usize, |age| usize::from(*age)))
    }
}

/// Groups met so far, by a small number.
#[derive(Default)]
struct Met(Vec<Option<GroupId>>);

impl Met {
    fn id(&mut self, at: usize, new: impl FnOnce() -> Result<GroupId, Refused>) -> Result<GroupId, Refused> {
        if self.0.len() <= at {
            self.0.resize(at + 1, None);
        }
        match self.0[at] {
            Some(id) => Ok(id),
            None => new().inspect(|id| self.0[at] = Some(*id)),
        }
    }
}

/// A record batch of a file of the province.
struct Table<'t> {
    batch: &'t RecordBatch,
    path: &'t Path,
}

impl Table<'_> {
    fn column<T>(
        &self,
        name: &str,
        of: impl Fn(&str, &arrow_array::ArrayRef) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let array = self.batch.column_by_name(name).ok_or_else(|| {
            Refused::new(format!("{}：没有 {name} 列 (missing column)", self.path.display()), "重新生成")
        })?;
        of(name, array).map_err(|told| Refused { what: format!("{}：{}", self.path.display(), told.what), ..told })
    }

    fn words(&self, name: &str) -> Result<Words, Refused> {
        self.column(name, words_of)
    }

    /// The groups that the words of a column stand for, row by row.
    fn groups(&self, name: &str, by: By, groups: &mut Groups) -> Result<Vec<GroupId>, Refused> {
        let words = self.words(name)?;
        let without = if by == By::Category { NO_CATEGORY } else { "" };
        let of_word = words.texts.iter().map(|text| match text.unwrap_or_default().trim() {
            "" => groups.id(by, without),
            text => groups.id(by, text),
        });
        let of_word: Vec<GroupId> = of_word.collect::<Result<_, _>>()?;
        let of_word = |word: i16| of_word[word as usize];
        if words.keys.null_count() == 0 {
            return Ok(words.keys.values().iter().map(|word| of_word(*word)).collect());
        }
        let without = groups.id(by, without)?;
        Ok(words.keys.iter().map(|word| word.map_or(without, of_word)).collect())
    }

    fn days(&self, name: &str) -> Result<Date32Array, Refused> {
        self.column(name, days_of)
    }

    fn fen(&self, name: &str) -> Result<Int64Array, Refused> {
        self.column(name, fen_of)
    }

    /// Whole numbers, none of them missing.
    fn numbers(&self, name: &str) -> Result<Int64Array, Refused> {
        match self.column(name, ids_of)? {
            Ids::Numbers(numbers) if numbers.null_count() == 0 => Ok(numbers),
            _ => Err(Refused::new(format!("{}：{name} 列须是整数，不可空", self.path.display()), "重新生成")),
        }
    }

    fn refused(&self, row: usize, what: &str, cure: &str) -> Refused {
        Refused::new(format!("{} 第 {} 行：{what}", self.path.display(), row + 1), cure)
    }
}
