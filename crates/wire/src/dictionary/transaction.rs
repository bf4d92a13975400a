//! What a transaction is: its number and names, and the nodes of its input and output.

use super::field::Field;
use super::fields::field;

/// One transaction of the interface.
#[derive(Clone, Copy, Debug)]
pub struct Transaction {
    /// Number, as `2207`.
    pub infno: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
    /// The part of the interface it belongs to.
    pub block: Block,
    /// How well its fields are known.
    pub known: Known,
    /// Nodes of the input.
    pub input: &'static [Node],
    /// Nodes of the output; none where only the result counts.
    pub output: &'static [Node],
}

/// A part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// People, institutions, desks.
    Basic,
    /// Lists and dictionaries to fetch.
    Catalogue,
    /// Whether one may claim.
    Eligibility,
    /// Pharmacies.
    Pharmacy,
    /// Outpatient care.
    Outpatient,
    /// Inpatient care.
    Inpatient,
    /// Filings.
    Filing,
    /// Putting right.
    Repair,
    /// Review.
    Review,
    /// Reconciliation and clearing.
    Accounts,
    /// The institution's items against the national ones.
    Matching,
    /// The settlement sheet.
    Sheet,
    /// Questions.
    Question,
    /// Signing in, files.
    Other,
}

impl Block {
    /// In the order of the reference page, with Chinese and English names.
    pub const ALL: [(Block, &'static str, &'static str); 14] = [
        (Block::Other, "签到与文件", "signing in, files"),
        (Block::Basic, "基础信息", "people and institutions"),
        (Block::Catalogue, "目录与字典下载", "catalogues and dictionaries"),
        (Block::Eligibility, "待遇检查", "eligibility"),
        (Block::Pharmacy, "药店", "pharmacy"),
        (Block::Outpatient, "门诊", "outpatient"),
        (Block::Inpatient, "住院", "inpatient"),
        (Block::Filing, "人员备案", "filings"),
        (Block::Repair, "冲正", "reversal by message"),
        (Block::Review, "医保智能审核", "review"),
        (Block::Accounts, "对账与清算", "reconciliation and clearing"),
        (Block::Matching, "目录对照", "matching"),
        (Block::Sheet, "结算清单", "settlement sheet"),
        (Block::Question, "信息查询", "questions"),
    ];
}

/// How well a transaction's fields are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Read in public hospital systems that use it.
    Seen,
    /// By analogy and general knowledge only: check it before relying on it.
    Background,
}

/// How often a node stands in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One object, which must be there.
    One,
    /// One object, if at all.
    MaybeOne,
    /// A list with at least one row. One object alone is read as its only row.
    Many,
    /// A list, empty or left out if there is nothing.
    AnyMany,
}

/// A node of an input or output: how often, its place (`data`, or `data.patient_dtos` for a node inside another), and its
/// fields by name in their order, those that must be there with a `!`.
#[derive(Clone, Copy, Debug)]
pub struct Node(pub Shape, pub &'static str, pub &'static str);

impl Node {
    /// The fields: each with whether it must be there.
    pub fn fields(&self) -> impl Iterator<Item = (&'static Field, bool)> {
        self.2.split_whitespace().filter_map(|word| {
            let name = word.trim_end_matches('!');
            Some((field(name)?, name.len() < word.len()))
        })
    }

    /// Whether it must be there.
    pub fn must(&self) -> bool {
        matches!(self.0, Shape::One | Shape::Many)
    }

    /// Whether it is a list.
    pub fn list(&self) -> bool {
        matches!(self.0, Shape::Many | Shape::AnyMany)
    }

    /// Its own name, the last of its place.
    pub fn name(&self) -> &'static str {
        self.1.rsplit('.').next().unwrap_or(self.1)
    }
}

impl Transaction {
    /// Whether the input names a person, so that the envelope must say where that person is insured.
    pub fn of_a_person(&self) -> bool {
        self.input.iter().any(|node| node.fields().any(|(field, must)| field.name == "psn_no" && must))
    }
}
