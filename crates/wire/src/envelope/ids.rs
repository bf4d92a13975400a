//! Ids of messages: who, when, which.

use std::fmt;

use jiff::civil::DateTime;

use crate::moment;

/// A message id (`msgid`) taken apart: institution 12, time 14, and what is left, the serial (4 by the text, longer in use).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageId {
    /// The institution that sent it.
    pub fixmedins_code: String,
    /// When it was made, in China's time.
    pub moment: DateTime,
    /// The number within the second.
    pub serial: String,
}

impl MessageId {
    /// Reads one; none where it is not put together so.
    pub fn read(text: &str) -> Option<MessageId> {
        let (code, rest) = text.split_at_checked(12)?;
        let (time, serial) = rest.split_at_checked(14)?;
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) || serial.len() < 4 || text.len() > 64 {
            return None;
        }
        Some(MessageId {
            fixmedins_code: code.to_owned(),
            moment: moment::read_digits(time)?,
            serial: serial.to_owned(),
        })
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.fixmedins_code, moment::seconds(self.moment), self.serial)
    }
}

/// A sender's message id: institution code (12), time (14), serial (4; it starts again after 9999).
pub fn message_id(fixmedins_code: &str, at: DateTime, serial: u32) -> String {
    format!("{fixmedins_code}{}{:04}", moment::seconds(at), serial % 10_000)
}

/// The receiver's id of its answer (`inf_refmsgid`): region (6), time (14), serial (10; it starts again after 9999999999).
pub fn reference_id(admdvs: &str, at: DateTime, serial: u64) -> String {
    format!("{admdvs}{}{:010}", moment::seconds(at), serial % 10_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;
    use proptest::prelude::*;

    #[test]
    fn ids_have_thirty_places() {
        let at = datetime(2023, 1, 2, 3, 4, 5, 0);
        assert_eq!(message_id("H99010100001", at, 7), "H99010100001202301020304050007");
        assert_eq!(reference_id("990100", at, 7), "990100202301020304050000000007");
        assert_eq!(message_id("H99010100001", at, 10_001).len(), 30);
        assert_eq!(reference_id("990100", at, u64::MAX).len(), 30);
    }

    #[test]
    fn a_longer_serial_is_read_and_other_shapes_are_not() {
        let long = MessageId::read("H9901010000120230102030405000000007").unwrap();
        assert_eq!((long.fixmedins_code.as_str(), long.serial.as_str()), ("H99010100001", "000000007"));
        for text in [
            "",
            "H99010100001",
            "H99010100001202313020304050007",
            "H9901010000120230102030405007",
            "医院0000001202301020304050007",
        ] {
            assert_eq!(MessageId::read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn ids_come_back(code in "[HP][0-9]{11}", seconds in 0i64..4_000_000_000, serial in 0u32..10_000) {
            let at = crate::moment::local(jiff::Timestamp::from_second(seconds).unwrap());
            let text = message_id(&code, at, serial);
            let id = MessageId::read(&text).unwrap();
            prop_assert_eq!(&id.to_string(), &text);
            prop_assert_eq!((id.fixmedins_code, id.moment), (code, at));
        }

        #[test]
        fn no_text_makes_it_stumble(text in "\\PC{0,40}") {
            let _ = MessageId::read(&text);
        }
    }
}
