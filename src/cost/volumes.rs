//! What the volumes of Amazon EBS cost that tasks have.
//!
//! A volume is billed while it exists, by the second and for a minute at least: its size by the GB-month, and of gp3 the IOPS above 3000 and
//! the MiB per second above 125 by the month. Source: aws.amazon.com/ebs/pricing.
//!
//! Left out: snapshots, and volumes other than gp3 and gp2.

use super::ledger::{Charge, Ledger};
use super::line::{Behaviour, Group};
use super::{keys, quantity};
use crate::error::Result;
use crate::usage::VolumeUsage;

/// IOPS and MiB per second that come with a gp3 volume.
const FREE_IOPS: u32 = 3_000;
const FREE_MIB_PER_SECOND: u32 = 125;
const SECONDS_PER_HOUR: u32 = 3600;

/// Bills the volumes of the tasks of one service on one capacity provider.
pub(super) fn charge(volumes: &VolumeUsage, ledger: &mut Ledger<'_>) -> Result<()> {
    let size_key = if volumes.is_gp3 { keys::VOLUME_GP3 } else { keys::VOLUME_GP2 };
    let mut parts = vec![(size_key, "GB-Mo", if volumes.is_gp3 { "gp3 volumes" } else { "gp2 volumes" }, volumes.size_gib)];
    if volumes.is_gp3 {
        let throughput = volumes.throughput_mib_per_second.saturating_sub(FREE_MIB_PER_SECOND);
        parts.push((keys::VOLUME_IOPS, "IOPS-Mo", "gp3 IOPS above 3000", volumes.iops.saturating_sub(FREE_IOPS)));
        parts.push((keys::VOLUME_THROUGHPUT, "MiBps-Mo", "gp3 throughput above 125 MiB/s", throughput));
    }
    for (key, unit, description, size) in parts {
        let hours = quantity::task_amount(&volumes.billed_seconds, size, SECONDS_PER_HOUR)?;
        ledger.charge(Charge {
            service: Some(volumes.service.clone()),
            resource: "volumes".to_owned(),
            capacity_provider: Some(volumes.capacity_provider.clone()),
            product: "EBS",
            description: description.to_owned(),
            behaviour: Behaviour::Variable,
            group: Group::Storage,
            key: key.into(),
            unit,
            quantity: ledger.months(hours)?,
            month_quantity: None,
            is_estimate: false,
            hours: volumes.billed_seconds.iter().map(|seconds| *seconds as f64).collect(),
        })?;
    }
    Ok(())
}
