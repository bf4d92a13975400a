//! Pages for people: what a resident pays and gets, and why; what the notices say; what somebody who has signed in may see;
//! the counter.
//!
//! HTML is made here and comes whole from the server: no script is needed to read, ask or sign in, nothing is fetched from
//! elsewhere, and no page holds script or style within itself. Questions about the terms go to `settlement`, `enrolment` and
//! `policy`; questions about persons go through [`server::App::ask`], changes through
//! [`server::App::act`], where the one place decides who may.
//!
//! Invariants: Chinese and English say the same; every amount is shown with its weakest basis; nothing about a person stands in
//! an address; what is sent by a form carries the form's token. Markup is written with maud, which escapes all that is filled in.
//!
//! Deliberately absent: rules of the law, clock, SQL; words for provisions, which the program hands in ([`Words`]).
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

mod asked;
mod benefit;
mod bill;
mod clause;
mod coded;
mod counter;
mod excel;
mod fields;
mod handle;
mod home;
mod law;
mod layout;
mod list;
mod look;
mod mine;
mod pay;
mod picture;
mod routes;
mod sheet;
mod sign;
mod token;
mod view;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use domain::Lang;
use policy::{Library, Provision, Terms};

pub use routes::routes;

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
}

/// What all pages share.
pub struct Pages {
    /// The notices, without errors.
    pub library: Arc<Library>,
    /// How things are said.
    pub words: Box<dyn Words>,
    /// Whether browsers reach the server by TLS only, so that cookies are kept to it.
    pub secure: bool,
    handles: handle::Handles,
    coverage: OnceLock<Vec<cases::ClauseCoverage>>,
    counting: AtomicBool,
}

impl Pages {
    /// Over the notices.
    pub fn new(library: Arc<Library>, words: Box<dyn Words>, secure: bool) -> Arc<Pages> {
        let handles = handle::Handles::default();
        Arc::new(Pages { library, words, secure, handles, coverage: OnceLock::new(), counting: AtomicBool::new(false) })
    }
}
