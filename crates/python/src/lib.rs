//! `tongchou._tongchou`: the engine for Python, over Arrow tables.
//!
//! Terms are loaded, tables of bills settled or compared under several terms, single bills explained. Tables come and go by the
//! Arrow PyCapsule interface, so that no buffer is copied on the way in; the interpreter is let go while bills are settled.
//!
//! Absent here: what is Python's own (`python/tongchou`): the exceptions, Spark, and all that only arranges arguments.

use pyo3::prelude::*;

mod chunk;
mod columns;
mod compare;
mod explain;
mod fault;
mod intake;
mod settle;
mod table;
mod terms;

/// A sixth of what comparing terms over a table costs is asking for memory and giving it back; the system does it slower.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The part of `tongchou` that is written in Rust.
#[pymodule]
mod _tongchou {
    #[pymodule_export]
    use crate::compare::{compare, fund_columns};
    #[pymodule_export]
    use crate::explain::{Explanation, Step};
    #[pymodule_export]
    use crate::table::Table;
    #[pymodule_export]
    use crate::terms::{Terms, load, regions};
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
