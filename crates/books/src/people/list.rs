//! The register as lists, masked: filters, search, and persons who may be one.

use std::collections::BTreeMap;

use domain::{Category, Date};
use serde_json::{Value, json};

use super::documents::masked;
use super::dossier::Dossier;
use super::{find, open, told};
use crate::answer::Stop;
use crate::codec::Word;
use crate::command;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// List the persons on the register
    ListPeople = "person list", "列出登记册上的人" {
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
        /// Who hold a category
        category: Option<Word<Category>> = "人员类别",
        /// Who are at a school
        school: Option<String> = "学校",
        /// On which day; today, if left out
        on: Option<Date> = "在哪一日，不写为今天",
        /// Only the dead; else only the living
        dead: bool = "只列已死亡的；不写只列在世的",
    }
}

command! {
    /// Find persons by the number of a document or by name
    FindPeople = "person find", "按证件号码或姓名查找" {
        /// A number, or a name
        text: String = "号码或姓名",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
    }
}

command! {
    /// List persons who may be one: of the same name, date of birth and sex
    Duplicates = "person duplicates", "列出可能重复登记的人" {
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
    }
}

const COLUMNS: &[Column] = &[
    col("person", "个人编号", "person"),
    col("name", "姓名", "name"),
    col("number", "证件号码", "document"),
    col("sex", "性别", "sex"),
    col("born", "出生日期", "born"),
    col("area", "区划", "area"),
    col("categories", "人员类别", "categories"),
    col("died", "死亡日期", "died"),
];

impl Question for ListPeople {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let on = self.on.unwrap_or(desk.today());
        let mut rows = Vec::new();
        books.each::<Dossier>(None, |key, dossier| {
            let wanted = within(&dossier.area, &self.area)
                && dossier.alive_on(on) != self.dead
                && self.category.is_none_or(|category| dossier.categories_on(on).has(category.0))
                && self.school.as_ref().is_none_or(|name| dossier.study_on(on).is_some_and(|at| at.school == *name));
            if wanted {
                rows.push(row(desk, key, dossier, on)?);
            }
            Ok(())
        })?;
        Ok(table("登记册", rows))
    }
}

impl Question for FindPeople {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let text = self.text.trim();
        let on = desk.today();
        if !text.contains([':', '：']) && !text.bytes().any(|byte| byte.is_ascii_digit()) {
            let mut rows = Vec::new();
            books.each::<Dossier>(None, |key, dossier| {
                let Some(name) = dossier.name.as_ref().filter(|_| within(&dossier.area, &self.area)) else {
                    return Ok(());
                };
                if open(desk, "name", name)?.contains(text) {
                    rows.push(row(desk, key, dossier, on)?);
                }
                Ok(())
            })?;
            return Ok(table("姓名相符的人", rows));
        }
        let key = find(desk, books, text)?;
        let dossier = super::dossier(books, &key)?;
        if !within(&dossier.area, &self.area) {
            return Err(super::unknown().into());
        }
        let found = row(desk, &key, dossier, on)?;
        Ok(table("号码相符的人", vec![found]))
    }
}

impl Question for Duplicates {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let on = desk.today();
        // The same name is the same sealed text: nothing needs to be opened to compare.
        let mut alike: BTreeMap<_, Vec<Vec<Value>>> = BTreeMap::new();
        books.each::<Dossier>(None, |key, dossier| {
            let same = dossier.name.as_ref().zip(dossier.born).zip(dossier.sex);
            if let Some(((name, born), sex)) = same.filter(|_| within(&dossier.area, &self.area)) {
                alike.entry((name.0.clone(), born, sex)).or_default().push(row(desk, key, dossier, on)?);
            }
            Ok(())
        })?;
        let groups: Vec<_> = alike.into_values().filter(|rows| rows.len() > 1).collect();
        let foot = format!("{} 组；逐一核实，系统不自动合并", groups.len());
        Ok(Table {
            foot, ..table("姓名、出生日期、性别都相同的人", groups.into_iter().flatten().collect())
        })
    }
}

fn table(title: &str, rows: Vec<Vec<Value>>) -> Table {
    let foot = format!("{} 人", rows.len());
    Table { title: title.to_owned(), columns: COLUMNS, rows, foot }
}

fn row(desk: &Desk<'_>, key: &Key, dossier: &Dossier, on: Date) -> Result<Vec<Value>, Stop> {
    let (name, number) = identity(desk, dossier)?;
    let categories: Vec<&str> = dossier.categories_on(on).iter().map(Category::name).collect();
    Ok(vec![
        json!(told(key)),
        json!(name),
        json!(number),
        json!(dossier.sex.map(|sex| sex.0.name())),
        json!(dossier.born.map(|born| born.to_string())),
        json!(dossier.area),
        json!(categories.join("、")),
        json!(dossier.died.map(|died| died.to_string())),
    ])
}

/// Name and number of the document in use, masked.
///
/// # Errors
/// When they were sealed with another key.
pub fn identity(desk: &Desk<'_>, dossier: &Dossier) -> Result<(String, String), Stop> {
    let name = dossier.name.as_ref().map(|name| open(desk, "name", name)).transpose()?.unwrap_or_default();
    let number = dossier.document().map(|document| open(desk, "number", &document.number)).transpose()?;
    Ok((masked_name(&name), masked(&number.unwrap_or_default())))
}

/// A name as shown where not all may see it: the first character.
pub fn masked_name(name: &str) -> String {
    name.chars().enumerate().map(|(at, c)| if at == 0 { c } else { '*' }).collect()
}

/// Whether an area lies in one that was asked for.
pub(super) fn within(area: &str, wanted: &Option<String>) -> bool {
    wanted.as_ref().is_none_or(|wanted| area.starts_with(wanted.as_str()))
}
