//! Why a message is answered with -1, in words for the clerk of a hospital.

use axum::http::StatusCode;
use books::Refusal;
use service::{Failure, Trouble};
use wire::cipher::Unsealed;
use wire::gateway::Refused;

use crate::problem::Problem;

/// Characters of `err_msg` at most.
const MOST: usize = 200;

/// A refusal, or what the machine could not do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    /// What is wrong, what to do, by which clauses; with a stable code.
    pub refusal: Refusal,
    /// Status of the HTTP answer: 200, but where the message could not be taken in or its fate is unknown.
    pub status: StatusCode,
    /// Seconds after which to send it again.
    pub retry: Option<u64>,
}

impl Fault {
    /// A refusal.
    pub fn new(code: &str, message: impl Into<String>, cure: impl Into<String>) -> Fault {
        Refusal::new(code, message, cure).into()
    }

    /// Under another status than 200.
    pub fn under(self, status: StatusCode) -> Fault {
        Fault { status, ..self }
    }

    /// As `err_msg`: what is wrong, what to do, the clauses, the code; cut at the end of a sentence where it is too long.
    pub fn told(&self, id: &str) -> String {
        let Refusal { code, message, cure, clauses } = &self.refusal;
        let mut text = message.trim_end_matches('。').to_owned();
        if !cure.is_empty() {
            text.push_str("。请");
            text.push_str(cure.trim_start_matches('请').trim_end_matches('。'));
        }
        if !clauses.is_empty() {
            text.push_str(&format!("。依据：{}", clauses.join("、")));
        }
        let end = format!(" ({code})");
        let text = plain(&text, id);
        cut(&text, MOST.saturating_sub(end.chars().count())) + &end
    }
}

/// What the books call a thing, and what the interface calls it.
const WORDS: &[(&str, &str)] = &[
    ("visit open", "2201/2401"),
    ("visit describe", "2203"),
    ("visit charge", "2204/2301"),
    ("visit strike", "2205/2302"),
    ("visit settlements", "5203"),
    ("visit settle", "2207/2304"),
    ("visit reverse", "2208/2305"),
    ("visit discharge", "2402"),
    ("visit reopen", "2405"),
    ("visit cancel", "2202/2404"),
    ("visit amend", "2403"),
    ("visit lines", "5204"),
    ("desk sign-in", "9001"),
    ("先用 person register 登记", "先由经办机构登记"),
    ("先用 provider register 登记", "先由经办机构登记"),
    ("（member enrol）", ""),
    ("，或为此情形写一个支付环节", ""),
    ("filing open", "2501/2503/2505"),
    ("refund_of", "init_feedetl_sn"),
    ("midway", "mid_setl_flag"),
];

/// In the words of the interface.
fn plain(text: &str, id: &str) -> String {
    let mut text = text.to_owned();
    if let Some((_, msgid)) = id.rsplit_once('/') {
        text = text.replace(id, msgid);
    }
    for (ours, theirs) in WORDS {
        if text.contains(ours) {
            text = text.replace(ours, theirs);
        }
    }
    text
}

/// At most so many characters, up to the end of a sentence or part of one where there is any.
fn cut(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let kept = &text[..end];
    let stop = kept.rfind(['。', '；', '，']).filter(|stop| *stop > 0);
    stop.map_or(kept, |stop| &kept[..stop]).to_owned()
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Fault {
        Fault { refusal, status: StatusCode::OK, retry: None }
    }
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Fault {
        let mut fault = Fault::from(Problem::from(trouble));
        if fault.status.is_server_error() {
            fault.refusal.cure = "用同一报文ID原样重发：已办的不会再办，未办的会办".to_owned();
        }
        fault
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Fault {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Operational(trouble) => trouble.into(),
        }
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Fault {
        let Problem { status, refusal, retry, .. } = problem;
        Fault { refusal, status, retry }
    }
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Fault {
        Fault::new(refused.code(), refused.zh(), "").under(StatusCode::UNAUTHORIZED)
    }
}

impl From<Unsealed> for Fault {
    fn from(unsealed: Unsealed) -> Fault {
        Fault::new(unsealed.code(), unsealed.zh(), "")
    }
}

impl From<Vec<wire::Fault>> for Fault {
    fn from(faults: Vec<wire::Fault>) -> Fault {
        Fault::new("bad-message", wire::told(&faults), "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_the_words_of_the_interface() {
        let fault = Fault::new("has-lines", "就诊 1 还有 2 行费用明细", "先撤销明细（visit strike）").by("一(二)");
        assert_eq!(fault.told(""), "就诊 1 还有 2 行费用明细。请先撤销明细（2205/2302）。依据：一(二) (has-lines)");
        let reused = Fault::new("key-reused", "请求号 national/H1/M1 已用于另一个内容不同的请求", "换报文ID");
        assert!(reused.told("national/H1/M1").starts_with("请求号 M1 已用于"));
    }

    #[test]
    fn a_long_refusal_ends_with_a_sentence_and_its_code() {
        let fault = Fault::new("long", format!("{}。{}", "长".repeat(150), "尾".repeat(90)), "做什么");
        let told = fault.told("");
        assert_eq!(told, format!("{} (long)", "长".repeat(150)));
        let one = Fault::new("long", "长".repeat(400), "");
        assert_eq!(one.told("").chars().count(), MOST);
    }

    impl Fault {
        fn by(mut self, clause: &str) -> Fault {
            self.refusal.clauses.push(clause.to_owned());
            self
        }
    }
}
