//! What the checker finds in the files, all of it: each finding with its place, its clause and what to do.

use domain::{Diagnostic, Severity};
use maud::{Markup, html};
use policy::{Notice, Region, SourceFile, View, open_figures};
use server::Problem;

use super::head;
use crate::asked::{Asked, Page, address};
use crate::clause;
use crate::fields::{Options, named, region_name, regions, select};
use crate::files::counted;

pub fn show(asked: &Asked) -> Result<Page, Problem> {
    let library = &asked.pages.library;
    let chosen = asked.one("region").map(|name| named(asked, name)).transpose()?;
    let chain = chosen.map(|region| library.chain(region));
    let is_of = |finding: &&Diagnostic| {
        let slug = asked.pages.files.shown(&finding.place.file).and_then(SourceFile::region);
        // What is wrong with no region's file concerns every region.
        chain.as_ref().zip(slug).is_none_or(|(chain, slug)| chain.iter().any(|region| region.slug == slug))
    };
    let found: Vec<&Diagnostic> = asked.pages.found().iter().filter(is_of).collect();
    let mut files: Vec<&str> = found.iter().map(|finding| finding.place.file.as_str()).collect();
    files.dedup();
    let title = asked.of("核对", "Findings");
    let lead = asked.of(
        "检查程序在文件里发现的：错误、缺口、重叠、与通知自己的说法不符之处，每一条都指到行，说明怎么办。",
        "What the checker finds in the files: faults, gaps, overlaps, figures that do not keep what the notices say of them; each with its line and what to do.",
    );
    let body = html! {
        (head(asked, title, lead))
        (form(asked, chosen))
        p.says #counts { (sum(asked, &found)) }
        @if let Some(region) = chosen { (open(asked, region)) }
        @for file in files {
            @let of_file: Vec<&Diagnostic> = found.iter().copied().filter(|finding| finding.place.file == file).collect();
            section {
                (heading(asked, file))
                (list(asked, &of_file, true))
            }
        }
    };
    Ok(Page::new(title, body))
}

fn form(asked: &Asked, chosen: Option<&Region>) -> Markup {
    let all = (String::new(), asked.of("全部", "all").to_owned());
    let options: Options = std::iter::once(all).chain(regions(&asked.pages.library, asked.lang())).collect();
    html! {
        form.ask method="get" action="/policy/findings" {
            div.grid {
                (select("region", asked.of("地区", "Region"), &options, chosen.map_or("", |region| &region.slug)))
                div.act { button type="submit" { (asked.of("查看", "Show")) } }
            }
        }
    }
}

/// What is left open today, which the checker of files has no line for.
fn open(asked: &Asked, region: &Region) -> Markup {
    let (library, today) = (&asked.pages.library, asked.today());
    let open = open_figures(library, region, today, &View::default());
    let missing = open.iter().filter(|figure| figure.filled.is_none()).count();
    let to = address("/policy/open", &[("region".to_owned(), region.slug.clone())]);
    html! {
        p {
            (today) (asked.of(" 还有 ", ": ")) (missing) (asked.of(" 项数字未定，", " figures are missing, ")) (open.len() - missing)
            (asked.of(" 项由补充文件暂代：", " supplied by a supplement: "))
            a href=(to) { (asked.of("看待定数字", "see the open figures")) }
        }
    }
}

/// The file that findings are about: the notice's title, and where it lies.
fn heading(asked: &Asked, shown: &str) -> Markup {
    let notice = notice_in(asked, shown);
    let path = asked.pages.files.shown(shown).map_or(shown, |file| &file.path);
    let region = notice.and_then(|notice| asked.pages.library.regions.get(&notice.region));
    html! {
        h2 {
            @if let Some(notice) = notice {
                @if let Some(region) = region { (region_name(region, asked.lang())) " · " }
                span lang="zh-CN" { (notice.title) } " "
            }
            code { (path) }
        }
    }
}

/// The notice that a file holds.
fn notice_in<'a>(asked: &'a Asked, shown: &str) -> Option<&'a Notice> {
    asked.pages.library.notices.iter().find(|notice| notice.place.file == shown)
}

/// How many errors, warnings and notes there are, in words.
pub fn sum(asked: &Asked, found: &[&Diagnostic]) -> String {
    let [errors, warnings, notes] = counted(found.iter().copied());
    match asked.lang() {
        domain::Lang::Zh => format!("{errors} 处错误，{warnings} 处警告，{notes} 处提示"),
        domain::Lang::En => format!("{errors} errors, {warnings} warnings, {notes} notes"),
    }
}

/// Findings, each with its place, the worst first. With `leading`, a place leads to the page on which the file can be edited;
/// without, it is that page, and whose script goes to the line.
pub fn list(asked: &Asked, found: &[&Diagnostic], leading: bool) -> Markup {
    let mut found = found.to_vec();
    found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    html! {
        @if !found.is_empty() {
            ol.findings { @for finding in found { (one(asked, finding, leading)) } }
        }
    }
}

fn one(asked: &Asked, finding: &Diagnostic, leading: bool) -> Markup {
    let place = &finding.place;
    let severity = match finding.severity {
        Severity::Error => asked.of("错误", "error"),
        Severity::Warning => asked.of("警告", "warning"),
        Severity::Note => asked.of("提示", "note"),
    };
    let line = match asked.lang() {
        // A finding about the whole file has no line.
        lang if place.line == 0 => lang.of("整份文件", "the whole file").to_owned(),
        domain::Lang::Zh => format!("第 {} 行", place.line),
        domain::Lang::En => format!("line {}", place.line),
    };
    let edited = notice_in(asked, &place.file).filter(|_| leading);
    html! {
        li class=(finding.severity.code()) data-line=[(!leading).then_some(place.line.max(1))] data-column=[(!leading).then_some(place.column)] {
            p.what { span.severity { (severity) } " " (asked.said(&finding.message)) }
            p {
                @match edited {
                    Some(notice) => {
                        @let to = [("of".to_owned(), notice.id.clone()), ("line".to_owned(), place.line.to_string())];
                        a href=(address("/policy/draft", &to)) { (line) }
                    }
                    None if leading => { (line) }
                    None => { a href="#text" { (line) } }
                }
                " · " strong { (asked.of("怎么办：", "What to do: ")) } (asked.said(&finding.cure))
            }
            @if let Some(ids) = &finding.clause {
                ul.cites { @for id in ids.split('、') { li { (clause::one(&asked.pages.library, asked.lang(), id)) } } }
            }
        }
    }
}
