//! The command line of Tongchou.

#[allow(dead_code, reason = "the verbs that use it come with the engine")]
mod io;

fn main() {}
