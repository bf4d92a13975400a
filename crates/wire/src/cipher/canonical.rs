//! The text of a message that is signed.

use serde_json::{Map, Value};

use super::Unsealed;

/// The text under the signature: every field of the message but `cainfo`, sorted by name, as `name=value` joined with `&`;
/// text as it is (empty where nothing is given), everything else as JSON without spaces, its names sorted at every depth.
///
/// Two different messages have two different texts, because a text field with `&` in it is refused.
pub fn canonical(message: &Value) -> Result<String, Unsealed> {
    let mut pairs: Vec<(&str, String)> = Vec::new();
    for (name, value) in message.as_object().into_iter().flatten().filter(|(name, _)| *name != "cainfo") {
        let value = match value {
            Value::String(text) if text.contains('&') => return Err(Unsealed::Ampersand(name.clone())),
            Value::String(text) => text.clone(),
            other => sorted(other).to_string(),
        };
        if name.contains(['&', '=']) {
            return Err(Unsealed::Ampersand(name.clone()));
        }
        pairs.push((name, value));
    }
    pairs.sort();
    Ok(pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"))
}

/// The same value with the names of its objects in order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(sorted).collect(),
        Value::Object(fields) => {
            let mut pairs: Vec<(&String, &Value)> = fields.iter().collect();
            pairs.sort_by_key(|(name, _)| *name);
            pairs.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_sorted_at_every_depth_and_the_signature_is_left_out() {
        let message =
            json!({"msgid": "1", "cainfo": "x", "input": {"b": [{"d": 1, "c": "&"}], "a": null}, "dev_no": ""});
        assert_eq!(canonical(&message).unwrap(), r#"dev_no=&input={"a":null,"b":[{"c":"&","d":1}]}&msgid=1"#);
    }

    #[test]
    fn a_field_that_would_look_like_two_is_refused() {
        let message = json!({"opter": "1&opter_name=2"});
        assert_eq!(canonical(&message), Err(Unsealed::Ampersand("opter".to_owned())));
        assert!(canonical(&json!({"a=1&b": "2"})).is_err());
    }
}
