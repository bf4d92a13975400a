//! SVG, written in whole tenths of a pixel: no floats, so that the same figures give the same drawing everywhere.

use std::fmt::Write as _;

use super::paint;

/// A pixel.
pub const PX: i64 = 10;

/// Where a text's point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing in the making.
#[derive(Default)]
pub struct Canvas {
    body: String,
}

impl Canvas {
    /// A rectangle; what is under the pointer is told.
    pub fn rect(&mut self, class: &str, (x, y): (i64, i64), (width, height): (i64, i64), tip: &str) {
        let place = format!("x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", px(x), px(y), px(width), px(height));
        if tip.is_empty() {
            _ = writeln!(self.body, "<rect class=\"{class}\" {place}/>");
        } else {
            _ = writeln!(self.body, "<rect class=\"{class}\" {place}><title>{}</title></rect>", escaped(tip));
        }
    }

    /// A straight line.
    pub fn line(&mut self, class: &str, from: (i64, i64), to: (i64, i64)) {
        let (a, b) = ((px(from.0), px(from.1)), (px(to.0), px(to.1)));
        _ = writeln!(
            self.body,
            "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            a.0, a.1, b.0, b.1
        );
    }

    /// A line through points.
    pub fn curve(&mut self, class: &str, points: &[(i64, i64)], tip: &str) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", px(*x), px(*y))).collect();
        let points = points.join(" ");
        _ = writeln!(
            self.body,
            "<polyline class=\"curve {class}\" points=\"{points}\"><title>{}</title></polyline>",
            escaped(tip)
        );
    }

    /// A text whose base line is at y.
    pub fn text(&mut self, class: &str, (x, y): (i64, i64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let (x, y) = (px(x), px(y));
        _ = writeln!(self.body, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\"{anchor}>{}</text>", escaped(text));
    }

    /// What another canvas has, on top.
    pub fn append(&mut self, other: Canvas) {
        self.body.push_str(&other.body);
    }

    /// The drawing, for a page that has the colours.
    pub fn inline(&self, (width, height): (i64, i64), title: &str, tells: &str) -> String {
        self.drawing((width, height), title, tells, "")
    }

    /// The drawing as a file of its own.
    pub fn alone(&self, (width, height): (i64, i64), title: &str, tells: &str) -> String {
        let ground = format!("<rect class=\"ground\" width=\"{}\" height=\"{}\"/>\n", px(width), px(height));
        let style = format!("<style>\n{}{}</style>\n{ground}", paint::shapes(""), paint::colours("", false));
        self.drawing((width, height), title, tells, &style)
    }

    fn drawing(&self, (width, height): (i64, i64), title: &str, tells: &str, first: &str) -> String {
        let (width, height) = (px(width), px(height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\">\n<title>{}</title>\n<desc>{}</desc>\n{first}{}</svg>\n",
            escaped(title),
            escaped(tells),
            self.body
        )
    }
}

/// Tenths as pixels.
fn px(tenths: i64) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    let size = tenths.unsigned_abs();
    if size.is_multiple_of(10) { format!("{sign}{}", size / 10) } else { format!("{sign}{}.{}", size / 10, size % 10) }
}

/// Text as XML has it; what XML cannot have at all is left out.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            _ if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {}
            _ => out.push(letter),
        }
    }
    out
}

/// Widths of the printable ASCII characters from the space on, thousandths of the size of the text, in the font of pictures; that of a
/// reader differs little.
const WIDTHS: [i64; 95] = [
    224, 323, 474, 555, 555, 921, 680, 278, 338, 338, 467, 555, 278, 347, 278, 392, 555, 555, 555, 555, 555, 555, 555,
    555, 555, 555, 278, 278, 555, 555, 555, 474, 946, 608, 657, 638, 688, 589, 552, 689, 728, 293, 535, 646, 543, 812,
    723, 742, 633, 742, 635, 596, 599, 721, 575, 878, 573, 531, 603, 338, 392, 338, 555, 559, 606, 563, 618, 510, 620,
    554, 325, 564, 607, 275, 275, 552, 284, 926, 610, 606, 620, 620, 388, 468, 377, 607, 521, 802, 498, 521, 475, 338,
    270, 338, 555,
];

fn advance(letter: char) -> i64 {
    let ascii = (letter as usize).checked_sub(32).and_then(|at| WIDTHS.get(at));
    ascii.copied().unwrap_or(if matches!(letter, '–' | '−') { 555 } else { 1000 })
}

/// How wide a text of a class is, tenths of a pixel.
pub fn width(class: &str, text: &str) -> i64 {
    text.chars().map(advance).sum::<i64>() * paint::size(class) * PX / 1000
}

/// A text in lines no wider than so much, broken behind spaces and between Chinese characters, and within a word that is wider; what
/// is left after the most lines is cut, and said so.
pub fn lines(class: &str, text: &str, most: i64, count: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in words(text) {
        let Some(line) = lines.last_mut() else { break };
        let longer = format!("{line}{word}");
        if width(class, longer.trim_end()) <= most {
            *line = longer;
        } else if width(class, word.trim_end()) <= most && !line.is_empty() {
            lines.push(word);
        } else {
            // a word that no line has room for
            for letter in word.chars() {
                if let Some(line) = lines.last_mut().filter(|line| width(class, &format!("{line}{letter}")) <= most) {
                    line.push(letter);
                } else {
                    lines.push(letter.to_string());
                }
            }
        }
    }
    if lines.len() > count {
        lines.truncate(count);
        if let Some(last) = lines.last_mut() {
            while !last.is_empty() && width(class, &format!("{last}…")) > most {
                last.pop();
            }
            last.push('…');
        }
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Pieces that stay together: a word with the spaces behind it, a Chinese character with the punctuation behind it.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for letter in text.chars() {
        let glued = "，。、；：）》％！？,.;:)%".contains(letter) || "（《(".contains(before);
        let together = letter.is_ascii() && before.is_ascii() && (before != ' ' || letter == ' ');
        match words.last_mut() {
            Some(word) if glued || together || letter == ' ' => word.push(letter),
            _ => words.push(letter.to_string()),
        }
        before = letter;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_where_it_may_be() {
        let room = width("label", "outpatient drugs for");
        let long = "outpatient drugs for hypertension and diabetes";
        assert_eq!(lines("label", long, room, 9), ["outpatient drugs for", "hypertension and", "diabetes"]);
        assert_eq!(lines("label", long, room, 2), ["outpatient drugs for", "hypertension and…"]);
        assert_eq!(
            lines("label", "领取（生活）补助费", width("label", "领取（"), 9),
            ["领取", "（生", "活）补", "助费"]
        );
        assert_eq!(lines("label", "aaaaaaaa", width("label", "aaa"), 9), ["aaa", "aaa", "aa"]);
        assert_eq!(lines("label", "", 100, 2), [""]);
    }

    #[test]
    fn what_xml_takes_otherwise_is_escaped() {
        assert_eq!(escaped("a<b>&\"c\"\u{1}\n"), "a&lt;b&gt;&amp;&quot;c&quot; ");
        assert_eq!((px(-5).as_str(), px(120).as_str(), px(1234).as_str()), ("-0.5", "12", "123.4"));
    }
}
