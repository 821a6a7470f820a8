//! Tests of the built program.

mod program;
