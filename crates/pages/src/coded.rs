//! What the books write as codes, in words: a column is told by the words that the fields of its name may have.

use books::{COMMANDS, FieldForm, InputKind, QUERIES, Table};
use domain::Lang;
use serde_json::Value;

use crate::asked::Asked;
use crate::fields::{Options, tiers};
use crate::sheet::{amount, words};

/// A word: its code, its Chinese and its English name.
type Word = (&'static str, &'static str, &'static str);

/// Words of columns that no field of the books may have: subject, column, and the word.
const OWN: &[(&str, &str, Word)] = &[
    ("dues", "state", ("open", "未缴", "not paid")),
    ("dues", "state", ("short", "未缴足", "paid in part")),
    ("dues", "state", ("paid", "已缴清", "paid")),
    ("dues", "state", ("declared", "已申报", "declared")),
    ("dues", "state", ("in-batch", "扣款中", "in a batch of debits")),
    ("dues", "state", ("undecided", "待核定", "undecided")),
    ("dues", "state", ("cancelled", "已撤销", "cancelled")),
    ("dues", "state", ("prepaid", "预缴", "paid in advance")),
    ("dues", "what", ("核定", "核定", "billed")),
    ("dues", "what", ("重新核定", "重新核定", "billed anew")),
    ("care", "what", ("deductible", "已付起付", "deductible paid")),
    ("care", "what", ("cap", "已用限额", "limit used")),
    ("care", "what", ("counted", "已计入", "counted")),
    ("care", "what", ("position", "已计入", "counted")),
    ("care", "name", ("共用", "共用", "shared")),
    ("category", "state", ("有效", "有效", "holds")),
    ("category", "state", ("撤销", "撤销", "withdrawn")),
    ("category", "state", ("已被更新", "已被更新", "updated since")),
    ("category", "state", ("已被覆盖", "已被覆盖", "superseded")),
    ("proposal", "state", ("open", "待复核", "waits")),
    ("proposal", "state", ("approved", "已通过", "approved")),
    ("proposal", "state", ("refused", "未通过", "refused")),
    ("person", "item", ("姓名", "姓名", "name")),
    ("person", "item", ("联系电话", "联系电话", "telephone")),
    ("person", "item", ("性别", "性别", "sex")),
    ("person", "item", ("出生日期", "出生日期", "born")),
    ("person", "item", ("死亡日期", "死亡日期", "died")),
    ("person", "item", ("区划", "区划", "area")),
    ("person", "item", ("户籍", "户籍", "registration")),
    ("person", "item", ("就业形式", "就业形式", "work")),
    ("person", "item", ("民族代码", "民族代码", "ethnic group")),
    ("person", "item", ("工作单位", "工作单位", "employer")),
    ("person", "item", ("居住证", "居住证", "residence permit")),
    ("person", "item", ("家庭", "家庭", "household")),
    ("person", "item", ("人员类别", "人员类别", "category")),
    ("person", "item", ("在校", "在校", "at school")),
    ("person", "item", ("助学贷款", "助学贷款", "student loan")),
    ("person", "item", ("其他医疗保障", "其他医疗保障", "other security")),
];

/// A list of the books with the words of its columns.
pub struct Told<'a> {
    asked: &'a Asked,
    columns: Vec<Vec<Word>>,
    /// The column of tiers, and what each is called in the region of the books.
    tiers: Option<(usize, Options)>,
}

impl<'a> Told<'a> {
    /// The words of a list that answers a verb.
    pub fn new(asked: &'a Asked, verb: &str, table: &Table) -> Told<'a> {
        let columns = table.columns.iter().map(|column| words_of(verb, column.name)).collect();
        let at = table.columns.iter().position(|column| column.name == "tier");
        let region = asked.pages.library.region(asked.app.bridge.region()).ok();
        Told { asked, columns, tiers: at.zip(region.map(|region| tiers(asked, region))) }
    }

    /// A cell of a column, as it is told.
    pub fn cell(&self, column: usize, cell: &Value) -> String {
        if let Some(fen) = amount(cell) {
            return crate::sheet::yuan(fen);
        }
        let asked = self.asked;
        let tier = |text: &str| {
            let (_, names) = self.tiers.as_ref().filter(|(at, _)| *at == column)?;
            names.iter().find(|(id, _)| id == text).map(|(_, name)| name.clone())
        };
        if let Some(name) = cell.as_str().and_then(tier) {
            return name;
        }
        match cell {
            Value::Bool(yes) => if *yes { asked.of("是", "yes") } else { asked.of("否", "no") }.to_owned(),
            Value::String(text) => {
                let known = self.columns.get(column).into_iter().flatten();
                match known.into_iter().find(|(code, zh, _)| code == text || zh == text) {
                    Some((_, zh, en)) => asked.of(zh, en).to_owned(),
                    None => words(asked, cell),
                }
            }
            other => words(asked, other),
        }
    }
}

/// The words that a column of a verb's answer may have.
fn words_of(verb: &str, column: &str) -> Vec<Word> {
    let subject = verb.split(' ').next().unwrap_or_default();
    let own = OWN.iter().filter(|(of, name, _)| *of == subject && *name == column).map(|(.., word)| *word);
    let fields = |name: &str| -> Vec<Word> {
        let commands = COMMANDS.iter().copied().flatten().map(|form| (form.verb, form.fields));
        let forms = commands.chain(QUERIES.iter().copied().flatten().map(|form| (form.verb, form.fields)));
        let near = forms.filter(|(verb, _)| verb.split(' ').next() == Some(subject));
        near.flat_map(|(_, fields)| fields).filter(|field| field.name == name).flat_map(choices).collect()
    };
    let mut found: Vec<Word> = own.chain(fields(column)).collect();
    // A line of a person's record tells its item, whose words are those of several fields.
    if (subject, column) == ("person", "item") {
        found.extend(fields("document"));
    }
    if (subject, column) == ("person", "value") {
        found.extend(["sex", "registration", "work", "category"].into_iter().flat_map(fields));
    }
    // A way of enrolling is told by the words of the region's own vocabulary.
    if column == "scheme" {
        found.extend(domain::Scheme::ALL.iter().map(|one| (one.code(), one.name(), one.english())));
    }
    if column == "group" {
        found.extend(domain::Group::ALL.iter().map(|one| (one.code(), one.name(), one.english())));
    }
    if column == "cause" {
        found.extend(fields("reason"));
    }
    found
}

fn choices(field: &FieldForm) -> Vec<Word> {
    if let InputKind::Word(words) = field.kind { words() } else { Vec::new() }
}

/// The name of a line of a person's record.
pub fn item(asked: &Asked, name: &str) -> String {
    let known = words_of("person show", "item").into_iter().find(|(_, zh, _)| *zh == name);
    known.map_or_else(|| name.to_owned(), |(_, zh, en)| asked.of(zh, en).to_owned())
}

/// What a verb does, in the language of the page.
pub fn verb(lang: Lang, verb: &str) -> String {
    let command = books::Command::named(verb).map(|form| lang.of(form.zh, form.en));
    command.map_or_else(|| verb.to_owned(), |says| says.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_the_words_of_its_field() {
        let approved = ("approved", "已生效", "approved");
        assert!(words_of("filing list", "state").contains(&approved));
        assert!(!words_of("dues show", "state").contains(&approved));
        assert!(words_of("care statement", "care").iter().any(|(code, zh, _)| (*code, *zh) == ("inpatient", "住院")));
    }
}
