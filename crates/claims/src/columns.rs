//! The columns of a file of bills and every name they may bear. CSV, JSON and Parquet use the same names.

/// Declares the columns: name in files, then the Chinese names, the first of which is shown to people.
macro_rules! columns {
    ($($column:ident = $name:literal, $($chinese:literal)|+;)*) => {
        /// A column of a file of bills.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Column { $(#[doc = $name] $column,)* }

        impl Column {
            /// All columns, in the order of the guide.
            pub const ALL: &'static [Column] = &[$(Column::$column,)*];

            /// The name in files.
            pub fn name(self) -> &'static str {
                match self { $(Column::$column => $name,)* }
            }

            /// The Chinese names accepted in its place.
            pub fn chinese(self) -> &'static [&'static str] {
                match self { $(Column::$column => &[$($chinese,)+],)* }
            }
        }
    };
}

columns! {
    Bill = "bill", "票据号" | "账单号";
    Person = "person", "人员编号";
    Region = "region", "统筹区" | "参保地";
    Date = "date", "日期";
    Scheme = "scheme", "险种";
    Tier = "tier", "档次";
    Group = "group", "人群";
    Category = "category", "类别";
    Birth = "birth", "出生日期";
    InsuredSince = "insured_since", "连续参保起";
    Care = "care", "就医类型";
    Level = "level", "医院级别";
    Filing = "filing", "备案";
    Disease = "disease", "病种";
    Mark = "mark", "标记";
    A = "a", "甲类";
    B = "b", "乙类";
    BShare = "b_share", "乙类先行自付比例";
    C = "c", "丙类";
    OverLimit = "over_limit", "超限价";
    FromBill = "from_bill", "转诊自";
    Reverses = "reverses", "冲销";
    Total = "total", "总费用";
}

/// Names beginning so are remarks of the user's and not read.
const REMARK: char = '#';
/// Ending of the name of an amount column that counts in whole fen instead of yuan.
const IN_FEN: &str = "_fen";

/// What a name in a header or a JSON key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A column; amounts are in fen if the name says so.
    Column {
        /// Which.
        column: Column,
        /// Whether its amounts are whole fen.
        in_fen: bool,
    },
    /// A column of remarks, not read.
    Remark,
}

impl Column {
    /// How many there are.
    pub const COUNT: usize = Column::ALL.len();

    /// Columns without which no bill can be read.
    pub const REQUIRED: [Column; 5] = [Column::Bill, Column::Person, Column::Date, Column::Care, Column::Level];

    /// The classes that add up to a bill's total.
    pub const CLASSES: [Column; 4] = [Column::A, Column::B, Column::C, Column::OverLimit];

    /// Whether it holds money.
    pub fn is_amount(self) -> bool {
        self == Column::Total || Column::CLASSES.contains(&self)
    }

    /// Whether it holds a list of words.
    pub fn is_list(self) -> bool {
        matches!(self, Column::Category | Column::Mark)
    }

    /// As people are told of it: `care（就医类型）`.
    pub fn label(self) -> String {
        format!("{}（{}）", self.name(), self.chinese()[0])
    }

    /// Reads a name. Case does not matter, nor do spaces around it.
    pub fn named(text: &str) -> Option<Named> {
        let text = text.trim();
        if text.starts_with(REMARK) {
            return Some(Named::Remark);
        }
        let is =
            |column: &Column, text: &str| column.name().eq_ignore_ascii_case(text) || column.chinese().contains(&text);
        if let Some(column) = Column::ALL.iter().find(|column| is(column, text)) {
            return Some(Named::Column { column: *column, in_fen: false });
        }
        let stem = text.strip_suffix(IN_FEN)?;
        let column = Column::ALL.iter().find(|column| column.is_amount() && is(column, stem))?;
        Some(Named::Column { column: *column, in_fen: true })
    }

    /// The known name most like an unknown one, if any is like it at all.
    pub fn nearest(text: &str) -> Option<&'static str> {
        let names = Column::ALL
            .iter()
            .flat_map(|column| std::iter::once(column.name()).chain(column.chinese().iter().copied()));
        super::nearest(text.trim(), names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for column in Column::ALL {
            for name in column.chinese().iter().chain([&column.name()]) {
                assert_eq!(Column::named(name), Some(Named::Column { column: *column, in_fen: false }));
            }
        }
        assert_eq!(Column::named(" Over_Limit_fen"), Some(Named::Column { column: Column::OverLimit, in_fen: true }));
        assert_eq!(Column::named("#医院"), Some(Named::Remark));
        assert_eq!(Column::named("date_fen"), None);
    }

    #[test]
    fn a_misspelt_name_finds_its_neighbour() {
        assert_eq!(Column::nearest("categry"), Some("category"));
        assert_eq!(Column::nearest("医院等级"), Some("医院级别"));
        assert_eq!(Column::nearest("xyz"), None);
    }
}
