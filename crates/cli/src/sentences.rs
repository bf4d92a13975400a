//! Chinese sentences in English: footers of lists, reasons, findings about files, wrong arguments. [`SENTENCES`] has a line a
//! sentence, as the source writes it with its holes, and its English; a test reads the sources and fails on one that is not in
//! it. Absent: refusals, which have codes ([`crate::english`]), and proper names (regions, diseases), which stay as they are.

use domain::{Basis, Care, Category, Filing, Group, Layer, Level, Mark, Payer, Scheme};

use crate::session::Lang;

/// The Chinese with `{}` for what is filled in, a tab, the English: `{}` in the same order, or `{2}` for the second.
const SENTENCES: &str = include_str!("sentences.tsv");

/// What a comma or the like of a Chinese sentence is in English.
const STOPS: &[(char, &str)] =
    &[('，', ", "), ('；', "; "), ('、', ", "), ('。', ". "), ('：', ": "), ('（', " ("), ('）', ")")];

/// A sentence in a language.
pub fn said(lang: Lang, text: &str) -> String {
    if lang == Lang::Zh { text.to_owned() } else { english(text) }
}

/// A text in English, as far as its sentences are known; what is not known stays Chinese.
fn english(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    if let Some(known) = word(text).or_else(|| sentence(text)) {
        return known;
    }
    // Steps are set in.
    if let Some(step) = text.strip_prefix("    ") {
        return format!("    {}", english(step));
    }
    // Clauses or a code stand in brackets after what they are about.
    if let Some((what, named)) = text.rsplit_once(" [").filter(|(_, named)| is_named(named)) {
        return format!("{} [{}", english(what), named.replace('、', ", "));
    }
    // What to do stands in a line of its own.
    if let Some((what, cure)) = text.split_once("\n  = ") {
        return format!("{}\n  = {}", english(what), english(cure));
    }
    // A finding begins with the name of what was checked.
    if let Some((name, says)) = text.split_once('：').filter(|(name, _)| name.is_ascii() && !name.contains(' ')) {
        return format!("{name}: {}", english(says));
    }
    pieces(text)
}

/// The sentence of the table that fits best: the one that leaves the least to be filled in.
fn sentence(text: &str) -> Option<String> {
    let pairs = SENTENCES.lines().filter_map(|line| line.split_once('\t'));
    let fits = pairs.filter_map(|(chinese, english)| Some((literal(chinese), english, filled(text, chinese)?)));
    let (_, says, holes) = fits.max_by_key(|(length, ..)| *length)?;
    let holes: Vec<String> = holes.into_iter().map(english).collect();
    Some(with_holes(says, &holes))
}

/// Whether this is a list of clauses or codes, up to its bracket.
fn is_named(text: &str) -> bool {
    text.ends_with(']') && text.chars().all(|letter| letter.is_ascii() || letter == '、')
}

fn literal(chinese: &str) -> usize {
    chinese.len() - 2 * chinese.matches("{}").count()
}

/// What stands in the holes, if the text is the sentence.
fn filled<'t>(text: &'t str, chinese: &str) -> Option<Vec<&'t str>> {
    let chinese = chinese.replace("\\n", "\n");
    let mut parts = chinese.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut holes = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let at = match parts.peek() {
            Some(_) => rest.find(part)?,
            None => rest.strip_suffix(part)?.len(),
        };
        holes.push(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    rest.is_empty().then_some(holes)
}

fn with_holes(says: &str, holes: &[String]) -> String {
    let mut out = String::new();
    let mut rest = says;
    let mut next = holes.iter();
    while let Some((before, after)) = rest.split_once('{') {
        let hole = after.split_once('}').and_then(|(name, after)| {
            let hole =
                if name.is_empty() { next.next() } else { holes.get(name.parse::<usize>().ok()?.checked_sub(1)?) };
            Some((hole?, after))
        });
        out.push_str(before);
        rest = match hole {
            Some((hole, after)) => {
                out.push_str(hole);
                after
            }
            None => {
                out.push('{');
                after
            }
        };
    }
    (out + rest).replace("\\n", "\n")
}

/// A text that is several sentences: each by itself, with its comma or the like.
fn pieces(text: &str) -> String {
    let mut out = String::new();
    let mut from = 0;
    let stop = |letter: char| STOPS.iter().find(|(chinese, _)| *chinese == letter);
    let ends = text.char_indices().filter(|(at, letter)| *at > 0 && stop(*letter).is_some()).map(|(at, _)| at);
    for end in ends.chain([text.len()]) {
        let piece = &text[from..end];
        from = end;
        let head = piece.chars().next().and_then(stop);
        let known = head.and_then(|_| sentence(piece));
        let said = known.unwrap_or_else(|| match head {
            Some((chinese, english)) => {
                let rest = &piece[chinese.len_utf8()..];
                format!("{english}{}", word(rest).or_else(|| sentence(rest)).unwrap_or_else(|| rest.to_owned()))
            }
            None => word(piece).or_else(|| sentence(piece)).unwrap_or_else(|| piece.to_owned()),
        });
        out.push_str(&said);
    }
    out
}

/// A word of the closed vocabularies, or the name of a kind of provision.
fn word(text: &str) -> Option<String> {
    macro_rules! first_of {
        ($($vocabulary:ident $english:ident),*) => {
            $(if let Some(known) = $vocabulary::ALL.iter().find(|known| known.name() == text) {
                return Some(known.$english().to_owned());
            })*
        };
    }
    first_of!(
        Care english, Scheme english, Category english, Filing english, Group english, Level english, Mark english,
        Payer code, Layer code, Basis code
    );
    if let Some(part) = policy::registry::PARTS.iter().find(|part| part.name == text) {
        return part.pattern.rsplit('.').find(|word| *word != "*").map(|word| word.replace('-', " "));
    }
    // A code and its name, as in lists of what may be written.
    let (code, name) = text.split_once(' ').filter(|(code, _)| code.is_ascii())?;
    let whole = || SENTENCES.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t').map(str::to_owned));
    word(name).or_else(whole).map(|name| format!("{code} {name}"))
}

#[cfg(test)]
mod tests;
