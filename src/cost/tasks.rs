//! What Fargate bills for tasks.
//!
//! A task is billed from the start of its image pull to its stop for the vCPU and memory that its definition asks
//! for, not for what it uses; on Windows the licence is billed by the vCPU. 20 GiB of ephemeral storage are free, and
//! what lies above is billed at one price on demand and on Spot. A public IPv4 address is billed while the task has
//! it. Source: aws.amazon.com/fargate/pricing and aws.amazon.com/vpc/pricing.

use rust_decimal::Decimal;

use super::ledger::{Charge, Ledger};
use super::line::{Behaviour, Group};
use super::savings_plans::Coverage;
use super::{keys, quantity};
use crate::error::{ErrorKind, Fault, Place, Result};
use crate::units::CPU_UNITS_PER_VCPU;
use crate::usage::TaskUsage;

/// Fargate on demand, as AWS names the capacity provider.
pub(super) const ON_DEMAND: &str = "FARGATE";
/// Fargate Spot.
pub(super) const SPOT: &str = "FARGATE_SPOT";
/// Ephemeral storage that every task has free of charge, in GiB.
const FREE_STORAGE_GIB: u32 = 20;
const SECONDS_PER_HOUR: u32 = 3600;
const MEBIBYTES_PER_GB: u32 = 1024;

/// One component of a task's price.
pub(super) struct Part {
    pub key: String,
    pub name: &'static str,
    pub unit: &'static str,
    /// What one task has of it: its task-seconds times `size` over `divisor` are the quantity.
    pub size: u32,
    pub divisor: u32,
}

impl Part {
    fn quantity(&self, tasks: &TaskUsage) -> Result<Decimal> {
        quantity::task_amount(&tasks.billed_seconds, self.size, self.divisor)
    }
}

/// Bills the tasks of one service on one capacity provider, the one at this place in the usage, but for what Savings Plans
/// cover.
pub(super) fn charge(index: usize, tasks: &TaskUsage, coverage: &Coverage, ledger: &mut Ledger<'_>) -> Result<()> {
    let spot = is_spot(tasks)?;
    for part in parts(tasks, spot).into_iter().chain([storage(tasks)]) {
        let group = if spot { Group::FargateSpot } else { Group::Fargate };
        let mut charge = task_charge(tasks, &part, "Fargate", group)?;
        if let Some(left) = coverage.left_on_demand(index, &part, tasks)? {
            charge.quantity = left.iter().copied().try_fold(Decimal::ZERO, quantity::add)?;
            charge.hours = left.into_iter().map(quantity::as_float).collect();
        }
        ledger.charge(charge)?;
    }
    if tasks.public_ip {
        let key = keys::PUBLIC_ADDRESS.to_owned();
        let address = Part { key, name: "public IPv4 addresses", unit: "Hours", size: 1, divisor: SECONDS_PER_HOUR };
        ledger.charge(task_charge(tasks, &address, "VPC", Group::Network)?)?;
    }
    Ok(())
}

/// What Spot tasks would have cost on demand less what they cost; zero for tasks on demand.
///
/// Storage and addresses cost the same on both and cancel.
pub(super) fn spot_saving(tasks: &TaskUsage, ledger: &mut Ledger<'_>) -> Result<Decimal> {
    if !is_spot(tasks)? {
        return Ok(Decimal::ZERO);
    }
    let mut saving = Decimal::ZERO;
    for (on_demand, spot) in parts(tasks, false).into_iter().zip(parts(tasks, true)) {
        let quantity = on_demand.quantity(tasks)?;
        let priced = !quantity.is_zero() && ledger.price(&on_demand.key).is_some() && ledger.price(&spot.key).is_some();
        if !priced {
            continue;
        }
        let full = quantity::cost(quantity, ledger.book.unit_price(&on_demand.key)?)?;
        let paid = quantity::cost(quantity, ledger.book.unit_price(&spot.key)?)?;
        saving = quantity::add(saving, full - paid)?;
    }
    Ok(saving)
}

/// The components that Spot discounts.
pub(super) fn parts(tasks: &TaskUsage, spot: bool) -> Vec<Part> {
    let cpu = |key, name| {
        let divisor = CPU_UNITS_PER_VCPU * SECONDS_PER_HOUR;
        Part { key, name, unit: "vCPU-Hours", size: tasks.cpu.0, divisor }
    };
    let mut parts = vec![cpu(keys::vcpu_hour(tasks.platform, spot), "vCPU")];
    if tasks.platform.starts_with("windows") {
        parts.push(cpu(keys::WINDOWS_LICENCE.to_owned(), "Windows licence"));
    }
    let (key, divisor) = (keys::memory_hour(tasks.platform, spot), MEBIBYTES_PER_GB * SECONDS_PER_HOUR);
    parts.push(Part { key, name: "memory", unit: "GB-Hours", size: tasks.memory.0, divisor });
    parts
}

fn storage(tasks: &TaskUsage) -> Part {
    Part {
        key: keys::EPHEMERAL_STORAGE.to_owned(),
        name: "ephemeral storage above 20 GiB",
        unit: "GB-Hours",
        size: tasks.ephemeral_storage_gib.saturating_sub(FREE_STORAGE_GIB),
        divisor: SECONDS_PER_HOUR,
    }
}

fn task_charge(tasks: &TaskUsage, part: &Part, product: &'static str, group: Group) -> Result<Charge> {
    Ok(Charge {
        service: Some(tasks.service.clone()),
        resource: "tasks".to_owned(),
        capacity_provider: Some(tasks.capacity_provider.clone()),
        product,
        description: format!("{} {}{}", tasks.capacity_provider, part.name, architecture(tasks.platform)),
        behaviour: Behaviour::Variable,
        group,
        key: part.key.clone().into(),
        unit: part.unit,
        quantity: part.quantity(tasks)?,
        month_quantity: None,
        is_estimate: false,
        hours: tasks.billed_seconds.iter().map(|seconds| *seconds as f64).collect(),
    })
}

/// What tells platforms apart in a description; the usual one goes without.
pub(super) fn architecture(platform: &str) -> &'static str {
    match platform {
        "linux_arm" => " (ARM)",
        "windows_x86" => " (Windows)",
        _ => "",
    }
}

/// Whether a capacity provider is one of Fargate's, whose tasks have prices by the hour.
pub(super) fn is_fargate(capacity_provider: &str) -> bool {
    matches!(capacity_provider, ON_DEMAND | SPOT)
}

fn is_spot(tasks: &TaskUsage) -> Result<bool> {
    match tasks.capacity_provider.as_str() {
        ON_DEMAND => Ok(false),
        SPOT => Ok(true),
        other => {
            let place = Place::path(format!("services.{}.capacity_provider_strategy", tasks.service));
            let message = format!("the cost of capacity provider `{other}`; FARGATE and FARGATE_SPOT have one");
            Err(Fault::new(ErrorKind::NotModelled, place, message).into())
        }
    }
}
