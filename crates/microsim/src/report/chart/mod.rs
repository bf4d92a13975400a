//! Charts: what they show is chosen in `choice`, how it is drawn is in `bars` and `curve`. Each as SVG and as PNG.
//!
//! Own drawing, since no library of charts draws bars to both sides, takes its colours from the page (light and dark), and computes
//! without floats; pictures are made of it by resvg, with a font of our own, so that they have Chinese on any machine and are the same.

mod bars;
mod choice;
mod curve;
mod paint;
mod picture;
mod svg;

pub use self::bars::Scale;
pub use self::choice::{Chart, all};
pub use self::paint::{FONTS, colours, shapes};
pub use self::picture::Painter;

use self::svg::{Anchor, Canvas, PX, lines};

const EDGE: i64 = 20 * PX;

/// A chart that is drawn.
pub struct Drawing {
    /// Name of its files.
    pub name: &'static str,
    /// What it shows.
    pub title: String,
    /// The same in words.
    tells: String,
    size: (i64, i64),
    canvas: Canvas,
}

impl Drawing {
    /// For a page that has the colours.
    pub fn inline(&self) -> String {
        self.canvas.inline(self.size, &self.title, &self.tells)
    }

    /// As a file of its own.
    pub fn alone(&self) -> String {
        self.canvas.alone(self.size, &self.title, &self.tells)
    }
}

/// Title and note; where what follows begins.
fn heading(canvas: &mut Canvas, wide: i64, title: &str, note: &str) -> i64 {
    let mut y = 14 * PX;
    for line in lines("title", title, wide - 2 * EDGE, 2) {
        y += 27 * PX;
        canvas.text("title", (EDGE, y - 6 * PX), Anchor::Start, &line);
    }
    for line in lines("note", note, wide - 2 * EDGE, 4).iter().filter(|line| !line.is_empty()) {
        y += 21 * PX;
        canvas.text("note", (EDGE, y - 3 * PX), Anchor::Start, line);
    }
    y + 6 * PX
}

/// From what the chart comes; where the drawing ends.
fn source(canvas: &mut Canvas, wide: i64, y: i64, text: &str) -> i64 {
    let mut y = y + 8 * PX;
    for line in lines("tick", text, wide - 2 * EDGE, 4) {
        y += 19 * PX;
        canvas.text("tick", (EDGE, y - 4 * PX), Anchor::Start, &line);
    }
    y + 12 * PX
}
