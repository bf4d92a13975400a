//! The request: who asks, for whom, which transaction, with what.

use jiff::civil::DateTime;
use serde_json::{Map, Value};

use super::ids::MessageId;
use super::read::{Name, Taken};
use crate::fault::{Fault, FaultKind, Wanted};
use crate::moment;

/// A request as sent. A text that was not given is empty, as the interface itself writes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Number of the transaction (交易编号), as `2207`.
    pub infno: String,
    /// Message id (发送方报文ID): the same id with the same content is the same request.
    pub msgid: String,
    /// Region of care (就医地医保区划). The interface spells this one "admvs".
    pub mdtrtarea_admvs: String,
    /// Region of insurance (参保地医保区划); needed where the input names a person, and given by 1101.
    pub insuplc_admdvs: String,
    /// Receiving system (接收方系统代码).
    pub recer_sys_code: String,
    /// Device (设备编号).
    pub dev_no: String,
    /// Device security (设备安全信息).
    pub dev_safe_info: String,
    /// Signature (数字签名信息).
    pub cainfo: String,
    /// Kind of signature (签名类型): SM2, SM3.
    pub signtype: String,
    /// Version of the interface (接口版本号), as `V1.0`.
    pub infver: String,
    /// Kind of operator (经办人类别): 1 clerk, 2 self-service, 3 mobile.
    pub opter_type: String,
    /// Operator (经办人).
    pub opter: String,
    /// The operator's name (经办人姓名).
    pub opter_name: String,
    /// When it was sent (交易时间), in China's time.
    pub inf_time: DateTime,
    /// The institution (定点医药机构编号), 12 places.
    pub fixmedins_code: String,
    /// Its name (定点医药机构名称).
    pub fixmedins_name: String,
    /// Number of the sign-in (交易签到流水号), from 9001.
    pub sign_no: String,
    /// Maker of the institution's software (软件厂商).
    pub fixmedins_soft_fcty: String,
    /// Encryption of the input (加密方式): empty or SM4.
    pub enc_type: String,
    /// The input; an object, or a text where it is encrypted.
    pub input: Value,
    /// Fields that this program does not know, as they came.
    pub rest: Map<String, Value>,
}

const INFNO: Name = Name("infno", "交易编号", "transaction", 6);
const MSGID: Name = Name("msgid", "发送方报文ID", "message id", 30);
const MDTRTAREA: Name = Name("mdtrtarea_admvs", "就医地医保区划", "region of care", 6);
const INSUPLC: Name = Name("insuplc_admdvs", "参保地医保区划", "region of insurance", 6);
const RECER: Name = Name("recer_sys_code", "接收方系统代码", "receiving system", 10);
const DEV_NO: Name = Name("dev_no", "设备编号", "device", 100);
const DEV_SAFE: Name = Name("dev_safe_info", "设备安全信息", "device security", 2000);
const CAINFO: Name = Name("cainfo", "数字签名信息", "signature", 1024);
const SIGNTYPE: Name = Name("signtype", "签名类型", "kind of signature", 10);
const INFVER: Name = Name("infver", "接口版本号", "version of the interface", 6);
const OPTER_TYPE: Name = Name("opter_type", "经办人类别", "kind of operator", 3);
const OPTER: Name = Name("opter", "经办人", "operator", 30);
const OPTER_NAME: Name = Name("opter_name", "经办人姓名", "operator's name", 50);
const INF_TIME: Name = Name("inf_time", "交易时间", "time of the request", 19);
const FIXMEDINS: Name = Name("fixmedins_code", "定点医药机构编号", "institution", 12);
const FIXMEDINS_NAME: Name = Name("fixmedins_name", "定点医药机构名称", "institution's name", 200);
const SIGN_NO: Name = Name("sign_no", "交易签到流水号", "number of the sign-in", 30);
const SOFT: Name = Name("fixmedins_soft_fcty", "软件厂商", "maker of the software", 50);
const ENC_TYPE: Name = Name("enc_type", "加密方式", "encryption", 10);
const INPUT: Name = Name("input", "交易输入", "input", 40_000);

impl Request {
    /// Reads the bytes of a request; every fault at once.
    pub fn read(bytes: &[u8]) -> Result<Request, Vec<Fault>> {
        let mut taken = Taken::read(bytes)?;
        let from = &mut taken;
        let request = Request {
            infno: infno(from),
            msgid: msgid(from),
            mdtrtarea_admvs: mdtrtarea(from),
            insuplc_admdvs: from.text(&INSUPLC),
            recer_sys_code: from.text(&RECER),
            dev_no: from.text(&DEV_NO),
            dev_safe_info: from.text(&DEV_SAFE),
            cainfo: from.text(&CAINFO),
            signtype: from.text(&SIGNTYPE),
            infver: from.must(&INFVER),
            opter_type: from.must(&OPTER_TYPE),
            opter: from.must(&OPTER),
            opter_name: from.must(&OPTER_NAME),
            inf_time: inf_time(from),
            fixmedins_code: from.must(&FIXMEDINS),
            fixmedins_name: from.must(&FIXMEDINS_NAME),
            sign_no: from.text(&SIGN_NO),
            fixmedins_soft_fcty: from.text(&SOFT),
            enc_type: from.text(&ENC_TYPE),
            input: input(from),
            rest: Map::new(),
        };
        if !taken.faults.is_empty() {
            return Err(taken.faults);
        }
        Ok(Request { rest: taken.rest(), ..request })
    }

    /// As JSON, in the order of the published table.
    pub fn json(&self) -> Value {
        let texts: [(&Name, &str); 13] = [
            (&INFNO, &self.infno),
            (&MSGID, &self.msgid),
            (&MDTRTAREA, &self.mdtrtarea_admvs),
            (&INSUPLC, &self.insuplc_admdvs),
            (&RECER, &self.recer_sys_code),
            (&DEV_NO, &self.dev_no),
            (&DEV_SAFE, &self.dev_safe_info),
            (&CAINFO, &self.cainfo),
            (&SIGNTYPE, &self.signtype),
            (&INFVER, &self.infver),
            (&OPTER_TYPE, &self.opter_type),
            (&OPTER, &self.opter),
            (&OPTER_NAME, &self.opter_name),
        ];
        let later: [(&Name, &str); 5] = [
            (&FIXMEDINS, &self.fixmedins_code),
            (&FIXMEDINS_NAME, &self.fixmedins_name),
            (&SIGN_NO, &self.sign_no),
            (&SOFT, &self.fixmedins_soft_fcty),
            (&ENC_TYPE, &self.enc_type),
        ];
        let mut fields = Map::new();
        fields.extend(texts.map(|(name, text)| (name.0.to_owned(), Value::from(text))));
        fields.insert(INF_TIME.0.to_owned(), moment::spoken(self.inf_time).into());
        fields.extend(later.map(|(name, text)| (name.0.to_owned(), Value::from(text))));
        fields.insert(INPUT.0.to_owned(), self.input.clone());
        fields.extend(self.rest.clone());
        Value::Object(fields)
    }

    /// As bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.json().to_string().into_bytes()
    }

    /// Names the region of insurance as missing, where the transaction needs it and the request has none.
    pub fn insuplc_missing(&self) -> Option<Fault> {
        let kind = FaultKind::Missing(Wanted::Text(INSUPLC.3));
        self.insuplc_admdvs.is_empty().then(|| Fault {
            path: INSUPLC.0.to_owned(),
            name: INSUPLC.1,
            english: INSUPLC.2,
            kind,
        })
    }
}

fn infno(from: &mut Taken) -> String {
    let text = from.must(&INFNO);
    if !text.is_empty() && !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        from.fault(&INFNO, FaultKind::Wrong(text.clone(), Wanted::Infno));
    }
    text
}

fn msgid(from: &mut Taken) -> String {
    let text = from.must(&MSGID);
    if !text.is_empty() && MessageId::read(&text).is_none() {
        from.fault(&MSGID, FaultKind::Wrong(text.clone(), Wanted::MessageId));
    }
    text
}

/// The one field that the interface spells apart from all others of its kind; the other spelling is named.
fn mdtrtarea(from: &mut Taken) -> String {
    let other = "mdtrtarea_admdvs";
    if !from.has(MDTRTAREA.0) && from.has(other) {
        from.fault(&MDTRTAREA, FaultKind::Spelt(other.to_owned()));
        return String::new();
    }
    from.must(&MDTRTAREA)
}

fn inf_time(from: &mut Taken) -> DateTime {
    let text = from.text(&INF_TIME);
    match moment::read_spoken(&text) {
        Some(moment) => return moment,
        None if text.is_empty() => from.fault(&INF_TIME, FaultKind::Missing(Wanted::Time)),
        None => from.fault(&INF_TIME, FaultKind::Wrong(text, Wanted::Time)),
    }
    DateTime::ZERO
}

fn input(from: &mut Taken) -> Value {
    let value = from.value(INPUT.0);
    match &value {
        Value::Object(_) => {}
        Value::String(text) if !text.is_empty() => {}
        Value::Null | Value::String(_) => from.fault(&INPUT, FaultKind::Missing(Wanted::Object)),
        other => from.fault(&INPUT, FaultKind::Wrong(crate::dictionary::short(other), Wanted::Object)),
    }
    value
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// A request as a hospital of an invented region would send it.
    pub fn asked() -> Value {
        json!({
            "infno": "2207", "msgid": "H99010100001202301020304050007",
            "mdtrtarea_admvs": "990100", "insuplc_admdvs": "990100", "recer_sys_code": "YBXT",
            "infver": "V1.0", "opter_type": 1, "opter": "0001", "opter_name": "甲",
            "inf_time": "2023-01-02 03:04:05", "fixmedins_code": "H99010100001", "fixmedins_name": "示范医院",
            "input": {"data": {"psn_no": "1"}}, "serv_code": "x"
        })
    }

    fn read(value: &Value) -> Result<Request, Vec<Fault>> {
        Request::read(value.to_string().as_bytes())
    }

    #[test]
    fn a_request_is_read_and_unknown_fields_are_kept() {
        let request = read(&asked()).unwrap();
        assert_eq!((request.opter_type.as_str(), request.sign_no.as_str()), ("1", ""));
        assert_eq!(request.rest.get("serv_code"), Some(&json!("x")));
        assert_eq!(Request::read(&request.bytes()).unwrap(), request);
    }

    #[test]
    fn what_is_missing_is_named_all_of_it() {
        let mut asked = asked();
        for field in ["opter_name", "input", "inf_time"] {
            asked[field] = Value::Null;
        }
        let told: Vec<String> = read(&asked).unwrap_err().iter().map(Fault::zh).collect();
        assert_eq!(
            told,
            [
                "opter_name（经办人姓名）未填写：请填写文字，最多50个字符",
                "inf_time（交易时间）未填写：请按 yyyy-MM-dd HH:mm:ss 填写时间",
                "input（交易输入）未填写：请填写一个对象 {…}",
            ]
        );
    }

    #[test]
    fn the_other_spelling_is_named() {
        let mut asked = asked();
        asked["mdtrtarea_admdvs"] = asked["mdtrtarea_admvs"].take();
        asked.as_object_mut().unwrap().remove("mdtrtarea_admvs");
        let told = read(&asked).unwrap_err()[0].zh();
        assert_eq!(
            told,
            "mdtrtarea_admvs（就医地医保区划）未填写：报文中写成了 mdtrtarea_admdvs，字段名应为 mdtrtarea_admvs"
        );
    }

    #[test]
    fn what_is_no_json_says_where() {
        let told = Request::read(b"{\"infno\":").unwrap_err()[0].zh();
        assert_eq!(told, "$（报文）的值“第1行第9列不是 JSON”不对：请填写 JSON 对象");
        assert!(Request::read(b"[]").is_err());
    }

    proptest! {
        #[test]
        fn requests_come_back(opter in "\\PC{1,20}", memo in "\\PC{0,40}", serial in 0u32..10_000) {
            prop_assume!(opter.trim() == opter);
            let mut asked = asked();
            asked["msgid"] = super::super::message_id("H99010100001", jiff::civil::datetime(2023, 1, 2, 3, 4, 5, 0), serial).into();
            asked["opter"] = opter.into();
            asked["input"]["data"]["memo"] = memo.into();
            let request = read(&asked).unwrap();
            prop_assert_eq!(Request::read(&request.bytes()).unwrap(), request);
        }

        #[test]
        fn no_bytes_make_it_stumble(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Request::read(&bytes);
        }
    }
}
