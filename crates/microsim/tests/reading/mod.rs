//! The files of a province, read back: columns by name, rows as text, bills as the engine takes them.
#![allow(dead_code, reason = "each test reads what it needs")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int16Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use domain::{Bill, Care, Category, ClassAmounts, Date, Fen, Filing, Group, Level, Mark, Part, Person, Rate, Scheme};
use jiff::ToSpan;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// A file in memory.
pub struct Frame {
    batch: RecordBatch,
    /// How many rows.
    pub rows: usize,
}

impl Frame {
    pub fn read(path: &Path) -> Frame {
        let file = fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let rows = builder.metadata().file_metadata().num_rows() as usize;
        assert!(builder.metadata().num_row_groups() <= 1, "one row group a file");
        let schema = builder.schema().clone();
        let mut batches = builder.with_batch_size(rows.max(1)).build().unwrap();
        let batch = batches.next().map_or_else(|| RecordBatch::new_empty(schema), Result::unwrap);
        Frame { batch, rows }
    }

    /// Without a column.
    pub fn without(self, name: &str) -> Frame {
        let fields = self.batch.schema();
        let kept: Vec<usize> = (0..fields.fields().len()).filter(|at| fields.field(*at).name() != name).collect();
        Frame { batch: self.batch.project(&kept).unwrap(), rows: self.rows }
    }

    pub fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    fn column(&self, name: &str) -> &ArrayRef {
        self.batch.column_by_name(name).unwrap_or_else(|| panic!("no column {name}"))
    }

    pub fn long(&self, name: &str, row: usize) -> i64 {
        self.some_long(name, row).unwrap()
    }

    pub fn some_long(&self, name: &str, row: usize) -> Option<i64> {
        let column = self.column(name).as_primitive::<Int64Type>();
        column.is_valid(row).then(|| column.value(row))
    }

    pub fn number(&self, name: &str, row: usize) -> i16 {
        self.column(name).as_primitive::<Int16Type>().value(row)
    }

    pub fn day(&self, name: &str, row: usize) -> i32 {
        self.some_day(name, row).unwrap()
    }

    pub fn some_day(&self, name: &str, row: usize) -> Option<i32> {
        let column = self.column(name).as_primitive::<Date32Type>();
        column.is_valid(row).then(|| column.value(row))
    }

    pub fn text(&self, name: &str, row: usize) -> Option<String> {
        let column = self.column(name).as_dictionary::<Int16Type>();
        let key = column.keys().is_valid(row).then(|| column.keys().value(row))?;
        Some(column.values().as_string::<i32>().value(key as usize).to_owned())
    }

    /// A cell as text, whatever it is.
    pub fn cell(&self, name: &str, row: usize) -> String {
        let at = self.batch.schema().index_of(name).unwrap();
        self.shown(at, row)
    }

    fn shown(&self, at: usize, row: usize) -> String {
        let name = self.batch.schema().field(at).name().clone();
        match self.batch.column(at).data_type() {
            arrow_schema::DataType::Dictionary(..) => format!("{:?}", self.text(&name, row)),
            _ => format!("{:?}", self.batch.column(at).slice(row, 1)),
        }
    }

    pub fn row_text(&self, row: usize) -> String {
        (0..self.batch.num_columns()).map(|at| self.shown(at, row)).collect::<Vec<_>>().join(" ")
    }

    pub fn row_texts(&self, rows: usize) -> Vec<String> {
        (0..rows).map(|row| self.row_text(row)).collect()
    }

    /// The bills of the file.
    pub fn bills(&self) -> Vec<Bill> {
        (0..self.rows).map(|row| self.bill(row)).collect()
    }

    fn bill(&self, row: usize) -> Bill {
        let date = |name: &str| {
            self.some_day(name, row).map(|days| Date::constant(1970, 1, 1).checked_add(i64::from(days).days()).unwrap())
        };
        let text = |name: &str| self.text(name, row);
        let words = |name: &str| text(name).unwrap_or_default();
        let fen = |name: &str| Fen(self.long(name, row));
        Bill {
            id: self.long("bill", row).to_string(),
            person_id: self.long("person", row).to_string(),
            region: None,
            person: Person {
                scheme: Scheme::parse(&words("scheme")).unwrap(),
                tier: text("tier"),
                group: Group::parse(&words("group")).unwrap(),
                categories: words("category").split('|').filter_map(Category::parse).collect(),
                born: date("birth"),
                insured_since: date("insured_since"),
            },
            date: date("date").unwrap(),
            care: Care::parse(&words("care")).unwrap(),
            level: Level::parse(&words("level")).unwrap(),
            filing: Filing::parse(&words("filing")).unwrap(),
            disease: text("disease"),
            marks: words("mark").split('|').filter_map(Mark::parse).collect(),
            amounts: ClassAmounts {
                a: fen("a_fen"),
                b: fen("b_fen"),
                b_share: text("b_share").map(|share| Rate::parse_percent(&share).unwrap()),
                b_self_pay: None,
                c: fen("c_fen"),
                over_limit: fen("over_limit_fen"),
            },
            from_bill: self.some_long("from_bill", row).map(|bill| bill.to_string()),
            part: Part::Whole,
            reverses: None,
            burden_only: false,
        }
    }
}

/// All files below a folder, by name.
pub fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}
