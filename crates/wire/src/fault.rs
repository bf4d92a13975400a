//! A fault of a message: where it is, what is wrong, and what to write instead, in words for a clerk of a hospital.

use std::fmt;

/// One fault. The path is the interface's own, as `feedetail[2].cnt`; list places count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Place in the message.
    pub path: String,
    /// Chinese name of the field or node.
    pub name: &'static str,
    /// English name.
    pub english: &'static str,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It is not there, or empty, and must be.
    Missing(Wanted),
    /// It holds what it must not hold; the value is kept for the message.
    Wrong(String, Wanted),
    /// It is longer than it may be: characters found, and the most.
    Long(usize, usize),
    /// Its code is not in its table: the code, and the table's own name.
    Code(String, &'static str),
    /// It is there under another spelling; that spelling.
    Spelt(String),
}

/// What a field wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Text of at most so many characters.
    Text(usize),
    /// A word of the code table of this name.
    Code(&'static str),
    /// A number: digits in all, of them decimals.
    Number(u8, u8),
    /// `yyyy-MM-dd`.
    Day,
    /// `yyyy-MM-dd HH:mm:ss`.
    Time,
    /// One object.
    Object,
    /// A list of objects.
    Rows,
    /// The number of a transaction.
    Infno,
    /// A message id: institution 12, time 14, serial 4.
    MessageId,
    /// JSON.
    Json,
}

impl Wanted {
    fn zh(&self) -> String {
        match self {
            Wanted::Text(most) => format!("请填写文字，最多{most}个字符"),
            Wanted::Code(table) => format!("请填写 {table} 代码表中的代码"),
            Wanted::Number(all, 0) => format!("请填写整数，最多{all}位"),
            Wanted::Number(all, decimals) => format!("请填写数字，最多{all}位，其中小数最多{decimals}位"),
            Wanted::Day => "请按 yyyy-MM-dd 填写日期".to_owned(),
            Wanted::Time => "请按 yyyy-MM-dd HH:mm:ss 填写时间".to_owned(),
            Wanted::Object => "请填写一个对象 {…}".to_owned(),
            Wanted::Rows => "请填写列表 [{…}]，至少一行".to_owned(),
            Wanted::Infno => "请填写交易编号，如 2207".to_owned(),
            Wanted::MessageId => "请填写报文ID：机构编号12位＋时间14位＋顺序号4位".to_owned(),
            Wanted::Json => "请填写 JSON 对象".to_owned(),
        }
    }

    fn en(&self) -> String {
        match self {
            Wanted::Text(most) => format!("give text of at most {most} characters"),
            Wanted::Code(table) => format!("give a code of the table {table}"),
            Wanted::Number(all, 0) => format!("give a whole number of at most {all} digits"),
            Wanted::Number(all, decimals) => {
                format!("give a number of at most {all} digits, {decimals} of them decimals")
            }
            Wanted::Day => "give a day as yyyy-MM-dd".to_owned(),
            Wanted::Time => "give a time as yyyy-MM-dd HH:mm:ss".to_owned(),
            Wanted::Object => "give one object {…}".to_owned(),
            Wanted::Rows => "give a list [{…}] with at least one row".to_owned(),
            Wanted::Infno => "give the number of a transaction, as 2207".to_owned(),
            Wanted::MessageId => "give institution (12), time (14) and serial (4)".to_owned(),
            Wanted::Json => "give a JSON object".to_owned(),
        }
    }
}

impl Fault {
    /// In Chinese: place, name, what is wrong, what to write.
    pub fn zh(&self) -> String {
        let place = format!("{}（{}）", self.path, self.name);
        match &self.kind {
            FaultKind::Missing(wanted) => format!("{place}未填写：{}", wanted.zh()),
            FaultKind::Wrong(found, wanted) => format!("{place}的值“{found}”不对：{}", wanted.zh()),
            FaultKind::Long(found, most) => format!("{place}有{found}个字符，太长：最多{most}个"),
            FaultKind::Code(code, table) => {
                format!("{place}的代码“{code}”不在 {table} 代码表中：请用1901交易下载该字典核对")
            }
            FaultKind::Spelt(found) => format!("{place}未填写：报文中写成了 {found}，字段名应为 {}", self.path),
        }
    }

    /// The same in English.
    pub fn en(&self) -> String {
        let place = format!("{} ({})", self.path, self.english);
        match &self.kind {
            FaultKind::Missing(wanted) => format!("{place} is missing: {}", wanted.en()),
            FaultKind::Wrong(found, wanted) => format!("{place} holds \"{found}\": {}", wanted.en()),
            FaultKind::Long(found, most) => format!("{place} has {found} characters: at most {most}"),
            FaultKind::Code(code, table) => {
                format!("{place}: code \"{code}\" is not in the table {table}; compare it by transaction 1901")
            }
            FaultKind::Spelt(found) => {
                format!("{place} is missing: the message says {found}, the field is {}", self.path)
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.zh())
    }
}

/// Several faults as one text for `err_msg`: the first few, and how many more there are.
pub fn told(faults: &[Fault]) -> String {
    const SHOWN: usize = 5;
    let mut text = faults.iter().take(SHOWN).map(Fault::zh).collect::<Vec<_>>().join("；");
    if faults.len() > SHOWN {
        text.push_str(&format!("；另有{}处", faults.len() - SHOWN));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: FaultKind) -> Fault {
        Fault { path: "feedetail[2].cnt".to_owned(), name: "数量", english: "quantity", kind }
    }

    #[test]
    fn a_fault_names_its_place_and_what_to_write() {
        let missing = fault(FaultKind::Missing(Wanted::Number(16, 4)));
        assert_eq!(missing.zh(), "feedetail[2].cnt（数量）未填写：请填写数字，最多16位，其中小数最多4位");
        assert_eq!(
            missing.en(),
            "feedetail[2].cnt (quantity) is missing: give a number of at most 16 digits, 4 of them decimals"
        );
    }

    #[test]
    fn many_faults_are_counted() {
        let faults = vec![fault(FaultKind::Long(9, 3)); 7];
        assert!(told(&faults).ends_with("；另有2处"));
        assert_eq!(told(&faults[..1]), "feedetail[2].cnt（数量）有9个字符，太长：最多3个");
    }
}
