//! Results in the forms that people and programs read.
//!
//! A report formats. Every number it shows was computed elsewhere and is a figure of the result document
//! (a number in the table can be looked up in the JSON), and every writer takes an `impl Write` or
//! returns text, so that the caller decides where it goes.

pub mod calendar;
pub mod charts;
mod comment;
pub mod comparison;
pub mod configuration;
mod csv;
mod deployments;
pub mod diff;
pub mod estimate_table;
pub mod explain;
mod focus;
pub mod html;
mod json;
mod junit;
pub mod plan;
pub mod price_check;
pub mod price_import;
pub mod price_table;
pub mod savings;
mod summary;
pub mod sweep;
mod table;
mod text;
mod timeline_csv;

pub use comment::{markdown, markdown_against};
pub use focus::write_focus;
pub use json::write_json;
pub use junit::{junit, suite_name};
pub use table::{BILL_COLUMNS, bill_csv, table, table_against};
pub use timeline_csv::write_timeline;
