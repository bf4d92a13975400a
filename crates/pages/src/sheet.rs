//! Amounts, and lists of the books as tables.

use domain::{Basis, Fen, Payer};
use maud::{Markup, html};
use serde_json::Value;

use crate::asked::Asked;
use domain::Lang;

/// Yuan with thousands apart and two decimals: `15,412.00`.
pub fn yuan(fen: Fen) -> String {
    let text = fen.to_string();
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("−", digits));
    let comma = |at: usize| (at > 0 && (digits.len() - at).is_multiple_of(3)).then_some(',');
    let grouped: String =
        digits.chars().enumerate().flat_map(|(at, digit)| comma(at).into_iter().chain([digit])).collect();
    format!("{sign}{grouped}.{cents}")
}

/// A change of an amount, with its sign.
pub fn signed(change: Fen) -> String {
    format!("{}{}", if change > Fen::ZERO { "+" } else { "" }, yuan(change))
}

/// The same with its unit.
pub fn with_unit(lang: Lang, fen: Fen) -> String {
    format!("{}{}", yuan(fen), lang.of(" 元", " yuan"))
}

/// Some columns of a list of the books, by their names. What the books write in Chinese is said in the language of the page.
pub fn table(asked: &Asked, table: &books::Table, wanted: &[&str]) -> Markup {
    let lang = asked.lang();
    let at: Vec<usize> = (0..table.columns.len()).filter(|at| wanted.contains(&table.columns[*at].name)).collect();
    let is_amount = |at: usize| table.rows.iter().any(|row| row.get(at).and_then(amount).is_some());
    html! {
        div.wide tabindex="0" role="region" aria-label=(asked.said(&table.title)) {
            table {
                thead { tr { @for at in &at {
                    th scope="col" class=[is_amount(*at).then_some("n")] { (lang.of(table.columns[*at].zh, table.columns[*at].en)) }
                } } }
                tbody {
                    @for row in &table.rows { tr { @for (at, cell) in at.iter().filter_map(|at| Some((*at, row.get(*at)?))) {
                        @match amount(cell) {
                            Some(fen) => { td.n { (yuan(fen)) } }
                            None => { td class=[(table.columns[at].name == "date").then_some("d")] { (words(asked, cell)) } }
                        }
                    } } }
                }
            }
        }
        @for line in table.foot.lines() { p.hint { (asked.said(line.trim())) } }
    }
}

/// The amount that a cell holds, if it holds one: yuan with two decimals.
pub fn amount(cell: &Value) -> Option<Fen> {
    let text = cell.as_str().filter(|text| text.len() > 3 && text.as_bytes()[text.len() - 3] == b'.')?;
    Fen::parse_yuan(text).ok()
}

/// What a cell says.
pub fn words(asked: &Asked, cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => word(asked, text),
        Value::Array(several) => {
            several.iter().map(|one| words(asked, one)).collect::<Vec<_>>().join(asked.of("；", "; "))
        }
        other => other.to_string(),
    }
}

/// A text of the books. Codes of what people must read are told in words.
pub fn word(asked: &Asked, text: &str) -> String {
    let lang = asked.lang();
    let basis = Basis::parse(text).map(|basis| lang.of(basis.name(), basis.code()));
    let payer = || Payer::parse(text).map(|payer| lang.of(payer.name(), payer.english()));
    basis.or_else(payer).map_or_else(|| asked.said(text), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_whole() {
        assert_eq!(yuan(Fen(123_456_789)), "1,234,567.89");
        assert_eq!(yuan(Fen(-50)), "−0.50");
        assert_eq!([123_450, 0, -123_450].map(|fen| signed(Fen(fen))), ["+1,234.50", "0.00", "−1,234.50"]);
    }
}
