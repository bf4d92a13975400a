//! Opening the books of a region, and what the service needs to know of it before it can run any other command.

use std::sync::Arc;

use domain::{Date, Place};
use policy::Library;
use policy::notice::Adoption;

use super::region::{Adopted, Opening, RegionBook, RegionEntry, book, key};
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::{Desk, Rules};
use crate::sheets::{Books, Key};

command! {
    /// Open the books of a region
    Open = "region open", "为一个统筹区开账" {
        /// Slug of the region, as `policy list` shows it
        region: String = "地区的 slug，见 policy list",
        /// Refuse whatever rests on less than a stated rule or a published statistic
        strict: bool = "严格：依据不到“推得”的一概不用",
    }
}

impl UseCase for Open {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        if let Some(opening) = book(books)?.opening {
            let message = format!("账套已于 {} 为{}开立，一个库只有一个统筹区", opening.on, opening.name);
            return Err(Refusal::new("already-open", message, "另一个地区用另一个库").into());
        }
        let region = desk.rules.region()?;
        if !region.is_called(&self.region) {
            let message = format!("所载入的是{}的政策，不是 “{}” 的", region.name, self.region);
            return Err(
                Refusal::new("other-region", message, format!("写 {}，或载入另一地区的政策", region.slug)).into()
            );
        }
        let (slug, name) = (region.slug.clone(), region.name.clone());
        let opening = Opening {
            region: slug.clone(),
            name: name.clone(),
            strict: self.strict,
            edition: desk.rules.edition.clone(),
            on: desk.today(),
        };
        books.post::<RegionBook>(&key(), &RegionEntry::Opened(opening))?;
        let how = if self.strict { "，严格" } else { "" };
        Ok(Answer::new(format!("{name}的账套已开立{how}"), format!("the books of {slug} are open"))
            .with("region", slug)
            .with("strict", self.strict)
            .with("edition", desk.rules.edition.clone()))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        vec![key()]
    }
}

/// What the rules of a region's books are made by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Slug of the region.
    pub region: String,
    /// Refuse what rests on too little.
    pub strict: bool,
    /// Drafts whose adoption is recorded, by id.
    pub adopted: Vec<Adopted>,
    /// Hash of the policy files when the books were opened.
    pub edition: String,
}

impl Settings {
    /// Ids of the adopted drafts.
    pub fn drafts(&self) -> Vec<String> {
        self.adopted.iter().map(|adopted| adopted.draft.clone()).collect()
    }

    /// A library in which the recorded adoptions stand, so that an adopted draft ranks as a notice of the day of its adoption and a
    /// later notice amends it.
    ///
    /// # Errors
    /// When the library does not have a draft that was adopted.
    pub fn library(&self, library: &Arc<Library>) -> Result<Arc<Library>, Refusal> {
        let mut library = Arc::clone(library);
        for Adopted { draft, on, document, .. } in &self.adopted {
            let Some(notice) = library.notices.iter().find(|notice| notice.id == *draft) else {
                let message = format!("已记录采纳（{document}）的草案 {draft} 不在政策文件里");
                return Err(Refusal::new("unknown-draft", message, "载入含该草案的政策文件"));
            };
            let place = Place { file: document.clone(), ..notice.place.clone() };
            Arc::make_mut(&mut library).adoptions.push(Adoption { notice: draft.clone(), on: *on, place });
        }
        Ok(library)
    }

    /// The rules by which these books are run around a day.
    ///
    /// # Errors
    /// When the library does not have the region, or does not have a draft that was adopted.
    pub fn rules(&self, library: &Arc<Library>, edition: &str, made_on: Date) -> Result<Rules, Refusal> {
        Rules::new(self.library(library)?, edition, &self.region, self.drafts(), self.strict, made_on)
    }
}

/// What the rules of these books are made by; nothing before the books are opened.
///
/// # Errors
/// When the source fails.
pub fn settings(books: &mut Books<'_>) -> Result<Option<Settings>, Stop> {
    let RegionBook { opening, adopted, .. } = book(books)?;
    Ok(opening.map(|Opening { region, strict, edition, .. }| Settings {
        region,
        strict,
        adopted: adopted.into_values().collect(),
        edition,
    }))
}
