//! An operator at a terminal: writes messages, sends them over the line, reads what comes back.
//!
//! What gets no answer is sent again, the same message under the same id, as the interface wants it.

use std::rc::Rc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use hyper::StatusCode;
use hyper::body::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use wire::gateway::{Account, Stamp};
use wire::{InfCode, Reply, Request, Secret};

use crate::check::{self, Found};
use crate::day::Day;
use crate::faults::Whim;
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
    /// What it asks.
    pub input: Value,
    /// As it is sent.
    pub body: Bytes,
}

/// An operator.
pub struct Seat {
    /// The hospital's day.
    pub day: Rc<Day>,
    /// The connection.
    pub line: Line,
    opter: String,
    sign_no: String,
    /// Where the person at the desk is insured.
    pub insuplc: String,
    /// Decides on faults.
    pub whims: Rng,
}

impl Seat {
    /// The so-manieth operator.
    pub fn new(day: &Rc<Day>, nth: usize) -> Seat {
        Seat {
            line: Line::new(&day.plan.platform),
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

    pub fn write_as(&mut self, infno: &'static str, msgid: String, input: Value) -> Result<Message, No> {
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
    pub async fn deliver(&mut self, message: &Message) -> Result<(Reply, u32), No> {
        let day = Rc::clone(&self.day);
        // Read back from what is sent, so that the record shows the envelope too; the input as it is before sealing.
        let page = day.recorder.as_ref().map(|recorder| {
            let mut whole: Value = serde_json::from_slice(&message.body).unwrap_or_default();
            whole["input"] = message.input.clone();
            (recorder, recorder.begin(message.infno, whole))
        });
        let outcome = self.tried(message).await;
        if let Some((recorder, page)) = page {
            match &outcome {
                Ok((reply, tries)) => recorder.end(page, *tries, Ok(reply.json())),
                Err(No::Refused(why) | No::Failed(why)) => recorder.end(page, TRIES, Err(why)),
            }
        }
        outcome
    }

    async fn tried(&mut self, message: &Message) -> Result<(Reply, u32), No> {
        let mut last = String::new();
        for tries in 1..=TRIES {
            let letter = self.letter(message);
            match self.line.send(&letter).await {
                Ok(came) if came.status == StatusCode::SERVICE_UNAVAILABLE || came.status.as_u16() == 429 => {
                    self.day.figures.borrow_mut().fault("busy");
                    last = format!("http {}", came.status);
                }
                Ok(came) => return Ok((self.read(&came)?, tries)),
                Err(Cut(why)) => {
                    self.day.figures.borrow_mut().fault("cut");
                    last = why;
                }
            }
            tokio::time::sleep(Duration::from_millis(50 << tries.min(6))).await;
        }
        Err(No::Failed(last))
    }

    pub fn read(&self, came: &Came) -> Result<Reply, No> {
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

    pub fn letter(&mut self, message: &Message) -> Letter {
        let nobody = Account { name: String::new(), secret: Secret::new(Vec::new()) };
        let account = self.day.plan.platform.keys.account.clone().unwrap_or(nobody);
        self.letter_by(message, &account, self.day.stamps.now())
    }

    /// A message vouched for by an account at a moment.
    pub fn letter_by(&mut self, message: &Message, account: &Account, at: Timestamp) -> Letter {
        let nonce = format!("{:032x}", self.whims.u128(..));
        let headers = self.day.gateway.sign(&message.body, account, Stamp { at, nonce: &nonce });
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

    /// Whether a settlement is asked for again.
    pub fn looks(&mut self) -> bool {
        self.whims.u8(..100) < self.day.plan.habits.look
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
