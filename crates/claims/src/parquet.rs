//! Bills from Parquet files, which are read as the Arrow tables that they hold.

#[cfg(test)]
mod tests;

use domain::{Diagnostic, Place};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::Intake;
use super::arrow::{Part, header};

const BATCH: usize = 8192;

/// Reads all rows into the intake.
pub(super) fn read(bytes: Vec<u8>, intake: &mut Intake<'_>) {
    if let Err(error) = read_batches(bytes, intake) {
        let place = Place::file(intake.file);
        intake.spoil(Diagnostic::error("bad-parquet", place, format!("无法读作 Parquet：{error}"), "核对文件是否完整"));
    }
}

fn read_batches(bytes: Vec<u8>, intake: &mut Intake<'_>) -> anyhow::Result<()> {
    let length = bytes.len();
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes))?;
    let rows = usize::try_from(builder.metadata().file_metadata().num_rows())?.max(1);
    intake.expect(rows);
    let header = header(&builder.schema().clone(), intake);
    let mut line = 0;
    for batch in builder.with_batch_size(BATCH).build()? {
        let batch = batch?;
        let part = Part::of(&batch, &header)?;
        for index in 0..batch.num_rows() {
            line += 1;
            part.take(index, line, &header, intake);
        }
        // the progress of a row stands for its share of the bytes
        (intake.watch)(length / rows * line);
    }
    Ok(())
}
