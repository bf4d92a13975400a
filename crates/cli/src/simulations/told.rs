//! What a run found, as the pages show it: the report of `simulate`, part by part.

use domain::Lang;
use microsim::outcome::{By, Group, Outcome, Variant};
use microsim::report;
use pages::simulate::{File, Headline, Report, Section, Table};

/// The main figures of the baseline and of each variant.
pub fn headlines(outcome: &Outcome) -> Vec<Headline> {
    outcome.variants.iter().map(headline).collect()
}

fn headline(variant: &Variant) -> Headline {
    let all = Group { by: By::All, value: String::new() };
    let sums = variant.groups.get(&all).cloned().unwrap_or_default();
    Headline {
        name: variant.name.clone(),
        basis: variant.basis.clone(),
        bills: sums.bills,
        total: sums.total,
        in_scope: sums.in_scope,
        paid: sums.paid.iter().sum(),
        own: sums.own,
        winners: sums.winners,
        losers: sums.losers,
        refused: variant.refused.values().sum(),
    }
}

/// The report.
pub fn report(outcome: &Outcome, lang: Lang) -> Report {
    let files = report::tables(outcome);
    Report {
        title: report::title(outcome, lang),
        warning: report::warning(outcome, lang),
        sections: report::sections(outcome, lang).into_iter().map(section).collect(),
        files: files.iter().map(|table| (table.head.name.to_owned(), table.head.title.of(lang).to_owned())).collect(),
    }
}

fn section(part: report::Section) -> Section {
    let report::Section { id, title, texts, charts, tables, terms } = part;
    // That all tables are in a folder beside is true of the files of `simulate` alone.
    let texts = if terms.is_empty() { texts } else { Vec::new() };
    Section {
        id: id.to_owned(),
        title: title.to_owned(),
        texts,
        charts,
        tables: tables.into_iter().map(table).collect(),
        terms,
    }
}

fn table(shown: report::Shown) -> Table {
    let cells = |cells: Vec<report::Cell>| cells.into_iter().map(|cell| (cell.text, cell.number)).collect();
    let rows = shown.rows.into_iter().map(cells).collect();
    Table { title: shown.title, source: shown.source, head: cells(shown.head), rows }
}

/// A file to keep; none of another name.
pub fn file(outcome: &Outcome, name: &str, lang: Lang) -> anyhow::Result<Option<File>> {
    const EXCEL: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let file = |kind, bytes| Ok(Some(File { name: name.to_owned(), kind, bytes }));
    match name {
        "report.html" => file("text/html; charset=utf-8", report::html(outcome, lang)?.into_bytes()),
        "report.xlsx" => file(EXCEL, report::xlsx(outcome, lang)?),
        _ => {
            let tables = report::tables(outcome);
            let wanted = name.strip_suffix(".csv").and_then(|name| tables.iter().find(|table| table.head.name == name));
            wanted.map_or(Ok(None), |table| file("text/csv; charset=utf-8", report::csv(table)?))
        }
    }
}

/// The colours of charts by how pages are to look: as `style.css` chooses its own.
pub fn colours() -> String {
    let below = |root: &str, dark: bool| report::colours(&format!("{root} svg.chart "), dark);
    let auto = ":root[data-theme=\"auto\"]:not([data-contrast=\"high\"])";
    format!(
        "{}@media screen and (prefers-color-scheme:dark){{\n{}}}\n@media screen{{\n{}}}\n",
        below(":root", false),
        below(auto, true),
        below(":root[data-theme=\"dark\"]", true),
    )
}
