//! The register as a list, masked.

use serde_json::json;

use super::documents::masked;
use super::dossier::Dossier;
use crate::answer::{Refusal, Stop};
use crate::command;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;

command! {
    /// List the persons on the register
    ListPeople = "person list", "列出登记册上的人" {
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
    }
}

const COLUMNS: &[Column] = &[
    col("person", "个人编号", "person"),
    col("name", "姓名", "name"),
    col("number", "证件号码", "document"),
    col("born", "出生日期", "born"),
    col("area", "区划", "area"),
];

impl Question for ListPeople {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        books.each::<Dossier>(None, |key, dossier| {
            if self.area.as_ref().is_none_or(|area| dossier.area.starts_with(area)) {
                let open = |purpose, sealed| desk.vault.open(purpose, sealed).map_err(damaged);
                let name = dossier.name.as_ref().map(|sealed| open("name", sealed)).transpose()?;
                let number = dossier.documents.first().map(|d| open("number", &d.number)).transpose()?;
                rows.push(vec![
                    json!(key.subject.trim_start_matches("person/")),
                    json!(name.map(|name| masked_name(&name))),
                    json!(number.map(|number| masked(&number))),
                    json!(dossier.born.map(|born| born.to_string())),
                    json!(dossier.area),
                ]);
            }
            Ok(())
        })?;
        let foot = format!("{} 人", rows.len());
        Ok(Table { title: "登记册".to_owned(), columns: COLUMNS, rows, foot })
    }
}

/// A name as shown where not all may see it: the first character.
pub fn masked_name(name: &str) -> String {
    name.chars().enumerate().map(|(at, c)| if at == 0 { c } else { '*' }).collect()
}

fn damaged(error: crate::VaultError) -> Refusal {
    Refusal::new("sealed", error.to_string(), "用建库时的密钥")
}
