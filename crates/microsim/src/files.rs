//! Parquet: one row group a file, written beside its name and renamed when whole.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use arrow_array::types::Int16Type;
use arrow_array::{
    Array, ArrayRef, Date32Array, DictionaryArray, Int8Array, Int16Array, Int32Array, Int64Array, RecordBatch,
    RecordBatchReader as _, StringArray,
};
use arrow_schema::{Field, Schema};
use arrow_select::concat::concat_batches;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, Encoding, ZstdLevel};
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

/// All rows of a file as one batch, without columns whose names begin with `#`; and how many rows each row group has.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> anyhow::Result<(RecordBatch, Vec<usize>)> {
    let told = || path.display().to_string();
    let file = File::open(path).with_context(told)?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).with_context(told)?;
    let groups = builder.metadata().row_groups().iter().map(|group| group.num_rows());
    let groups: Vec<usize> = groups.map(usize::try_from).collect::<Result<_, _>>()?;
    let schema = builder.parquet_schema();
    let fields = schema.root_schema().get_fields().iter().enumerate();
    let wanted = ProjectionMask::roots(schema, fields.filter(|(_, f)| !f.name().starts_with('#')).map(|(at, _)| at));
    let rows = groups.iter().sum::<usize>().max(1);
    let reader = builder.with_projection(wanted).with_batch_size(rows).build().with_context(told)?;
    let schema = reader.schema();
    let mut batches = reader.collect::<Result<Vec<_>, _>>().with_context(told)?;
    let batch = match batches.len() {
        0 => RecordBatch::new_empty(schema),
        1 => batches.swap_remove(0),
        _ => concat_batches(&schema, &batches).with_context(told)?,
    };
    Ok((batch, groups))
}
