//! The notices of this repository, as the library reads them.

use std::fs;
use std::path::Path;

use domain::Date;
use policy::{Library, SourceFile, View};
use settlement::{Engine, Options};

/// Reads `policies/` of this repository.
pub fn shipped() -> Library {
    let library = Library::read(files());
    assert!(!library.has_errors(), "policies/ has errors: {:#?}", library.findings);
    library
}

/// The files of `policies/`.
pub fn files() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let mut files = Vec::new();
    gather(&root, &root, &mut files);
    files
}

/// The engine of a region for a span of days, supplements included.
pub fn engine(library: &Library, region: &str, first: Date, last: Date, options: Options) -> Engine {
    let region = library.region(region).expect("a shipped region");
    Engine::compile(library, region, &View::default(), options, first, last)
}

fn gather(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .expect("policies/ is there")
        .map(|entry| entry.expect("a readable entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            gather(root, &path, files);
            continue;
        }
        let below = path.strip_prefix(root).expect("a path below policies/");
        let path_below = below.to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&path).expect("a readable text");
        files.push(SourceFile { shown: path_below.clone(), path: path_below, text });
    }
}
