//! Identity documents: how their numbers are written, and what can be told from one.
//!
//! | document | number | source |
//! |---|---|---|
//! | resident ID card | 17 digits and a check digit: area, date of birth, a running number whose last digit is odd for men; 15 digits of the old kind become 18 | GB 11643 |
//! | residence permit of Hong Kong, Macao and Taiwan residents | as an ID card; area 81, 82 or 83 | State Council, measures of 2018 (国办发〔2018〕81号) |
//! | travel permit of Hong Kong and Macao residents | `H` or `M`, 8 digits for life, and on the older card 2 more that count its issues | Ministry of Public Security, 2010-03-10 |
//! | travel permit of Taiwan residents | 8 digits for life on the card of 2015; older booklets are longer, and are taken as they are written | Ministry of Public Security, 2015 |
//! | permanent residence card of foreigners | 3 letters and 12 digits; from 2023-12-01 `9`, 16 digits and a check digit as on an ID card | National Immigration Administration, 2023 |
//! | passport | letters and digits; how many is each country's own affair | ICAO 9303 |
//! | birth certificate | a letter and 9 digits | National Health Commission |
//!
//! Deliberately absent: whether an area code exists or existed, and the year of birth in a foreigner's old number, which has two
//! digits. A foreigner's new number is read for the date of birth where the ID card has it, if there is a date there, and not for
//! the sex: the rules at hand do not say how they are told.

use domain::{Date, vocabulary};

use super::record::Sex;
use crate::answer::Refusal;
use crate::vault::Vault;

vocabulary! {
    /// A kind of identity document.
    DocumentKind {
        IdCard = "id-card", "居民身份证", "resident ID card";
        Residence = "residence-permit", "港澳台居民居住证", "residence permit of Hong Kong, Macao and Taiwan residents";
        HongKongMacao = "hk-macao-permit", "港澳居民来往内地通行证", "travel permit of Hong Kong and Macao residents";
        Taiwan = "taiwan-permit", "台湾居民来往大陆通行证", "travel permit of Taiwan residents";
        ForeignResident = "foreign-resident", "外国人永久居留身份证", "permanent residence card of foreigners";
        Passport = "passport", "护照", "passport";
        Birth = "birth-certificate", "出生医学证明", "birth certificate";
    }
}

/// The number of a document, in normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// Of which kind of document.
    pub kind: DocumentKind,
    /// Without blanks, in capitals; an ID card number in 18 digits.
    pub text: String,
    /// The date of birth that the number tells.
    pub born: Option<Date>,
    /// The sex that the number tells.
    pub sex: Option<Sex>,
}

impl Number {
    /// The index under which it is found.
    pub fn index(&self, vault: &Vault) -> String {
        vault.index(self.kind.code(), &self.text)
    }
}

/// The number as shown where not all may see it: ends kept, the rest starred.
pub fn masked(text: &str) -> String {
    let count = text.chars().count();
    let (head, tail) = if count >= 15 { (4, 4) } else { (1, 2.min(count / 3)) };
    let star = |(at, c): (usize, char)| if at < head || at + tail >= count { c } else { '*' };
    text.chars().enumerate().map(star).collect()
}

/// Reads a number whose kind is written before it (`passport:E12345678`, `护照：E12345678`), or which the number itself tells.
/// Passports tell nothing: their kind must be written.
///
/// # Errors
/// When it is none, or is wrong.
pub fn recognise(text: &str) -> Result<Number, Refusal> {
    if let Some((kind, number)) = text.split_once([':', '：']) {
        let kind = DocumentKind::parse(kind.trim()).ok_or_else(|| {
            let known: Vec<&str> = DocumentKind::ALL.iter().map(|kind| kind.name()).collect();
            Refusal::new(
                "bad-document",
                format!("没有 “{}” 这种证件", kind.trim()),
                format!("可用：{}", known.join("、")),
            )
        })?;
        return normal(kind, number);
    }
    let clean = clean(text);
    match kind_of(&clean) {
        Some(kind) => normal(kind, &clean),
        None => Err(Refusal::new(
            "bad-document",
            format!("“{}” 看不出是哪种证件的号码，也不是个人编号", masked(&clean)),
            "写 18 位身份证号码，或登记时给出的个人编号；其他证件写明种类，如 护照:E12345678",
        )),
    }
}

/// The kind that a number's form tells.
fn kind_of(text: &str) -> Option<DocumentKind> {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = text.bytes().skip(letters).all(|byte| byte.is_ascii_digit());
    match (text.len(), letters, digits) {
        (18, ..) if ["81", "82", "83"].iter().any(|area| text.starts_with(area)) => Some(DocumentKind::Residence),
        (18, ..) if foreign(text) => Some(DocumentKind::ForeignResident),
        (15, 3, true) => Some(DocumentKind::ForeignResident),
        (15 | 18, ..) => Some(DocumentKind::IdCard),
        (9 | 11, 1, true) if text.starts_with(['H', 'M']) => Some(DocumentKind::HongKongMacao),
        (10, 1, true) => Some(DocumentKind::Birth),
        (8, 0, true) => Some(DocumentKind::Taiwan),
        _ => None,
    }
}

/// Whether 18 places are a foreigner's: `9`, then a province.
fn foreign(text: &str) -> bool {
    let province = text.get(1..3).and_then(|digits| digits.parse::<u8>().ok());
    text.starts_with('9')
        && province.is_some_and(|code| matches!(code, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65))
}

/// Reads a document's number.
///
/// # Errors
/// When it is not written as such a number is, its check digit is wrong, or its date does not exist.
pub fn normal(kind: DocumentKind, text: &str) -> Result<Number, Refusal> {
    let text = clean(text);
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = text.bytes().skip(letters).all(|byte| byte.is_ascii_digit());
    let plain = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let told = |right: bool, form: &str| match right {
        true => Ok(Number { kind, text: text.clone(), born: None, sex: None }),
        false => Err(wrong(kind, &text, "bad-document", &format!("应为{form}"))),
    };
    match kind {
        DocumentKind::IdCard => eighteen(kind, &text),
        DocumentKind::Residence => {
            let area = ["81", "82", "83"].iter().any(|area| text.starts_with(area));
            if area { eighteen(kind, &text) } else { told(false, " 81、82 或 83 开头的 18 位号码") }
        }
        DocumentKind::ForeignResident if text.len() == 18 => {
            told(text.starts_with('9'), "以 9 开头的 18 位号码")?;
            foreigner(&text)
        }
        DocumentKind::ForeignResident => {
            told(text.len() == 15 && letters == 3 && digits, " 3 个字母和 12 位数字，或 18 位号码")
        }
        DocumentKind::HongKongMacao => {
            let right = matches!(text.len(), 9 | 11) && text.starts_with(['H', 'M']) && letters == 1 && digits;
            let number = told(right, "字母 H 或 M 和 8 位数字，可带 2 位换证次数")?;
            // The count of issues changes, the person does not.
            Ok(Number { text: number.text.chars().take(9).collect(), ..number })
        }
        DocumentKind::Taiwan => told(plain && matches!(text.len(), 8..=12), " 8 位数字"),
        DocumentKind::Passport => told(plain && matches!(text.len(), 5..=12), "字母和数字"),
        DocumentKind::Birth => told(text.len() == 10 && letters == 1 && digits, " 1 个字母和 9 位数字"),
    }
}

fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
}

fn wrong(kind: DocumentKind, text: &str, code: &str, what: &str) -> Refusal {
    Refusal::new(code, format!("{} {}：{what}", kind.name(), masked(text)), "照证件逐位核对")
}

fn eighteen(kind: DocumentKind, text: &str) -> Result<Number, Refusal> {
    let long = match (text.len(), kind) {
        (15, DocumentKind::IdCard) => {
            format!("{}19{}", text.get(..6).unwrap_or_default(), text.get(6..).unwrap_or_default())
        }
        (18, _) => text.get(..17).unwrap_or_default().to_owned(),
        _ => return Err(wrong(kind, text, "bad-document", &format!("{} 位，应为 18 位", text.chars().count()))),
    };
    let long = checked(kind, text, long)?;
    let day = birth(&long).ok_or_else(|| {
        let day = long.get(6..14).unwrap_or_default();
        wrong(kind, text, "impossible-date", &format!("没有 {day} 这一天"))
    })?;
    let sex = if long.bytes().last().is_some_and(|digit| digit % 2 == 1) { Sex::Male } else { Sex::Female };
    let check = check_digit(&long);
    Ok(Number { kind, text: format!("{long}{check}"), born: Some(day), sex: Some(sex) })
}

fn foreigner(text: &str) -> Result<Number, Refusal> {
    let kind = DocumentKind::ForeignResident;
    let long = checked(kind, text, text.get(..17).unwrap_or_default().to_owned())?;
    Ok(Number { kind, text: text.to_owned(), born: birth(&long), sex: None })
}

/// 17 digits whose check digit, where there is one, is right.
fn checked(kind: DocumentKind, text: &str, long: String) -> Result<String, Refusal> {
    if !long.bytes().all(|byte| byte.is_ascii_digit()) || long.len() != 17 {
        return Err(wrong(kind, text, "bad-document", "前 17 位只能是数字"));
    }
    if text.len() == 18 && !text.ends_with(check_digit(&long)) {
        return Err(wrong(kind, text, "wrong-check-digit", "校验位不对"));
    }
    Ok(long)
}

/// The date of birth in 17 digits.
fn birth(long: &str) -> Option<Date> {
    let part = |from: usize, to: usize| long.get(from..to)?.parse::<i16>().ok();
    let (month, day) = (i8::try_from(part(10, 12)?).ok()?, i8::try_from(part(12, 14)?).ok()?);
    Date::new(part(6, 10)?, month, day).ok()
}

/// The check digit of 17 digits (ISO 7064, MOD 11-2).
fn check_digit(digits: &str) -> char {
    let sum = digits.bytes().fold(0_u32, |sum, byte| (sum + u32::from(byte - b'0')) * 2 % 11);
    match (12 - sum % 11) % 11 {
        10 => 'X',
        digit => char::from(b'0' + digit as u8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn an_id_card_number_tells_birth_and_sex() {
        // The example number of GB 11643.
        let number = recognise("11010519491231002x").unwrap();
        assert_eq!(
            (number.kind, number.born, number.sex),
            (DocumentKind::IdCard, Some(date(1949, 12, 31)), Some(Sex::Female))
        );
        assert_eq!(recognise("110105491231002").unwrap().text, "11010519491231002X");
    }

    #[test]
    fn a_wrong_number_is_refused_by_name() {
        let code = |text: &str| recognise(text).unwrap_err().code;
        assert_eq!(code("110105194912310021"), "wrong-check-digit");
        assert_eq!(code("1101051949123100"), "bad-document");
        assert_eq!(code("11010519491331002X"), "wrong-check-digit");
        assert_eq!(code("A10105194912310021"), "bad-document");
    }

    #[test]
    fn each_kind_has_its_form() {
        let kind =
            |text: &str| recognise(text).map(|number| (number.kind, number.text)).map_err(|refusal| refusal.code);
        let told = |kind, text: &str| Ok((kind, text.to_owned()));
        assert_eq!(kind("H12345678"), told(DocumentKind::HongKongMacao, "H12345678"));
        assert_eq!(kind("h1234567802"), kind("H1234567800"), "the count of issues is not the person");
        assert_eq!(kind("12345678"), told(DocumentKind::Taiwan, "12345678"));
        assert_eq!(kind("P110000001"), told(DocumentKind::Birth, "P110000001"));
        assert_eq!(kind("FRA110080010101"), told(DocumentKind::ForeignResident, "FRA110080010101"));
        assert_eq!(kind("护照：e1234567"), told(DocumentKind::Passport, "E1234567"));
        assert_eq!(kind("E1234567"), Err("bad-document".to_owned()), "a passport's kind must be written");
        assert_eq!(kind("驾照:E1234567"), Err("bad-document".to_owned()));
        let foreign = format!("91125019800203123{}", check_digit("91125019800203123"));
        let number = recognise(&foreign).unwrap();
        assert_eq!((number.kind, number.born), (DocumentKind::ForeignResident, Some(date(1980, 2, 3))));
        let residence = format!("81000019900101001{}", check_digit("81000019900101001"));
        assert_eq!(recognise(&residence).unwrap().kind, DocumentKind::Residence);
        assert_eq!(normal(DocumentKind::Residence, "11010519491231002X").unwrap_err().code, "bad-document");
        for (kind, text) in [
            (DocumentKind::HongKongMacao, "A12345678"),
            (DocumentKind::HongKongMacao, "H123456789"),
            (DocumentKind::Birth, "1110000001"),
            (DocumentKind::Passport, "E1"),
            (DocumentKind::ForeignResident, "FR1110080010101"),
            (DocumentKind::Taiwan, "123"),
        ] {
            assert_eq!(normal(kind, text).unwrap_err().code, "bad-document", "{text}");
        }
    }

    #[test]
    fn a_masked_number_keeps_its_ends() {
        assert_eq!(masked("11010519491231002X"), "1101**********002X");
        assert_eq!(masked("H1234567"), "H*****67");
    }
}
