//! Refusals in English. The books write theirs in Chinese, with a stable code; [`REFUSALS`] lays the English of the code over it,
//! with the figures that the Chinese names, and a test holds that it misses no code.

use crate::session::Lang;

/// Code, what is wrong, what to do: a line each, tabs between.
const REFUSALS: &str = include_str!("refusals.tsv");

/// What is wrong and what to do, in a language. A code that nobody put into English is told as it was written.
pub fn refusal(lang: Lang, code: &str, message: &str, cure: &str) -> (String, String) {
    match lang {
        Lang::Zh => None,
        Lang::En => of(code).or_else(|| of_key(code)),
    }
    .map_or_else(|| (message.to_owned(), cure.to_owned()), |(what, cure)| (with_figures(&what, message), cure))
}

fn of(code: &str) -> Option<(String, String)> {
    let line = REFUSALS.lines().find(|line| line.split('\t').next() == Some(code))?;
    let mut cells = line.split('\t').skip(1).map(str::to_owned);
    cells.next().zip(cells.next())
}

/// A refusal under the key of a provision: it is missing, open or over, or it does not allow what was asked.
fn of_key(key: &str) -> Option<(String, String)> {
    let of_terms = policy::registry::part(key).is_some() || key.contains('.');
    of_terms.then(|| {
        let what = format!("the terms of the day do not give `{key}`, or do not allow it");
        (what, format!("see tongchou policy show and policy open; what is missing is written under [[{key}]]"))
    })
}

/// A sentence, and after it what the Chinese one names without Chinese: days, amounts, codes, numbers, paths.
fn with_figures(what: &str, message: &str) -> String {
    let aside = [' ', ',', '.', ':', ';', '(', ')', '\n', '='];
    let mut named: Vec<&str> = Vec::new();
    for run in message.split(|c: char| !c.is_ascii()).map(|run| run.trim_matches(aside)) {
        if run.bytes().any(|byte| byte.is_ascii_alphanumeric()) && !named.contains(&run) {
            named.push(run);
        }
    }
    if named.is_empty() { what.to_owned() } else { format!("{what} ({})", named.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Behind which words a code stands: what makes a refusal, and what does so for several.
    const MADE: [&str; 7] = [
        "Refusal::new(",
        "Trouble::new(",
        " no(",
        "return refused(",
        "refused(cited, ",
        "unset(&terms, ",
        "unset(&rule.terms, ",
    ];

    /// The codes of refusals in the sources below a folder.
    fn codes(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                codes(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for made in MADE {
                let rest = text.split(made).skip(1);
                let literal = rest.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
                found.extend(literal.map(str::to_owned));
            }
        }
    }

    /// The codes of a source in which a match chooses among them.
    fn chosen(named: &str) -> Vec<String> {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(named)).unwrap();
        let code = |arm: &str| Some(arm.split_once("\",\n")?.0.to_owned());
        let codes: Vec<_> = text.split(" => \"").skip(1).filter_map(code).collect();
        assert!(codes.len() > 3, "{named}: {codes:?}");
        codes
    }

    #[test]
    fn every_refusal_of_the_books_is_also_english() {
        let mut found = Vec::new();
        for part in ["books", "service"] {
            codes(&Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../{part}/src")), &mut found);
        }
        assert!(found.len() > 420, "the sources are read: {}", found.len());
        for named in ["settlement/src/refusal.rs", "books/src/providers/agreement.rs"] {
            found.extend(chosen(named));
        }
        let without: Vec<_> = found.iter().filter(|code| of(code).or_else(|| of_key(code)).is_none()).collect();
        assert!(without.is_empty(), "src/refusals.tsv lacks {without:#?}");
    }

    #[test]
    fn the_table_is_english_in_order_and_whole() {
        let lines: Vec<Vec<&str>> = REFUSALS.lines().map(|line| line.split('\t').collect()).collect();
        for line in &lines {
            assert!(line.len() == 3 && line.iter().all(|cell| !cell.is_empty() && cell.is_ascii()), "{line:?}");
        }
        assert!(lines.windows(2).all(|two| two[0][0] < two[1][0]), "by code, each once");
    }

    #[test]
    fn the_figures_of_the_chinese_sentence_are_kept() {
        let told = |message| refusal(Lang::En, "not-covered", message, "恢复参保后的费用才能结算").0;
        assert_eq!(
            told("2022-05-01 起暂停，2022-05-04 没有待遇"),
            "it is not covered on the day (2022-05-01, 2022-05-04)"
        );
        assert_eq!(told("没有待遇"), "it is not covered on the day");
        assert_eq!(refusal(Lang::Zh, "not-covered", "没有待遇", "x"), ("没有待遇".to_owned(), "x".to_owned()));
    }
}
