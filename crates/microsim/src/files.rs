//! Parquet: one row group a file, written beside its name and renamed when whole.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use arrow_array::types::Int16Type;
use arrow_array::{
    Array, ArrayRef, Date32Array, DictionaryArray, Int8Array, Int16Array, Int32Array, Int64Array, RecordBatch,
    RecordBatchReader as _, StringArray, new_null_array,
};
use arrow_schema::{Field, FieldRef, Schema};
use arrow_select::concat::concat_batches;
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

/// Columns of one file, filled one after another.
#[derive(Default)]
pub struct Table {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
    /// Whole numbers that hardly repeat: kept as differences, not in a dictionary.
    plain: Vec<&'static str>,
}

impl Table {
    fn push(&mut self, name: &str, array: ArrayRef, nullable: bool) {
        self.fields.push(Field::new(name, array.data_type().clone(), nullable));
        self.arrays.push(array);
    }

    /// Whole numbers that hardly repeat, as ids and amounts.
    pub fn longs(&mut self, name: &'static str, values: impl Iterator<Item = i64>) {
        self.plain.push(name);
        self.push(name, Arc::new(Int64Array::from_iter_values(values)), false);
    }

    /// The same, some of them missing.
    pub fn some_longs(&mut self, name: &'static str, values: impl Iterator<Item = Option<i64>>) {
        self.plain.push(name);
        self.push(name, Arc::new(Int64Array::from_iter(values)), true);
    }

    /// Whole numbers of 32 bits.
    pub fn ints(&mut self, name: &'static str, values: impl Iterator<Item = i32>) {
        self.push(name, Arc::new(Int32Array::from_iter_values(values)), false);
    }

    /// Whole numbers of 16 bits.
    pub fn shorts(&mut self, name: &'static str, values: impl Iterator<Item = i16>) {
        self.push(name, Arc::new(Int16Array::from_iter_values(values)), false);
    }

    /// Whole numbers of 8 bits.
    pub fn bytes(&mut self, name: &'static str, values: impl Iterator<Item = i8>) {
        self.push(name, Arc::new(Int8Array::from_iter_values(values)), false);
    }

    /// Days since 1970-01-01.
    pub fn dates(&mut self, name: &'static str, values: impl Iterator<Item = Option<i32>>) {
        self.push(name, Arc::new(Date32Array::from_iter(values)), true);
    }

    /// Words: few, and often the same. Each is found, or added, by the place it is given for.
    pub fn words<K: Copy + Ord>(
        &mut self,
        name: &'static str,
        values: impl Iterator<Item = Option<K>>,
        text: impl Fn(K) -> String,
    ) -> anyhow::Result<()> {
        let mut known: std::collections::BTreeMap<K, i16> = std::collections::BTreeMap::new();
        let mut texts: Vec<String> = Vec::new();
        let mut place = |key: K| -> anyhow::Result<i16> {
            if let Some(at) = known.get(&key) {
                return Ok(*at);
            }
            let at = i16::try_from(texts.len()).with_context(|| format!("列 {name} 的词太多"))?;
            texts.push(text(key));
            known.insert(key, at);
            Ok(at)
        };
        let keys: Vec<Option<i16>> = values.map(|key| key.map(&mut place).transpose()).collect::<Result<_, _>>()?;
        let array: DictionaryArray<Int16Type> =
            DictionaryArray::try_new(Int16Array::from(keys), Arc::new(StringArray::from(texts)))?;
        self.push(name, Arc::new(array), true);
        Ok(())
    }

    /// Writes the file, whole or not at all.
    pub fn write(self, path: &Path) -> anyhow::Result<()> {
        let schema = Arc::new(Schema::new(self.fields));
        let rows = self.arrays.first().map_or(0, |array| array.len());
        let batch = RecordBatch::try_new(schema.clone(), self.arrays)?;
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_created_by(format!("tongchou {}", env!("CARGO_PKG_VERSION")))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_max_row_group_row_count(Some(rows.max(1)));
        for name in self.plain {
            let column = ColumnPath::from(name);
            properties = properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED);
        }
        whole(path, |out| {
            let mut writer = ArrowWriter::try_new(out, schema, Some(properties.build()))?;
            writer.write(&batch)?;
            writer.close()?;
            Ok(())
        })
    }
}

/// Writes a file beside its name, and gives it its name when it is whole.
///
/// # Errors
/// Of the disk, with the path.
pub fn whole(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let told = || path.display().to_string();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(told)?;
    }
    let beside = PathBuf::from(format!("{}.part", path.display()));
    let mut out = BufWriter::new(File::create(&beside).with_context(told)?);
    fill(&mut out).with_context(told)?;
    out.flush().with_context(told)?;
    out.into_inner().with_context(told)?.sync_all().with_context(told)?;
    fs::rename(&beside, path).with_context(told)
}

/// How many rows a file of ours has.
///
/// # Errors
/// When it is not one.
pub fn rows(path: &Path) -> anyhow::Result<i64> {
    let told = || path.display().to_string();
    let file = File::open(path).with_context(told)?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).with_context(told)?;
    Ok(builder.metadata().file_metadata().num_rows())
}

/// All rows of a file as one batch, of the columns that are wanted; and how many rows each row group has. The file is read at
/// once, and of a column that holds nothing no page is looked at.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path, wanted: impl Fn(&str) -> bool) -> anyhow::Result<(RecordBatch, Vec<usize>)> {
    let told = || path.display().to_string();
    let file = Bytes::from(fs::read(path).with_context(told)?);
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).with_context(told)?;
    let groups = builder.metadata().row_groups().iter().map(|group| group.num_rows());
    let groups: Vec<usize> = groups.map(usize::try_from).collect::<Result<_, _>>()?;
    let rows = groups.iter().sum::<usize>();
    let schema = builder.schema();
    let wanted: Vec<usize> = (0..schema.fields().len()).filter(|at| wanted(schema.field(*at).name())).collect();
    let schema = Arc::new(schema.project(&wanted)?);
    let (empty, filled): (Vec<usize>, Vec<usize>) =
        wanted.into_iter().partition(|root| holds_nothing(builder.metadata(), *root));
    let mask = ProjectionMask::roots(builder.parquet_schema(), filled);
    let reader = builder.with_projection(mask).with_batch_size(rows.max(1)).build().with_context(told)?;
    let of_filled = reader.schema();
    let mut batches = reader.collect::<Result<Vec<_>, _>>().with_context(told)?;
    let batch = match batches.len() {
        0 => RecordBatch::new_empty(of_filled),
        1 => batches.swap_remove(0),
        _ => concat_batches(&of_filled, &batches).with_context(told)?,
    };
    if empty.is_empty() {
        return Ok((batch, groups));
    }
    let column = |field: &FieldRef| {
        let filled = batch.column_by_name(field.name()).cloned();
        filled.unwrap_or_else(|| new_null_array(field.data_type(), rows))
    };
    let columns = schema.fields().iter().map(column).collect();
    Ok((RecordBatch::try_new(schema, columns).with_context(told)?, groups))
}

/// Whether a file's statistics say that a column holds nothing in any row.
fn holds_nothing(metadata: &ParquetMetaData, root: usize) -> bool {
    let schema = metadata.file_metadata().schema_descr();
    let Some(leaf) = (0..schema.num_columns()).find(|leaf| schema.get_column_root_idx(*leaf) == root) else {
        return false;
    };
    let nothing = |group: &RowGroupMetaData| {
        let nulls = group.column(leaf).statistics().and_then(|statistics| statistics.null_count_opt());
        nulls.is_some_and(|nulls| i64::try_from(nulls) == Ok(group.num_rows()))
    };
    schema.get_column_root(leaf).is_primitive() && metadata.row_groups().iter().all(nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_holds_nothing_is_read_as_one_that_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bills.parquet");
        let mut table = Table::default();
        table.longs("bill", [1, 2, 3].into_iter());
        table.words("mark", [None::<i8>, None, None].into_iter(), |_| String::new()).unwrap();
        table.some_longs("from_bill", [None, None, None].into_iter());
        table.words("tier", [None, Some(1), None].into_iter(), |tier: i8| tier.to_string()).unwrap();
        table.longs("#left", [7, 8, 9].into_iter());
        table.write(&path).unwrap();

        let (batch, groups) = read(&path, |name| !name.starts_with('#')).unwrap();
        let whole = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap().build().unwrap();
        let whole = whole.map(Result::unwrap).next().unwrap().project(&[0, 1, 2, 3]).unwrap();
        assert_eq!(groups, [3]);
        assert_eq!(batch.schema().fields(), whole.schema().fields());
        for (read, as_it_stands) in batch.columns().iter().zip(whole.columns()) {
            assert_eq!(read.logical_nulls(), as_it_stands.logical_nulls());
        }
        assert_eq!(batch.column(0), whole.column(0));
        let nothing = |at: usize| batch.column(at).logical_nulls().is_some_and(|nulls| nulls.null_count() == 3);
        assert!(nothing(1) && nothing(2) && !nothing(3));

        let (none, _) = read(&path, |name| name == "mark").unwrap();
        assert_eq!((none.num_rows(), none.num_columns()), (3, 1));
    }
}
