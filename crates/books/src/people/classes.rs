//! The class of every recipient of assistance on a day (救助对象分类标识, JL22-03f): one each, the highest of those held. Which
//! class is higher is a term (`assistance.classes`); where no notice or supplement gives the order, nobody is classed.

use std::collections::BTreeMap;

use domain::{Category, Date};
use serde_json::{Value, json};

use super::dossier::Dossier;
use super::list::{identity, within};
use super::told;
use crate::answer::Stop;
use crate::codec::Word;
use crate::command;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;

command! {
    /// The class of every recipient of assistance on a day: the highest of the classes held, by the order of the terms
    NeedyClasses = "needy classes", "救助对象的分类标识：一日一类，有几类的取最高一类" {
        /// On which day; today, if left out
        on: Option<Date> = "在哪一日，不写为今天",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
        /// Only of this class
        class: Option<Word<Category>> = "只列这一类",
    }
}

const COLUMNS: &[Column] = &[
    col("person", "个人编号", "person"),
    col("name", "姓名", "name"),
    col("number", "证件号码", "document"),
    col("area", "区划", "area"),
    col("class", "分类", "class"),
    col("also", "另有", "also held"),
    col("from", "本类起始", "class since"),
];

impl Question for NeedyClasses {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let on = self.on.unwrap_or(desk.today());
        let (order, basis) = order(desk, on)?;
        let mut rows = Vec::new();
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        books.each::<Dossier>(None, |key, dossier| {
            let held = dossier.categories_on(on);
            let mut classes = order.iter().enumerate().filter(|(_, class)| held.has(**class));
            let Some((rank, class)) = classes.next() else { return Ok(()) };
            let wanted = self.class.is_none_or(|wanted| wanted.0 == *class);
            if !wanted || !dossier.alive_on(on) || !within(&dossier.area, &self.area) {
                return Ok(());
            }
            *counts.entry(rank).or_default() += 1;
            let also: Vec<&str> = classes.map(|(_, class)| class.name()).collect();
            let (name, number) = identity(desk, dossier)?;
            rows.push(vec![
                json!(told(key)),
                json!(name),
                json!(number),
                json!(dossier.area),
                json!(class.name()),
                json!(also.join("、")),
                since(dossier, *class, on),
            ]);
            Ok(())
        })?;
        let by_class = counts.iter().map(|(rank, many)| format!("{} {many}", order[*rank].name()));
        let by_class = by_class.collect::<Vec<_>>().join("、");
        let title = format!("{on} 的救助对象分类（次序：{basis}）");
        let foot = format!("{} 人：{by_class}", rows.len());
        Ok(Table { title, columns: COLUMNS, rows, foot })
    }
}

/// The classes by the terms of a day, the highest first, and on what their order rests.
fn order(desk: &Desk<'_>, on: Date) -> Result<(Vec<Category>, &'static str), Stop> {
    let terms = desk.rules.terms(on)?;
    let cited = enrolment::reasons::held(&terms, "assistance.classes")?;
    let basis = cited.provision.basis;
    desk.rules.accept(basis)?;
    let classes = cited.provision.record.texts("classes").into_iter();
    Ok((classes.filter_map(Category::parse).collect(), basis.name()))
}

/// The first day from which the class is held on a day.
fn since(dossier: &Dossier, class: Category, on: Date) -> Value {
    let of = dossier.holdings_on(on).filter(|holding| holding.category.0 == class);
    json!(of.filter_map(|holding| dossier.days_of(holding)).map(|days| days.from.to_string()).min())
}
