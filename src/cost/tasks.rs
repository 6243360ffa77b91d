//! What Fargate bills for tasks.
//!
//! A task is billed from the start of its image pull to its stop for the vCPU and memory that its definition asks
//! for, not for what it uses; on Windows the licence is billed by the vCPU. 20 GiB of ephemeral storage are free, and
//! what lies above is billed at one price on demand and on Spot. A public IPv4 address is billed while the task has
//! it. Source: aws.amazon.com/fargate/pricing and aws.amazon.com/vpc/pricing.

use rust_decimal::Decimal;

use super::ledger::{Charge, Ledger};
use super::line::{Behaviour, Group};
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
struct Part {
    key: String,
    name: &'static str,
    unit: &'static str,
    quantity: Decimal,
}

/// Bills the tasks of one service on one capacity provider.
pub(super) fn charge(tasks: &TaskUsage, ledger: &mut Ledger<'_>) -> Result<()> {
    let spot = is_spot(tasks)?;
    for part in parts(tasks, spot)?.into_iter().chain([storage(tasks)?]) {
        let group = if spot { Group::FargateSpot } else { Group::Fargate };
        ledger.charge(task_charge(tasks, &part, "Fargate", group))?;
    }
    if tasks.public_ip {
        let quantity = quantity::task_amount(&tasks.billed_seconds, 1, SECONDS_PER_HOUR)?;
        let address = Part { key: keys::PUBLIC_ADDRESS.to_owned(), name: "public IPv4 addresses", unit: "Hours", quantity };
        ledger.charge(task_charge(tasks, &address, "VPC", Group::Network))?;
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
    for (on_demand, spot) in parts(tasks, false)?.into_iter().zip(parts(tasks, true)?) {
        let priced = !on_demand.quantity.is_zero() && ledger.price(&on_demand.key).is_some() && ledger.price(&spot.key).is_some();
        if !priced {
            continue;
        }
        let full = quantity::cost(on_demand.quantity, ledger.book.unit_price(&on_demand.key)?)?;
        let paid = quantity::cost(spot.quantity, ledger.book.unit_price(&spot.key)?)?;
        saving = quantity::add(saving, full - paid)?;
    }
    Ok(saving)
}

/// The components that Spot discounts.
fn parts(tasks: &TaskUsage, spot: bool) -> Result<Vec<Part>> {
    let vcpu_hours = quantity::task_amount(&tasks.billed_seconds, tasks.cpu.0, CPU_UNITS_PER_VCPU * SECONDS_PER_HOUR)?;
    let gb_hours = quantity::task_amount(&tasks.billed_seconds, tasks.memory.0, MEBIBYTES_PER_GB * SECONDS_PER_HOUR)?;
    let vcpu = keys::vcpu_hour(tasks.platform, spot);
    let memory = keys::memory_hour(tasks.platform, spot);
    let mut parts = vec![Part { key: vcpu, name: "vCPU", unit: "vCPU-Hours", quantity: vcpu_hours }];
    if tasks.platform.starts_with("windows") {
        let key = keys::WINDOWS_LICENCE.to_owned();
        parts.push(Part { key, name: "Windows licence", unit: "vCPU-Hours", quantity: vcpu_hours });
    }
    parts.push(Part { key: memory, name: "memory", unit: "GB-Hours", quantity: gb_hours });
    Ok(parts)
}

fn storage(tasks: &TaskUsage) -> Result<Part> {
    let billed_gib = tasks.ephemeral_storage_gib.saturating_sub(FREE_STORAGE_GIB);
    Ok(Part {
        key: keys::EPHEMERAL_STORAGE.to_owned(),
        name: "ephemeral storage above 20 GiB",
        unit: "GB-Hours",
        quantity: quantity::task_amount(&tasks.billed_seconds, billed_gib, SECONDS_PER_HOUR)?,
    })
}

fn task_charge<'a>(tasks: &'a TaskUsage, part: &'a Part, product: &'static str, group: Group) -> Charge<'a> {
    Charge {
        service: Some(&tasks.service),
        resource: "tasks".to_owned(),
        capacity_provider: Some(&tasks.capacity_provider),
        product,
        description: format!("{} {}{}", tasks.capacity_provider, part.name, architecture(tasks.platform)),
        behaviour: Behaviour::Variable,
        group,
        key: &part.key,
        unit: part.unit,
        quantity: part.quantity,
        hours: tasks.billed_seconds.iter().map(|seconds| *seconds as f64).collect(),
    }
}

/// What tells platforms apart in a description; the usual one goes without.
fn architecture(platform: &str) -> &'static str {
    match platform {
        "linux_arm" => " (ARM)",
        "windows_x86" => " (Windows)",
        _ => "",
    }
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
