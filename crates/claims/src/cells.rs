//! Reading single cells: text, days, words of the vocabulary, money and shares, each with the fault it may have.

use domain::{Care, Category, ClassAmounts, Date, Diagnostic, Fen, Filing, Group, Level, Mark, Rate, Scheme};

use super::columns::Column;
use super::row::{Raw, Row};

/// A closed vocabulary whose words may stand in a cell.
pub(super) trait Word: Copy + 'static {
    const ALL: &'static [Self];
    fn parse(text: &str) -> Option<Self>;
    fn code(self) -> &'static str;
    fn name(self) -> &'static str;
}

macro_rules! words {
    ($($vocabulary:ident)*) => {$(
        impl Word for $vocabulary {
            const ALL: &'static [Self] = $vocabulary::ALL;
            fn parse(text: &str) -> Option<Self> {
                $vocabulary::parse(text)
            }
            fn code(self) -> &'static str {
                $vocabulary::code(self)
            }
            fn name(self) -> &'static str {
                $vocabulary::name(self)
            }
        }
    )*};
}
words! { Scheme Group Category Care Level Filing Mark }

/// The cells of a row being read. Each reader gives the value, or adds a finding and gives nothing.
pub(super) struct Cells<'r, 'f> {
    row: &'r Row<'r>,
    file: &'f str,
    findings: &'f mut Vec<Diagnostic>,
    sound: bool,
}

/// Years that a day of a bill or a person may lie in; others are slips of the pen.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;

impl<'r, 'f> Cells<'r, 'f> {
    /// The cells of a row, nothing at fault yet.
    pub fn new(row: &'r Row<'r>, file: &'f str, findings: &'f mut Vec<Diagnostic>) -> Cells<'r, 'f> {
        Cells { row, file, findings, sound: true }
    }

    /// Whether nothing was at fault so far.
    pub fn sound(&self) -> bool {
        self.sound
    }

    fn fault(&mut self, code: &'static str, column: Column, message: String, cure: impl Into<String>) {
        self.sound = false;
        self.findings.push(Diagnostic::error(code, self.row.place(self.file, column), message, cure));
    }

    /// A required cell is not there.
    fn missing(&mut self, column: Column, cure: impl Into<String>) {
        self.sound = false;
        // a header without the column has been reported once, not once a row
        if self.row.layout.from_header && self.row.layout.seat(column).is_none() {
            return;
        }
        self.fault("missing-value", column, format!("缺少 {}", column.label()), cure);
    }

    fn unfit(&mut self, column: Column) {
        let (found, cure) = match self.row.cell(column) {
            Raw::Unfit(found, cure) => (found.clone(), *cure),
            Raw::List(_) => ("列表".to_owned(), "此列只填一个值"),
            Raw::Date(date) => (format!("日期 {date}"), "此列不填日期"),
            Raw::Fen(fen) => (format!("金额 {}", Fen(*fen)), "此列不填金额"),
            Raw::Text(text) => (format!("“{text}”"), "改为本列规定的写法"),
            Raw::Absent => return,
        };
        self.fault("wrong-type", column, format!("{}不能是{found}", column.label()), cure);
    }

    /// Free text.
    pub fn text(&mut self, column: Column) -> Option<String> {
        match self.row.cell(column) {
            Raw::Absent => None,
            Raw::Text(text) => Some(text.clone().into_owned()),
            _ => {
                self.unfit(column);
                None
            }
        }
    }

    /// A required identifier.
    pub fn id(&mut self, column: Column) -> Option<String> {
        if !self.row.has(column) {
            self.missing(column, "每行必填");
            return None;
        }
        let text = self.text(column)?;
        if is_rounded_by_excel(&text) {
            let cure = "在 Excel 中把此列设为“文本”后重新录入原编号；已丢失的尾数无法恢复";
            self.fault("damaged-id", column, format!("{}“{text}”是被改成科学计数的编号", column.label()), cure);
            return None;
        }
        Some(text)
    }

    /// A day.
    pub fn date(&mut self, column: Column) -> Option<Date> {
        let text = match self.row.cell(column) {
            Raw::Absent => return None,
            Raw::Date(date) => return Some(*date),
            Raw::Text(text) => text.as_ref(),
            _ => {
                self.unfit(column);
                return None;
            }
        };
        let date = iso_date(text);
        if date.is_none() {
            let cure = match loose_date(text) {
                Some(meant) => format!("日期只用 ISO 写法 YYYY-MM-DD：{meant}"),
                None => "日期只用 ISO 写法 YYYY-MM-DD，且须是历法中有的日子，如 2022-03-01".to_owned(),
            };
            self.fault("bad-date", column, format!("{}“{text}”不是有效日期", column.label()), cure);
        }
        if let Some(out) = date.filter(|date| !YEARS.contains(&date.year())) {
            let cure = "核对年份：多半是漏了一位或写颠倒了";
            let (first, last) = (YEARS.start(), YEARS.end());
            self.fault("bad-date", column, format!("{} {out} 不在 {first} 至 {last} 年之内", column.label()), cure);
            return None;
        }
        date
    }

    /// A day that must be there.
    pub fn required_date(&mut self, column: Column) -> Option<Date> {
        if !self.row.has(column) {
            self.missing(column, "填写就医结束之日，写作 YYYY-MM-DD");
        }
        self.date(column)
    }

    /// What happened to the person before the bill cannot lie after it.
    pub fn not_after(&mut self, column: Column, earlier: Option<Date>, bill: Option<Date>) {
        if let (Some(earlier), Some(bill)) = (earlier, bill)
            && earlier > bill
        {
            let code = if column == Column::Birth { "birth-after-bill" } else { "cover-after-bill" };
            let message = format!("{}{earlier} 晚于票据日期 {bill}", column.label());
            self.fault(code, column, message, format!("核对 {} 与 {}", column.label(), Column::Date.label()));
        }
    }

    fn parse_word<W: Word>(&mut self, column: Column, text: &str) -> Option<W> {
        let word = W::parse(text);
        if word.is_none() {
            let near = super::nearest(text, W::ALL.iter().flat_map(|word| [word.code(), word.name()]));
            let near = near.map_or(String::new(), |near| format!("是否想写 {near}？"));
            let message = format!("{}不认识“{text}”", column.label());
            self.fault("unknown-word", column, message, format!("{near}可用：{}", allowed::<W>()));
        }
        word
    }

    /// A word of a vocabulary.
    pub fn word<W: Word>(&mut self, column: Column) -> Option<W> {
        let row = self.row;
        match row.cell(column) {
            Raw::Absent => None,
            Raw::Text(text) => self.parse_word(column, text),
            _ => {
                self.unfit(column);
                None
            }
        }
    }

    /// A word that must be there.
    pub fn required_word<W: Word>(&mut self, column: Column) -> Option<W> {
        if !self.row.has(column) {
            self.missing(column, format!("可用：{}", allowed::<W>()));
        }
        self.word(column)
    }

    /// A list of words.
    pub fn words<W: Word>(&mut self, column: Column) -> Vec<W> {
        let row = self.row;
        match row.cell(column) {
            Raw::List(texts) => texts.iter().filter_map(|text| self.parse_word(column, text.trim())).collect(),
            Raw::Text(texts) => {
                let texts = texts.split('|').map(str::trim).filter(|text| !text.is_empty());
                texts.filter_map(|text| self.parse_word(column, text)).collect()
            }
            Raw::Absent => Vec::new(),
            _ => {
                self.unfit(column);
                Vec::new()
            }
        }
    }

    /// An amount of money; negative ones are faults.
    fn money(&mut self, column: Column) -> Option<Fen> {
        let fen = match self.row.cell(column) {
            Raw::Absent => return None,
            Raw::Fen(fen) => Fen(*fen),
            Raw::Text(text) => {
                let in_fen = self.row.layout.seat(column).is_some_and(|seat| seat.in_fen);
                let parsed = if in_fen { parse_fen(text) } else { parse_yuan(text) };
                match parsed {
                    Ok(fen) => fen,
                    Err((code, why, cure)) => {
                        self.fault(code, column, format!("{}“{text}”{why}", column.label()), cure);
                        return None;
                    }
                }
            }
            _ => {
                self.unfit(column);
                return None;
            }
        };
        if fen < Fen::ZERO {
            let cure = "金额不为负；退费另起一行，用 reverses（冲销）写明原票据号";
            self.fault("negative-amount", column, format!("{}{fen} 是负数", column.label()), cure);
            return None;
        }
        if fen > Fen::BILL_LIMIT {
            self.fault("too-large", column, format!("{}{fen} 超过一亿元", column.label()), "核对金额和单位（元）");
            return None;
        }
        Some(fen)
    }

    /// The amounts by class, at least one of them, and their total where it is given.
    pub fn amounts(&mut self) -> ClassAmounts {
        if !Column::CLASSES.into_iter().any(|column| self.row.has(column)) {
            self.no_amount();
        }
        let amounts = ClassAmounts {
            a: self.money(Column::A).unwrap_or_default(),
            b: self.money(Column::B).unwrap_or_default(),
            b_share: self.share(Column::BShare),
            b_self_pay: None,
            c: self.money(Column::C).unwrap_or_default(),
            over_limit: self.money(Column::OverLimit).unwrap_or_default(),
        };
        let sum = amounts.total();
        if sum > Fen::BILL_LIMIT {
            self.fault("too-large", Column::A, format!("一张票据合计 {sum}，超过一亿元"), "核对金额和单位（元）");
        }
        // a class that could not be read would make the sum differ for that reason alone
        if let Some(total) = self.money(Column::Total)
            && total != sum
            && self.sound
        {
            let message = format!("{}{total} 与甲、乙、丙类及超限价之和 {sum} 不等", Column::Total.label());
            self.fault("total-differs", Column::Total, message, "改正其一；或删去总费用，由各类相加");
        }
        amounts
    }

    fn no_amount(&mut self) {
        self.sound = false;
        let layout = self.row.layout;
        if layout.from_header && Column::CLASSES.into_iter().all(|column| layout.seat(column).is_none()) {
            return;
        }
        let place = self.row.place_at(self.file, 0);
        let message = "没有任何金额（甲类、乙类、丙类、超限价）";
        self.findings.push(Diagnostic::error("missing-value", place, message, "至少填一类金额，没有的写 0"));
    }

    /// A share between nothing and the whole, with its percent sign.
    fn share(&mut self, column: Column) -> Option<Rate> {
        let text = self.text(column)?;
        let fault = match Rate::parse_percent(&text) {
            Ok(rate) if Rate::ZERO <= rate && rate <= Rate::ONE => return Some(rate),
            Ok(_) => "不在 0% 与 100% 之间".to_owned(),
            Err(error) => error.to_string(),
        };
        self.fault("bad-share", column, format!("{}“{text}”：{fault}", column.label()), "写作带百分号的文本，如 10%");
        None
    }

    /// An amount has no place in a reversal.
    pub fn blank_in_reversal(&mut self, column: Column) {
        if !self.row.has(column) {
            return;
        }
        let nothing = self.row.text(column).is_some_and(|text| Fen::parse_yuan(text) == Ok(Fen::ZERO));
        if nothing || matches!(self.row.cell(column), Raw::Fen(0)) {
            return;
        }
        let message = format!("冲销行不填 {}：冲销总是整张票据", column.label());
        self.fault("amount-in-reversal", column, message, "把此行金额留空；部分退费请整张冲销后按新金额另录一张");
    }
}

type MoneyFault = (&'static str, &'static str, &'static str);

fn parse_yuan(text: &str) -> Result<Fen, MoneyFault> {
    use domain::money::MoneyError;
    Fen::parse_yuan(text).map_err(|error| match error {
        MoneyError::TooManyDecimals => {
            ("too-many-decimals", "小数超过两位", "金额以元为单位，最多两位小数（到分），如 146.40")
        }
        MoneyError::TooLarge => ("too-large", "超过一亿元", "核对金额和单位（元）"),
        MoneyError::NotANumber | MoneyError::NoPercentSign => {
            ("bad-amount", "不是金额", "只写数字，以元为单位，最多两位小数，如 146.40；不带单位、空格或货币符号")
        }
    })
}

fn parse_fen(text: &str) -> Result<Fen, MoneyFault> {
    let fen = text.parse().map_err(|_| ("bad-amount", "不是整数分", "以 _fen 结尾的列以分为单位，只写整数"))?;
    Ok(Fen(fen))
}

/// The one form of a date: `2022-03-01`.
fn iso_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |digits: &[u8]| {
        digits
            .iter()
            .try_fold(0_i16, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i16::from(digit - b'0')))
    };
    let (year, month, day) = (number(&bytes[..4])?, number(&bytes[5..7])?, number(&bytes[8..])?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// What a date in another common form means, for the cure alone: `2022/3/1`, `2022.03.01`, `2022年3月1日`, `20220301`.
fn loose_date(text: &str) -> Option<Date> {
    let day = text.split([' ', 'T']).next()?;
    let parts: Vec<&str> = if day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()) {
        vec![&day[..4], &day[4..6], &day[6..]]
    } else {
        day.trim_end_matches('日').split(['/', '.', '-', '年', '月']).collect()
    };
    let [year, month, day] = parts[..] else { return None };
    if year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// `5.00101E+17`: an id that a spreadsheet took for a number and rounded.
fn is_rounded_by_excel(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once("E+") else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    digits(mantissa) && digits(exponent)
}

/// The words a column takes, for people: `inpatient 住院、…`.
fn allowed<W: Word>() -> String {
    let words: Vec<String> = W::ALL.iter().map(|word| format!("{} {}", word.code(), word.name())).collect();
    words.join("、")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn only_iso_dates_are_dates_but_others_are_understood() {
        assert_eq!(iso_date("2022-03-01"), Some(date(2022, 3, 1)));
        for text in ["2022/3/1", "2022-3-1", "20220301", "2022年3月1日", "2022-03-01 08:00"] {
            assert_eq!(iso_date(text), None, "{text}");
            assert_eq!(loose_date(text), Some(date(2022, 3, 1)), "{text}");
        }
        for text in ["2022-02-30", "", "昨天", "二〇二二", "3/1/2022", "2022-0a-01"] {
            assert_eq!(iso_date(text).or(loose_date(text)), None, "{text}");
        }
    }

    #[test]
    fn ids_rounded_by_a_spreadsheet_are_known() {
        assert!(is_rounded_by_excel("5.00101E+17"));
        assert!(!is_rounded_by_excel("E+1") && !is_rounded_by_excel("CE+WARD") && !is_rounded_by_excel("500101"));
    }
}
