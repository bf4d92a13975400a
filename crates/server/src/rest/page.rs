//! A list in parts, and whether the client has it already.
//!
//! The cursor is the number of the next row. A list is made anew for each part: rows that come or go between two parts move the
//! rest, as with any list that is not frozen.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use books::{Refusal, Table};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::Pairs;
use crate::problem::Problem;

/// Rows of a part, unless asked otherwise.
pub(crate) const DEFAULT: usize = 100;
/// Rows of a part at most.
pub(crate) const MOST: usize = 1_000;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    limit: usize,
    from: usize,
}

impl Part {
    /// Takes `limit` and `cursor` out of the names and values of an address.
    ///
    /// # Errors
    /// When they are no numbers in range.
    pub fn take(pairs: &mut Pairs) -> Result<Part, Problem> {
        let mut part = Part { limit: DEFAULT, from: 0 };
        let mut taken = |name: &str, range: std::ops::RangeInclusive<usize>| -> Result<Option<usize>, Problem> {
            let Some(at) = pairs.iter().position(|(known, _)| known == name) else { return Ok(None) };
            let (_, text) = pairs.remove(at);
            let number = text.parse().ok().filter(|number| range.contains(number));
            let cure = format!("写 {} 到 {} 之间的整数，或去掉", range.start(), range.end());
            let bad = || Refusal::new("bad-field", format!("{name} 不是可用的数"), cure).into();
            number.map(Some).ok_or_else(bad)
        };
        if let Some(limit) = taken("limit", 1..=MOST)? {
            part.limit = limit;
        }
        if let Some(from) = taken("cursor", 0..=1_000_000_000)? {
            part.from = from;
        }
        Ok(part)
    }

    /// This part of a list.
    pub fn of(self, table: Table) -> Value {
        let Table { title, columns, rows, foot } = table;
        let total = rows.len();
        let row = |row: Vec<Value>| -> Map<String, Value> {
            columns.iter().map(|column| column.name.to_owned()).zip(row).collect()
        };
        let rows: Vec<_> = rows.into_iter().skip(self.from).take(self.limit).map(row).collect();
        let end = self.from.saturating_add(rows.len());
        let columns: Vec<Value> =
            columns.iter().map(|column| json!({ "name": column.name, "zh": column.zh, "en": column.en })).collect();
        let mut page = json!({ "title": title, "columns": columns, "rows": rows, "foot": foot, "total": total });
        if end < total {
            page["next"] = json!(end.to_string());
        }
        page
    }
}

/// Answers with a value, or with nothing where the client has it already.
pub(super) fn answer(value: &Value, headers: &HeaderMap) -> Response {
    let text = value.to_string();
    let hash: String = Sha256::digest(text.as_bytes())[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{hash}\"");
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let has = known.flat_map(|list| list.split(',')).map(str::trim).any(|one| one == tag || one == "*");
    let mut response = if has { StatusCode::NOT_MODIFIED.into_response() } else { text.into_response() };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    if !has {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use books::{Column, col};

    const COLUMNS: &[Column] = &[col("n", "数", "number")];

    fn part(query: &[(&str, &str)]) -> Result<Part, Problem> {
        Part::take(&mut query.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn a_list_is_read_in_parts_to_its_end() {
        let table = || Table { columns: COLUMNS, rows: (0..5).map(|n| vec![json!(n)]).collect(), ..Table::default() };
        let mut cursor = "0".to_owned();
        let mut seen = Vec::new();
        loop {
            let page = part(&[("limit", "2"), ("cursor", &cursor)]).unwrap().of(table());
            assert_eq!(page["total"], 5);
            seen.extend(page["rows"].as_array().unwrap().iter().map(|row| row["n"].as_i64().unwrap()));
            match page.get("next") {
                Some(next) => cursor = next.as_str().unwrap().to_owned(),
                None => break,
            }
        }
        assert_eq!(seen, [0, 1, 2, 3, 4]);
        for wrong in [("limit", "0"), ("limit", "1001"), ("cursor", "-1"), ("cursor", "x")] {
            assert!(part(&[wrong]).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_the_client_has_is_not_sent_again() {
        let value = json!({ "a": 1 });
        let first = answer(&value, &HeaderMap::new());
        let tag = first.headers()[ETAG].clone();
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, tag);
        assert_eq!(answer(&value, &headers).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(answer(&json!({ "a": 2 }), &headers).status(), StatusCode::OK);
    }
}
