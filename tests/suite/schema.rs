//! The published schema.
