//! The people of a part: what they are grouped by, who is enrolled, and what is due for them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use arrow_array::{Array as _, Date32Array, Int64Array, RecordBatch};
use domain::{Date, Fen};
use fearless_simd::{Level, Simd, dispatch};
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
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub profile: ProfileId,
    pub area: GroupId,
    /// Age with sex.
    pub age: GroupId,
}

/// Age from which on persons are told together.
const OLDEST: i16 = 100;
/// What no person has or owes in a year: some eleven thousand million yuan; a power of two.
const MOST: Fen = Fen(1 << 40);
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

/// The people of a part, by their rows.
#[derive(Debug)]
pub struct Folk {
    ids: Int64Array,
    income: Int64Array,
    counts: Vec<Counts>,
    /// Of each the row of the enrolment, or [`NOT_ENROLLED`] or [`NOT_LIVING`].
    rows: Vec<u32>,
    /// By rows of the enrolment: what is due in all, of the person and of the sponsor, fen; nothing where the terms leave it open.
    due: [Int64Array; 3],
}

/// The figures of [`People`], in their order and as many as are added at a time.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Summed([i64; 8]);

impl Summed {
    /// Adds others; no sum of a part overflows, since each amount is below [`MOST`].
    #[inline(always)]
    fn add(&mut self, other: &Summed) {
        self.0 = std::array::from_fn(|at| self.0[at].wrapping_add(other.0[at]));
    }

    fn people(self) -> People {
        let [living, enrolled, undecided, standard, personal, sponsored, income, _] = self.0;
        People { living, enrolled, undecided, standard, personal, sponsored, income }
    }
}

/// In place of a row of the enrolment: there is none.
const NOT_ENROLLED: u32 = u32::MAX;
/// In place of a row of the enrolment: not yet, or no longer, alive in the year.
const NOT_LIVING: u32 = u32::MAX - 1;

impl Folk {
    /// Reads the people and the enrolment of a year.
    ///
    /// # Errors
    /// When a file cannot be read, or does not have the columns of a province.
    pub fn read(people: &Path, enrolment: &Path, year: i16, groups: &mut Groups) -> anyhow::Result<Folk> {
        let of_people = files::read(people, |name| OF_PEOPLE.contains(&name))?.0;
        let of_enrolment = files::read(enrolment, |name| OF_ENROLMENT.contains(&name))?.0;
        let (people, enrolment) =
            (Table { batch: &of_people, path: people }, Table { batch: &of_enrolment, path: enrolment });
        let mut folk = Folk::of(&people, &enrolment)?;
        folk.enrol(&enrolment)?;
        folk.count(&people, &enrolment, year, groups)?;
        Ok(folk)
    }

    /// Nobody enrolled, and nobody counted.
    fn of(people: &Table<'_>, enrolment: &Table<'_>) -> Result<Folk, Refused> {
        let ids = people.numbers("person")?;
        if let Some(row) = ids.values().windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(people.refused(row + 1, "人员没有按升序排列", "重新生成"));
        }
        let [standard, personal, sponsored] =
            ["standard_fen", "personal_fen", "sponsored_fen"].map(|name| enrolment.fen(name));
        Ok(Folk {
            income: people.numbers("income_fen").and_then(|_| people.fen("income_fen"))?,
            counts: Vec::with_capacity(ids.len()),
            rows: vec![NOT_ENROLLED; ids.len()],
            due: [standard?, personal?, sponsored?],
            ids,
        })
    }

    fn enrol(&mut self, enrolment: &Table<'_>) -> Result<(), Refused> {
        for (row, id) in (0..).zip(enrolment.numbers("person")?.values()) {
            let person = self.row_of(*id).ok_or_else(|| enrolment.stranger(row))?;
            if self.rows[person] != NOT_ENROLLED {
                return Err(enrolment.refused(row, "此人参保两次", "每人每年只留一行"));
            }
            self.rows[person] = row as u32;
        }
        Ok(())
    }

    /// Finds where everybody counts. What the enrolment says of the year goes before what the province's first day said.
    fn count(
        &mut self,
        people: &Table<'_>,
        enrolment: &Table<'_>,
        year: i16,
        groups: &mut Groups,
    ) -> Result<(), Refused> {
        const OF_PROFILE: [(&str, By); 3] = [("category", By::Category), ("group", By::Group), ("tier", By::Tier)];
        let [first_day, of_year] = [people, enrolment].map(|table| {
            let [category, group, tier] = OF_PROFILE.map(|(name, by)| table.groups(name, by, groups));
            Ok([category?, group?, tier?])
        });
        let (first_day, of_year) = (first_day?, of_year?);
        let area = people.groups("area", By::Area, groups)?;
        let (birth, died, sex) = (people.days("birth")?, people.days("died")?, people.words("sex")?);
        let (decile, ages) = (people.numbers("decile")?, Ages::of(year)?);
        let (mut deciles, mut by_age) = (Met::default(), Met::default());
        for person in 0..self.rows.len() {
            let born = day(&birth, person).ok_or_else(|| people.refused(person, "没有出生日期", "补上这一格"))?;
            let age = ages.age(born).filter(|_| day(&died, person).is_none_or(|died| died >= ages.first));
            let row = &mut self.rows[person];
            let Some(age) = age else {
                if *row != NOT_ENROLLED {
                    return Err(enrolment.stranger(*row as usize));
                }
                *row = NOT_LIVING;
                self.counts.push(Counts::default());
                continue;
            };
            let of_sex = sex.place(person).map_or(0, |place| place + 1);
            let age = by_age.id(of_sex * (OLDEST as usize + 1) + age, || {
                groups.id(By::Age, &format!("{}/{age:03}", sex.of(person).unwrap_or_default()))
            })?;
            let tenth = decile.value(person);
            let of_decile = usize::try_from(tenth).ok().filter(|tenth| *tenth <= 10);
            let of_decile = of_decile.ok_or_else(|| people.refused(person, "decile 不在 0 至 10", "重新生成"))?;
            let decile = deciles.id(of_decile, || groups.id(By::Decile, &format!("{tenth:02}")))?;
            let [category, group, tier] = match *row {
                NOT_ENROLLED => first_day.each_ref().map(|words| words.of(person)),
                row => of_year.each_ref().map(|words| words.of(row as usize)),
            };
            let profile = groups.profile([decile, category, group, tier]);
            self.counts.push(Counts { profile, area: area.of(person), age });
        }
        Ok(())
    }

    fn row_of(&self, id: i64) -> Option<usize> {
        // Mostly persons follow each other without a gap.
        let ids = self.ids.values();
        let guess = usize::try_from(id.checked_sub(*ids.first()?)?).ok()?;
        match ids.get(guess) {
            Some(found) if *found == id => Some(guess),
            _ => ids.binary_search(&id).ok(),
        }
    }

    /// Where a person stands who is alive in the year.
    pub fn find(&self, id: i64) -> Option<usize> {
        self.row_of(id).filter(|person| self.rows[*person] != NOT_LIVING)
    }

    /// Whether a person is enrolled for the year.
    pub fn is_enrolled(&self, person: usize) -> bool {
        self.rows[person] < NOT_LIVING
    }

    /// Income of the year before, fen.
    pub fn income(&self, person: usize) -> i64 {
        self.income.value(person)
    }

    /// Where a person counts.
    pub fn counts(&self, person: usize) -> Counts {
        self.counts[person]
    }

    /// Incomes of the enrolled, fen.
    pub fn incomes(&self) -> impl Iterator<Item = i64> {
        self.income.values().iter().zip(&self.rows).filter(|(_, row)| **row < NOT_LIVING).map(|(income, _)| *income)
    }

    /// Who is enrolled in a row, of an income, fen. Where the whole that is due is not known, neither is what others pay of it;
    /// where it is, their parts may be open.
    #[inline(always)]
    fn enrolled(&self, row: usize, income: i64) -> Summed {
        let [standard, personal, sponsored] = &self.due;
        let known = standard.is_valid(row);
        let fen = |column: &Int64Array| if known && column.is_valid(row) { column.value(row) } else { 0 };
        Summed([1, 1, i64::from(!known), fen(standard), fen(personal), fen(sponsored), income, 0])
    }

    /// Everybody, by group.
    pub fn people(&self, groups: &Groups, level: Level) -> BTreeMap<Group, People> {
        let mut by_id = vec![Summed::default(); groups.all().len()];
        let mut by_profile = vec![Summed::default(); groups.profiles().len()];
        dispatch!(level, simd => self.sum(simd, &mut by_id, &mut by_profile));
        let mut all = Summed::default();
        for (sums, profile) in by_profile.iter().zip(groups.profiles()) {
            profile.iter().for_each(|id| by_id[usize::from(*id)].add(sums));
            all.add(sums);
        }
        let mut people = BTreeMap::from([(Group { by: By::All, value: String::new() }, all.people())]);
        for (id, sums) in (0..).zip(by_id).filter(|(_, sums)| *sums != Summed::default()) {
            for group in groups.each(id) {
                people.entry(group).or_default().add(&sums.people());
            }
        }
        people
    }

    /// Adds everybody to their groups, with what the processor has for adding row to row.
    #[inline(always)]
    fn sum<S: Simd>(&self, _: S, by_id: &mut [Summed], by_profile: &mut [Summed]) {
        for ((row, counts), income) in self.rows.iter().zip(&self.counts).zip(self.income.values()) {
            let one = match *row {
                NOT_LIVING => continue,
                NOT_ENROLLED => Summed([1, 0, 0, 0, 0, 0, 0, 0]),
                row => self.enrolled(row as usize, *income),
            };
            by_profile[counts.profile as usize].add(&one);
            by_id[usize::from(counts.area)].add(&one);
            by_id[usize::from(counts.age)].add(&one);
        }
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

/// A column of words that stand for groups.
struct Grouped {
    words: Words,
    of_word: Vec<GroupId>,
    /// Of who has none.
    without: GroupId,
}

impl Grouped {
    /// The group of a row.
    #[inline]
    fn of(&self, row: usize) -> GroupId {
        self.words.place(row).map_or(self.without, |place| self.of_word[place])
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

    /// The groups that the words of a column stand for.
    fn groups(&self, name: &str, by: By, groups: &mut Groups) -> Result<Grouped, Refused> {
        let words = self.words(name)?;
        let without = if by == By::Category { NO_CATEGORY } else { "" };
        let of_word = words.texts.iter().map(|text| match text.unwrap_or_default().trim() {
            "" => groups.id(by, without),
            text => groups.id(by, text),
        });
        let of_word = of_word.collect::<Result<_, _>>()?;
        let without = if words.keys.null_count() == 0 { 0 } else { groups.id(by, without)? };
        Ok(Grouped { words, of_word, without })
    }

    fn days(&self, name: &str) -> Result<Date32Array, Refused> {
        self.column(name, days_of)
    }

    /// Amounts of which no sum of a part overflows.
    fn fen(&self, name: &str) -> Result<Int64Array, Refused> {
        let fen = self.column(name, fen_of)?;
        // Mostly the bits of all tell that none is wrong.
        if fen.values().iter().fold(0, |bits, fen| bits | *fen as u64) < MOST.0 as u64 {
            return Ok(fen);
        }
        match (0..fen.len()).find(|row| fen.is_valid(*row) && !(0..MOST.0).contains(&fen.value(*row))) {
            Some(row) => {
                let what = format!("{name} 为 {}，须在 0 至 {MOST} 之间", Fen(fen.value(row)));
                Err(self.refused(row, &what, "核对金额和单位（分）"))
            }
            None => Ok(fen),
        }
    }

    /// Whole numbers, none of them missing.
    fn numbers(&self, name: &str) -> Result<Int64Array, Refused> {
        match self.column(name, ids_of)? {
            Ids::Numbers(numbers) if numbers.null_count() == 0 => Ok(numbers),
            _ => Err(Refused::new(format!("{}：{name} 列须是整数，不可空", self.path.display()), "重新生成")),
        }
    }

    fn stranger(&self, row: usize) -> Refused {
        self.refused(row, "参保人不在 people 里", "重新生成")
    }

    fn refused(&self, row: usize, what: &str, cure: &str) -> Refused {
        Refused::new(format!("{} 第 {} 行：{what}", self.path.display(), row + 1), cure)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int16Array, StringArray};

    use super::*;

    const YEAR: i16 = 2023;

    fn day_of(year: i16, month: i8, day: i8) -> i32 {
        number_of(Date::new(year, month, day).unwrap())
    }

    fn words(words: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringArray::from(words.to_vec()))
    }

    fn longs(values: &[i64]) -> ArrayRef {
        Arc::new(Int64Array::from(values.to_vec()))
    }

    /// Five persons: the third has died before the year, the fourth is born after it.
    fn people() -> Vec<(&'static str, ArrayRef)> {
        let birth =
            [day_of(1960, 1, 2), day_of(1960, 1, 1), day_of(1940, 5, 5), day_of(2024, 1, 1), day_of(2023, 6, 1)];
        let died = [None, Some(day_of(2023, 1, 1)), Some(day_of(2022, 12, 31)), None, None];
        vec![
            ("person", longs(&[10, 11, 12, 14, 15])),
            ("birth", Arc::new(Date32Array::from(birth.to_vec()))),
            ("died", Arc::new(Date32Array::from(died.to_vec()))),
            ("sex", words(&[Some("F"), Some("M"), Some("F"), Some("M"), None])),
            ("area", words(&[Some("a"), Some("b"), Some("a"), Some("a"), Some("a")])),
            ("tier", words(&[Some("low"); 5])),
            ("group", words(&[Some("adult"); 5])),
            ("category", words(&[None, Some("edge|low-income"), None, None, None])),
            ("income_fen", longs(&[100, 200, 300, 400, 500])),
            ("decile", Arc::new(Int16Array::from(vec![1, 2, 3, 4, 0]))),
        ]
    }

    /// The first and the last of them are enrolled, the last first; what is due for the first is open.
    fn enrolment(persons: [i64; 2]) -> Vec<(&'static str, ArrayRef)> {
        vec![
            ("person", longs(&persons)),
            ("tier", words(&[Some("high"), Some("low")])),
            ("group", words(&[Some("adult"); 2])),
            ("category", words(&[Some("edge"), None])),
            ("standard_fen", Arc::new(Int64Array::from(vec![Some(40), None]))),
            ("personal_fen", Arc::new(Int64Array::from(vec![Some(30), Some(9)]))),
            ("sponsored_fen", Arc::new(Int64Array::from(vec![Some(10), None]))),
        ]
    }

    fn folk(
        people: Vec<(&'static str, ArrayRef)>,
        enrolment: Vec<(&'static str, ArrayRef)>,
    ) -> Result<(Folk, Groups), Refused> {
        let mut groups = Groups::default();
        let [people, enrolment] = [people, enrolment].map(|columns| RecordBatch::try_from_iter(columns).unwrap());
        let table = |batch, path| Table { batch, path: Path::new(path) };
        let (people, enrolment) = (table(&people, "people"), table(&enrolment, "enrolment"));
        let mut folk = Folk::of(&people, &enrolment)?;
        folk.enrol(&enrolment)?;
        folk.count(&people, &enrolment, YEAR, &mut groups)?;
        Ok((folk, groups))
    }

    #[test]
    fn the_living_are_found_and_counted() {
        let (folk, groups) = folk(people(), enrolment([15, 10])).unwrap();
        let found = [9, 10, 11, 12, 13, 14, 15, 16].map(|id| folk.find(id));
        assert_eq!(found, [None, Some(0), Some(1), None, None, None, Some(4), None]);
        assert_eq!([0, 1, 4].map(|person| folk.is_enrolled(person)), [true, false, true]);
        let told = folk.people(&groups, Level::new());
        let of = |by, value: &str| told.get(&Group { by, value: value.to_owned() }).cloned().unwrap_or_default();
        let all =
            People { living: 3, enrolled: 2, undecided: 1, standard: 40, personal: 30, sponsored: 10, income: 600 };
        assert_eq!(of(By::All, ""), all);
        let living = |by, value| of(by, value).living;
        assert_eq!([living(By::Tier, "high"), living(By::Tier, "low")], [1, 2]);
        assert_eq!([living(By::Area, "a"), living(By::Area, "b")], [2, 1]);
        assert_eq!(["edge", "low-income", "none"].map(|category| living(By::Category, category)), [2, 1, 1]);
        assert_eq!(["F/062", "M/063", "/000"].map(|age| living(By::Age, age)), [1, 1, 1]);
        assert_eq!(["00", "01", "02", "03"].map(|decile| living(By::Decile, decile)), [1, 1, 1, 0]);
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_row() {
        let changed = |name: &str, array: ArrayRef| {
            let mut people = people();
            people.iter_mut().filter(|(column, _)| *column == name).for_each(|(_, column)| *column = array.clone());
            folk(people, enrolment([15, 10]))
        };
        let cases = [
            (folk(people(), enrolment([15, 12])), "enrolment 第 2 行", "不在 people 里"),
            (folk(people(), enrolment([13, 10])), "enrolment 第 1 行", "不在 people 里"),
            (folk(people(), enrolment([10, 10])), "enrolment 第 2 行", "参保两次"),
            (changed("person", longs(&[10, 11, 11, 14, 15])), "people 第 3 行", "升序"),
            (changed("income_fen", longs(&[1, 2, 3, 1 << 40, 5])), "people 第 4 行", "income_fen"),
            (changed("income_fen", longs(&[1, -2, 3, 4, 5])), "people 第 2 行", "income_fen"),
            (changed("decile", Arc::new(Int16Array::from(vec![1, 2, 3, 4, 11]))), "people 第 5 行", "decile"),
        ];
        for (folk, place, what) in cases {
            let told = folk.unwrap_err().what;
            assert!(told.starts_with(place) && told.contains(what), "{told}");
        }
    }
}
