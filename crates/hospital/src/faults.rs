//! What goes wrong with messages on purpose, and what must then hold: a message that is cut or loses its answer is carried out once,
//! one that comes again is answered the same, another content under its id, a false signature and an old one are refused, and
//! what is recalled has no effect.

use fastrand::Rng;
use jiff::SignedDuration;
use serde_json::{Value, json};
use wire::cipher::Signature;
use wire::gateway::Account;
use wire::profile::GatewayKind;
use wire::{InfCode, Profile, Secret};

use crate::check::Found;
use crate::day::Day;
use crate::line::Letter;
use crate::seat::{Message, No, Seat, text};

/// What goes wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whim {
    None,
    /// The line is cut in the middle of the request.
    BrokenOff,
    /// The line is cut before the answer is read.
    Lost,
    /// It is sent once more after the answer.
    Twice,
    /// Another content is sent under its id.
    OtherContent,
    /// It comes first under a false signature.
    Forged,
    /// It comes again vouched for as of long ago.
    Replayed,
}

/// What writes something, so that the same message again must be answered the same.
const WRITES: [&str; 15] = [
    "2102", "2103", "2201", "2203", "2204", "2205", "2207", "2208", "2301", "2302", "2304", "2305", "2401", "2402",
    "2403",
];

/// What can be sent with another total under the same id.
const TOTALS: [&str; 2] = ["2207", "2304"];

impl Whim {
    /// What goes wrong with a message of this transaction.
    pub fn draw(day: &Day, rng: &mut Rng, infno: &str) -> Whim {
        if !day.plan.habits.faults || !WRITES.contains(&infno) {
            return Whim::None;
        }
        match rng.u8(..100) {
            0..4 => Whim::BrokenOff,
            4..12 => Whim::Lost,
            12..20 => Whim::Twice,
            20..26 => Whim::Forged,
            26..32 => Whim::Replayed,
            32..42 if TOTALS.contains(&infno) => Whim::OtherContent,
            _ => Whim::None,
        }
    }
}

/// How far back the platform's gateway takes a clock, in seconds; none where there is no gateway.
fn window(profile: &Profile) -> Option<i64> {
    match &profile.gateway {
        GatewayKind::Open => None,
        GatewayKind::Api { window, .. } | GatewayKind::Tif { window } | GatewayKind::Digest { window, .. } => {
            Some(*window)
        }
    }
}

impl Seat {
    /// What goes wrong before a message is sent.
    pub async fn before(&mut self, whim: Whim, message: &Message) {
        let letter = self.letter(message);
        let (word, sent) = match whim {
            Whim::BrokenOff => ("broken-off", self.line.break_off(&letter).await),
            Whim::Lost => ("answer-lost", self.line.lose_answer(&letter).await),
            Whim::Forged => return self.forge(message).await,
            _ => return,
        };
        if sent.is_ok() {
            self.day.figures.borrow_mut().fault(word);
        }
    }

    /// What goes wrong after it was answered.
    pub async fn after(&mut self, whim: Whim, message: &Message, output: &Value) {
        match whim {
            Whim::Twice => self.again(message, output).await,
            Whim::OtherContent => self.other_content(message).await,
            Whim::Replayed => self.replay(message).await,
            _ => {}
        }
    }

    async fn again(&mut self, message: &Message, output: &Value) {
        self.day.figures.borrow_mut().fault("sent-twice");
        let again = self.deliver(message).await;
        let same = matches!(&again, Ok((reply, _)) if reply.output == *output);
        let found = (!same).then(|| ("repeat", "同一报文再发，应答不同 (repeat answered otherwise)".to_owned()));
        self.hold(message, found.into_iter().collect());
    }

    async fn other_content(&mut self, message: &Message) {
        self.day.figures.borrow_mut().fault("id-reused");
        let mut other = message.input.clone();
        other["data"]["medfee_sumamt"] = json!("0.01");
        let Ok(other) = self.write_as(message.infno, message.msgid.clone(), other) else { return };
        let taken = matches!(self.deliver(&other).await, Ok((reply, _)) if reply.infcode == InfCode::Done);
        let what = "同一报文号换了内容也被受理 (other content taken)";
        self.hold(message, refused(taken, "id-reused", what));
    }

    /// Sends it signed falsely: with the content changed where the region signs messages, else vouched for by another secret.
    async fn forge(&mut self, message: &Message) {
        let profile = &self.day.plan.platform.profile;
        let letter = if profile.cipher.signature != Signature::None {
            let told = String::from_utf8_lossy(&message.body).replace("操作员", "操作者");
            let changed = Message { body: told.into_bytes().into(), ..message.clone() };
            self.letter(&changed)
        } else if profile.gateway != GatewayKind::Open {
            let name =
                self.day.plan.platform.keys.account.as_ref().map_or_else(String::new, |known| known.name.clone());
            let thief = Account { name, secret: Secret::new("not-the-secret") };
            let now = self.day.stamps.now();
            self.letter_by(message, &thief, now)
        } else {
            return;
        };
        self.must_be_refused(message, &letter, "forged", "签名不对也被受理 (forged signature taken)").await;
    }

    /// Sends it again as who has overheard it would: vouched for as of long ago.
    async fn replay(&mut self, message: &Message) {
        let platform = &self.day.plan.platform;
        let (Some(window), Some(account)) = (window(&platform.profile), platform.keys.account.clone()) else { return };
        let then = self.day.stamps.now() - SignedDuration::from_secs(2 * window);
        let letter = self.letter_by(message, &account, then);
        self.must_be_refused(message, &letter, "replayed", "旧报文重放也被受理 (replay taken)").await;
    }

    async fn must_be_refused(&mut self, message: &Message, letter: &Letter, kind: &'static str, what: &str) {
        // Where the line fails too, nothing was taken.
        let Ok(came) = self.line.send(letter).await else { return };
        self.day.figures.borrow_mut().fault(kind);
        let taken = self.read(&came).is_ok_and(|reply| reply.infcode == InfCode::Done);
        self.hold(message, refused(taken, kind, what));
    }

    /// Whether a settlement or a reversal is to be recalled, and made again: one in eight, where faults are asked for.
    pub fn recalls(&mut self) -> bool {
        self.day.plan.habits.faults && self.whims.u8(..8) == 0
    }

    /// Sends a message and loses its answer, and recalls it (2601); whether the platform takes such a message back. It then comes
    /// once more, too late: carried out and taken back, it may be answered as it was; not carried out before, it must not be
    /// now. What counts is the turnover at the end.
    pub async fn recall(&mut self, message: &Message, psn_no: &str, word: &'static str) -> Result<bool, No> {
        let letter = self.letter(message);
        _ = self.line.lose_answer(&letter).await;
        let input = json!({ "data": { "psn_no": psn_no, "omsgid": message.msgid, "oinfno": message.infno } });
        match self.ask("2601", input).await {
            Ok(_) => self.day.figures.borrow_mut().fault(word),
            Err(No::Refused(_)) => return Ok(false),
            Err(failed) => return Err(failed),
        }
        self.deliver(message).await?;
        Ok(true)
    }

    /// Whether a settlement whose reversal was recalled stands again (5203).
    pub async fn stands(&mut self, settled: &Value) -> Result<(), No> {
        let head = &settled["setlinfo"];
        let input =
            json!({ "data": { "psn_no": head["psn_no"], "setl_id": head["setl_id"], "mdtrt_id": head["mdtrt_id"] } });
        let (msgid, told) = self.ask("5203", input).await?;
        let undone = text(&told["setlinfo"], "refd_setl_flag") == "1";
        self.held("5203", &msgid, refused(undone, "recall", "撤销已冲正，结算仍是已撤销 (still taken back)"));
        Ok(())
    }
}

/// What is found where something was taken that must not be.
fn refused(taken: bool, kind: &'static str, what: &str) -> Vec<Found> {
    taken.then(|| (kind, what.to_owned())).into_iter().collect()
}
