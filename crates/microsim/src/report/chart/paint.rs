//! Colours and sizes, said once: a drawing has classes only. After Okabe and Ito, whose colours colour-blind eyes tell apart; text on
//! a colour has a contrast of 4.5 at least.

use std::fmt::Write as _;

/// Fonts that have Chinese, by system; the last of them is the one that pictures are drawn with.
pub const FONTS: &str =
    "'Noto Sans SC','Noto Sans CJK SC','PingFang SC','Microsoft YaHei','WenQuanYi Micro Hei',sans-serif";

/// Class, what is coloured, on white, on a dark ground.
const PAINTS: &[(&str, &str, &str, &str)] = &[
    ("ground", "fill", "#ffffff", "#17191d"),
    ("title", "fill", "#111418", "#f3f4f6"),
    ("head", "fill", "#111418", "#f3f4f6"),
    ("note", "fill", "#4a5059", "#b9bfc9"),
    ("label", "fill", "#1d2126", "#e6e8ec"),
    ("value", "fill", "#1d2126", "#e6e8ec"),
    ("tick", "fill", "#4a5059", "#b9bfc9"),
    ("grid", "stroke", "#dfe2e7", "#343840"),
    ("axis", "stroke", "#4a5059", "#b9bfc9"),
    ("even", "stroke", "#4a5059", "#b9bfc9"),
    ("v0", "fill", "#767d89", "#9aa1ad"),
    ("v1", "fill", "#0072b2", "#3f9fdc"),
    ("v2", "fill", "#e69f00", "#e69f00"),
    ("v3", "fill", "#009e73", "#1fb78c"),
    ("v4", "fill", "#cc79a7", "#d890b7"),
    ("c0", "stroke", "#767d89", "#9aa1ad"),
    ("c1", "stroke", "#0072b2", "#3f9fdc"),
    ("c2", "stroke", "#e69f00", "#e69f00"),
    ("c3", "stroke", "#009e73", "#1fb78c"),
    ("c4", "stroke", "#cc79a7", "#d890b7"),
    ("f0", "fill", "#0072b2", "#3f9fdc"),
    ("f1", "fill", "#e69f00", "#e69f00"),
    ("f2", "fill", "#009e73", "#1fb78c"),
    ("f3", "fill", "#cc79a7", "#d890b7"),
    ("f4", "fill", "#56b4e9", "#8ccbf0"),
    ("f5", "fill", "#d55e00", "#ee7a2a"),
    ("f6", "fill", "#f0e442", "#f0e442"),
    ("f7", "fill", "#b99680", "#b99680"),
    ("own", "fill", "#c9cdd4", "#a4abb7"),
    ("less", "fill", "#0072b2", "#3f9fdc"),
    ("more", "fill", "#d55e00", "#ee7a2a"),
    ("on", "fill", "#0c0d0f", "#0c0d0f"),
    // on the one dark colour
    ("on-f0", "fill", "#ffffff", "#0c0d0f"),
];

/// Class and size of text, pixels.
const SIZES: &[(&str, i64)] =
    &[("title", 21), ("head", 17), ("note", 15), ("label", 16), ("value", 15), ("tick", 14), ("on", 14), ("on-f0", 14)];

/// Of text of a class, pixels.
pub fn size(class: &str) -> i64 {
    SIZES.iter().find(|(there, _)| *there == class).map_or(15, |(_, size)| *size)
}

/// The colours, each rule below a scope such as `svg `.
pub fn colours(scope: &str, dark: bool) -> String {
    PAINTS.iter().fold(String::new(), |mut css, (class, property, light, night)| {
        _ = writeln!(css, "{scope}.{class}{{{property}:{}}}", if dark { night } else { light });
        css
    })
}

/// All that is not a colour.
pub fn shapes(scope: &str) -> String {
    let mut css = format!("{scope}text{{font-family:{FONTS}}}\n");
    for (class, size) in SIZES {
        _ = writeln!(css, "{scope}.{class}{{font-size:{size}px}}");
    }
    _ = writeln!(css, "{scope}.title{{font-weight:600}}\n{scope}.head{{font-weight:600}}");
    _ = writeln!(css, "{scope}.curve{{fill:none;stroke-width:3;stroke-linejoin:round}}");
    _ = writeln!(css, "{scope}.even{{fill:none;stroke-dasharray:6 4}}");
    css
}
