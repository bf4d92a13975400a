//! The text of a feed as rows: a heading line, then one person and fact a line, commas or tabs between.
//!
//! Lines are read one by one, so that a broken one takes no other with it; a quoted text therefore cannot run over lines.
//! Dates are written `2022-01-31`, `20220131`, `2022/1/31` or `2022年1月31日`. `end` is the first day on which the fact no longer holds,
//! `until` the last day on which it does.

use domain::Date;
use serde::{Deserialize, Serialize};

use super::fact::Fact;
use crate::answer::Refusal;
use crate::people::documents::{DocumentKind, Number, masked, normal, recognise};

/// A row that was not loaded, as it goes back to who sent the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// Line of the file; the heading is line 1.
    pub line: u32,
    /// Number of the document, masked.
    pub number: String,
    /// The column that is wrong; empty where it is the whole row.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// A stable word.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub cure: String,
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Line of the file.
    pub line: u32,
    /// Number of the document.
    pub number: Number,
    /// Name.
    pub name: Option<String>,
    /// What it says.
    pub fact: Fact,
    /// First day.
    pub from: Option<Date>,
    /// First day on which it no longer holds.
    pub end: Option<Date>,
    /// As of which day, where the row tells another than the file.
    pub reported: Option<Date>,
    /// Takes back what was said.
    pub withdrawn: bool,
    /// Grade of the category.
    pub grade: Option<String>,
    /// School of a student.
    pub school: Option<String>,
    /// First year of an academic year.
    pub year: Option<i16>,
    /// Day of graduation.
    pub graduated: Option<Date>,
    /// Name of another arrangement.
    pub arrangement: Option<String>,
    /// Region of another arrangement.
    pub region: Option<String>,
    /// Last day paid in another arrangement.
    pub last_paid: Option<Date>,
    /// Last day of waiting in another arrangement.
    pub wait_until: Option<Date>,
    /// Area, for who comes on the register.
    pub area: Option<String>,
    /// Telephone, for who comes on the register.
    pub phone: Option<String>,
    /// Code of the ethnic group, for whom the register has none.
    pub ethnicity: Option<String>,
    /// Name of the employer, for whom the register has none.
    pub employer: Option<String>,
}

/// A row that could not be read, and whose it is, if that could.
pub(super) type Unread = Box<(Reject, Option<Number>)>;

/// The columns: what they are called here, and the headings under which they may come.
const COLUMNS: &[(&str, &[&str])] = &[
    ("number", &["证件号码", "身份证号", "身份证号码", "公民身份号码"]),
    ("document", &["证件种类", "证件类型"]),
    ("name", &["姓名"]),
    ("fact", &["category", "类别", "人员类别", "事项"]),
    ("from", &["起始日", "起始日期", "开始日期", "认定日期", "死亡日期", "入学日期", "参保日期"]),
    ("end", &["终止日", "终止日期", "停止日期"]),
    ("until", &["截止日期", "有效期至"]),
    ("reported", &["报送日期", "数据日期"]),
    ("withdraw", &["撤销"]),
    ("grade", &["等级", "级别"]),
    ("school", &["学校", "学校名称"]),
    ("year", &["学年"]),
    ("graduated", &["毕业日期"]),
    ("arrangement", &["保障名称", "险种"]),
    ("region", &["统筹区", "参保地"]),
    ("last_paid", &["最后缴费日期", "缴费至"]),
    ("wait_until", &["等待期至"]),
    ("area", &["区划", "区划代码", "地区"]),
    ("phone", &["联系电话", "电话"]),
    ("ethnicity", &["民族代码", "民族"]),
    ("employer", &["工作单位", "单位名称"]),
];

/// The text of a feed whose heading has been read. Its rows are read from it as often as they are wanted: a long file is not held
/// twice.
pub(super) struct Text<'t> {
    text: &'t str,
    heading: Heading,
    delimiter: u8,
    fact: Option<Fact>,
}

impl<'t> Text<'t> {
    /// Reads the heading; `fact` is what a row says that does not tell it.
    ///
    /// # Errors
    /// When the heading does not name the columns that a feed must have.
    pub fn read(text: &'t str, fact: Option<Fact>) -> Result<Text<'t>, Refusal> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let Some((_, first)) = written(text).next() else {
            return Err(Refusal::new("empty-feed", "文件是空的", "第一行写列名，其后每行一人"));
        };
        let delimiter = if first.contains('\t') { b'\t' } else { b',' };
        let heading = Heading::read(&split(first, delimiter).unwrap_or_default(), fact)?;
        Ok(Text { text, heading, delimiter, fact })
    }

    /// The lines of its rows, with their numbers.
    pub fn lines(&self) -> impl Iterator<Item = (u32, &'t str)> + use<'t> {
        written(self.text).skip(1)
    }

    /// The row of a line.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn row(&self, (line, text): (u32, &str)) -> Result<Row, Unread> {
        self.heading.row(line, text, self.delimiter, self.fact)
    }
}

/// The lines of a text that are not blank.
fn written(text: &str) -> impl Iterator<Item = (u32, &str)> {
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty())
}

/// Which columns stand in which order.
struct Heading(Vec<&'static str>);

impl Heading {
    fn read(cells: &[String], fact: Option<Fact>) -> Result<Heading, Refusal> {
        let named = |cell: &String| {
            let cell = cell.trim();
            COLUMNS.iter().find(|(name, headings)| *name == cell || headings.contains(&cell)).map(|(name, _)| *name)
        };
        let known: Vec<&str> = COLUMNS.iter().flat_map(|(name, zh)| [*name, zh[0]]).collect();
        let cure = format!("可用的列名：{}", known.join("、"));
        let mut columns: Vec<&'static str> = Vec::new();
        for cell in cells {
            let Some(name) = named(cell) else {
                return Err(Refusal::new("bad-heading", format!("不认识的列名 “{}”", cell.trim()), cure));
            };
            if columns.contains(&name) {
                return Err(Refusal::new("bad-heading", format!("列名 “{}” 写了两次", cell.trim()), cure));
            }
            columns.push(name);
        }
        if !columns.contains(&"number") || fact.is_none() && !columns.contains(&"fact") {
            let message = "缺少证件号码或类别一列";
            return Err(Refusal::new("bad-heading", message, "写出证件号码；全文件同一类别的，可用 fact 给出"));
        }
        Ok(Heading(columns))
    }

    fn row(&self, line: u32, text: &str, delimiter: u8, fact: Option<Fact>) -> Result<Row, Unread> {
        let broken = |what: String| {
            let cure = "照列名补全或更正这一行".to_owned();
            Reject { line, code: "broken-line".to_owned(), message: what, cure, ..Reject::default() }
        };
        let cells = split(text, delimiter).map_err(|what| Box::new((broken(what.to_owned()), None)))?;
        if cells.len() != self.0.len() {
            return Err(Box::new((broken(format!("有 {} 列，应有 {} 列", cells.len(), self.0.len())), None)));
        }
        let cells = Cells { columns: &self.0, cells: &cells };
        let at = |number: &str, (field, refusal): (&str, Refusal)| Reject {
            line,
            number: masked(number),
            field: field.to_owned(),
            code: refusal.code,
            message: refusal.message,
            cure: refusal.cure,
        };
        let written = cells.get("number").unwrap_or_default();
        let number = cells.number().map_err(|refusal| Box::new((at(written, ("number", refusal)), None)))?;
        cells.row(line, &number, fact).map_err(|what| Box::new((at(&number.text, what), Some(number))))
    }
}

/// The cells of a line by their columns.
struct Cells<'c> {
    columns: &'c [&'static str],
    cells: &'c [String],
}

type Wrong = (&'static str, Refusal);

impl Cells<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        let at = self.columns.iter().position(|column| *column == name)?;
        self.cells.get(at).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    fn number(&self) -> Result<Number, Refusal> {
        let written = self.get("number").unwrap_or_default();
        match self.get("document") {
            None => recognise(written),
            Some(kind) => {
                let kind = DocumentKind::parse(kind).ok_or_else(|| {
                    Refusal::new("bad-document", format!("没有 “{kind}” 这种证件"), "证件种类写居民身份证、护照等")
                })?;
                normal(kind, written)
            }
        }
    }

    fn day(&self, name: &'static str) -> Result<Option<Date>, Wrong> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let day = date(text).ok_or_else(|| {
            (name, Refusal::new("impossible-date", format!("没有 “{text}” 这一天"), "日期写作 2022-01-31"))
        })?;
        Ok(Some(day))
    }

    fn row(&self, line: u32, number: &Number, fact: Option<Fact>) -> Result<Row, Wrong> {
        let fact = match (self.get("fact"), fact) {
            (Some(word), _) => Fact::parse(word).map_err(|refusal| ("fact", refusal))?,
            (None, Some(fact)) => fact,
            (None, None) => {
                return Err(("fact", Refusal::new("unknown-category", "没有写类别", "写明类别或事项")));
            }
        };
        let year = self
            .get("year")
            .map(|text| text.trim_end_matches("学年").parse())
            .transpose()
            .map_err(|_| ("year", Refusal::new("bad-year", "学年不是年份", "写学年的起始年份，如 2021")))?;
        let withdrawn = match self.get("withdraw") {
            None | Some("否" | "0" | "no" | "false") => false,
            Some("是" | "1" | "yes" | "true" | "撤销") => true,
            Some(_) => return Err(("withdraw", Refusal::new("bad-flag", "撤销一列写是或否", "写是或否"))),
        };
        let until = self.day("until")?.map(|until| until.tomorrow().unwrap_or(until));
        let (from, end) = (self.day("from")?, self.day("end")?.or(until));
        if let Some((from, end)) = from.zip(end).filter(|(from, end)| end <= from) {
            let message = format!("终止（{end}）不晚于起始（{from}）");
            return Err(("end", Refusal::new("ends-before-start", message, "核对起止日期")));
        }
        Ok(Row {
            line,
            number: number.clone(),
            name: self.text("name"),
            fact,
            from,
            end,
            reported: self.day("reported")?,
            withdrawn,
            grade: self.text("grade"),
            school: self.text("school"),
            year,
            graduated: self.day("graduated")?,
            arrangement: self.text("arrangement"),
            region: self.text("region"),
            last_paid: self.day("last_paid")?,
            wait_until: self.day("wait_until")?,
            area: self.text("area"),
            phone: self.text("phone"),
            ethnicity: self.text("ethnicity"),
            employer: self.text("employer"),
        })
    }
}

/// The cells of one line.
fn split(line: &str, delimiter: u8) -> Result<Vec<String>, &'static str> {
    if line.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
        return Err("引号不成对");
    }
    if !line.contains('"') {
        return Ok(line.split(char::from(delimiter)).map(str::to_owned).collect());
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(line.as_bytes());
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(true) => Ok(record.iter().map(str::to_owned).collect()),
        _ => Err("读不出这一行"),
    }
}

/// A date as registers write it.
pub fn date(text: &str) -> Option<Date> {
    let digits: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let written = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '/' | '.' | '年' | '月' | '日'));
    let (year, month, day) = match digits[..] {
        [year, month, day] if year.len() == 4 => (year, month, day),
        [whole] if whole.len() == 8 => (&whole[..4], &whole[4..6], &whole[6..]),
        _ => return None,
    };
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    written.then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Category;
    use jiff::civil::date as day;

    const CARD: &str = "11010519491231002X";

    fn read(text: &str, fact: Option<Fact>) -> Result<Vec<Result<Row, Unread>>, Refusal> {
        let text = Text::read(text, fact)?;
        Ok(text.lines().map(|line| text.row(line)).collect())
    }

    #[test]
    fn chinese_and_english_headings_read_alike() {
        let zh = format!("\u{feff}身份证号,姓名,类别,起始日,有效期至\n{CARD},某甲,低保,2022年1月1日,2022/12/31\n");
        let en = format!("number\tname\tcategory\tfrom\tend\n{CARD}\t某甲\tminimum-allowance\t20220101\t2023-01-01\n");
        let read = |text: &str| read(text, None).unwrap().remove(0).unwrap();
        assert_eq!(read(&zh), read(&en));
        let row = read(&zh);
        assert_eq!((row.line, row.fact), (2, Fact::Category(Category::MinimumAllowance)));
        assert_eq!((row.from, row.end), (Some(day(2022, 1, 1)), Some(day(2023, 1, 1))));
    }

    #[test]
    fn each_fault_is_told_by_its_line_and_column() {
        let text = format!(
            "证件号码,姓名,类别,起始日,终止日\n\
             110105194912310021,某甲,低保,2022-01-01,\n\
             {CARD},某甲,富裕,2022-01-01,\n\
             {CARD},某甲,低保,2022-02-30,\n\
             {CARD},某甲,低保,2022-01-01,2022-01-01\n\
             {CARD},某甲,低保\n\
             {CARD},\"某甲,低保,2022-01-01,\n\
             \n\
             {CARD},某甲,低保,2022-01-01,\n"
        );
        let rows = read(&text, None).unwrap();
        let told: Vec<(u32, &str, &str)> = rows
            .iter()
            .filter_map(|row| row.as_ref().err())
            .map(|unread| &unread.0)
            .map(|reject| (reject.line, reject.field.as_str(), reject.code.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (2, "number", "wrong-check-digit"),
                (3, "fact", "unknown-category"),
                (4, "from", "impossible-date"),
                (5, "end", "ends-before-start"),
                (6, "", "broken-line"),
                (7, "", "broken-line"),
            ]
        );
        assert_eq!(rows.last().unwrap().as_ref().unwrap().line, 9);
    }

    #[test]
    fn a_heading_says_what_is_missing() {
        let code = |text: &str, fact| read(text, fact).unwrap_err().code;
        assert_eq!(code("", None), "empty-feed");
        assert_eq!(code("姓名,类别\n", None), "bad-heading");
        assert_eq!(code("证件号码,血型\n", None), "bad-heading");
        assert_eq!(code("证件号码,姓名\n", None), "bad-heading");
        assert_eq!(code("证件号码,number,类别\n", None), "bad-heading");
        assert_eq!(read("证件号码\n", Some(Fact::Death)).unwrap(), vec![]);
    }
}
