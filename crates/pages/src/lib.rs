//! Pages for people: what a resident pays and gets, and why; what the notices say; what somebody who has signed in may see;
//! the counter; what another figure would cost.
//!
//! HTML is made here and comes whole from the server: no script is needed to read, ask or sign in, nothing is fetched from
//! elsewhere, and no page holds script or style within itself. Questions about the terms go to `settlement`, `enrolment` and
//! `policy`; questions about persons go through [`server::App::ask`], changes through
//! [`server::App::act`], where the one place decides who may.
//!
//! Invariants: Chinese and English say the same; every amount is shown with its weakest basis; nothing about a person stands in
//! an address; what changes anything, signs in or asks about a person is sent by a form that carries the visitor's token. Markup is
//! written with maud, which escapes all that is filled in.
//!
//! Deliberately absent: rules of the law, clock, SQL; words for provisions, and running simulations, which the
//! program hands in ([`Words`], [`simulate::Simulations`]).
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

mod about;
mod answer;
mod asked;
mod benefit;
mod bill;
mod clause;
mod coded;
mod counter;
mod excel;
mod fields;
mod files;
mod handle;
mod home;
mod landing;
mod law;
mod layout;
mod list;
mod look;
mod mine;
mod moment;
mod pay;
mod picture;
mod routes;
mod sheet;
mod sign;
pub mod simulate;
mod token;
mod view;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use domain::{Diagnostic, Lang};
use policy::set::Settable;
use policy::{Library, Provision, SourceFile, Terms, View};

pub use landing::landing;
pub use routes::routes;
use simulate::Simulations;

/// How the program says things, in both languages: its tables of sentences are its own.
pub trait Words: Send + Sync {
    /// A Chinese sentence of the program's in a language.
    fn said(&self, lang: Lang, text: &str) -> String;
    /// What is wrong and what to do, by the code of a refusal.
    fn refusal(&self, lang: Lang, code: &str, message: &str, cure: &str) -> (String, String);
    /// What a provision says, a line each.
    fn lines(&self, lang: Lang, terms: &Terms<'_>, provision: &Provision) -> Vec<String>;
    /// What a key is about.
    fn key(&self, lang: Lang, terms: &Terms<'_>, key: &str) -> String;
    /// What a figure of a provision is, beside what the provision is about: for whom, which part of it.
    fn figure(&self, lang: Lang, terms: &Terms<'_>, figure: &Settable<'_>) -> String;
    /// What a field or a word of a notice's file is called in Chinese.
    fn label(&self, name: &str) -> String;
}

/// What all pages share.
pub struct Pages {
    /// The notices, without errors.
    pub library: Arc<Library>,
    /// How things are said.
    pub words: Box<dyn Words>,
    /// Whether browsers reach the server by TLS only, so that cookies are kept to it.
    pub secure: bool,
    /// Who runs simulations; nobody, where the program was built without them.
    pub simulations: Option<Arc<dyn Simulations>>,
    files: files::Files,
    room: law::Room,
    found: OnceLock<Vec<Diagnostic>>,
    coverage: OnceLock<Vec<cases::ClauseCoverage>>,
    counting: AtomicBool,
}

impl Pages {
    /// Over the notices, and the files that they were read from.
    pub fn new(
        library: Arc<Library>,
        files: impl IntoIterator<Item = SourceFile>,
        words: Box<dyn Words>,
        secure: bool,
        simulations: Option<Arc<dyn Simulations>>,
    ) -> Arc<Pages> {
        Arc::new(Pages {
            library,
            words,
            secure,
            simulations,
            files: files::Files::new(files),
            room: law::Room::default(),
            found: OnceLock::new(),
            coverage: OnceLock::new(),
            counting: AtomicBool::new(false),
        })
    }

    /// What the checker finds in the files: worked out once, since they do not change.
    fn found(&self) -> &[Diagnostic] {
        let all = || files::found(&self.library, self.library.regions.values(), &View::default());
        self.found.get_or_init(all)
    }
}
