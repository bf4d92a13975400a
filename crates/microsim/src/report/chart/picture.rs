//! SVG as PNG, by resvg, with the one font that is carried along: a subset of Noto Sans CJK SC (font/OFL.txt) with the 3,755 commonest
//! characters. What it lacks is for the caller to leave out (`Painter::has`).

use std::sync::Arc;

use anyhow::Context as _;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};
use skrifa::{FontRef, MetadataProvider as _};

const FONT: &[u8] = include_bytes!("../font/report-sans.otf");
const FAMILY: &str = "Tongchou Report Sans";

/// Makes pictures.
pub struct Painter {
    options: Options<'static>,
    font: FontRef<'static>,
}

impl Painter {
    /// With its font.
    ///
    /// # Errors
    /// When the font that is carried along cannot be read.
    pub fn new() -> anyhow::Result<Painter> {
        let mut fonts = Database::new();
        fonts.load_font_data(FONT.to_vec());
        fonts.set_sans_serif_family(FAMILY);
        let font = FontRef::new(FONT)?;
        let options = Options { font_family: FAMILY.to_owned(), fontdb: Arc::new(fonts), ..Options::default() };
        Ok(Painter { options, font })
    }

    /// Whether the font has all of a text.
    pub fn has(&self, text: &str) -> bool {
        let letters = self.font.charmap();
        text.chars().all(|letter| letters.map(letter).is_some())
    }

    /// The picture of a drawing, at twice its size.
    ///
    /// # Errors
    /// When the drawing cannot be read or is too large.
    pub fn png(&self, svg: &str) -> anyhow::Result<Vec<u8>> {
        let tree = Tree::from_str(svg, &self.options)?;
        let size = tree.size().to_int_size().scale_by(2.0).context("no size")?;
        let mut picture = Pixmap::new(size.width(), size.height()).context("too large")?;
        resvg::render(&tree, Transform::from_scale(2.0, 2.0), &mut picture.as_mut());
        Ok(picture.encode_png()?)
    }
}

#[cfg(test)]
mod tests {
    use domain::{Care, Category, Group, Level, Payer, Vocabulary};

    use super::*;

    fn chinese<V: Vocabulary>() -> Vec<&'static str> {
        V::all().iter().map(|word| word.chinese()).collect()
    }

    #[test]
    fn the_font_has_whatever_a_chart_says() {
        let painter = Painter::new().unwrap();
        let names =
            [chinese::<Level>(), chinese::<Care>(), chinese::<Payer>(), chinese::<Category>(), chinese::<Group>()];
        let sources = [include_str!("choice.rs"), include_str!("curve.rs"), include_str!("../words.rs")];
        for text in names.concat().into_iter().chain(sources) {
            let lacking: String = text.chars().filter(|c| !c.is_ascii() && !painter.has(&c.to_string())).collect();
            assert_eq!(lacking, "");
        }
        assert!(!painter.has("\u{4dbf}"));
    }

    /// Ink where the letters are, with no font of the machine.
    #[test]
    fn a_picture_has_chinese() {
        let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'>\
                   <text x='2' y='16' font-size='16' font-family='PingFang SC,sans-serif'>医保</text></svg>";
        let picture = Pixmap::decode_png(&Painter::new().unwrap().png(svg).unwrap()).unwrap();
        assert_eq!((picture.width(), picture.height()), (80, 40));
        let dark = |from: usize, to: usize| {
            let ink = |at: &usize| picture.pixels()[*at].alpha() > 128;
            (0..picture.pixels().len()).filter(|at| (from..to).contains(&(at % 80))).filter(ink).count()
        };
        assert!(dark(4, 36) > 150 && dark(36, 68) > 150, "{} {}", dark(4, 36), dark(36, 68));
        assert_eq!(dark(70, 80), 0);
    }
}
