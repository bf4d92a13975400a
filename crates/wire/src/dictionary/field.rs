//! What a field is: its names and what it may hold.

use crate::fault::Wanted;

/// One field of the interface. It has the same name, meaning and form wherever it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The interface's own name.
    pub name: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
    /// What it may hold.
    pub kind: Kind,
}

/// What a field may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text of at most so many characters (字符型).
    Text(usize),
    /// A word of at most so many characters of the code table of this name. Where no public table was found, a
    /// [`Kind::Text`] stands instead.
    Code(usize, &'static str),
    /// A number (数值型): digits in all, of them decimals. Amounts of money have 16 and 2.
    Number(u8, u8),
    /// A day (日期型), `yyyy-MM-dd`; a time of the day behind it is tolerated.
    Day,
    /// A time (日期时间型), `yyyy-MM-dd HH:mm:ss`; a bare day is tolerated.
    Time,
    /// Anything: a file in bytes, a list inside a list, a field for extensions.
    Open,
}

/// An amount of money.
pub const AMOUNT: Kind = Kind::Number(16, 2);
/// Yes or no, 1 or 0.
pub const FLAG: Kind = Kind::Code(3, "flag");

impl Kind {
    /// What to write, for a message.
    pub fn wanted(self) -> Wanted {
        match self {
            Kind::Text(most) => Wanted::Text(most),
            Kind::Code(_, table) => Wanted::Code(table),
            Kind::Number(all, decimals) => Wanted::Number(all, decimals),
            Kind::Day => Wanted::Day,
            Kind::Time => Wanted::Time,
            Kind::Open => Wanted::Json,
        }
    }

    /// As the published tables say it: 字符型 30, 数值型 16,2 …
    pub fn zh(self) -> String {
        match self {
            Kind::Text(most) => format!("字符型 {most}"),
            Kind::Code(most, _) => format!("字符型 {most}"),
            Kind::Number(all, 0) => format!("数值型 {all}"),
            Kind::Number(all, decimals) => format!("数值型 {all},{decimals}"),
            Kind::Day => "日期型".to_owned(),
            Kind::Time => "日期时间型".to_owned(),
            Kind::Open => "不限".to_owned(),
        }
    }
}
