//! The same bills with and without a notice: by fund, by person, and who gains or loses.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Fen, Payer};

use super::book::Book;
use super::sheets::{share, sums_by_person};
use crate::io::sheet::{Cell, Column, Kind, Sheet};
use crate::session::Lang;

/// Two books of the same bills.
pub struct Compared<'c, 'b> {
    /// Without the notice.
    pub without: &'c Book<'b>,
    /// With it.
    pub with: &'c Book<'b>,
}

impl Compared<'_, '_> {
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

    fn funds(&self, lang: Lang) -> Sheet {
        let sum = |book: &Book<'_>| {
            let mut by_payer: BTreeMap<Payer, Fen> = BTreeMap::new();
            let mut person = Fen::ZERO;
            for (_, sums) in sums_by_person(book) {
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
        let payers: BTreeSet<Payer> = before.keys().chain(after.keys()).copied().collect();
        let of = |sums: &BTreeMap<Payer, Fen>, payer: &Payer| sums.get(payer).copied().unwrap_or_default();
        for payer in payers {
            sheet.push(row(lang.of(payer.name(), payer.code()).to_owned(), of(&before, &payer), of(&after, &payer)));
        }
        sheet.push(row(lang.of("个人负担", "person").to_owned(), person_before, person_after));
        sheet
    }

    /// What each person bears.
    fn persons(&self, lang: Lang) -> Sheet {
        let before: BTreeMap<String, Fen> =
            sums_by_person(self.without).into_iter().map(|(p, s)| (p, s.person)).collect();
        let title = lang.of("分人比较（个人负担）", "by person (person pays)");
        let mut sheet = Sheet::new(title, Self::columns(("person", lang.of("人员", "person")), lang));
        for (person, sums) in sums_by_person(self.with) {
            let earlier = before.get(&person).copied();
            if let Some(earlier) = earlier {
                sheet.push(row(person, earlier, sums.person));
            }
        }
        sheet
    }

    /// Who gains, who loses, in one line.
    pub fn summary(&self, lang: Lang) -> String {
        let before: BTreeMap<String, Fen> =
            sums_by_person(self.without).into_iter().map(|(p, s)| (p, s.person)).collect();
        let (mut gain, mut lose, mut same) = (0, 0, 0);
        for (person, sums) in sums_by_person(self.with) {
            match before.get(&person).map(|earlier| sums.person.cmp(earlier)) {
                Some(std::cmp::Ordering::Less) => gain += 1,
                Some(std::cmp::Ordering::Greater) => lose += 1,
                _ => same += 1,
            }
        }
        let refused = |book: &Book<'_>| book.lines.iter().filter(|line| line.settlement.result.is_err()).count();
        let (without, with) = (refused(self.without), refused(self.with));
        match lang {
            Lang::Zh => format!(
                "负担减轻 {gain} 人，加重 {lose} 人，不变 {same} 人；被拒票据：不计此文件 {without} 张，计此文件 {with} 张"
            ),
            Lang::En => format!(
                "{gain} persons pay less, {lose} more, {same} the same; bills refused: {without} without, {with} with"
            ),
        }
    }
}

fn row(name: String, before: Fen, after: Fen) -> Vec<Cell> {
    let relative = share(after - before, before);
    vec![name.into(), before.into(), after.into(), (after - before).into(), relative.into()]
}
