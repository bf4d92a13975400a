//! Identity documents: how their numbers are written, and what can be told from one.
//!
//! An ID card number is 17 digits and a check digit (GB 11643): area, date of birth, a running number whose last digit is odd
//! for men. One of 15 digits is of the old kind and becomes 18.

use domain::{Date, vocabulary};

use super::dossier::Sex;
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

/// Reads a number whose kind the number itself tells: that of an ID card or of a residence permit like it.
///
/// # Errors
/// When it is none, or is wrong.
pub fn recognise(text: &str) -> Result<Number, Refusal> {
    let clean = clean(text);
    match clean.len() {
        15 | 18 => {
            let kind = if ["81", "82", "83"].iter().any(|area| clean.starts_with(area)) && clean.len() == 18 {
                DocumentKind::Residence
            } else {
                DocumentKind::IdCard
            };
            normal(kind, &clean)
        }
        _ => Err(Refusal::new(
            "bad-document",
            format!("“{}” 不是身份证号码，也不是个人编号", masked(&clean)),
            "写 18 位身份证号码，或登记时给出的个人编号；其他证件写明种类",
        )),
    }
}

/// Reads a document's number.
///
/// # Errors
/// When it is not written as such a number is, its check digit is wrong, or its date does not exist.
pub fn normal(kind: DocumentKind, text: &str) -> Result<Number, Refusal> {
    let text = clean(text);
    match kind {
        DocumentKind::IdCard | DocumentKind::Residence => eighteen(kind, &text),
        _ => Ok(Number { kind, text, born: None, sex: None }),
    }
}

fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
}

fn eighteen(kind: DocumentKind, text: &str) -> Result<Number, Refusal> {
    let wrong = |code: &str, what: &str| {
        let message = format!("{} {}：{what}", kind.name(), masked(text));
        Refusal::new(code, message, "照证件逐位核对")
    };
    let long = match text.len() {
        15 => format!("{}19{}", &text.get(..6).unwrap_or_default(), &text.get(6..).unwrap_or_default()),
        18 => text.get(..17).unwrap_or_default().to_owned(),
        other => return Err(wrong("bad-document", &format!("{other} 位，应为 18 位"))),
    };
    if !long.bytes().all(|byte| byte.is_ascii_digit()) || long.len() != 17 {
        return Err(wrong("bad-document", "前 17 位只能是数字"));
    }
    let check = check_digit(&long);
    if text.len() == 18 && !text.ends_with(check) {
        return Err(wrong("wrong-check-digit", "校验位不对"));
    }
    let part = |from: usize, to: usize| long.get(from..to).and_then(|digits| digits.parse::<i16>().ok()).unwrap_or(0);
    let day = Date::new(part(6, 10), part(10, 12) as i8, part(12, 14) as i8);
    let born = day.map_err(|_| wrong("impossible-date", &format!("没有 {} 这一天", &long[6..14])))?;
    let sex = if part(16, 17) % 2 == 1 { Sex::Male } else { Sex::Female };
    Ok(Number { kind, text: format!("{long}{check}"), born: Some(born), sex: Some(sex) })
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
    fn a_masked_number_keeps_its_ends() {
        assert_eq!(masked("11010519491231002X"), "1101**********002X");
        assert_eq!(masked("H1234567"), "H*****67");
    }
}
