//! The same bills with and without a notice: by fund, by person, and who gains or loses.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use domain::{Fen, Payer};

use super::book::Book;
use super::sheets::{Money, Person, share, sums_by_person};
use crate::io::sheet::{Cell, Column, Kind, Sheet};
use crate::session::Lang;

/// Two books of the same bills. Only people who are whole in both are compared: where one side lacks a bill, the difference
/// would be of the bills and not of the notice.
pub struct Compared<'c, 'b> {
    /// Without the notice.
    without: &'c Book<'b>,
    /// With it.
    with: &'c Book<'b>,
    /// People of whom a bill was left out on either side.
    incomplete: &'c BTreeSet<String>,
}

impl<'c, 'b> Compared<'c, 'b> {
    /// Compares two books, without those people.
    pub fn new(without: &'c Book<'b>, with: &'c Book<'b>, incomplete: &'c BTreeSet<String>) -> Compared<'c, 'b> {
        Compared { without, with, incomplete }
    }

    /// By fund, then by person.
    pub fn sheets(&self, lang: Lang) -> Vec<Sheet> {
        vec![self.funds(lang), self.persons(lang)]
    }

    fn columns(first: (&'static str, &str), lang: Lang) -> Vec<Column> {
        vec![
            Column::new(first.0, first.1, Kind::Text),
            Column::new("without", lang.of("不计此文件", "without"), Kind::Money),
            Column::new("with", lang.of("计此文件", "with"), Kind::Money),
            Column::new("change", lang.of("变化", "change"), Kind::Money),
            Column::new("relative", lang.of("变化率", "relative"), Kind::Text),
        ]
    }

    fn sums<'s>(&self, book: &'s Book<'_>) -> Vec<(Person<'s>, Money)> {
        let mut sums = sums_by_person(book);
        sums.retain(|((_, person), _)| !self.incomplete.contains(*person));
        sums
    }

    fn funds(&self, lang: Lang) -> Sheet {
        let sum = |book: &Book<'_>| {
            let mut by_payer: BTreeMap<Payer, Fen> = BTreeMap::new();
            let mut person = Fen::ZERO;
            for (_, sums) in self.sums(book) {
                person += sums.person;
                for (payer, fen) in sums.payers {
                    *by_payer.entry(payer).or_default() += fen;
                }
            }
            (by_payer, person)
        };
        let ((before, person_before), (after, person_after)) = (sum(self.without), sum(self.with));
        let mut sheet =
            Sheet::new(lang.of("分基金比较", "by fund"), Self::columns(("fund", lang.of("基金", "fund")), lang));
        let of = |sums: &BTreeMap<Payer, Fen>, payer: &Payer| sums.get(payer).copied().unwrap_or_default();
        for payer in Payer::ALL {
            let (before, after) = (of(&before, payer), of(&after, payer));
            if before != Fen::ZERO || after != Fen::ZERO {
                sheet.push(row(lang.of(payer.name(), payer.code()).to_owned(), before, after));
            }
        }
        sheet.push(row(lang.of("个人负担", "person").to_owned(), person_before, person_after));
        sheet
    }

    /// What each person bears, without the notice and with it.
    fn burdens(&self) -> Vec<(String, Fen, Fen)> {
        let before: BTreeMap<Person<'_>, Fen> =
            self.sums(self.without).into_iter().map(|(p, s)| (p, s.person)).collect();
        let both =
            |(person, sums): (Person<'_>, Money)| Some((person.1.to_owned(), *before.get(&person)?, sums.person));
        self.sums(self.with).into_iter().filter_map(both).collect()
    }

    fn persons(&self, lang: Lang) -> Sheet {
        let title = lang.of("分人比较（个人负担）", "by person (person pays)");
        let mut sheet = Sheet::new(title, Self::columns(("person", lang.of("人员", "person")), lang));
        for (person, before, after) in self.burdens() {
            sheet.push(row(person, before, after));
        }
        sheet
    }

    /// Who gains, who loses, and how many are not compared, in one line.
    pub fn summary(&self, lang: Lang) -> String {
        let (mut gain, mut lose, mut same) = (0, 0, 0);
        for (_, before, after) in self.burdens() {
            match after.cmp(&before) {
                Ordering::Less => gain += 1,
                Ordering::Greater => lose += 1,
                Ordering::Equal => same += 1,
            }
        }
        let left_out = self.incomplete.len();
        match (lang, left_out) {
            (Lang::Zh, 0) => format!("负担减轻 {gain} 人，加重 {lose} 人，不变 {same} 人"),
            (Lang::Zh, _) => {
                format!("负担减轻 {gain} 人，加重 {lose} 人，不变 {same} 人；有票据未结算而不比较 {left_out} 人")
            }
            (Lang::En, 0) => format!("{gain} persons pay less, {lose} more, {same} the same"),
            (Lang::En, _) => format!(
                "{gain} persons pay less, {lose} more, {same} the same; {left_out} not compared, for want of a bill"
            ),
        }
    }
}

fn row(name: String, before: Fen, after: Fen) -> Vec<Cell> {
    let relative = share(after - before, before);
    vec![name.into(), before.into(), after.into(), (after - before).into(), relative.into()]
}
