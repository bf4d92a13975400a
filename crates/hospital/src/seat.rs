//! An operator at a terminal: writes messages, sends them over the line, reads what comes back.
//!
//! What gets no answer is sent again, the same message under the same id, as the interface wants it. Where faults are asked
//! for, some messages are broken off, lose their answer, or are sent twice or with another content under their id.

use std::rc::Rc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use hyper::StatusCode;
use hyper::body::Bytes;
use serde_json::{Map, Value, json};
use wire::gateway::{Account, Stamp};
use wire::{InfCode, Reply, Request, Secret};

use crate::check::{self, Found};
use crate::day::Day;
use crate::line::{Came, Cut, Letter, Line};
use crate::tally::Broken;

/// How often a message is sent before it is given up.
const TRIES: u32 = 8;

/// Why a transaction came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum No {
    /// The platform refused it, with its words.
    Refused(String),
    /// No answer came that could be read.
    Failed(String),
}

/// A message that is ready to be sent, again and again if need be.
#[derive(Clone, Debug)]
pub struct Message {
    /// Number of the transaction.
    pub infno: &'static str,
    /// Its id.
    pub msgid: String,
    input: Value,
    body: Bytes,
}

/// An operator.
pub struct Seat {
    /// The hospital's day.
    pub day: Rc<Day>,
    line: Line,
    opter: String,
    sign_no: String,
    /// Where the person at the desk is insured.
    pub insuplc: String,
    /// Decides on faults.
    whims: Rng,
}

impl Seat {
    /// The so-manieth operator.
    pub fn new(day: &Rc<Day>, nth: usize) -> Seat {
        Seat {
            line: Line::new(day.plan.platform.address.clone()),
            opter: format!("{:04}", nth + 1),
            sign_no: String::new(),
            insuplc: String::new(),
            whims: Rng::with_seed(day.plan.seed ^ (nth as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            day: Rc::clone(day),
        }
    }

    /// Signs in (9001). Takes over the platform's clock where it differs, and then signs in again.
    pub async fn sign_in(&mut self) -> Result<(), No> {
        let input = || json!({ "signIn": { "opter_no": self.opter, "mac": "00-00-00-00-00-00", "ip": "127.0.0.1" } });
        let (first, again) = (input(), input());
        let message = self.write("9001", first)?;
        let (reply, _) = self.deliver(&message).await?;
        let moved = reply.respond_time.is_some_and(|time| self.day.stamps.set(time));
        let output = if moved { self.ask("9001", again).await?.1 } else { self.took(&message, reply, None)? };
        self.sign_no = text(&output["signinoutb"], "sign_no");
        Ok(())
    }

    /// Signs out (9002).
    pub async fn sign_out(&mut self) -> Result<(), No> {
        let input = json!({ "signOut": { "sign_no": self.sign_no, "opter_no": self.opter } });
        self.ask("9002", input).await.map(drop)
    }

    /// Asks the platform; gives the id of the message and the output.
    pub async fn ask(&mut self, infno: &'static str, input: Value) -> Result<(String, Value), No> {
        let message = self.write(infno, input)?;
        let whim = Whim::draw(&self.day, &mut self.whims, infno);
        self.before(whim, &message).await;
        let output = self.send(&message).await?;
        self.after(whim, &message, &output).await;
        Ok((message.msgid, output))
    }

    /// Writes a message under a new id.
    pub fn write(&mut self, infno: &'static str, input: Value) -> Result<Message, No> {
        let msgid = self.day.stamps.id(&self.day.plan.institution.code);
        self.write_as(infno, msgid, input)
    }

    fn write_as(&mut self, infno: &'static str, msgid: String, input: Value) -> Result<Message, No> {
        let day = &self.day;
        let institution = &day.plan.institution;
        let request = Request {
            infno: infno.to_owned(),
            msgid: msgid.clone(),
            mdtrtarea_admvs: institution.area().to_owned(),
            insuplc_admdvs: self.insuplc.clone(),
            recer_sys_code: "FSI".to_owned(),
            dev_no: String::new(),
            dev_safe_info: String::new(),
            cainfo: String::new(),
            signtype: String::new(),
            infver: "V1.0".to_owned(),
            opter_type: "1".to_owned(),
            opter: self.opter.clone(),
            opter_name: format!("操作员{}", self.opter),
            inf_time: day.stamps.local(),
            fixmedins_code: institution.code.clone(),
            fixmedins_name: institution.name.clone(),
            sign_no: self.sign_no.clone(),
            fixmedins_soft_fcty: "tongchou".to_owned(),
            enc_type: String::new(),
            input: input.clone(),
            rest: Map::new(),
        };
        let begin = self.whims.u128(..).to_be_bytes();
        let sealed = day.plan.platform.profile.cipher.seal(request, day.plan.platform.keys.hands(), begin);
        let sealed = sealed.map_err(|unsealed| No::Failed(unsealed.to_string()))?;
        Ok(Message { infno, msgid, input, body: sealed.bytes().into() })
    }

    /// Sends a message until it is answered, and counts what came.
    pub async fn send(&mut self, message: &Message) -> Result<Value, No> {
        let begun = Instant::now();
        match self.deliver(message).await {
            Ok((reply, tries)) => {
                let micros = u32::try_from(begun.elapsed().as_micros()).ok().filter(|_| tries == 1);
                self.took(message, reply, micros)
            }
            Err(no) => {
                if let No::Failed(why) = &no {
                    self.day.figures.borrow_mut().failed(message.infno, why);
                }
                Err(no)
            }
        }
    }

    /// Holds an answer against its form, and counts it.
    fn took(&self, message: &Message, reply: Reply, micros: Option<u32>) -> Result<Value, No> {
        if reply.infcode == InfCode::Failed {
            self.day.figures.borrow_mut().refused(message.infno, &reply.err_msg);
            return Err(No::Refused(reply.err_msg));
        }
        self.hold(message, check::form(message.infno, &reply));
        self.day.figures.borrow_mut().done(message.infno, micros);
        Ok(reply.output)
    }

    /// Sends until something comes that is an answer; gives it with the number of times.
    async fn deliver(&mut self, message: &Message) -> Result<(Reply, u32), No> {
        let day = Rc::clone(&self.day);
        let number = day.recorder.as_ref().map(|recorder| (recorder.next(), recorder));
        if let Some((number, recorder)) = number {
            // Read back from what is sent, so that the record shows the envelope too; the input as it is before sealing.
            let mut whole: Value = serde_json::from_slice(&message.body).unwrap_or_default();
            whole["input"] = message.input.clone();
            recorder.write(number, message.infno, "request", whole);
        }
        let mut last = String::new();
        for tries in 1..=TRIES {
            let letter = self.letter(message);
            match self.line.send(&letter).await {
                Ok(came) if came.status == StatusCode::SERVICE_UNAVAILABLE || came.status.as_u16() == 429 => {
                    self.day.figures.borrow_mut().fault("busy");
                    last = format!("http {}", came.status);
                }
                Ok(came) => {
                    let reply = self.read(&came)?;
                    if let Some((number, recorder)) = number {
                        recorder.write(number, message.infno, "answer", reply.json());
                    }
                    return Ok((reply, tries));
                }
                Err(Cut(why)) => {
                    self.day.figures.borrow_mut().fault("cut");
                    last = why;
                }
            }
            tokio::time::sleep(Duration::from_millis(50 << tries.min(6))).await;
        }
        Err(No::Failed(last))
    }

    fn read(&self, came: &Came) -> Result<Reply, No> {
        let platform = &self.day.plan.platform;
        let unreadable = |why: String| {
            let body: String = String::from_utf8_lossy(&came.body).chars().take(80).collect();
            No::Failed(format!("http {}: {why}: {body}", came.status.as_u16()))
        };
        let reply = Reply::read(&came.body).map_err(|faults| unreadable(wire::told(&faults)))?;
        // A refusal may come before the platform knows whom it talks to, and is then in clear.
        if reply.infcode == InfCode::Failed && reply.signtype.is_empty() {
            return Ok(reply);
        }
        platform.profile.cipher.open(reply, platform.keys.hands()).map_err(|unsealed| unreadable(unsealed.to_string()))
    }

    fn letter<'m>(&mut self, message: &'m Message) -> Letter<'m> {
        let platform = &self.day.plan.platform;
        let nobody = Account { name: String::new(), secret: Secret::new(Vec::new()) };
        let account = platform.keys.account.as_ref().unwrap_or(&nobody);
        let nonce = format!("{:032x}", self.whims.u128(..));
        let stamp = Stamp { at: self.day.stamps.now(), nonce: &nonce };
        let headers = self.day.gateway.sign(&message.body, account, stamp);
        Letter { infno: message.infno, headers, body: message.body.clone() }
    }

    /// Writes down what does not hold of an answer.
    pub fn hold(&self, message: &Message, found: Vec<Found>) {
        self.held(message.infno, &message.msgid, found);
    }

    /// Writes down what does not hold.
    pub fn held(&self, infno: &str, msgid: &str, found: Vec<Found>) {
        let mut figures = self.day.figures.borrow_mut();
        figures.checks += 1;
        for (kind, what) in found {
            figures.broke(Broken { kind, infno: infno.to_owned(), msgid: msgid.to_owned(), what });
        }
    }
}

/// What goes wrong with a message, on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whim {
    None,
    /// The line is cut in the middle of the request.
    BrokenOff,
    /// The line is cut before the answer is read.
    Lost,
    /// It is sent once more after the answer.
    Twice,
    /// Another content is sent under its id.
    Forged,
}

/// What writes something, so that the same message again must be answered the same.
const WRITES: [&str; 14] =
    ["2102", "2103", "2201", "2203", "2204", "2205", "2207", "2208", "2301", "2302", "2304", "2305", "2401", "2402"];

/// What can be sent with another total under the same id.
const TOTALS: [&str; 2] = ["2207", "2304"];

impl Whim {
    fn draw(day: &Day, rng: &mut Rng, infno: &str) -> Whim {
        if !day.plan.habits.faults || !WRITES.contains(&infno) {
            return Whim::None;
        }
        match rng.u8(..100) {
            0..4 => Whim::BrokenOff,
            4..12 => Whim::Lost,
            12..20 => Whim::Twice,
            20..30 if TOTALS.contains(&infno) => Whim::Forged,
            _ => Whim::None,
        }
    }
}

impl Seat {
    async fn before(&mut self, whim: Whim, message: &Message) {
        let letter = self.letter(message);
        let (word, sent) = match whim {
            Whim::BrokenOff => ("broken-off", self.line.break_off(&letter).await),
            Whim::Lost => ("answer-lost", self.line.lose_answer(&letter).await),
            _ => return,
        };
        if sent.is_ok() {
            self.day.figures.borrow_mut().fault(word);
        }
    }

    async fn after(&mut self, whim: Whim, message: &Message, output: &Value) {
        match whim {
            Whim::Twice => {
                self.day.figures.borrow_mut().fault("sent-twice");
                let again = self.deliver(message).await;
                let same = matches!(&again, Ok((reply, _)) if reply.output == *output);
                let found =
                    (!same).then(|| ("repeat", "同一报文再发，应答不同 (repeat answered otherwise)".to_owned()));
                self.hold(message, found.into_iter().collect());
            }
            Whim::Forged => {
                self.day.figures.borrow_mut().fault("forged");
                let mut other = message.input.clone();
                other["data"]["medfee_sumamt"] = json!("0.01");
                let Ok(forged) = self.write_as(message.infno, message.msgid.clone(), other) else { return };
                let answer = self.deliver(&forged).await;
                let taken = matches!(&answer, Ok((reply, _)) if reply.infcode == InfCode::Done);
                let found = taken.then(|| ("id-reused", "同一报文号换了内容也被受理 (other content taken)".to_owned()));
                self.hold(message, found.into_iter().collect());
            }
            _ => {}
        }
    }

    /// Whether a settlement is to be recalled, and made again: one in twenty, where faults are asked for.
    pub fn recalls(&mut self) -> bool {
        self.day.plan.habits.faults && self.whims.u8(..20) == 0
    }

    /// Sends a message and loses its answer; recalls it (2601); it comes once more, too late.
    pub async fn recall(&mut self, message: &Message, psn_no: &str) -> Result<(), No> {
        let letter = self.letter(message);
        _ = self.line.lose_answer(&letter).await;
        self.day.figures.borrow_mut().fault("recalled");
        let input = json!({ "data": { "psn_no": psn_no, "omsgid": message.msgid, "oinfno": message.infno } });
        self.ask("2601", input).await?;
        // Carried out and taken back, it may be answered as it was; not carried out before, it must not be now. What counts is
        // the turnover at the end.
        self.deliver(message).await.map(drop)
    }
}

/// A text of a node; empty where it is not there. A number is read as its text.
pub fn text(node: &Value, name: &str) -> String {
    match &node[name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}
