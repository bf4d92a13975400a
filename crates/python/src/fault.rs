//! What goes wrong, as Python's exceptions: those of `tongchou.errors`, with the same text, place and cure as on the command line.

use domain::{Diagnostic, Severity};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyList;
use settlement::Refusal;

/// What ends a call.
#[derive(Debug)]
pub enum Fault {
    /// What is asked cannot be asked so: what is wrong, and what to do.
    Usage(String, String),
    /// The policy files are at fault.
    Policy(Vec<Diagnostic>),
    /// The bills are at fault.
    Bills(Vec<Diagnostic>),
    /// The terms do not decide the bill.
    Refused(Refusal),
}

impl Fault {
    /// A wrong argument.
    pub fn usage(what: impl Into<String>, cure: impl Into<String>) -> Fault {
        Fault::Usage(what.into(), cure.into())
    }
}

impl From<anyhow::Error> for Fault {
    fn from(error: anyhow::Error) -> Fault {
        Fault::usage(format!("读不了这张表：{error:#}"), "核对各列的类型")
    }
}

impl From<Fault> for PyErr {
    fn from(fault: Fault) -> PyErr {
        Python::attach(|py| raised(py, &fault).unwrap_or_else(|error| error))
    }
}

fn raised(py: Python<'_>, fault: &Fault) -> PyResult<PyErr> {
    let errors = py.import(intern!(py, "tongchou.errors"))?;
    let value = match fault {
        Fault::Usage(what, cure) => errors.getattr("UsageError")?.call1((what, cure))?,
        Fault::Policy(list) => errors.getattr("PolicyError")?.call1((findings(py, list)?,))?,
        Fault::Bills(list) => errors.getattr("BillsError")?.call1((findings(py, list)?,))?,
        Fault::Refused(refusal) => {
            errors.getattr("Refused")?.call1((refusal.code(), refusal.to_string(), refusal.cure()))?
        }
    };
    Ok(PyErr::from_value(value))
}

/// Findings as Python has them.
pub fn findings<'py>(py: Python<'py>, list: &[Diagnostic]) -> PyResult<Bound<'py, PyList>> {
    let finding = py.import(intern!(py, "tongchou.errors"))?.getattr("Finding")?;
    let made = list.iter().map(|found| {
        let place = &found.place;
        finding.call1((
            found.severity.code(),
            found.code,
            place.to_string(),
            place.line.checked_sub(1),
            place.column.checked_sub(1),
            &found.message,
            &found.cure,
        ))
    });
    PyList::new(py, made.collect::<PyResult<Vec<_>>>()?)
}

/// Whether any of them is an error.
pub fn any_error(findings: &[Diagnostic]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}
