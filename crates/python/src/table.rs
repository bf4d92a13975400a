//! Tables in and out, by the Arrow PyCapsule interface: pyarrow, pandas, polars, DuckDB and others speak it.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StructArray};
use arrow_schema::{Field, Schema, SchemaRef};
use domain::Diagnostic;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList};
use pyo3_arrow::error::PyArrowResult;
use pyo3_arrow::ffi::{ArrayIterator, to_schema_pycapsule, to_stream_pycapsule};
use pyo3_arrow::input::AnyRecordBatch;

use crate::fault::{self, Fault};

/// Columns that pandas adds for its index, which say nothing of a bill.
const INDEX: &str = "__index_level_";

/// A table that was handed over; its buffers stay where they are.
pub struct Input {
    /// Its columns.
    pub schema: SchemaRef,
    /// Its rows.
    pub batches: Vec<RecordBatch>,
}

impl<'py> FromPyObject<'_, 'py> for Input {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Input> {
        let speaks = object.hasattr("__arrow_c_stream__")? || object.hasattr("__arrow_c_array__")?;
        if !speaks {
            let what = format!("{} 不是 Arrow 表", object.get_type().name()?);
            let cure =
                "给出 pyarrow、polars、pandas（须装 pyarrow）或 DuckDB 的表；记录列表用 pyarrow.Table.from_pylist";
            return Err(Fault::usage(what, cure).into());
        }
        let (batches, schema) = object.extract::<AnyRecordBatch>()?.into_table()?.into_inner();
        let kept: Vec<usize> =
            (0..schema.fields().len()).filter(|at| !schema.field(*at).name().starts_with(INDEX)).collect();
        let project = |error: arrow_schema::ArrowError| Fault::from(anyhow::Error::from(error));
        let schema = Arc::new(schema.project(&kept).map_err(project)?);
        let batches = batches.iter().filter(|batch| batch.num_rows() > 0).map(|batch| batch.project(&kept));
        let batches = batches.collect::<Result<_, _>>().map_err(project)?;
        Ok(Input { schema, batches })
    }
}

/// A table of results. Hand it to pyarrow.table, polars.DataFrame, pandas.DataFrame.from_arrow or DuckDB.
#[pyclass(frozen, module = "tongchou")]
pub struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    findings: Vec<Diagnostic>,
}

impl Table {
    /// A table, and what was found on the way to it.
    pub fn new(schema: Schema, batches: Vec<RecordBatch>, findings: Vec<Diagnostic>) -> Table {
        Table { schema: Arc::new(schema), batches, findings }
    }
}

#[pymethods]
impl Table {
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyArrowResult<Bound<'py, PyCapsule>> {
        to_schema_pycapsule(py, self.schema.as_ref())
    }

    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyArrowResult<Bound<'py, PyCapsule>> {
        let rows = self.batches.clone().into_iter().map(|batch| Ok(Arc::new(StructArray::from(batch)) as ArrayRef));
        let row = Field::new_struct("", self.schema.fields().clone(), false);
        to_stream_pycapsule(py, Box::new(ArrayIterator::new(rows, row.into())), requested_schema)
    }

    /// Names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<&str> {
        self.schema.fields().iter().map(|field| field.name().as_str()).collect()
    }

    /// What was wrong with rows that were left out.
    #[getter]
    fn findings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        fault::findings(py, &self.findings)
    }

    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    fn __repr__(&self) -> String {
        format!("<tongchou.Table of {} rows: {}>", self.__len__(), self.column_names().join(", "))
    }
}
