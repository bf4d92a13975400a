//! What can be asked to be loaded.

use super::file::Said;
use super::item::Item;
use super::load::{keys, load};
use super::term::Term;
use crate::answer::{Answer, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};

command! {
    /// Load items of the drug, service and consumable lists from a file of comma-separated values
    LoadItems = "catalogue load", "载入药品、诊疗项目、医用耗材目录" {
        /// The text of the file: lines that say where it comes from, a heading, then a line an item
        text: String = "文件内容：文件头，列名，一行一条",
        /// Who publishes it, where the file does not say
        publisher: Option<String> = "发布单位（文件没有写时）",
        /// On what it rests, where the file does not say: stated, derived, secondary or illustrative
        basis: Option<String> = "依据（文件没有写时）：stated、derived、secondary、illustrative",
        /// Take nothing if any line is rejected
        whole: bool = "有一行不合格就全部不收",
    }
}

command! {
    /// Load terms (diagnoses, operations, chronic diseases …) from a file of comma-separated values
    LoadTerms = "term load", "载入疾病诊断、手术操作、慢特病等标准目录" {
        /// The text of the file: lines that say where it comes from, a heading, then a line a term
        text: String = "文件内容：文件头，列名，一行一条",
        /// Who publishes it, where the file does not say
        publisher: Option<String> = "发布单位（文件没有写时）",
        /// On what it rests, where the file does not say: stated, derived, secondary or illustrative
        basis: Option<String> = "依据（文件没有写时）：stated、derived、secondary、illustrative",
        /// Take nothing if any line is rejected
        whole: bool = "有一行不合格就全部不收",
    }
}

impl UseCase for LoadItems {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let said = Said { publisher: self.publisher.as_deref(), basis: self.basis.as_deref() };
        load::<Item>(desk, books, &self.text, said, self.whole)
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        keys::<Item>(&self.text, Said { publisher: self.publisher.as_deref(), basis: self.basis.as_deref() })
    }
}

impl UseCase for LoadTerms {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let said = Said { publisher: self.publisher.as_deref(), basis: self.basis.as_deref() };
        load::<Term>(desk, books, &self.text, said, self.whole)
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        keys::<Term>(&self.text, Said { publisher: self.publisher.as_deref(), basis: self.basis.as_deref() })
    }
}
