//! Integration tests, one file per promise.

mod charts;
mod fixture;
mod report;
mod result;
mod schema_result;
