//! Which product of which offer a price of the book is.
//!
//! A rule names an offer, a usage type without the region's code, and what else tells the product from its neighbours.
//! Everything is compared whole, never by a part of a name: `Fargate-GB-Hours` is no part of `Fargate-ARM-GB-Hours`,
//! `Outposts-LCUUsage`, `ReservedLCUUsage`, `TS-LoadBalancerUsage` and `RegionalNatGateway-Hours` are other usage types.
//! Sources: products of AWS's price list of 2022 to 2026 (AmazonECS, AWSELB, AmazonEC2, AmazonVPC, AWSDataTransfer,
//! AmazonCloudWatch, AmazonECR, AmazonEFS).

use super::product::{Attributes, Product};

/// A product that the book has a price of.
#[derive(Debug)]
pub(super) struct Rule {
    /// The offer, which is also the product's service code.
    pub offer: &'static str,
    /// The product family; empty where AWS writes different ones or none.
    pub family: &'static str,
    /// The usage type without the region's code.
    pub usage: Usage,
    /// What the product's attributes must be.
    pub conditions: &'static [Condition],
    /// AWS's words for the unit, without regard to case.
    pub units: &'static [&'static str],
    /// The price in the book.
    pub target: Target,
}

/// A usage type without the region's code.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Usage {
    /// Exactly this.
    Is(&'static str),
    /// `BoxUsage:` and the product's instance type.
    Instance,
}

/// An attribute and the values that a rule takes; an attribute that the product lacks is empty.
#[derive(Debug)]
pub(super) struct Condition {
    pub attribute: &'static str,
    pub value: for<'a> fn(&'a Attributes<'_>) -> &'a str,
    pub allowed: &'static [&'static str],
}

/// Where the price goes.
#[derive(Debug)]
pub(super) enum Target {
    /// One price, whatever the quantity.
    Key { key: &'static str, unit: &'static str },
    /// A price for each tier, by the quantity at which it begins.
    Tiers { unit: &'static str, tiers: &'static [(u64, &'static str)] },
    /// The price of an instance type on demand.
    Instance,
}

/// Unit of an instance's price in the book.
pub(super) const INSTANCE_UNIT: &str = "instance-hour";

const HOURS: &[&str] = &["Hrs", "Hours", "Hour"];
const VCPU_HOURS: &[&str] = &["hours", "vCPU-Hours"];
const GB_HOURS: &[&str] = &["hours", "GB-Hours"];
const GB: &[&str] = &["GB"];
const GB_MONTHS: &[&str] = &["GB-Mo", "GB-month"];

macro_rules! condition {
    ($field:ident, $name:literal, $($allowed:literal),+) => {
        Condition { attribute: $name, value: |attributes| &attributes.$field, allowed: &[$($allowed),+] }
    };
}

const LINUX_X86: &[Condition] = &[
    condition!(operation, "operation", ""),
    condition!(operating_system, "operatingSystem", "", "Linux"),
    condition!(cpu_architecture, "cpuArchitecture", "", "x86"),
    condition!(tenancy, "tenancy", "Shared", ""),
];
const LINUX_ARM: &[Condition] = &[
    condition!(operation, "operation", ""),
    condition!(operating_system, "operatingSystem", "", "Linux"),
    condition!(cpu_architecture, "cpuArchitecture", "ARM"),
    condition!(tenancy, "tenancy", "Shared", ""),
];
const WINDOWS: &[Condition] = &[
    condition!(operation, "operation", ""),
    condition!(operating_system, "operatingSystem", "Windows"),
    condition!(tenancy, "tenancy", "Shared", ""),
];
const NO_OPERATION: &[Condition] = &[condition!(operation, "operation", "")];
const APPLICATION: &[Condition] = &[condition!(operation, "operation", "LoadBalancing:Application")];
const NETWORK: &[Condition] = &[condition!(operation, "operation", "LoadBalancing:Network")];
const NAT: &[Condition] = &[condition!(operation, "operation", "NatGateway", "")];
/// The order is that in which most products drop out.
const LINUX_INSTANCE: &[Condition] = &[
    condition!(operating_system, "operatingSystem", "Linux"),
    condition!(tenancy, "tenancy", "Shared"),
    condition!(pre_installed_software, "preInstalledSw", "NA"),
    condition!(capacity_status, "capacitystatus", "Used"),
    condition!(license_model, "licenseModel", "No License required"),
    condition!(market_option, "marketoption", "OnDemand", ""),
    condition!(operation, "operation", "RunInstances", ""),
];
const OUTBOUND: &[Condition] =
    &[condition!(transfer_type, "transferType", "AWS Outbound"), condition!(to_location, "toLocation", "External")];
const BETWEEN_ZONES: &[Condition] = &[condition!(transfer_type, "transferType", "IntraRegion"), condition!(operation, "operation", "")];

const EGRESS_TIERS: &[(u64, &str)] = &[
    (0, "data_transfer.out_internet.first_10tb_gb"),
    (10_240, "data_transfer.out_internet.next_40tb_gb"),
    (51_200, "data_transfer.out_internet.next_100tb_gb"),
    (153_600, "data_transfer.out_internet.over_150tb_gb"),
];
const ENDPOINT_TIERS: &[(u64, &str)] = &[
    (0, "vpc.interface_endpoint.gb_first_1pb"),
    (1_048_576, "vpc.interface_endpoint.gb_next_4pb"),
    (5_242_880, "vpc.interface_endpoint.gb_over_5pb"),
];
const METRIC_TIERS: &[(u64, &str)] = &[
    (0, "cloudwatch.metric.custom_month_first_10k"),
    (10_000, "cloudwatch.metric.custom_month_10k_to_250k"),
    (250_000, "cloudwatch.metric.custom_month_250k_to_1m"),
    (1_000_000, "cloudwatch.metric.custom_month_over_1m"),
];

/// A rule for one price.
const fn one(
    offer: &'static str,
    family: &'static str,
    usage: &'static str,
    conditions: &'static [Condition],
    units: &'static [&'static str],
    target: (&'static str, &'static str),
) -> Rule {
    Rule { offer, family, usage: Usage::Is(usage), conditions, units, target: Target::Key { key: target.0, unit: target.1 } }
}

/// All rules.
pub(super) static RULES: &[Rule] = &[
    one("AmazonECS", "Compute", "Fargate-vCPU-Hours:perCPU", LINUX_X86, VCPU_HOURS, ("fargate.linux_x86.vcpu_hour", "vCPU-hour")),
    one("AmazonECS", "Compute", "Fargate-GB-Hours", LINUX_X86, GB_HOURS, ("fargate.linux_x86.gb_hour", "GB-hour")),
    one("AmazonECS", "Compute", "Fargate-ARM-vCPU-Hours:perCPU", LINUX_ARM, VCPU_HOURS, ("fargate.linux_arm.vcpu_hour", "vCPU-hour")),
    one("AmazonECS", "Compute", "Fargate-ARM-GB-Hours", LINUX_ARM, GB_HOURS, ("fargate.linux_arm.gb_hour", "GB-hour")),
    one("AmazonECS", "Compute", "Fargate-Windows-vCPU-Hours:perCPU", WINDOWS, VCPU_HOURS, ("fargate.windows_x86.vcpu_hour", "vCPU-hour")),
    one("AmazonECS", "Compute", "Fargate-Windows-GB-Hours", WINDOWS, GB_HOURS, ("fargate.windows_x86.gb_hour", "GB-hour")),
    one(
        "AmazonECS",
        "Compute",
        "Fargate-Windows-OS-Hours:perCPU",
        WINDOWS,
        VCPU_HOURS,
        ("fargate.windows_x86.os_licence_vcpu_hour", "vCPU-hour"),
    ),
    one(
        "AmazonECS",
        "Compute",
        "Fargate-EphemeralStorage-GB-Hours",
        NO_OPERATION,
        &["GB-Hours"],
        ("fargate.ephemeral_storage.gb_hour", "GB-hour above 20 GB"),
    ),
    one("AWSELB", "Load Balancer-Application", "LoadBalancerUsage", APPLICATION, HOURS, ("alb.hour", "hour (partial = full)")),
    one("AWSELB", "Load Balancer-Application", "LCUUsage", APPLICATION, &["LCU-Hrs", "LCU-Hours"], ("alb.lcu_hour", "LCU-hour")),
    one("AWSELB", "Load Balancer-Network", "LoadBalancerUsage", NETWORK, HOURS, ("nlb.hour", "hour (partial = full)")),
    one("AWSELB", "Load Balancer-Network", "LCUUsage", NETWORK, &["LCU-Hrs", "LCU-Hours"], ("nlb.lcu_hour", "NLCU-hour")),
    one("AmazonEC2", "NAT Gateway", "NatGateway-Hours", NAT, HOURS, ("nat.hour", "hour (partial = full)")),
    one("AmazonEC2", "NAT Gateway", "NatGateway-Bytes", NAT, GB, ("nat.gb", "GB processed")),
    one("AmazonEC2", "Storage", "EBS:VolumeUsage.gp2", &[], GB_MONTHS, ("ebs.gp2.gb_month", "GB-month")),
    one("AmazonEC2", "Storage", "EBS:VolumeUsage.gp3", &[], GB_MONTHS, ("ebs.gp3.gb_month", "GB-month")),
    one("AmazonEC2", "System Operation", "EBS:VolumeP-IOPS.gp3", &[], &["IOPS-Mo"], ("ebs.gp3.iops_month_above_3000", "IOPS-month")),
    Rule { offer: "AmazonEC2", family: "", usage: Usage::Instance, conditions: LINUX_INSTANCE, units: HOURS, target: Target::Instance },
    one("AmazonVPC", "", "PublicIPv4:InUseAddress", &[], HOURS, ("vpc.public_ipv4.hour", "address-hour")),
    one("AmazonVPC", "", "PublicIPv4:IdleAddress", &[], HOURS, ("vpc.public_ipv4.idle_hour", "address-hour")),
    one("AmazonVPC", "VpcEndpoint", "VpcEndpoint-Hours", &[], HOURS, ("vpc.interface_endpoint.hour", "endpoint-ENI(AZ)-hour")),
    Rule {
        offer: "AmazonVPC",
        family: "VpcEndpoint",
        usage: Usage::Is("VpcEndpoint-Bytes"),
        conditions: &[],
        units: GB,
        target: Target::Tiers { unit: "GB", tiers: ENDPOINT_TIERS },
    },
    Rule {
        offer: "AWSDataTransfer",
        family: "Data Transfer",
        usage: Usage::Is("DataTransfer-Out-Bytes"),
        conditions: OUTBOUND,
        units: GB,
        target: Target::Tiers { unit: "GB", tiers: EGRESS_TIERS },
    },
    one(
        "AWSDataTransfer",
        "Data Transfer",
        "DataTransfer-Regional-Bytes",
        BETWEEN_ZONES,
        GB,
        ("data_transfer.inter_az.gb_each_direction", "GB per direction"),
    ),
    one("AmazonCloudWatch", "", "DataProcessing-Bytes", &[], GB, ("cloudwatch.logs.ingest_gb", "GB (Standard class)")),
    one(
        "AmazonCloudWatch",
        "Storage Snapshot",
        "TimedStorage-ByteHrs",
        &[],
        GB_MONTHS,
        ("cloudwatch.logs.storage_gb_month", "GB-month (compressed)"),
    ),
    one("AmazonCloudWatch", "Alarm", "CW:AlarmMonitorUsage", &[], &["Alarms"], ("cloudwatch.alarm.standard_month", "alarm-metric-month")),
    one(
        "AmazonCloudWatch",
        "Alarm",
        "CW:HighResAlarmMonitorUsage",
        &[],
        &["Alarms"],
        ("cloudwatch.alarm.high_res_month", "alarm-metric-month"),
    ),
    Rule {
        offer: "AmazonCloudWatch",
        family: "Metric",
        usage: Usage::Is("CW:MetricMonitorUsage"),
        conditions: NO_OPERATION,
        units: &["Metrics"],
        target: Target::Tiers { unit: "metric-month", tiers: METRIC_TIERS },
    },
    one("AmazonECR", "", "TimedStorage-ByteHrs", &[], GB_MONTHS, ("ecr.storage.gb_month", "GB-month")),
    one("AmazonEFS", "Storage", "TimedStorage-ByteHrs", &[], GB_MONTHS, ("efs.standard.gb_month", "GB-month")),
    one("AmazonEFS", "Storage", "TimedStorage-Z-ByteHrs", &[], GB_MONTHS, ("efs.onezone.gb_month", "GB-month")),
];

/// The offers that some rule reads, each once.
pub(super) fn offers() -> Vec<&'static str> {
    let mut offers: Vec<&str> = RULES.iter().map(|rule| rule.offer).collect();
    offers.dedup();
    offers
}

/// The prices that an offer can supply, instance types left out.
pub(super) fn keys_of(offer: &str) -> impl Iterator<Item = &'static str> {
    RULES.iter().filter(move |rule| rule.offer == offer).flat_map(|rule| match &rule.target {
        Target::Key { key, .. } => vec![*key],
        Target::Tiers { tiers, .. } => tiers.iter().map(|(_, key)| *key).collect(),
        Target::Instance => Vec::new(),
    })
}

/// Why a product is not the one that a rule means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Miss {
    /// No rule of the offer has this usage type.
    Usage,
    /// The usage type is right, the product family is another one.
    Family,
    /// The usage type is right, this attribute is not.
    Attribute(&'static str),
}

/// The rule of an offer that this product fulfils; `usage` is its usage type without the region's code.
pub(super) fn find(offer: &str, usage: &str, product: &Product<'_>) -> Result<usize, Miss> {
    let mut miss = Miss::Usage;
    for (index, rule) in RULES.iter().enumerate().filter(|(_, rule)| rule.offer == offer) {
        if !is_usage(rule, usage, &product.attributes) {
            continue;
        }
        match breach(rule, product) {
            None => return Ok(index),
            // Of several rules with one usage type, as of the two kinds of balancers, the family tells which is meant.
            Some(found) if miss == Miss::Usage || found != Miss::Family => miss = found,
            Some(_) => {}
        }
    }
    Err(miss)
}

fn is_usage(rule: &Rule, usage: &str, attributes: &Attributes<'_>) -> bool {
    match rule.usage {
        Usage::Is(name) => name == usage,
        Usage::Instance => usage.strip_prefix("BoxUsage:").is_some_and(|kind| kind == attributes.instance_type),
    }
}

fn breach(rule: &Rule, product: &Product<'_>) -> Option<Miss> {
    if !rule.family.is_empty() && rule.family != product.product_family {
        return Some(Miss::Family);
    }
    let broken = rule.conditions.iter().find(|condition| !condition.allowed.contains(&(condition.value)(&product.attributes)));
    broken.map(|condition| Miss::Attribute(condition.attribute))
}
