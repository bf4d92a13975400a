//! The concentration curve: people from the poorest to the richest, and how much of all own payments is theirs.

use super::super::ratio;
use super::Drawing;
use super::svg::{Anchor, Canvas, PX, lines};

/// One curve.
pub struct Line {
    /// What it is.
    pub name: String,
    /// Shares of people and payments, millionths, from the poorest on.
    pub points: Vec<(i64, i64)>,
}

/// A chart of curves from nothing to all.
pub struct Curves {
    /// Name of its files.
    pub name: &'static str,
    /// What it shows.
    pub title: String,
    /// What to know about it.
    pub note: String,
    /// From what it comes, and on what basis.
    pub source: String,
    /// What is along the foot, and up the side.
    pub axes: (String, String),
    /// What the straight line says.
    pub even: String,
    /// Its curves.
    pub lines: Vec<Line>,
}

const WIDE: i64 = 960 * PX;
const LEFT: i64 = 76 * PX;
const SIDE: i64 = 460 * PX;

fn along(millionths: i64) -> i64 {
    millionths * SIDE / 1_000_000
}

impl Curves {
    /// Draws it.
    pub fn draw(&self) -> Drawing {
        let mut canvas = Canvas::default();
        let top = super::heading(&mut canvas, WIDE, &self.title, &self.note) + 34 * PX;
        let at = |(persons, own): (i64, i64)| (LEFT + along(persons), top + SIDE - along(own));
        canvas.text("tick", (LEFT - 46 * PX, top - 16 * PX), Anchor::Start, &self.axes.1);
        for tenth in (0..=10).step_by(2) {
            let value = tenth * 100_000;
            let text = ratio::grouped(value, 10_000, 0) + "%";
            let class = if tenth == 0 { "axis" } else { "grid" };
            canvas.line(class, at((value, 0)), at((value, 1_000_000)));
            canvas.line(class, at((0, value)), at((1_000_000, value)));
            let ((x, _), (_, y)) = (at((value, 0)), at((0, value)));
            canvas.text("tick", (x, top + SIDE + 20 * PX), Anchor::Middle, &text);
            canvas.text("tick", (LEFT - 8 * PX, y + 5 * PX), Anchor::End, &text);
        }
        canvas.text("tick", (LEFT + SIDE / 2, top + SIDE + 40 * PX), Anchor::Middle, &self.axes.0);
        canvas.line("axis even", at((0, 0)), at((1_000_000, 1_000_000)));
        // the first on top: the others are often close to it
        for (place, line) in self.lines.iter().enumerate().rev() {
            let points: Vec<(i64, i64)> = std::iter::once((0, 0)).chain(line.points.iter().copied()).map(at).collect();
            canvas.curve(&format!("c{place}"), &points, &line.name);
        }
        self.legend(&mut canvas, LEFT + SIDE + 34 * PX, top + 6 * PX);
        let end = super::source(&mut canvas, WIDE, top + SIDE + 50 * PX, &self.source);
        let told: Vec<&str> = self.lines.iter().map(|line| line.name.as_str()).collect();
        let tells = format!("{}; {}", self.note, told.join("; "));
        Drawing { name: self.name, title: self.title.clone(), tells, size: (WIDE, end), canvas }
    }

    fn legend(&self, canvas: &mut Canvas, x: i64, mut y: i64) {
        let room = WIDE - 20 * PX - x - 38 * PX;
        let mut entry = |class: String, name: &str| {
            canvas.line(&class, (x, y), (x + 28 * PX, y));
            for line in lines("label", name, room, 3) {
                canvas.text("label", (x + 38 * PX, y + 6 * PX), super::Anchor::Start, &line);
                y += 22 * PX;
            }
            y += 12 * PX;
        };
        for (place, line) in self.lines.iter().enumerate() {
            entry(format!("curve c{place}"), &line.name);
        }
        entry("axis even".to_owned(), &self.even);
    }
}
