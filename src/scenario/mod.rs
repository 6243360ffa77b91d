//! Scenarios: from a file to a checked [`model::Scenario`].
//!
//! ```text
//! text ── document ──► tree with places
//!          │  shape::canonical: any casing and AWS's nesting into one spelling
//!          │  overrides: variants (merge patch), then --set
//!          │  task definition files, under the keys that stand beside them
//!          ▼
//!         written: every key decoded by its declaration, with its default; check: rules across keys
//!          │  revisions: the service as each deployment's merge patch leaves it
//!          │  unmodelled: what is right but not modelled yet is refused by name
//!          ▼
//!         model: what the simulator takes
//! ```
//!
//! All faults are collected and told at once, each with file, line, column and path. Traces are only
//! described here; reading them belongs to [`crate::trace`].

pub mod advice;
mod build;
pub mod check;
pub mod document;
mod load;
pub mod metric_source;
pub mod model;
pub mod overrides;
mod revisions;
pub mod schema;
pub mod shape;
pub mod unmodelled;
pub mod values;
pub mod written;

pub use load::{Loaded, Request, Source, load};
