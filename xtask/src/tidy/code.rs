//! Rust source with comments and texts blanked out, so that a word in prose is not taken for a word of the program.
//!
//! It knows just as much of the language as that needs: line and nested block comments, plain and raw texts, letters
//! (`'"'`) beside lifetimes (`'a`). Lines stay lines.

/// The same text, with each letter of a comment, a text or a letter literal replaced by a space.
pub fn only(source: &str) -> String {
    let letters: Vec<char> = source.chars().collect();
    let mut code = String::with_capacity(source.len());
    let mut at = 0;
    while at < letters.len() {
        let end = prose_end(&letters, at);
        if end == at {
            code.push(letters[at]);
            at += 1;
        }
        while at < end {
            code.push(if letters[at] == '\n' { '\n' } else { ' ' });
            at += 1;
        }
    }
    code
}

/// Where the comment or text that begins here ends; `at` itself when none begins here.
fn prose_end(letters: &[char], at: usize) -> usize {
    let next = letters.get(at + 1).copied();
    match letters[at] {
        '/' if next == Some('/') => find(letters, at, |rest| rest[0] == '\n'),
        '/' if next == Some('*') => block_comment_end(letters, at),
        '"' => text_end(letters, at + 1),
        'r' if !follows_a_word(letters, at) => raw_text_end(letters, at).unwrap_or(at),
        '\'' => letter_end(letters, at),
        _ => at,
    }
}

fn find(letters: &[char], from: usize, hit: impl Fn(&[char]) -> bool) -> usize {
    (from..letters.len()).find(|&at| hit(&letters[at..])).unwrap_or(letters.len())
}

fn block_comment_end(letters: &[char], from: usize) -> usize {
    let mut depth = 0;
    let mut at = from;
    while at < letters.len() {
        match letters[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    letters.len()
}

fn text_end(letters: &[char], mut at: usize) -> usize {
    while at < letters.len() {
        match letters[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    letters.len()
}

/// `r"…"`, `r#"…"#`; None where the r only begins a name (`r#type` included).
fn raw_text_end(letters: &[char], at: usize) -> Option<usize> {
    let hashes = letters[at + 1..].iter().take_while(|letter| **letter == '#').count();
    let open = at + 1 + hashes;
    if letters.get(open) != Some(&'"') {
        return None;
    }
    let closes =
        |rest: &[char]| rest[0] == '"' && rest.len() > hashes && rest[1..=hashes].iter().all(|letter| *letter == '#');
    Some((find(letters, open + 1, closes) + 1 + hashes).min(letters.len()))
}

/// A raw text after `b` or `c` (`br"…"`) begins at its r as well; any other word before the r makes it part of a name.
fn follows_a_word(letters: &[char], at: usize) -> bool {
    let is_word = |letter: &char| letter.is_alphanumeric() || *letter == '_';
    match letters[..at] {
        [.., before, 'b' | 'c'] => is_word(&before),
        ['b' | 'c'] => false,
        [.., before] => is_word(&before),
        [] => false,
    }
}

/// `'x'` and `'\n'` are letters; `'a` of a lifetime is not.
fn letter_end(letters: &[char], at: usize) -> usize {
    match letters[at..] {
        ['\'', '\\', _, ..] => find(letters, at + 3, |rest| rest[0] == '\'').saturating_add(1).min(letters.len()),
        ['\'', _, '\'', ..] => at + 3,
        _ => at,
    }
}

#[cfg(test)]
mod tests {
    use super::only;

    fn check(source: &str, code: &str) {
        assert_eq!(only(source), code, "{source}");
    }

    #[test]
    fn prose_goes_and_code_stays() {
        check("let a = 1; // f64\nlet b", "let a = 1;       \nlet b");
        check("a /* x /* y */ z */ b", "a                   b");
        check(r#"say("std::fs \" x") + y"#, "say(              ) + y");
        check("r\"a\\\" b", "      b");
        check("br#\"a \" b\"# c", "b           c");
        check("r#type, for\"x\"", "r#type, for   ");
        check("'\"' 'a '\\'' b", "    'a      b");
        check("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}");
        check("\"汉字\" x", "     x");
    }

    #[test]
    fn an_open_end_is_the_end_of_the_file() {
        for source in ["\"abc", "/* abc", "r#\"abc", "'\\", "// abc", "r", "'"] {
            assert_eq!(only(source).chars().count(), source.chars().count(), "{source}");
        }
    }
}
