//! The chart of a forecast: the months that the balance pays for, year by year, a line for each scenario and around it the band
//! that eight of ten paths stay in. As SVG, in whole tenths of a pixel, so that the same forecast gives the same drawing.

use std::fmt::Write as _;

use domain::Lang;

use super::{Forecast, Track};

/// What is written on the chart.
#[derive(Clone, Debug)]
pub struct Words {
    /// Title.
    pub title: String,
    /// What is drawn, below the title.
    pub note: String,
    /// At the line of warning.
    pub warning: String,
    /// Whence it comes, at the foot.
    pub source: String,
    /// In what language the scenarios are named.
    pub lang: Lang,
}

const WIDE: i64 = 9_600;
const HIGH: i64 = 5_400;
const LEFT: i64 = 760;
const RIGHT: i64 = 1_360;
const TOP: i64 = 1_020;
const BOTTOM: i64 = 860;
/// After Okabe and Ito, whose colours colour-blind eyes tell apart.
const COLOURS: [&str; 6] = ["#009e73", "#0072b2", "#d55e00", "#cc79a7", "#56b4e9", "#e69f00"];
const INK: &str = "#1d2126";
const FONTS: &str =
    "'Noto Sans SC','Noto Sans CJK SC','PingFang SC','Microsoft YaHei','WenQuanYi Micro Hei',sans-serif";

/// The months that a variant's balance pays for, by scenario.
pub fn payable_months(forecast: &Forecast, variant: &str, words: &Words) -> String {
    let tracks: Vec<&Track> = forecast.tracks.iter().filter(|track| track.variant == variant).collect();
    let line = forecast.warning.months * 100;
    let frame = Frame::new(forecast, &tracks, line);
    let mut body = String::new();
    text(&mut body, (LEFT, 420), 21, "start", "font-weight=\"600\"", &words.title);
    text(&mut body, (LEFT, 700), 15, "start", "opacity=\"0.8\"", &words.note);
    frame.draw_axes(&mut body);
    let at = frame.y(line);
    rule(&mut body, (LEFT, at), (WIDE - RIGHT, at), "stroke=\"#b3261e\" stroke-width=\"1.5\" stroke-dasharray=\"6 4\"");
    text(&mut body, (LEFT + 60, at - 60), 14, "start", "", &words.warning);
    let mut ends = Vec::new();
    for (number, track) in tracks.iter().enumerate() {
        let colour = COLOURS[number % COLOURS.len()];
        frame.draw_track(&mut body, track, colour);
        let last = track.years.last().and_then(|year| year.payable_months).unwrap_or(0);
        let name = words.lang.of(&track.scenario_name, &track.scenario_english);
        ends.push((frame.y(last) + 50, colour, name));
    }
    draw_names(&mut body, ends);
    text(&mut body, (LEFT, HIGH - 200), 13, "start", "opacity=\"0.8\"", &words.source);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" \
         font-family=\"{FONTS}\" fill=\"{INK}\">\n<title>{2}</title>\n<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n{body}</svg>\n",
        px(WIDE),
        px(HIGH),
        escaped(&words.title)
    )
}

/// Where years and months are.
struct Frame {
    first: i64,
    last: i64,
    low: i64,
    high: i64,
    /// Between two lines of the grid, hundredths of a month.
    step: i64,
}

impl Frame {
    fn new(forecast: &Forecast, tracks: &[&Track], line: i64) -> Frame {
        let years = tracks.iter().flat_map(|track| &track.years);
        let of = years.flat_map(|year| {
            let range = year.range.payable_months;
            let band = if year.range.below[1] > 0 { [Some(range.p10), Some(range.p90)] } else { [None, None] };
            [year.payable_months, band[0], band[1]]
        });
        let seen: Vec<i64> = of.flatten().chain([line, 0]).filter(|months| *months < i64::MAX).collect();
        let (low, high) = (seen.iter().min().copied().unwrap_or(0), seen.iter().max().copied().unwrap_or(0));
        let step = step((high - low).max(100));
        Frame {
            first: i64::from(forecast.from_year),
            last: i64::from(forecast.from_year + forecast.years),
            low: low.div_euclid(step) * step,
            high: (high + step - 1).div_euclid(step) * step,
            step,
        }
    }

    fn x(&self, year: i64) -> i64 {
        LEFT + (WIDE - LEFT - RIGHT) * (year - self.first) / (self.last - self.first).max(1)
    }

    fn y(&self, months: i64) -> i64 {
        let months = months.clamp(self.low, self.high);
        HIGH - BOTTOM - (HIGH - TOP - BOTTOM) * (months - self.low) / (self.high - self.low).max(1)
    }

    fn draw_axes(&self, body: &mut String) {
        let mut months = self.low;
        while months <= self.high {
            let stroke = if months == 0 { "stroke=\"#4a5059\"" } else { "stroke=\"#dfe2e7\"" };
            rule(body, (LEFT, self.y(months)), (WIDE - RIGHT, self.y(months)), stroke);
            text(body, (LEFT - 80, self.y(months) + 50), 14, "end", "", &plain(months));
            months += self.step;
        }
        let every = (self.last - self.first).div_euclid(12) + 1;
        for year in (self.first..=self.last).filter(|year| (year - self.first) % every == 0) {
            text(body, (self.x(year), HIGH - BOTTOM + 260), 14, "middle", "", &year.to_string());
        }
    }

    /// The band that eight of ten paths stay in, and the line as assumed.
    fn draw_track(&self, body: &mut String, track: &Track, colour: &str) {
        let points = |of: &dyn Fn(&super::Outlook) -> Option<i64>| -> Vec<(i64, i64)> {
            let at = |year: &super::Outlook| Some((self.x(i64::from(year.year)), self.y(of(year)?)));
            track.years.iter().filter_map(at).collect()
        };
        let some = |year: &super::Outlook, months: i64| Some(months).filter(|_| year.range.below[1] > 0);
        let mut band = points(&|year| some(year, year.range.payable_months.p90));
        band.extend(points(&|year| some(year, year.range.payable_months.p10)).into_iter().rev());
        if !band.is_empty() {
            _ = writeln!(body, "<polygon points=\"{}\" fill=\"{colour}\" opacity=\"0.16\"/>", joined(&band));
        }
        let line = points(&|year| year.payable_months);
        _ = writeln!(
            body,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"3\" stroke-linejoin=\"round\"/>",
            joined(&line)
        );
    }
}

/// Names of the lines at their ends, none over another.
fn draw_names(body: &mut String, mut ends: Vec<(i64, &str, &str)>) {
    ends.sort_unstable();
    let mut free = i64::MIN;
    for (y, colour, name) in ends {
        let y = y.max(free);
        free = y + 210;
        text(body, (WIDE - RIGHT + 120, y), 16, "start", &format!("fill=\"{colour}\" font-weight=\"600\""), name);
    }
}

/// Half a month, one or two and a half, times a power of ten, such that there are about eight lines.
fn step(span: i64) -> i64 {
    let steps = (0..12).flat_map(|power| [1, 2, 5].map(|times| times * 10_i64.pow(power) * 50));
    steps.clone().find(|step| span / step <= 8).unwrap_or(span)
}

/// Hundredths, without noughts that say nothing.
fn plain(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "−" } else { "" };
    let (whole, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
    if rest == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{}", format!("{rest:02}").trim_end_matches('0'))
    }
}

fn joined(points: &[(i64, i64)]) -> String {
    points.iter().map(|(x, y)| format!("{},{}", px(*x), px(*y))).collect::<Vec<_>>().join(" ")
}

fn rule(body: &mut String, from: (i64, i64), to: (i64, i64), stroke: &str) {
    let (a, b) = ((px(from.0), px(from.1)), (px(to.0), px(to.1)));
    _ = writeln!(body, "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" {stroke}/>", a.0, a.1, b.0, b.1);
}

fn text(body: &mut String, (x, y): (i64, i64), size: i64, anchor: &str, more: &str, text: &str) {
    let (x, y) = (px(x), px(y));
    let text = escaped(text);
    _ = writeln!(body, "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" text-anchor=\"{anchor}\" {more}>{text}</text>");
}

/// Tenths as pixels.
fn px(tenths: i64) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    let size = tenths.unsigned_abs();
    if size.is_multiple_of(10) { format!("{sign}{}", size / 10) } else { format!("{sign}{}.{}", size / 10, size % 10) }
}

fn escaped(text: &str) -> String {
    let letters = text.chars().filter(|letter| !letter.is_control());
    letters.fold(String::with_capacity(text.len()), |mut out, letter| {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(letter),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_has_plain_steps_and_text_is_escaped() {
        assert_eq!([100, 900, 3_000, 12_345].map(step), [50, 250, 500, 2_500]);
        assert_eq!((plain(-150).as_str(), plain(300).as_str(), plain(5).as_str()), ("−1.5", "3", "0.05"));
        assert_eq!(escaped("a<b & \"c\"\u{7}"), "a&lt;b &amp; &quot;c&quot;");
    }
}
