//! Lying bars: beside each other or one after another, to both sides of nothing, in sections.

use domain::Lang;

use super::super::ratio;
use super::Drawing;
use super::svg::{Anchor, Canvas, PX, lines, width};

/// What the length of a bar is.
#[derive(Clone, Copy)]
pub enum Measure {
    /// Fen, told in a unit.
    Money(Scale),
    /// Millionths, told in percent.
    Share,
}

/// A unit for amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// How many fen it is.
    pub fen: i64,
    /// What it is called.
    pub name: &'static str,
}

impl Scale {
    /// A unit in which the largest of some amounts reads well.
    pub fn of(amounts: impl Iterator<Item = i64>, lang: Lang) -> Scale {
        let most = amounts.map(i64::unsigned_abs).max().unwrap_or(0);
        let scales = match lang {
            Lang::Zh => [(10_000_000_000, "亿元"), (1_000_000, "万元")],
            Lang::En => [(100_000_000, "million yuan"), (100_000, "thousand yuan")],
        };
        let fits = scales.into_iter().find(|(fen, _): &(i64, _)| most >= fen.unsigned_abs());
        let (fen, name) = fits.unwrap_or((100, lang.of("元", "yuan")));
        Scale { fen, name }
    }

    /// An amount in this unit, without its name.
    pub fn text(self, fen: i64) -> String {
        ratio::grouped(fen, self.fen, 2)
    }
}

impl Measure {
    /// A value for people.
    pub fn text(self, value: i64) -> String {
        match self {
            Measure::Money(scale) => scale.text(value),
            Measure::Share if value != 0 && value.abs() < 10_000 => format!("{}%", ratio::grouped(value, 10_000, 2)),
            Measure::Share => ratio::percent(value),
        }
    }

    /// A value of the axis, which is a multiple of the step.
    fn tick(self, value: i64, step: i64) -> String {
        let (unit, sign) = match self {
            Measure::Money(scale) => (scale.fen, ""),
            Measure::Share => (10_000, "%"),
        };
        let places = (0..4).find(|places| (step * 10_i64.pow(*places)) % unit == 0).unwrap_or(4);
        format!("{}{sign}", ratio::grouped(value, unit, places))
    }
}

/// Bars of one colour.
pub struct Series {
    /// What they are.
    pub name: String,
    /// Class of their colour.
    pub class: String,
}

/// A line of the chart.
pub enum Row {
    /// Title of a section.
    Head(String),
    /// A bar a series; `None` has none.
    Bars(String, Vec<Option<i64>>),
}

/// A chart of lying bars.
pub struct Bars {
    /// Name of its files.
    pub name: &'static str,
    /// What it shows.
    pub title: String,
    /// What to know about it.
    pub note: String,
    /// From what it comes, and on what basis.
    pub source: String,
    /// What the axis is of.
    pub axis: String,
    /// Its colours.
    pub series: Vec<Series>,
    /// Its lines, from above.
    pub rows: Vec<Row>,
    /// One after another instead of beside each other; what is below nothing goes to the left.
    pub stacked: bool,
    /// Stacked to both sides of nothing: a sum at either end, and no text within.
    pub both: bool,
    /// What length is.
    pub measure: Measure,
}

const WIDE: i64 = 960 * PX;
const EDGE: i64 = 20 * PX;
const LABEL: i64 = 230 * PX;
const GAP: i64 = 14 * PX;

/// Where values are on the drawing.
struct Axis {
    left: i64,
    length: i64,
    low: i64,
    high: i64,
    step: i64,
}

impl Axis {
    fn at(&self, value: i64) -> i64 {
        let over = i128::from(value - self.low) * i128::from(self.length) / i128::from(self.high - self.low);
        self.left + over as i64
    }
}

/// A step of 1, 2 or 5 times a power of ten, of which about five make the span.
pub fn step(span: i64) -> i64 {
    let mut power = 1_i64;
    while power <= span / 50 {
        power *= 10;
    }
    let steps = [1, 2, 5, 10].into_iter().map(|times| times * power);
    steps.into_iter().find(|step| span / step <= 6).unwrap_or(power * 10).max(1)
}

impl Bars {
    /// Draws it.
    pub fn draw(&self) -> Drawing {
        let mut canvas = Canvas::default();
        let mut y = super::heading(&mut canvas, WIDE, &self.title, &self.note);
        y = self.legend(&mut canvas, y);
        let axis = self.scale();
        let top = y + 6 * PX;
        // behind the bars, but as tall as they turn out to be
        let mut bars = Canvas::default();
        let bottom = self.rows.iter().fold(top, |y, row| self.row(&mut bars, &axis, row, y));
        self.grid(&mut canvas, &axis, top, bottom);
        canvas.append(bars);
        let foot = bottom + 46 * PX;
        let end = super::source(&mut canvas, WIDE, foot, &self.source);
        Drawing { name: self.name, title: self.title.clone(), tells: self.tells(), size: (WIDE, end), canvas }
    }

    /// All of it in words, for who cannot see it.
    fn tells(&self) -> String {
        let mut told = vec![self.note.clone()];
        for row in &self.rows {
            match row {
                Row::Head(text) => told.push(text.clone()),
                Row::Bars(label, values) => {
                    let value = |(series, value): (&Series, &Option<i64>)| {
                        value.map(|value| format!("{} {}", series.name, self.measure.text(value)))
                    };
                    let values: Vec<String> = self.series.iter().zip(values).filter_map(value).collect();
                    told.push(format!("{label}: {}", values.join(", ")));
                }
            }
        }
        told.push(self.axis.clone());
        told.retain(|part| !part.is_empty());
        told.join("; ")
    }

    fn legend(&self, canvas: &mut Canvas, y: i64) -> i64 {
        if self.series.len() < 2 {
            return y;
        }
        let (mut x, mut y) = (EDGE, y + 8 * PX);
        for series in &self.series {
            let name = lines("note", &series.name, WIDE - 2 * EDGE - 24 * PX, 1).concat();
            let wide = width("note", &name) + 48 * PX;
            if x > EDGE && x + wide - 24 * PX > WIDE - EDGE {
                (x, y) = (EDGE, y + 24 * PX);
            }
            canvas.rect(&series.class, (x, y), (16 * PX, 16 * PX), "");
            canvas.text("note", (x + 23 * PX, y + 13 * PX), Anchor::Start, &name);
            x += wide;
        }
        y + 30 * PX
    }

    /// Lowest and highest of what has to be in sight.
    fn span(&self) -> (i64, i64) {
        let (mut low, mut high) = (0, 0);
        for row in &self.rows {
            let Row::Bars(_, values) = row else { continue };
            let values = values.iter().flatten();
            if self.stacked {
                low = low.min(values.clone().filter(|value| **value < 0).sum());
                high = high.max(values.filter(|value| **value > 0).sum());
            } else {
                low = low.min(values.clone().copied().min().unwrap_or(0));
                high = high.max(values.copied().max().unwrap_or(0));
            }
        }
        (low, high)
    }

    fn scale(&self) -> Axis {
        let (low, high) = match (self.span(), self.measure) {
            ((0, 0), Measure::Money(scale)) => (0, scale.fen),
            ((0, 0), Measure::Share) => (0, 10_000),
            (span, _) => span,
        };
        let step = step(high - low);
        let (first, last) = (low.div_euclid(step) * step, -((-high).div_euclid(step)) * step);
        let last = if last == first { first + step } else { last };
        let room = |ends: fn(i64) -> bool, edge: i64, limit: i64| {
            // a text beside the longest bar must not leave the drawing
            if edge == 0 || (self.stacked && limit == 1_000_000 && matches!(self.measure, Measure::Share)) {
                return 0;
            }
            let values = self.rows.iter().filter_map(|row| match row {
                Row::Bars(_, values) if self.stacked => {
                    Some(values.iter().flatten().copied().filter(|v| ends(*v)).sum())
                }
                Row::Bars(_, values) => values.iter().flatten().copied().filter(|v| ends(*v)).max_by_key(|v| v.abs()),
                Row::Head(_) => None,
            });
            values.map(|value: i64| width("value", &self.measure.text(value))).max().unwrap_or(0) + 12 * PX
        };
        let (before, behind) = (room(|value| value < 0, low, low), room(|value| value >= 0, high, high));
        let left = EDGE + self.labels() + 14 * PX + before;
        let tick = width("tick", &self.measure.tick(last, step)) / 2;
        Axis { left, length: WIDE - EDGE - left - behind.max(tick), low: first, high: last, step }
    }

    /// How wide the labels are.
    fn labels(&self) -> i64 {
        let wide = |row: &Row| match row {
            Row::Bars(label, _) => lines("label", label, LABEL, 2).iter().map(|line| width("label", line)).max(),
            Row::Head(_) => None,
        };
        self.rows.iter().filter_map(wide).max().unwrap_or(0)
    }

    fn grid(&self, canvas: &mut Canvas, axis: &Axis, top: i64, bottom: i64) {
        let mut value = axis.low;
        while value <= axis.high {
            let x = axis.at(value);
            canvas.line(if value == 0 { "axis" } else { "grid" }, (x, top), (x, bottom));
            canvas.text("tick", (x, bottom + 18 * PX), Anchor::Middle, &self.measure.tick(value, axis.step));
            value += axis.step;
        }
        let middle = axis.left + axis.length / 2;
        canvas.text("tick", (middle, bottom + 37 * PX), Anchor::Middle, &self.axis);
    }

    fn row(&self, canvas: &mut Canvas, axis: &Axis, row: &Row, y: i64) -> i64 {
        match row {
            Row::Head(text) => {
                // over the lines of the grid
                canvas.rect("ground", (EDGE, y), (WIDE - 2 * EDGE + 10 * PX, 27 * PX), "");
                let text = lines("head", text, WIDE - 2 * EDGE, 1).concat();
                canvas.text("head", (EDGE, y + 20 * PX), Anchor::Start, &text);
                y + 32 * PX
            }
            Row::Bars(label, values) => {
                let thick = match values.len() {
                    _ if self.stacked => 26 * PX,
                    0 | 1 => 22 * PX,
                    2 | 3 => 18 * PX,
                    _ => 15 * PX,
                };
                let label = lines("label", label, LABEL, 2);
                let beside = if self.stacked { 1 } else { values.len() as i64 };
                let tall = (thick * beside + 2 * PX * (beside - 1)).max(19 * PX * label.len() as i64);
                let first = y + tall / 2 - 19 * PX * (label.len() as i64) / 2;
                for (line, at) in label.iter().zip(0_i64..) {
                    let x = EDGE + self.labels();
                    canvas.text("label", (x, first + 15 * PX + 19 * PX * at), Anchor::End, line);
                }
                if self.stacked {
                    self.chain(canvas, axis, values, (y, thick));
                } else {
                    self.beside(canvas, axis, values, (y, thick));
                }
                y + tall + GAP
            }
        }
    }

    fn beside(&self, canvas: &mut Canvas, axis: &Axis, values: &[Option<i64>], (mut y, thick): (i64, i64)) {
        for (series, value) in self.series.iter().zip(values) {
            if let Some(value) = *value {
                let (zero, end) = (axis.at(0), axis.at(value));
                let text = self.measure.text(value);
                let tip = format!("{} {text}", series.name);
                if value != 0 {
                    canvas.rect(&series.class, (zero.min(end), y), ((end - zero).abs().max(PX), thick), &tip);
                }
                self.beyond(canvas, end, value < 0, (y, thick), &text);
            }
            y += thick + 2 * PX;
        }
    }

    /// A text beyond the end of a bar.
    fn beyond(&self, canvas: &mut Canvas, end: i64, left: bool, (y, thick): (i64, i64), text: &str) {
        let (x, anchor) = if left { (end - 6 * PX, Anchor::End) } else { (end + 6 * PX, Anchor::Start) };
        canvas.text("value", (x, y + thick / 2 + 5 * PX), anchor, text);
    }

    fn chain(&self, canvas: &mut Canvas, axis: &Axis, values: &[Option<i64>], (y, thick): (i64, i64)) {
        let (mut low, mut high) = (0, 0);
        let parts = self.series.iter().zip(values).filter_map(|(series, value)| value.map(|value| (series, value)));
        for (series, value) in parts.filter(|(_, value)| *value != 0) {
            let side = if value < 0 { &mut low } else { &mut high };
            let (from, to) = (axis.at(*side), axis.at(*side + value));
            *side += value;
            let text = self.measure.text(value);
            let tip = format!("{} {text}", series.name);
            canvas.rect(&series.class, (from.min(to), y), ((to - from).abs().max(PX), thick), &tip);
            let on = if matches!(series.class.as_str(), "f0" | "less") { "on-f0" } else { "on" };
            if !self.both && width(on, &text) + 10 * PX <= (to - from).abs() {
                canvas.text(on, ((from + to) / 2, y + thick / 2 + 5 * PX), Anchor::Middle, &text);
            }
        }
        if low < 0 {
            self.beyond(canvas, axis.at(low), true, (y, thick), &self.measure.text(low));
        }
        let whole = matches!(self.measure, Measure::Share) && high == 1_000_000;
        if high > 0 && !whole {
            self.beyond(canvas, axis.at(high), false, (y, thick), &self.measure.text(high));
        }
    }
}
