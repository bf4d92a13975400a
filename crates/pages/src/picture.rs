//! The bill poured through the layers: from the whole, what each takes, down to what the person bears. The bars are drawn on the
//! server; what they show stands beside them in words, so that nobody needs to see them.

use domain::{Fen, Layer};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::sheet::with_unit;

/// A part of the bill.
pub struct Pour {
    /// What takes it.
    pub name: String,
    /// How much.
    pub amount: Fen,
    /// How it is drawn.
    pub class: &'static str,
}

/// How a layer is drawn.
pub fn class(layer: Layer) -> &'static str {
    match layer {
        Layer::Basic => "basic",
        Layer::Catastrophic => "catastrophic",
        Layer::Assistance => "assistance",
        Layer::Other => "other",
    }
}

/// The width of a bar.
const WIDTH: i64 = 1_000;

/// A whole bill and its parts, in order; the parts add up to the whole.
pub fn poured(asked: &Asked, whole: Fen, parts: &[Pour]) -> Markup {
    let mut from = 0;
    let mut rows = Vec::new();
    for part in parts {
        rows.push((part, from, part.amount.0));
        from += part.amount.0;
    }
    let name = asked.of("这张账单由谁付", "Who pays this bill");
    html! {
        figure.poured aria-label=(name) {
            ol {
                li {
                    span { (asked.of("总费用", "Whole bill")) }
                    (bar(whole.0, 0, whole.0, "out"))
                    span.n { (with_unit(asked.lang(), whole)) }
                }
                @for (part, from, amount) in rows {
                    li {
                        span { (part.name) }
                        (bar(whole.0, from, amount, part.class))
                        span.n { (with_unit(asked.lang(), part.amount)) }
                    }
                }
            }
        }
    }
}

/// A bar of a whole: where a part begins, and how much it is.
pub fn bar(whole: i64, from: i64, amount: i64, class: &str) -> Markup {
    let at = |fen: i64| scaled(fen, whole);
    html! {
        svg viewBox="0 0 1000 24" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.ground x="0" y="0" width=(WIDTH) height="24" {}
            rect class=(class) x=(at(from)) y="0" width=(at(from + amount) - at(from)) height="24" {}
        }
    }
}

/// A bar of what was used before, what is used now and what is left.
pub fn gauge(whole: Fen, before: Fen, now: Fen, class: &str) -> Markup {
    let (before, then) = (scaled(before.0, whole.0), scaled(before.0 + now.0, whole.0));
    html! {
        svg viewBox="0 0 1000 24" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.left x="0" y="0" width=(WIDTH) height="24" {}
            rect.before x="0" y="0" width=(before) height="24" {}
            rect class=(class) x=(before) y="0" width=(then - before) height="24" {}
        }
    }
}

fn scaled(part: i64, whole: i64) -> i64 {
    if whole <= 0 { 0 } else { (part.clamp(0, whole).saturating_mul(WIDTH)) / whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_fill_the_width_and_never_more() {
        assert_eq!(scaled(0, 100), 0);
        assert_eq!(scaled(50, 100), 500);
        assert_eq!(scaled(500, 100), WIDTH);
        assert_eq!(scaled(5, 0), 0);
    }
}
