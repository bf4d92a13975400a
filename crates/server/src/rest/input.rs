//! What a request says, read into the fields of a command or question.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use books::{FieldForm, InputKind};
use serde_json::{Map, Value};

use crate::problem::Problem;

/// Reads a JSON object from a body of at most `limit` bytes, which must be there in time. No body is an empty object.
///
/// # Errors
/// When it is too long, too slow, not JSON or not an object.
pub(crate) async fn object(request: Request, limit: usize, arrival: Duration) -> Result<Map<String, Value>, Problem> {
    let json = is_json(request.headers());
    let bytes = body(request.into_body(), limit, arrival).await?;
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    if !json {
        let cure = "请求体写成 JSON，并写明 Content-Type: application/json";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", "请求体不是 JSON (media type)", cure));
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(malformed("应为一个 JSON 对象 (an object)")),
        Err(error) => {
            let place = format!("第 {} 行第 {} 列 (line, column)", error.line(), error.column());
            Err(malformed(&format!("不是 JSON：{place}")))
        }
    }
}

fn malformed(what: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed", format!("请求体{what}"), "改正后重发；/openapi.json 说明各项")
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json") || kind.is_empty()
}

/// A whole body.
///
/// # Errors
/// When it is longer than `limit` bytes, or does not arrive in time.
async fn body(body: Body, limit: usize, arrival: Duration) -> Result<Bytes, Problem> {
    let Ok(read) = tokio::time::timeout(arrival, axum::body::to_bytes(body, limit)).await else {
        let message = "请求体没有及时送到 (the body is slow)";
        return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "slow-body", message, "检查网络后重发"));
    };
    read.map_err(|error| {
        let inner = std::error::Error::source(&error);
        if inner.is_some_and(|inner| inner.to_string().contains("length limit")) {
            let message = format!("请求体超过 {limit} 字节 (too large)");
            return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message, "分成几次送");
        }
        Problem::new(StatusCode::BAD_REQUEST, "cut-body", "请求体没有送完 (cut off)", "重发")
    })
}

/// The names and values of an address.
pub type Pairs = Vec<(String, String)>;

/// Reads what a form of a page says, from a body of at most `limit` bytes, which must be there in time.
///
/// # Errors
/// When it is too long, too slow, or no form.
pub(crate) async fn form(request: Request, limit: usize, arrival: Duration) -> Result<Pairs, Problem> {
    let bytes = body(request.into_body(), limit, arrival).await?;
    let pairs: Pairs = form_urlencoded::parse(&bytes).into_owned().collect();
    if is_whole(&pairs) { Ok(pairs) } else { Err(malformed("不是 UTF-8 (no UTF-8)")) }
}

/// Whether all of it was UTF-8: what is not is read as this letter.
fn is_whole(pairs: &Pairs) -> bool {
    let whole = |text: &str| !text.contains('\u{fffd}');
    pairs.iter().all(|(name, value)| whole(name) && whole(value))
}

/// Reads the names and values of an address.
///
/// # Errors
/// When they are not UTF-8.
pub(crate) fn pairs(query: Option<&str>) -> Result<Pairs, Problem> {
    let uri = format!("/?{}", query.unwrap_or_default());
    let unreadable = || {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "malformed",
            "地址里的参数读不懂 (query)",
            "按 UTF-8 编码，名=值，用 & 分开",
        )
    };
    let uri = uri.parse().map_err(|_| unreadable())?;
    let pairs: Pairs = axum::extract::Query::try_from_uri(&uri).map(|query| query.0).map_err(|_| unreadable())?;
    if is_whole(&pairs) { Ok(pairs) } else { Err(unreadable()) }
}

/// The fields of a question from an address: a name may come several times where there may be several values.
///
/// # Errors
/// When a name comes twice, or a value is not what it must be.
pub(super) fn fields(forms: &[FieldForm], pairs: Pairs) -> Result<Map<String, Value>, Problem> {
    let mut fields = Map::new();
    for (name, text) in pairs {
        let form = forms.iter().find(|form| form.name == name);
        // A name that is not known is refused where all fields are read.
        let value = form.map_or(Ok(Value::Null), |form| value(form, text))?;
        match form {
            Some(form) if form.many => match fields.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
                Value::Array(list) => list.push(value),
                _ => return Err(bad(form, "")),
            },
            Some(form) if fields.contains_key(&name) => return Err(bad(form, "写了两次 (twice)")),
            Some(_) => _ = fields.insert(name, value),
            None => _ = fields.insert(name, Value::String(String::new())),
        }
    }
    Ok(fields)
}

fn value(form: &FieldForm, text: String) -> Result<Value, Problem> {
    match form.kind {
        InputKind::Integer => text.parse::<i64>().map(Value::from).map_err(|_| bad(form, "应为整数 (a whole number)")),
        InputKind::Flag => match text.as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(bad(form, "应为 true 或 false")),
        },
        _ => Ok(Value::String(text)),
    }
}

fn bad(form: &FieldForm, what: &str) -> Problem {
    let message = format!("{}（{}）：{what}", form.name, form.zh);
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad-field", message, "按 /openapi.json 的说明改正")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FORMS: &[FieldForm] = &[
        FieldForm { name: "year", zh: "年", en: "", kind: InputKind::Integer, required: true, many: false },
        FieldForm { name: "mark", zh: "记", en: "", kind: InputKind::Text, required: false, many: true },
        FieldForm { name: "on", zh: "开", en: "", kind: InputKind::Flag, required: false, many: false },
    ];

    #[test]
    fn an_address_becomes_typed_fields() {
        let read = |query| fields(FORMS, pairs(Some(query)).unwrap()).map(Value::Object);
        let expected = json!({ "year": 2022, "mark": ["a", "中"], "on": true });
        assert_eq!(read("year=2022&mark=a&mark=%E4%B8%AD&on=true"), Ok(expected));
        for wrong in ["year=x", "year=1&year=2", "on=yes"] {
            assert_eq!(read(wrong).unwrap_err().refusal.code, "bad-field", "{wrong}");
        }
        assert!(pairs(Some("a=%ff")).is_err());
    }
}
