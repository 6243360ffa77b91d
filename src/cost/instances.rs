//! What EC2 instances cost on which tasks run.
//!
//! An instance is billed by the second from its launch to its end, a minute at least, whatever runs on it; so are its root volume by the
//! GB-month, and its public IPv4 address if it has one. Amazon ECS itself is free of charge there. Source:
//! aws.amazon.com/ec2/pricing/on-demand, aws.amazon.com/ebs/pricing, aws.amazon.com/vpc/pricing, aws.amazon.com/ecs/pricing.
//!
//! Left out: Savings Plans and reserved instances, CPU credits of burstable types, and dedicated hosts.

use std::borrow::Cow;

use super::ledger::{Charge, Ledger};
use super::line::{Behaviour, Group};
use super::{keys, quantity};
use crate::error::Result;
use crate::usage::InstanceUsage;

const SECONDS_PER_HOUR: u32 = 3600;

/// Bills the instances of one capacity provider.
pub(super) fn charge(instances: &InstanceUsage, ledger: &mut Ledger<'_>) -> Result<()> {
    let hours = quantity::task_amount(&instances.billed_seconds, 1, SECONDS_PER_HOUR)?;
    let base = |key: Cow<'static, str>, unit, quantity| Charge {
        service: instances.service.clone(),
        resource: format!("instances {}", instances.capacity_provider),
        capacity_provider: Some(instances.capacity_provider.clone()),
        product: "EC2",
        description: format!("{} {} instances", instances.capacity_provider, instances.instance_type),
        behaviour: if instances.is_fixed { Behaviour::Fixed } else { Behaviour::Variable },
        group: Group::Instances,
        key,
        unit,
        quantity,
        month_quantity: None,
        is_estimate: false,
        hours: instances.billed_seconds.iter().map(|seconds| *seconds as f64).collect(),
    };
    ledger.charge(base(keys::instance_hour(&instances.instance_type).into(), "Hours", hours))?;
    let stored = quantity::task_amount(&instances.billed_seconds, instances.root_volume_gib, SECONDS_PER_HOUR)?;
    ledger.charge(Charge {
        product: "EBS",
        description: format!("{} root volumes (gp3)", instances.capacity_provider),
        group: Group::Storage,
        ..base(keys::VOLUME_GP3.into(), "GB-Mo", ledger.months(stored)?)
    })?;
    if instances.has_public_address {
        ledger.charge(Charge {
            product: "VPC",
            description: format!("{} public IPv4 addresses of instances", instances.capacity_provider),
            group: Group::Network,
            ..base(keys::PUBLIC_ADDRESS.into(), "Hours", hours)
        })?;
    }
    Ok(())
}
