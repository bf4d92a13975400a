//! The reference page of the interface, from the same tables that inputs are checked by.

use std::fmt::Write as _;

use super::codes::CODE_TABLES;
use super::field::Kind;
use super::fields::SUBJECTS;
use super::transaction::{Block, Known, Node, Shape, Transaction};
use super::transactions::TRANSACTIONS;

const HEAD: &str = "# 国家医保接口 · The national interface\n\n\
由 `tongchou reference` 从字典生成，不要手改。字段名、长度与必填项来自公开的医院系统，未见官方文本；标有 ¹ 的交易其字段，以及结算清单各字段的长度，仅凭常识，用前请核对。粗体为必填。\n\
Generated from the dictionary by `tongchou reference`; do not edit. Names, lengths and what must be there are what public hospital systems send;\n\
no official text was at hand. The fields of transactions marked ¹, and the lengths on the settlement sheet, are background knowledge only: check them\n\
first. Bold: must be there.\n";

/// The whole page.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    overview(&mut page);
    for (block, zh, en) in Block::ALL {
        let _ = write!(page, "\n## {zh} · {en}\n");
        for transaction in TRANSACTIONS.iter().filter(|transaction| transaction.block == block) {
            one(&mut page, transaction);
        }
    }
    fields(&mut page);
    codes(&mut page);
    page
}

fn overview(page: &mut String) {
    page.push_str("\n## 交易一览 · Transactions\n\n| 编号 | 交易 | transaction |\n|---|---|---|\n");
    for (block, ..) in Block::ALL {
        for transaction in TRANSACTIONS.iter().filter(|transaction| transaction.block == block) {
            let _ = writeln!(
                page,
                "| {}{} | {} | {} |",
                transaction.infno,
                mark(transaction),
                transaction.zh,
                transaction.en
            );
        }
    }
}

fn mark(transaction: &Transaction) -> &'static str {
    if transaction.known == Known::Background { "¹" } else { "" }
}

fn one(page: &mut String, transaction: &Transaction) {
    let _ =
        write!(page, "\n### {}{} {} · {}\n\n", transaction.infno, mark(transaction), transaction.zh, transaction.en);
    for (direction, nodes) in [("输入 in", transaction.input), ("输出 out", transaction.output)] {
        if nodes.is_empty() {
            let _ = writeln!(page, "* {direction}：无 none");
        }
        for node in nodes {
            let _ = writeln!(page, "* {direction} `{}`{}：{}", node.1, often(node.0), listed(node));
        }
    }
}

fn often(shape: Shape) -> &'static str {
    match shape {
        Shape::One => "",
        Shape::MaybeOne => "（可无 optional）",
        Shape::Many => "（多行 rows）",
        Shape::AnyMany => "（多行，可无 rows, if any）",
    }
}

/// The fields of a node, those that must be there in bold.
fn listed(node: &Node) -> String {
    let words =
        node.fields().map(|(field, must)| if must { format!("**{}**", field.name) } else { field.name.to_owned() });
    words.collect::<Vec<_>>().join(" ")
}

fn fields(page: &mut String) {
    page.push_str("\n## 字段 · Fields\n");
    for (zh, en, rows) in SUBJECTS {
        let _ = write!(
            page,
            "\n### {zh} · {en}\n\n| 字段 field | 类型 type | 代码表 codes | 名称 | name |\n|---|---|---|---|---|\n"
        );
        for (name, kind, zh, en) in rows {
            let table = if let Kind::Code(_, table) = kind { format!("[{table}](#{table})") } else { String::new() };
            let _ = writeln!(page, "| `{name}` | {} | {table} | {zh} | {en} |", kind.zh());
        }
    }
}

fn codes(page: &mut String) {
    page.push_str("\n## 代码表 · Code tables\n");
    for table in CODE_TABLES {
        let _ = write!(page, "\n### {}\n\n{} · {}", table.name, table.zh, table.en);
        if let Some(places) = table.local {
            let _ = write!(
                page,
                "。各地可在前{places}位相同的代码下加长 Regions lengthen codes below the first {places} characters"
            );
        }
        page.push_str("\n\n| 代码 | 含义 | meaning |\n|---|---|---|\n");
        for code in table.codes {
            let _ = writeln!(page, "| `{}` | {} | {} |", code.code, code.zh, code.en);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::page;
    use crate::dictionary::{CODE_TABLES, TRANSACTIONS};

    #[test]
    fn the_page_names_every_transaction_and_table() {
        let page = page();
        for transaction in TRANSACTIONS.iter() {
            assert!(page.contains(&format!("### {}", transaction.infno)), "{}", transaction.infno);
        }
        for table in CODE_TABLES {
            assert!(page.contains(&format!("\n### {}\n", table.name)), "{}", table.name);
        }
    }
}
