//! The texts that the notices were read from, and what they say with one of them written otherwise.

use std::collections::BTreeMap;

use domain::{Diagnostic, Severity};
use policy::{Library, Notice, Region, SourceFile, View};

/// The files, by their path below the folder of policies.
pub struct Files(BTreeMap<String, SourceFile>);

impl Files {
    /// Of files, of which a later one of the same path takes the place of an earlier one.
    pub fn new(files: impl IntoIterator<Item = SourceFile>) -> Files {
        Files(files.into_iter().map(|file| (file.path.clone(), file)).collect())
    }

    /// The file that findings give this name.
    pub fn shown(&self, shown: &str) -> Option<&SourceFile> {
        self.0.values().find(|file| file.shown == shown)
    }

    /// The file that a notice was read from.
    pub fn of(&self, notice: &Notice) -> Option<&SourceFile> {
        self.shown(&notice.place.file)
    }

    /// What all files say when one of them has another text.
    pub fn with(&self, file: &SourceFile, text: &str) -> Library {
        let edited = SourceFile { text: text.to_owned(), ..file.clone() };
        Library::read(self.0.values().cloned().chain([edited]))
    }
}

/// What is wrong with the files; and if nothing is wrong enough to stop, where the figures of some regions do not keep what the
/// notices say of them. By file and line.
pub fn found<'l>(
    library: &'l Library,
    regions: impl IntoIterator<Item = &'l Region>,
    view: &View<'_>,
) -> Vec<Diagnostic> {
    let mut found = library.findings.clone();
    if !library.has_errors() {
        for said in cases::judged(library, regions, view) {
            if !found.contains(&said) {
                found.push(said);
            }
        }
        found.sort_by(|a, b| a.place.cmp(&b.place));
    }
    found
}

/// How many errors, warnings and notes there are.
pub fn counted<'d>(found: impl IntoIterator<Item = &'d Diagnostic>) -> [usize; 3] {
    let mut counts = [0; 3];
    for one in found {
        counts[match one.severity {
            Severity::Error => 0,
            Severity::Warning => 1,
            Severity::Note => 2,
        }] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        let file =
            |path: &str, text: &str| SourceFile { path: path.into(), shown: format!("x/{path}"), text: text.into() };
        let notice = "[notice]\nid = \"n\"\nkind = \"notice\"\ntitle = \"某通知\"\nissued = 2022-01-01\n[[relief.line]]\namount = 1\nclause = \"T-1\"\n";
        Files::new([
            file("990100-town/region.toml", "[region]\ncode = \"990100\"\nslug = \"town\"\nname = \"某市\"\n"),
            file("990100-town/n.toml", "an older text"),
            file("990100-town/n.toml", notice),
            file(
                "clauses.tsv",
                "id\twhere\twhat\tkind\tcapability\tnumbers\teffective\tneeds\tdone-when\nT-1\t一\tx\trule\tother\t-\t-\t-\t-\n",
            ),
        ])
    }

    #[test]
    fn a_text_is_read_in_the_place_of_its_file_and_the_file_stays() {
        let files = files();
        let file = files.shown("x/990100-town/n.toml").unwrap();
        let as_it_is = files.with(file, &file.text);
        assert_eq!(as_it_is.findings, vec![]);
        assert_eq!(files.of(&as_it_is.notices[0]).unwrap().path, file.path);
        let edited = files.with(file, &format!("{}nonsense = 1\n", file.text));
        let found = found(&edited, edited.regions.values(), &View::default());
        assert_eq!((counted(&found), found[0].place.line, found[0].code), ([1, 0, 0], 9, "unknown-key"));
        assert_eq!(files.with(file, &file.text).findings, vec![]);
    }
}
