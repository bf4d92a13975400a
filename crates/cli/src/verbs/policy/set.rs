//! `--set path=value`: figures that differ from what the notices say, for who asks what would be.

use domain::Date;
use policy::set::{self, Set, overlay};
use policy::{Library, Notice, Region, View};

use crate::io::findings::{self, Texts};
use crate::session::Session;
use crate::stop::Stop;

/// Figures set on the command line.
#[derive(clap::Args)]
pub struct Sets {
    /// Set a figure, as stage.inpatient.cap=200000, =+5pt, =*0.9; `policy paths` lists them; may be repeated
    #[arg(long, value_name = "PATH=VALUE", value_parser = Set::parse)]
    set: Vec<Set>,
}

impl Sets {
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// The notice under which these figures differ on these days, both included; none if nothing is set.
    ///
    /// # Errors
    /// When a path or value cannot stand, after each has been told.
    pub fn overlay(
        &self,
        session: &Session,
        library: &Library,
        region: &Region,
        view: &View<'_>,
        span: (Date, Date),
    ) -> Result<Option<Notice>, Stop> {
        over(session, library, region, view, span, &self.set)
    }
}

/// The notice under which some figures differ on these days, both included; none if nothing is set.
///
/// # Errors
/// As [`Sets::overlay`].
pub fn over(
    session: &Session,
    library: &Library,
    region: &Region,
    view: &View<'_>,
    (first, last): (Date, Date),
    sets: &[Set],
) -> Result<Option<Notice>, Stop> {
    if sets.is_empty() {
        return Ok(None);
    }
    overlay(library, region, view, first, last, sets).map(Some).map_err(|found| {
        // What cannot be told has no reader; the refusal stands.
        _ = findings::tell(&found, &Texts::from([(set::FILE.to_owned(), set::text(sets))]), session.lang);
        let what =
            session.lang.of("--set 有不能改的，见上 (see above)", "--set changes what cannot be changed, see above");
        let cure = session.lang.of("列出可改的各条路径：", "this lists what can be set: ");
        Stop::usage(what, format!("{cure}`tongchou policy paths {} --on {first}`", region.slug))
    })
}
