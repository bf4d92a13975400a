//! Editions: the policy files that a region is run by, kept beside its books under their hash, so that years later a
//! settlement can be replayed under exactly the terms that made it.

use std::collections::BTreeMap;
use std::sync::Arc;

use policy::{Library, SourceFile};
use sha2::{Digest, Sha256};
use store::Store;

use books::Refusal;

use crate::failure::{Failure, Trouble};

/// How the clause register is called.
const REGISTER: &str = "clauses.tsv";
/// The folder of what holds for every region.
const NATIONAL: &str = "national";

/// The policy files, read.
#[derive(Clone, Debug)]
pub struct Policies {
    /// What they say.
    pub library: Arc<Library>,
    /// The texts; where two have the same path, the later holds.
    pub files: Arc<[SourceFile]>,
}

impl Policies {
    /// Reads files.
    pub fn read(files: Vec<SourceFile>) -> Policies {
        Policies { library: Arc::new(Library::read(files.clone())), files: files.into() }
    }
}

/// The files that a region's terms rest on.
pub(crate) struct Edition {
    /// Hash of the text.
    pub hash: String,
    /// The files as canonical JSON, from path to text.
    pub text: String,
}

impl Edition {
    /// The name under which an edition of a hash is kept.
    pub fn note(hash: &str) -> String {
        format!("edition/{hash}")
    }

    /// The edition of a region: the files of the region, of those above it and of the nation, and the register. Cases are
    /// no part of it: they change no term.
    pub fn of(policies: &Policies, region: &str) -> Result<Edition, Refusal> {
        let library = &policies.library;
        let known = library.region(region).map_err(|what| Refusal::new("unknown-region", what, "核对 --policies"))?;
        let chain: Vec<&str> = library.chain(known).iter().map(|region| region.slug.as_str()).collect();
        let belongs = |path: &str| match path.split_once('/') {
            Some((_, name)) if name.starts_with("cases/") => false,
            Some((_, name)) if name.ends_with(REGISTER) => true,
            Some((folder, _)) => {
                let slug = folder.split_once('-').map_or(folder, |(_, slug)| slug);
                slug == NATIONAL || chain.contains(&slug)
            }
            None => path == REGISTER,
        };
        let files: BTreeMap<&str, &str> =
            policies.files.iter().map(|f| (f.path.as_str(), f.text.as_str())).filter(|(p, _)| belongs(p)).collect();
        // A map of texts is always JSON.
        let text = serde_json::to_string(&files).unwrap_or_default();
        let hash = hash_of(&text);
        Ok(Edition { hash, text })
    }
}

/// What an edition kept in a store says, as it was: for the replay of what was decided by it.
///
/// # Errors
/// When the edition is not there or not what its hash says, or the store fails.
pub fn edition_library(store: &mut dyn Store, hash: &str) -> Result<Arc<Library>, Failure> {
    let damaged = |what: &str| {
        let cure = "从备份恢复这个版本；没有它，旧的结算不能重算";
        Trouble::new("edition-lost", format!("政策文件版本 {hash} {what}"), cure)
    };
    let text = store.note(&Edition::note(hash))?.ok_or_else(|| damaged("不在库里 (no such edition)"))?;
    if hash_of(&text) != hash {
        return Err(damaged("与它的哈希不符 (altered)").into());
    }
    let files: BTreeMap<String, String> =
        serde_json::from_str(&text).map_err(|error| damaged(&format!("读不懂：{error}")))?;
    let files = files.into_iter().map(|(path, text)| SourceFile { shown: path.clone(), path, text });
    Ok(Arc::new(Library::read(files)))
}

fn hash_of(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
