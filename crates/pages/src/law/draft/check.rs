//! What the checker finds in a draft: all that is in its own file, and what it makes of others.

use domain::Diagnostic;
use maud::{Markup, html};

use super::Draft;
use crate::asked::Asked;
use crate::files;
use crate::law::findings::{list, sum};

/// What is found, for the page and for its script.
pub fn found(asked: &Asked, draft: &Draft) -> Markup {
    let all = files::found(&draft.library, draft.regions(), &draft.view());
    let (own, others): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        all.iter().partition(|finding| finding.place.file == draft.file.shown);
    let known = asked.pages.found();
    let others: Vec<&Diagnostic> = others.into_iter().filter(|finding| !known.contains(finding)).collect();
    html! {
        h2 { (asked.of("核对", "Findings")) }
        p.says #counts { (sum(asked, &own)) }
        (list(asked, &own, false))
        @if !others.is_empty() {
            h3 { (asked.of("别的文件因此有了", "In other files, because of it")) }
            @for finding in others {
                @let path = asked.pages.files.shown(&finding.place.file).map_or("", |file| &file.path);
                p { code { (path) ":" (finding.place.line) } " " (asked.said(&finding.message)) " "
                    strong { (asked.of("怎么办：", "What to do: ")) } (asked.said(&finding.cure)) }
            }
        }
    }
}
