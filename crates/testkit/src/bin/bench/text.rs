//! Reading the same bills from CSV into columns, as fast as a careful reader would: what a run costs before it starts.

use domain::{Care, Category, Fen, Filing, Group, Level, Rate};

/// The bills in columns.
#[derive(Default)]
pub struct Read {
    pub person: Vec<u32>,
    pub day: Vec<u32>,
    pub facts: Vec<[u8; 5]>,
    pub categories: Vec<u32>,
    pub disease: Vec<u32>,
    pub amounts: Vec<[i64; 5]>,
}

/// Reads a text of bills.
pub fn read(text: &[u8]) -> Read {
    let mut read = Read::default();
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 16).from_reader(text);
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).expect("a well-formed text") {
        let word = |at: usize| std::str::from_utf8(&record[at]).expect("a text");
        read.person.push(word(1)[1..].parse().expect("a number"));
        let born = word(8).replace('-', "").parse::<u32>().expect("a day");
        read.day.push(word(2).replace('-', "").parse::<u32>().expect("a day").wrapping_sub(born));
        read.facts.push([
            Care::parse(word(3)).expect("a kind of care") as u8,
            Level::parse(word(4)).expect("a level") as u8,
            u8::from(word(5) == "second"),
            Group::parse(word(6)).expect("a group") as u8,
            Filing::parse(word(9)).expect("a filing") as u8,
        ]);
        let category = |word: &str| Category::parse(word).map_or(0, |category| 1 << category as u32);
        read.categories.push(word(7).split('|').map(category).sum());
        read.disease.push(word(10).bytes().fold(0, |code: u32, byte| code.wrapping_mul(37) ^ u32::from(byte)));
        let fen = |at: usize| Fen::parse_yuan(word(at)).expect("an amount").0;
        let share = if word(13).is_empty() { 0 } else { Rate::parse_percent(word(13)).expect("a share").ppm() };
        read.amounts.push([fen(11), fen(12), share, fen(14), fen(15)]);
    }
    read
}
