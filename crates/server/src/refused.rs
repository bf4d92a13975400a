//! What was refused lately, for whoever has to see to it: in memory, as many as there is room for, since the server began.
//!
//! The log has the codes of requests, and no person; the journal has what was done. Kept here are who asked, what for, the person's
//! own number, and what he was told. Numbers of documents and telephones that he was told are struck out.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use books::Refusal;

/// How many are kept.
const MOST: usize = 2_000;

/// So many digits in a word, and it may be the number of a document or a telephone: a passport has seven or more.
const DIGITS: usize = 7;

/// A request that was refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// When, by the clock of the books: microseconds since 1970, UTC.
    pub at: i64,
    /// Who asked.
    pub actor: String,
    /// What for.
    pub verb: &'static str,
    /// Why, and what to do.
    pub refusal: Refusal,
    /// The person it was about, by the number of the register; nothing, where it was about nobody or nobody known.
    pub person: Option<String>,
}

/// What was refused since a moment, as far as there was room.
pub(crate) struct Refusals {
    since: i64,
    kept: Mutex<VecDeque<Refused>>,
}

impl Refusals {
    /// None yet.
    pub fn since(since: i64) -> Refusals {
        Refusals { since, kept: Mutex::default() }
    }

    /// Keeps one; the oldest makes room.
    pub fn keep(&self, refused: Refused) {
        let refusal = Refusal { message: struck(&refused.refusal.message), ..refused.refusal };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front(Refused { refusal, ..refused });
        kept.truncate(MOST);
    }

    /// All, the latest first, and since when.
    pub fn all(&self) -> (i64, Vec<Refused>) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        (self.since, kept.iter().cloned().collect())
    }
}

/// A text without the numbers that tell somebody.
fn struck(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric()) {
        let (head, tail) = word.split_at(word.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric()).len());
        let tells = head.bytes().filter(u8::is_ascii_digit).count() >= DIGITS && !is_provider(head);
        out.push_str(if tells { "***" } else { head });
        out.push_str(tail);
    }
    out
}

/// Whether a word is the national code of an institution, which tells nobody: a letter and eleven digits.
fn is_provider(word: &str) -> bool {
    let digits = word.strip_prefix(['H', 'P']);
    digits.is_some_and(|digits| digits.len() == 11 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(message: &str) -> Refused {
        let refusal = Refusal::new("wrong-check-digit", message, "核对");
        Refused { at: 1, actor: "li".to_owned(), verb: "person register", refusal, person: None }
    }

    #[test]
    fn no_number_of_a_document_is_kept() {
        for (message, told) in [
            ("居民身份证 11010519491231002X：校验位不对", "居民身份证 ***：校验位不对"),
            ("护照 E1234567、电话13800138000已登记", "护照 ***、电话***已登记"),
            ("没有编码为 H50000100001 的机构", "没有编码为 H50000100001 的机构"),
            ("就诊 W-1（2022-10-30，31000.00 元）已经结算", "就诊 W-1（2022-10-30，31000.00 元）已经结算"),
        ] {
            let refusals = Refusals::since(0);
            refusals.keep(refused(message));
            assert_eq!(refusals.all().1[0].refusal.message, told);
        }
    }

    #[test]
    fn the_oldest_makes_room_for_the_latest() {
        let refusals = Refusals::since(7);
        (0..=MOST).for_each(|at| refusals.keep(refused(&at.to_string())));
        let (since, kept) = refusals.all();
        assert_eq!((since, kept.len(), kept[0].refusal.message.as_str()), (7, MOST, MOST.to_string().as_str()));
        assert_eq!(kept[MOST - 1].refusal.message, "1");
    }
}
