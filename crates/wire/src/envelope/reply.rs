//! The reply: whether it went well, what the receiver calls it, what came out.

use jiff::civil::DateTime;
use serde_json::{Map, Value};

use super::read::{Name, Taken};
use crate::fault::{Fault, FaultKind, Wanted};
use crate::moment;

/// Whether a transaction went well (交易状态码).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InfCode {
    /// `0`.
    Done,
    /// `-1`.
    Failed,
}

impl InfCode {
    /// As the interface writes it.
    pub fn number(self) -> i64 {
        match self {
            InfCode::Done => 0,
            InfCode::Failed => -1,
        }
    }
}

/// A reply as sent. A text that is not given is empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// Whether it went well.
    pub infcode: InfCode,
    /// The receiver's id of the message (接收方报文ID).
    pub inf_refmsgid: String,
    /// When the request came (接收报文时间), to the millisecond.
    pub refmsg_time: Option<DateTime>,
    /// When the reply went (响应报文时间), to the millisecond.
    pub respond_time: Option<DateTime>,
    /// What is wrong and what to do (错误信息).
    pub err_msg: String,
    /// What to look at although it went well (警告信息).
    pub warn_msg: String,
    /// Signature.
    pub cainfo: String,
    /// Kind of signature.
    pub signtype: String,
    /// Encryption of the output. A reply spells it without the line that the request has.
    pub enctype: String,
    /// The output; an object, or a text where it is encrypted, or null.
    pub output: Value,
    /// Fields that this program does not know, as they came.
    pub rest: Map<String, Value>,
}

const INFCODE: Name = Name("infcode", "交易状态码", "result", 4);
const REFMSGID: Name = Name("inf_refmsgid", "接收方报文ID", "receiver's message id", 30);
const REFMSG_TIME: Name = Name("refmsg_time", "接收报文时间", "time of receipt", 17);
const RESPOND_TIME: Name = Name("respond_time", "响应报文时间", "time of reply", 17);
const ERR_MSG: Name = Name("err_msg", "错误信息", "error", 200);
const WARN_MSG: Name = Name("warn_msg", "警告信息", "warning", 200);
const CAINFO: Name = Name("cainfo", "数字签名信息", "signature", 1024);
const SIGNTYPE: Name = Name("signtype", "签名类型", "kind of signature", 10);
const ENCTYPE: Name = Name("enctype", "加密方式", "encryption", 10);

impl Reply {
    /// A reply that went well.
    pub fn done(inf_refmsgid: String, refmsg_time: DateTime, respond_time: DateTime, output: Value) -> Reply {
        Reply {
            infcode: InfCode::Done,
            inf_refmsgid,
            refmsg_time: Some(refmsg_time),
            respond_time: Some(respond_time),
            err_msg: String::new(),
            warn_msg: String::new(),
            cainfo: String::new(),
            signtype: String::new(),
            enctype: String::new(),
            output,
            rest: Map::new(),
        }
    }

    /// A refusal, in words for the clerk.
    pub fn failed(inf_refmsgid: String, refmsg_time: DateTime, respond_time: DateTime, err_msg: String) -> Reply {
        let done = Reply::done(inf_refmsgid, refmsg_time, respond_time, Value::Null);
        Reply { infcode: InfCode::Failed, err_msg, ..done }
    }

    /// Reads the bytes of a reply; every fault at once.
    pub fn read(bytes: &[u8]) -> Result<Reply, Vec<Fault>> {
        let mut taken = Taken::read(bytes)?;
        let from = &mut taken;
        let reply = Reply {
            infcode: infcode(from),
            inf_refmsgid: from.text(&REFMSGID),
            refmsg_time: time(from, &REFMSG_TIME),
            respond_time: time(from, &RESPOND_TIME),
            err_msg: from.text(&ERR_MSG),
            warn_msg: from.text(&WARN_MSG),
            cainfo: from.text(&CAINFO),
            signtype: from.text(&SIGNTYPE),
            enctype: from.text(&ENCTYPE),
            output: from.value("output"),
            rest: Map::new(),
        };
        if !taken.faults.is_empty() {
            return Err(taken.faults);
        }
        Ok(Reply { rest: taken.rest(), ..reply })
    }

    /// As JSON, in the order of the published table.
    pub fn json(&self) -> Value {
        let mut fields = Map::new();
        let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        put(INFCODE.0, self.infcode.number().into());
        put(REFMSGID.0, self.inf_refmsgid.as_str().into());
        put(REFMSG_TIME.0, self.refmsg_time.map(moment::millis).unwrap_or_default().into());
        put(RESPOND_TIME.0, self.respond_time.map(moment::millis).unwrap_or_default().into());
        put(ERR_MSG.0, self.err_msg.as_str().into());
        put(WARN_MSG.0, self.warn_msg.as_str().into());
        put(CAINFO.0, self.cainfo.as_str().into());
        put(SIGNTYPE.0, self.signtype.as_str().into());
        put(ENCTYPE.0, self.enctype.as_str().into());
        put("output", self.output.clone());
        fields.extend(self.rest.clone());
        Value::Object(fields)
    }

    /// As bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.json().to_string().into_bytes()
    }
}

fn infcode(from: &mut Taken) -> InfCode {
    let text = from.must(&INFCODE);
    match text.as_str() {
        "0" => return InfCode::Done,
        "" | "-1" => {}
        _ => from.fault(&INFCODE, FaultKind::Wrong(text, Wanted::Number(1, 0))),
    }
    InfCode::Failed
}

fn time(from: &mut Taken, name: &Name) -> Option<DateTime> {
    let text = from.text(name);
    let time = moment::read_digits(&text);
    if time.is_none() && !text.is_empty() {
        from.fault(name, FaultKind::Wrong(text, Wanted::Number(17, 0)));
    }
    time
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_reply_is_written_in_the_order_of_the_table() {
        let at = datetime(2023, 1, 2, 3, 4, 5, 6_000_000);
        let reply = Reply::failed("990100202301020304050000000001".to_owned(), at, at, "请先签到".to_owned());
        let text = String::from_utf8(reply.bytes()).unwrap();
        assert!(text.starts_with(
            r#"{"infcode":-1,"inf_refmsgid":"990100202301020304050000000001","refmsg_time":"20230102030405006","#
        ));
        assert!(text.contains(r#""err_msg":"请先签到""#));
    }

    #[test]
    fn both_ways_to_write_the_result_are_read_and_others_refused() {
        for (word, code) in [(json!(0), InfCode::Done), (json!("0"), InfCode::Done), (json!("-1"), InfCode::Failed)] {
            assert_eq!(Reply::read(json!({"infcode": word}).to_string().as_bytes()).unwrap().infcode, code);
        }
        assert!(Reply::read(b"{\"infcode\": 2}").is_err());
        assert!(Reply::read(b"{}").is_err());
        assert!(Reply::read(b"{\"infcode\": 0, \"respond_time\": \"gestern\"}").is_err());
    }

    proptest! {
        #[test]
        fn replies_come_back(text in "\\PC{0,30}", millis in 0i64..4_000_000_000_000, failed: bool) {
            let at = moment::local(jiff::Timestamp::from_millisecond(millis).unwrap());
            let text = text.trim().to_owned();
            let reply = if failed {
                Reply::failed("1".to_owned(), at, at, text)
            } else {
                Reply::done("1".to_owned(), at, at, json!({"setlinfo": {"setl_id": text}}))
            };
            prop_assert_eq!(Reply::read(&reply.bytes()).unwrap(), reply);
        }
    }
}
