//! The EC2 instances of a capacity provider.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::HalfWidths;
use super::service::TaskCount;
use crate::result::figure::Figure;

/// The EC2 instances of one capacity provider over the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CapacityProviderResult {
    /// The type of its instances.
    pub instance_type: String,
    /// Instances over time, those that start or drain too.
    pub instances: TaskCount,
    /// Billed instance-hours.
    pub instance_hours: Figure,
    /// Instances launched in the window; those that ran at its start are not.
    pub instances_launched: Figure,
    /// The share of the instances' CPU that tasks had, over the window, in percent; null without instances.
    pub cpu_reservation: Option<Figure>,
    /// The share of the memory that tasks can have which they had, likewise.
    pub memory_reservation: Option<Figure>,
    /// Half-widths of the 95 % confidence intervals of these figures; only with several replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<HalfWidths>,
}
