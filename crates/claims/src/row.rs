//! One row to one bill: every cell is read, every fault is named.

use std::borrow::Cow;

use domain::{
    Bill, Care, Categories, Category, ClassAmounts, Date, Diagnostic, Filing, Group, Level, Mark, Marks, Person, Place,
    Scheme,
};

use super::cells::Cells;
use super::columns::Column;

/// A cell as its format gave it.
#[derive(Clone, Debug, Default)]
#[cfg_attr(not(feature = "arrow"), allow(dead_code, reason = "texts know neither whole fen nor days"))]
pub enum Raw<'a> {
    /// Nothing there.
    #[default]
    Absent,
    /// Text not blank, or digits.
    Text(Cow<'a, str>),
    /// A list of texts.
    List(Vec<Cow<'a, str>>),
    /// An amount already in fen.
    Fen(i64),
    /// A day.
    Date(Date),
    /// A value of a type that the column cannot take: what it is, and what to do.
    Unfit(String, &'static str),
}

impl<'a> Raw<'a> {
    /// A text cell; blank is absent.
    pub fn text(text: &'a str) -> Raw<'a> {
        match text.trim() {
            "" => Raw::Absent,
            text => Raw::Text(Cow::Borrowed(text)),
        }
    }
}

/// Where a column stands in a row.
#[derive(Clone, Copy, Debug)]
pub struct Seat {
    /// Field position from 1.
    pub position: usize,
    /// Whether an amount is in fen.
    pub in_fen: bool,
}

/// Where the columns stand. One for a file with a header, one a row for JSON.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    seats: [Option<Seat>; Column::COUNT],
    /// The file has a header, whose missing columns are already reported.
    pub from_header: bool,
}

impl Layout {
    /// An empty layout of a file with a header.
    pub fn of_header() -> Layout {
        Layout { from_header: true, ..Layout::default() }
    }

    /// Where a column stands.
    pub fn seat(&self, column: Column) -> Option<Seat> {
        self.seats[column as usize]
    }

    /// Gives a column its place; the place it had, if it is there twice.
    pub fn set(&mut self, column: Column, seat: Seat) -> Option<Seat> {
        self.seats[column as usize].replace(seat)
    }

    /// Takes a column out that cannot be read.
    #[cfg(feature = "arrow")]
    pub fn remove(&mut self, column: Column) {
        self.seats[column as usize] = None;
    }

    /// Field position of a column, from 1; 0 where it is not there.
    pub fn position(&self, column: Column) -> usize {
        self.seat(column).map_or(0, |seat| seat.position)
    }
}

/// A row before it is understood.
#[derive(Debug)]
pub struct Row<'a> {
    /// Physical line, or row number where the format has no lines.
    pub line: usize,
    /// Byte at which the row starts in its text.
    pub start: usize,
    /// Where the columns stand.
    pub layout: &'a Layout,
    /// The cells by column.
    pub cells: [Raw<'a>; Column::COUNT],
}

impl<'a> Row<'a> {
    /// A row without cells.
    pub fn new(line: usize, start: usize, layout: &'a Layout) -> Row<'a> {
        Row { line, start, layout, cells: [const { Raw::Absent }; Column::COUNT] }
    }

    /// A cell.
    pub fn cell(&self, column: Column) -> &Raw<'a> {
        &self.cells[column as usize]
    }

    /// A cell to be filled.
    pub fn cell_mut(&mut self, column: Column) -> &mut Raw<'a> {
        &mut self.cells[column as usize]
    }

    /// Text of a cell that is one.
    pub fn text(&self, column: Column) -> Option<&str> {
        match self.cell(column) {
            Raw::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether anything stands in a cell.
    pub fn has(&self, column: Column) -> bool {
        !matches!(self.cell(column), Raw::Absent)
    }

    /// The place of a column in this row. Its byte range is only where the row starts; the reader makes it exact.
    pub fn place(&self, file: &str, column: Column) -> Place {
        self.place_at(file, self.layout.position(column))
    }

    /// The place of a field by position; 0 means the row as a whole.
    pub fn place_at(&self, file: &str, position: usize) -> Place {
        Place { file: file.to_owned(), line: self.line, column: position, span: (self.start, self.start) }
    }
}

/// Reads a row; `None` when anything in it is at fault. Every fault is added to the findings.
pub fn bill(row: &Row<'_>, file: &str, findings: &mut Vec<Diagnostic>) -> Option<Bill> {
    let mut cells = Cells::new(row, file, findings);
    let bill = if row.has(Column::Reverses) { reversal(&mut cells) } else { ordinary(&mut cells) };
    bill.filter(|_| cells.sound())
}

fn ordinary(cells: &mut Cells<'_, '_>) -> Option<Bill> {
    let id = cells.id(Column::Bill);
    let person_id = cells.id(Column::Person);
    let region = cells.text(Column::Region);
    let date = cells.required_date(Column::Date);
    let care = cells.required_word::<Care>(Column::Care);
    let level = cells.required_word::<Level>(Column::Level);
    let born = cells.date(Column::Birth);
    let insured_since = cells.date(Column::InsuredSince);
    cells.not_after(Column::Birth, born, date);
    cells.not_after(Column::InsuredSince, insured_since, date);
    let person = Person {
        scheme: cells.word(Column::Scheme).unwrap_or(Scheme::Resident),
        tier: cells.text(Column::Tier),
        group: cells.word(Column::Group).unwrap_or(Group::Adult),
        categories: cells.words::<Category>(Column::Category).into_iter().collect::<Categories>(),
        born,
        insured_since,
    };
    let filing = cells.word(Column::Filing).unwrap_or(Filing::Local);
    let disease = cells.text(Column::Disease);
    let marks = cells.words::<Mark>(Column::Mark).into_iter().collect::<Marks>();
    let amounts = cells.amounts();
    let from_bill = cells.text(Column::FromBill);
    Some(Bill {
        id: id?,
        person_id: person_id?,
        region,
        person,
        date: date?,
        care: care?,
        level: level?,
        filing,
        disease,
        marks,
        amounts,
        from_bill,
        part: domain::Part::Whole,
        reverses: None,
        burden_only: false,
    })
}

/// A reversal names only itself, its person, its day and the bill it takes back; the facts are that bill's and are filled in
/// when it is known.
fn reversal(cells: &mut Cells<'_, '_>) -> Option<Bill> {
    let id = cells.id(Column::Bill);
    let person_id = cells.id(Column::Person);
    let date = cells.required_date(Column::Date);
    let reverses = cells.text(Column::Reverses);
    for column in Column::CLASSES.into_iter().chain([Column::Total]) {
        cells.blank_in_reversal(column);
    }
    let person = Person {
        scheme: Scheme::Resident,
        tier: None,
        group: Group::Adult,
        categories: Categories::NONE,
        born: None,
        insured_since: None,
    };
    Some(Bill {
        id: id?,
        person_id: person_id?,
        region: None,
        person,
        date: date?,
        care: Care::Outpatient,
        level: Level::Primary,
        filing: Filing::Local,
        disease: None,
        marks: Marks::NONE,
        amounts: ClassAmounts::default(),
        from_bill: None,
        part: domain::Part::Whole,
        reverses: Some(reverses?),
        burden_only: false,
    })
}
