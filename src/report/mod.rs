//! Results in the forms that people and programs read.
//!
//! A report formats. Every number it shows was computed elsewhere and is a figure of the result document
//! (a number in the table can be looked up in the JSON), and every writer takes an `impl Write` or
//! returns text, so that the caller decides where it goes.

pub mod charts;
mod deployments;
pub mod diff;
pub mod estimate_table;
pub mod explain;
mod focus;
mod json;
pub mod price_check;
pub mod price_import;
pub mod price_table;
pub mod savings;
mod summary;
mod table;
mod text;
mod timeline_csv;

pub use focus::{FOCUS_COLUMNS, write_focus};
pub use json::write_json;
pub use table::{BILL_COLUMNS, bill_csv, markdown, table};
pub use timeline_csv::write_timeline;
