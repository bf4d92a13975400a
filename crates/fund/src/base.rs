//! The year a projection starts from: people by sex and age, and what a person costs each fund and brings in, as a run found
//! it. Single ages of a small run say little, so that costs a head are those of classes of ages.

use domain::Fen;

use crate::cohorts::{Cohorts, PERSON, PLACES, Sex, age};
use crate::{Unfit, share, whole};

/// Persons of a sex and age as a year finds them, and what comes of them in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgeRow {
    /// Sex.
    pub sex: Sex,
    /// Completed years on the first day of the year, or at birth; all above 100 are 100.
    pub age: u8,
    /// Alive on the first day, or born in the year.
    pub living: i64,
    /// Of these, enrolled for the year.
    pub enrolled: i64,
    /// Their own contributions of the year.
    pub personal: Fen,
    /// What sponsors pay of their contributions.
    pub sponsored: Fen,
    /// Contributions of which it is open what persons and what sponsors pay; in neither of the two.
    pub unsplit: Fen,
    /// What each fund pays for them.
    pub paid: Vec<Fen>,
}

/// Some ages of a sex, all with the same costs a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Sex.
    pub sex: Sex,
    /// First of its ages.
    pub from: u8,
    /// Last of its ages.
    pub to: u8,
    pub(crate) living: i64,
    pub(crate) enrolled: i64,
    pub(crate) personal: Fen,
    pub(crate) sponsored: Fen,
    pub(crate) unsplit: Fen,
    pub(crate) paid: Vec<Fen>,
}

/// The year a projection starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// The year.
    pub year: i16,
    /// Its people.
    pub cohorts: Cohorts,
    /// Women's classes by age, then men's.
    pub classes: Vec<Class>,
    /// How many funds there are.
    pub funds: usize,
    /// Class of each sex and place.
    class_of: [[usize; PLACES]; 2],
}

/// The largest amounts and counts: a thousand million persons and a hundred million million yuan, so that products are exact.
const MOST_PERSONS: i64 = 10_000_000_000;
const MOST_FEN: i64 = 1_000_000_000_000_000;

impl Base {
    /// The year of these rows. `born` of those of age 0 are born in it; `edges` are the first ages of the classes, from 0
    /// upwards. A class in which nobody is enrolled joins the one above it, the last the one below.
    ///
    /// # Errors
    /// When a figure is negative, more are enrolled than live, or of a sex nobody is enrolled at all.
    pub fn new(year: i16, rows: &[AgeRow], born: i64, edges: &[u8]) -> Result<Base, Unfit> {
        let funds = rows.first().map_or(0, |row| row.paid.len());
        rows.iter().try_for_each(|row| checked(row, funds))?;
        let mut classes = Vec::new();
        for sex in Sex::BOTH {
            classes.extend(classes_of(sex, rows, edges, funds)?);
        }
        let mut cohorts = Cohorts([[0; PLACES]; 2]);
        let newborn: i64 = rows.iter().filter(|row| row.age == 0).map(|row| row.living).sum();
        let born = born.clamp(0, newborn);
        for row in rows {
            let places = &mut cohorts.0[row.sex as usize];
            let (at, persons) = (usize::from(row.age.min(100)), i128::from(row.living) * i128::from(PERSON));
            let of_year = if at == 0 { share(persons, born.into(), newborn.max(1).into()) } else { Some(0) };
            let parted = of_year.and_then(|of_year| Some((whole(of_year)?, whole(persons - of_year)?)));
            let (of_year, before) = parted.ok_or_else(|| crate::too_large(year))?;
            places[0] += of_year;
            places[at + 1] += before;
        }
        let mut class_of = [[0; PLACES]; 2];
        for (at, class) in classes.iter().enumerate() {
            for (place, of) in class_of[class.sex as usize].iter_mut().enumerate() {
                if (class.from..=class.to).contains(&(age(place) as u8)) {
                    *of = at;
                }
            }
        }
        Ok(Base { year, cohorts, classes, funds, class_of })
    }

    /// People of each class, in millionths.
    pub fn living(&self, cohorts: &Cohorts) -> Vec<i64> {
        let mut living = vec![0; self.classes.len()];
        for (persons, class) in cohorts.0.iter().flatten().zip(self.class_of.iter().flatten()) {
            living[*class] += persons;
        }
        living
    }

    /// Persons enrolled.
    pub fn enrolled(&self) -> i64 {
        self.classes.iter().map(|class| class.enrolled).sum()
    }

    /// All contributions of the year, whoever pays them.
    pub fn contributions(&self) -> Fen {
        self.classes.iter().map(|class| class.personal + class.sponsored + class.unsplit).sum()
    }
}

fn checked(row: &AgeRow, funds: usize) -> Result<(), Unfit> {
    let at = || {
        let sex = if row.sex == Sex::Female { "女" } else { "男" };
        format!("{sex} {} 岁", row.age)
    };
    let amounts = || [row.personal, row.sponsored, row.unsplit].into_iter().chain(row.paid.iter().copied());
    if row.living < 0 || row.enrolled < 0 || amounts().any(|amount| amount < Fen::ZERO) {
        return Err(Unfit::new(format!("{}有负数", at()), "重新模拟，或改正这份结果"));
    }
    if row.living > MOST_PERSONS || amounts().any(|amount| amount.0 > MOST_FEN) {
        return Err(Unfit::new(format!("{}的人数或金额太大", at()), "人数不超过一百亿，金额不超过十万亿元"));
    }
    if row.enrolled > row.living {
        let what = format!("{}参保 {} 人，多于在世 {} 人", at(), row.enrolled, row.living);
        return Err(Unfit::new(what, "重新模拟，或改正这份结果"));
    }
    if row.paid.len() != funds {
        let what = format!("{}有 {} 个基金的支付，别的年龄有 {funds} 个", at(), row.paid.len());
        return Err(Unfit::new(what, "每个年龄列出同样的基金"));
    }
    Ok(())
}

fn classes_of(sex: Sex, rows: &[AgeRow], edges: &[u8], funds: usize) -> Result<Vec<Class>, Unfit> {
    let empty = |from: u8| Class {
        sex,
        from,
        to: from,
        living: 0,
        enrolled: 0,
        personal: Fen::ZERO,
        sponsored: Fen::ZERO,
        unsplit: Fen::ZERO,
        paid: vec![Fen::ZERO; funds],
    };
    let mut classes: Vec<Class> = Vec::new();
    let mut open = empty(0);
    for (at, from) in edges.iter().enumerate() {
        let to = edges.get(at + 1).map_or(u8::MAX, |next| next - 1);
        open.to = to;
        let band = if at == 0 { 0..=to } else { *from..=to };
        for row in rows.iter().filter(|row| row.sex == sex && band.contains(&row.age)) {
            open.add(row.living, row.enrolled, [row.personal, row.sponsored, row.unsplit], &row.paid);
        }
        if open.enrolled > 0 {
            classes.push(std::mem::replace(&mut open, empty(to.saturating_add(1))));
        }
    }
    let Some(last) = classes.last_mut() else {
        let name = if sex == Sex::Female { "女性" } else { "男性" };
        return Err(Unfit::new(format!("{name}没有一人参保，算不出人均费用"), "用人数更多的合成地区重新模拟"));
    };
    if last.to != u8::MAX {
        last.to = u8::MAX;
        last.add(open.living, open.enrolled, [open.personal, open.sponsored, open.unsplit], &open.paid);
    }
    Ok(classes)
}

impl Class {
    fn add(&mut self, living: i64, enrolled: i64, [personal, sponsored, unsplit]: [Fen; 3], paid: &[Fen]) {
        self.living += living;
        self.enrolled += enrolled;
        self.personal += personal;
        self.sponsored += sponsored;
        self.unsplit += unsplit;
        for (sum, paid) in self.paid.iter_mut().zip(paid) {
            *sum += *paid;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sex: Sex, age: u8, living: i64, enrolled: i64, paid: i64) -> AgeRow {
        let (personal, sponsored) = (Fen::yuan(3 * enrolled), Fen::yuan(enrolled));
        AgeRow {
            sex,
            age,
            living,
            enrolled,
            personal,
            sponsored,
            unsplit: Fen::yuan(2 * enrolled),
            paid: vec![Fen(paid)],
        }
    }

    #[test]
    fn a_class_without_enrolled_joins_its_neighbour_and_nothing_is_lost() {
        let rows = [
            row(Sex::Female, 3, 10, 0, 0),
            row(Sex::Female, 7, 20, 10, 500),
            row(Sex::Female, 97, 5, 0, 30),
            row(Sex::Male, 50, 8, 8, 70),
        ];
        let base = Base::new(2022, &rows, 0, &[0, 5, 10, 60]).unwrap();
        let seen: Vec<_> = base.classes.iter().map(|c| (c.sex, c.from, c.to, c.living, c.paid[0].0)).collect();
        assert_eq!(seen, [(Sex::Female, 0, 255, 35, 530), (Sex::Male, 0, 255, 8, 70)]);
        assert_eq!(base.living(&base.cohorts), [35 * PERSON, 8 * PERSON]);
        assert_eq!((base.enrolled(), base.contributions()), (18, Fen::yuan(108)));
    }

    #[test]
    fn those_of_age_nought_are_born_in_the_year_or_before_it() {
        let rows = [row(Sex::Female, 0, 30, 30, 0), row(Sex::Male, 0, 10, 10, 0)];
        let base = Base::new(2022, &rows, 20, &[0]).unwrap();
        assert_eq!((base.cohorts.0[0][0], base.cohorts.0[0][1]), (15 * PERSON, 15 * PERSON));
        assert_eq!((base.cohorts.0[1][0], base.cohorts.born()), (5 * PERSON, 20 * PERSON));
        // more than there are: all of them
        assert_eq!(Base::new(2022, &rows, 99, &[0]).unwrap().cohorts.born(), 40 * PERSON);
    }

    #[test]
    fn bad_figures_are_refused_with_their_place() {
        let men = row(Sex::Male, 50, 8, 8, 70);
        let told = |rows: &[AgeRow]| Base::new(2022, rows, 0, &[0, 60]).unwrap_err().what;
        assert_eq!(told(std::slice::from_ref(&men)), "女性没有一人参保，算不出人均费用");
        assert_eq!(told(&[men.clone(), row(Sex::Female, 7, 3, 4, 0)]), "女 7 岁参保 4 人，多于在世 3 人");
        assert_eq!(told(&[men.clone(), row(Sex::Female, 7, 3, 3, -1)]), "女 7 岁有负数");
        let other = AgeRow { paid: vec![], ..row(Sex::Female, 7, 3, 3, 0) };
        assert_eq!(told(&[men, other]), "女 7 岁有 0 个基金的支付，别的年龄有 1 个");
    }
}
