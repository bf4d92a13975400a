//! What lies around every page: the head, the ways to other pages by role, the switches, the foot; and a page for what went wrong.

use domain::Lang;
use maud::{DOCTYPE, Markup, html};
use server::Problem;
use server::access::{Caller, Scope};

use crate::asked::{Asked, Page, address};
use crate::view::View;
use crate::{counter, simulate, token};

/// A way to a page, or a choice: its address or word, and its names in Chinese and in English.
type Way = (&'static str, &'static str, &'static str);

/// The ways that everybody has.
const WAYS: [Way; 3] =
    [("/pay", "我要缴多少", "What I pay"), ("/benefit", "我能报多少", "What I get"), ("/policy", "政策", "Policy")];

/// The ways to what the notices say.
pub const LAW: [Way; 7] = [
    ("/policy", "文件", "Notices"),
    ("/policy/terms", "当日条款", "Terms of a day"),
    ("/policy/compare", "对照", "Compare"),
    ("/policy/open", "待定数字", "Open figures"),
    ("/policy/findings", "核对", "Findings"),
    ("/policy/coverage", "条文覆盖", "Clause coverage"),
    ("/policy/draft", "草稿", "Draft"),
];

/// Ways that lead to more pages below them.
const GROUPS: [&str; 4] = ["/policy", "/counter", "/work", "/simulate"];

/// A whole page.
pub fn shell(asked: &Asked, page: &Page) -> Markup {
    let view = asked.view;
    html! {
        (DOCTYPE)
        html lang=(asked.lang().tag()) data-text=(view.chosen("text")) data-contrast=(view.chosen("contrast"))
            data-theme=(view.chosen("theme")) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.title) " · " (asked.of("统筹", "Tongchou")) }
                link rel="stylesheet" href="/look/style.css";
                link rel="icon" href="/look/mark.svg" type="image/svg+xml";
                script src="/look/page.js" defer {}
                (page.head)
            }
            body {
                a.skip href="#content" { (asked.of("跳到正文", "Skip to content")) }
                (head(asked))
                main #content tabindex="-1" { (page.body) }
                (foot(asked, page.form))
            }
        }
    }
}

/// A page with nothing around it, as somebody sees it of whom nothing is known yet; `onward` is where it leads by itself.
pub fn plain(view: View, title: &str, onward: Option<&str>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(view.lang().tag()) data-text=(view.chosen("text")) data-contrast=(view.chosen("contrast"))
            data-theme=(view.chosen("theme")) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                @if let Some(to) = onward { meta http-equiv="refresh" content={ "0; url=" (to) }; }
                title { (title) " · " (view.lang().of("统筹", "Tongchou")) }
                link rel="stylesheet" href="/look/style.css";
            }
            body { main { (body) } }
        }
    }
}

fn head(asked: &Asked) -> Markup {
    html! {
        header.top {
            div.bar {
                a.name href="/" {
                    span.mark aria-hidden="true" { "统" }
                    span { (asked.of("统筹", "Tongchou")) }
                }
                nav.ways aria-label=(asked.of("主要页面", "Main pages")) {
                    @for way in WAYS { (link(asked, way)) }
                    @if let Ok(caller) = &asked.caller { (own(asked, caller)) }
                }
                (who(asked))
            }
        }
    }
}

/// The ways that somebody's role opens.
fn own(asked: &Asked, caller: &Caller) -> Markup {
    let is_person = matches!(caller.scope, Scope::Person(_));
    html! {
        @if is_person && asked.app.may(caller, "care statement") {
            (link(asked, ("/mine", "我的账单", "My statements")))
        }
        @if counter::may(&asked.app, caller) {
            (link(asked, ("/counter", "柜台", "Counter")))
            (link(asked, ("/work", "工作", "Work")))
        }
        @if simulate::may(&asked.app, caller) { (link(asked, ("/simulate", "测算", "Simulation"))) }
    }
}

fn who(asked: &Asked) -> Markup {
    html! {
        div.who {
            @match &asked.caller {
                Ok(caller) => {
                    form method="post" action="/sign-out" {
                        (hidden_token(asked))
                        span.person { (caller.actor) }
                        button.quiet type="submit" { (asked.of("退出", "Sign out")) }
                    }
                }
                Err(_) => { (link(asked, ("/sign-in", "登录", "Sign in"))) }
            }
        }
    }
}

fn link(asked: &Asked, (to, zh, en): Way) -> Markup {
    let here = asked.path == to
        || (GROUPS.contains(&to) && asked.path.strip_prefix(to).is_some_and(|rest| rest.starts_with('/')));
    html! { a href=(to) aria-current=[here.then_some("page")] { (asked.of(zh, en)) } }
}

/// The ways among the pages about the notices.
pub fn law_ways(asked: &Asked) -> Markup {
    html! {
        nav.tabs aria-label=(asked.of("政策页面", "Policy pages")) {
            @for (to, zh, en) in LAW {
                a href=(to) aria-current=[(asked.path == to).then_some("page")] { (asked.of(zh, en)) }
            }
        }
    }
}

fn foot(asked: &Asked, form: Option<&str>) -> Markup {
    let switch = |name, zh, en, choices: &[_]| switch(asked, form, (name, zh, en), choices);
    html! {
        footer.bottom {
            nav.switches aria-label=(asked.of("显示方式", "Display")) {
                (switch("lang", "语言", "Language", &[("zh", "中文", "中文"), ("en", "English", "English")]))
                (switch("text", "字号", "Text", &[("normal", "标准", "Normal"), ("large", "大字", "Large")]))
                (switch("contrast", "对比度", "Contrast", &[("normal", "标准", "Normal"), ("high", "高", "High")]))
                (switch("theme", "明暗", "Theme",
                    &[("auto", "自动", "Auto"), ("light", "浅色", "Light"), ("dark", "深色", "Dark")]))
            }
            p { (asked.of("结果按已载入的文件计算，依据弱于“推算”的只供试算，不作支付凭据。",
                "Results follow the notices loaded. What rests on less than “derived” is for trial only, and no ground for payment."))
                " " a href="/docs" { (asked.of("接口文档", "API")) } }
        }
    }
}

/// A choice of how pages look: links; where a form is to be taken along, buttons that send it.
fn switch(asked: &Asked, form: Option<&str>, (name, zh, en): (&str, &str, &str), choices: &[Way]) -> Markup {
    let to = |word: &str| {
        let said = if form.is_some() { &[][..] } else { &asked.pairs };
        let pairs: Vec<_> = said.iter().cloned().chain([(name.to_owned(), word.to_owned())]).collect();
        address(&asked.path, &pairs)
    };
    html! {
        div.switch role="group" aria-label=(asked.of(zh, en)) {
            span aria-hidden="true" { (asked.of(zh, en)) }
            @for (word, zh, en) in choices {
                @let current = (asked.view.chosen(name) == *word).then_some("true");
                @let lang = (name == "lang").then_some(if *word == "zh" { "zh-CN" } else { "en" });
                @match form {
                    Some(form) => { button type="submit" form=(form) formaction=(to(word)) formnovalidate aria-current=[current] lang=[lang] { (asked.of(zh, en)) } }
                    None => { a href=(to(word)) aria-current=[current] lang=[lang] { (asked.of(zh, en)) } }
                }
            }
        }
    }
}

/// The token that a form carries.
pub fn hidden_token(asked: &Asked) -> Markup {
    html! { input type="hidden" name=(token::FIELD) value=(token::of(&asked.secret)); }
}

/// A box that says what is wrong and what to do.
pub fn trouble(asked: &Asked, what: &str, cure: &str) -> Markup {
    trouble_in(asked.lang(), what, cure)
}

/// The same, on a page of which only the language is known.
pub fn trouble_in(lang: Lang, what: &str, cure: &str) -> Markup {
    html! {
        div.trouble role="alert" {
            p.what { (what) }
            p { strong { (lang.of("怎么办：", "What to do: ")) } (cure) }
        }
    }
}

/// A box that says why something was refused and what to do.
pub fn refused(asked: &Asked, problem: &Problem) -> Markup {
    let (what, cure) = said(asked, problem);
    trouble(asked, &what, &cure)
}

/// Why something was refused and what to do, in the language of the page.
pub fn said(asked: &Asked, problem: &Problem) -> (String, String) {
    let refusal = &problem.refusal;
    asked.pages.words.refusal(asked.lang(), &refusal.code, &refusal.message, &refusal.cure)
}

/// What is said where a form's handle is of no use: it was filled in by another visitor, or before the browser was closed.
pub fn lost(asked: &Asked) -> Markup {
    html! {
        @if asked.is_lost {
            (trouble(asked, asked.of("这张表是另一次访问时填的，内容看不到", "this form was filled in on another visit, and cannot be read"),
                asked.of("在下面重新填写", "fill it in again below")))
        }
    }
}

/// A page for what went wrong.
pub fn problem(asked: &Asked, problem: &Problem) -> Page {
    let title = asked.of("没有办成", "That did not work");
    let body = html! {
        h1 { (title) }
        (refused(asked, problem))
        @if problem.in_doubt {
            p { (asked.of("请求可能已经生效，重办之前先查看。", "It may have taken effect all the same: look before doing it again.")) }
        }
        p { a href="/" { (asked.of("回到首页", "To the first page")) } }
    };
    Page { status: problem.status, ..Page::new(title, body) }
}
