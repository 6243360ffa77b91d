//! The prices that a bill can ask for, and AWS's names for what they buy.
//!
//! A usage type is AWS's name with the region's billing code before it: `EUC1-Fargate-GB-Hours`. In us-east-1 the
//! services that are older than the codes write none. Source of the codes: "AWS Region billing codes" in the AWS
//! documentation on Regions; of the names: the Price List of us-east-1 and the rows of cost and usage reports.

use super::savings_plans::SavingsPlan;

pub(super) const EPHEMERAL_STORAGE: &str = "fargate.ephemeral_storage.gb_hour";
pub(super) const WINDOWS_LICENCE: &str = "fargate.windows_x86.os_licence_vcpu_hour";
pub(super) const BALANCER_HOUR: &str = "alb.hour";
pub(super) const BALANCER_CAPACITY_UNIT: &str = "alb.lcu_hour";
pub(super) const PUBLIC_ADDRESS: &str = "vpc.public_ipv4.hour";
pub(super) const NAT_HOUR: &str = "nat.hour";
pub(super) const NAT_TRAFFIC: &str = "nat.gb";
pub(super) const ENDPOINT_HOUR: &str = "vpc.interface_endpoint.hour";
pub(super) const INTERNET_FREE: &str = "data_transfer.out_internet.free_gb_month";
pub(super) const INTERNET_FIRST: &str = "data_transfer.out_internet.first_10tb_gb";
pub(super) const INTERNET_SECOND: &str = "data_transfer.out_internet.next_40tb_gb";
pub(super) const INTERNET_THIRD: &str = "data_transfer.out_internet.next_100tb_gb";
pub(super) const INTERNET_LAST: &str = "data_transfer.out_internet.over_150tb_gb";
pub(super) const NETWORK_BALANCER_HOUR: &str = "nlb.hour";
pub(super) const NETWORK_BALANCER_CAPACITY_UNIT: &str = "nlb.lcu_hour";
pub(super) const ENDPOINT_FIRST: &str = "vpc.interface_endpoint.gb_first_1pb";
pub(super) const ENDPOINT_SECOND: &str = "vpc.interface_endpoint.gb_next_4pb";
pub(super) const ENDPOINT_LAST: &str = "vpc.interface_endpoint.gb_over_5pb";
pub(super) const BETWEEN_ZONES: &str = "data_transfer.inter_az.gb_each_direction";
pub(super) const IMAGE_STORAGE: &str = "ecr.storage.gb_month";
pub(super) const FILE_STORAGE: &str = "efs.standard.gb_month";
pub(super) const FILE_STORAGE_ONE_ZONE: &str = "efs.onezone.gb_month";
pub(super) const FILE_THROUGHPUT: &str = "efs.provisioned_mbps_month";
pub(super) const VOLUME_GP2: &str = "ebs.gp2.gb_month";
pub(super) const VOLUME_GP3: &str = "ebs.gp3.gb_month";
pub(super) const VOLUME_IOPS: &str = "ebs.gp3.iops_month_above_3000";
pub(super) const VOLUME_THROUGHPUT: &str = "ebs.gp3.mbps_month_above_125";
pub(super) const LOG_INGESTION: &str = "cloudwatch.logs.ingest_gb";
pub(super) const LOG_STORAGE: &str = "cloudwatch.logs.storage_gb_month";
pub(super) const ALARM_STANDARD: &str = "cloudwatch.alarm.standard_month";
pub(super) const ALARM_HIGH_RESOLUTION: &str = "cloudwatch.alarm.high_res_month";
pub(super) const METRIC_FIRST: &str = "cloudwatch.metric.custom_month_first_10k";
pub(super) const METRIC_SECOND: &str = "cloudwatch.metric.custom_month_10k_to_250k";
pub(super) const METRIC_THIRD: &str = "cloudwatch.metric.custom_month_250k_to_1m";
pub(super) const METRIC_LAST: &str = "cloudwatch.metric.custom_month_over_1m";
pub(super) const METRIC_ENHANCED: &str = "cloudwatch.container_insights_enhanced_ecs.metric_month";
pub(super) const QUEUE_REQUEST: &str = "sqs.standard.request";

/// The price of one vCPU for one hour on this platform.
pub(super) fn vcpu_hour(platform: &str, spot: bool) -> String {
    format!("{}.{platform}.vcpu_hour", offer(spot))
}

/// The price of one GB of memory for one hour on this platform.
pub(super) fn memory_hour(platform: &str, spot: bool) -> String {
    format!("{}.{platform}.gb_hour", offer(spot))
}

/// Before and after the instance type in the key of its price on demand.
const INSTANCE_HOUR: (&str, &str) = ("ec2.on_demand.linux.", ".hour");

/// The price of one instance of this type for one hour on demand.
pub(super) fn instance_hour(instance_type: &str) -> String {
    format!("{}{instance_type}{}", INSTANCE_HOUR.0, INSTANCE_HOUR.1)
}

/// The instance type whose price on demand this is; none for other keys.
fn instance_type(key: &str) -> Option<&str> {
    key.strip_prefix(INSTANCE_HOUR.0)?.strip_suffix(INSTANCE_HOUR.1).filter(|name| !name.is_empty())
}

fn offer(spot: bool) -> &'static str {
    if spot { "fargate_spot" } else { "fargate" }
}

/// Whether AWS writes the billing code in us-east-1 too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    Everywhere,
    NotInNorthVirginia,
    /// There the usage has another name, and no code.
    NorthVirginiaSays(&'static str),
}

/// Every key of a bill with AWS's usage type without its prefix.
const BILL_KEYS: &[(&str, &str, Code)] = &[
    ("fargate.linux_x86.vcpu_hour", "Fargate-vCPU-Hours:perCPU", Code::Everywhere),
    ("fargate.linux_x86.gb_hour", "Fargate-GB-Hours", Code::Everywhere),
    ("fargate.linux_arm.vcpu_hour", "Fargate-ARM-vCPU-Hours:perCPU", Code::Everywhere),
    ("fargate.linux_arm.gb_hour", "Fargate-ARM-GB-Hours", Code::Everywhere),
    ("fargate.windows_x86.vcpu_hour", "Fargate-Windows-vCPU-Hours:perCPU", Code::Everywhere),
    ("fargate.windows_x86.gb_hour", "Fargate-Windows-GB-Hours", Code::Everywhere),
    (WINDOWS_LICENCE, "Fargate-Windows-OS-Hours:perCPU", Code::Everywhere),
    ("fargate_spot.linux_x86.vcpu_hour", "SpotUsage-Fargate-vCPU-Hours:perCPU", Code::Everywhere),
    ("fargate_spot.linux_x86.gb_hour", "SpotUsage-Fargate-GB-Hours", Code::Everywhere),
    ("fargate_spot.linux_arm.vcpu_hour", "SpotUsage-Fargate-ARM-vCPU-Hours:perCPU", Code::Everywhere),
    ("fargate_spot.linux_arm.gb_hour", "SpotUsage-Fargate-ARM-GB-Hours", Code::Everywhere),
    (EPHEMERAL_STORAGE, "Fargate-EphemeralStorage-GB-Hours", Code::Everywhere),
    (BALANCER_HOUR, "LoadBalancerUsage", Code::NotInNorthVirginia),
    (BALANCER_CAPACITY_UNIT, "LCUUsage", Code::NotInNorthVirginia),
    (PUBLIC_ADDRESS, "PublicIPv4:InUseAddress", Code::Everywhere),
    (NAT_HOUR, "NatGateway-Hours", Code::NotInNorthVirginia),
    (NAT_TRAFFIC, "NatGateway-Bytes", Code::NotInNorthVirginia),
    (ENDPOINT_HOUR, "VpcEndpoint-Hours", Code::Everywhere),
    (INTERNET_FREE, "DataTransfer-Out-Bytes", Code::NotInNorthVirginia),
    (INTERNET_FIRST, "DataTransfer-Out-Bytes", Code::NotInNorthVirginia),
    (INTERNET_SECOND, "DataTransfer-Out-Bytes", Code::NotInNorthVirginia),
    (INTERNET_THIRD, "DataTransfer-Out-Bytes", Code::NotInNorthVirginia),
    (INTERNET_LAST, "DataTransfer-Out-Bytes", Code::NotInNorthVirginia),
    (LOG_INGESTION, "DataProcessing-Bytes", Code::NotInNorthVirginia),
    (NETWORK_BALANCER_HOUR, "LoadBalancerUsage", Code::NotInNorthVirginia),
    (NETWORK_BALANCER_CAPACITY_UNIT, "LCUUsage", Code::NotInNorthVirginia),
    (ENDPOINT_FIRST, "VpcEndpoint-Bytes", Code::Everywhere),
    (ENDPOINT_SECOND, "VpcEndpoint-Bytes", Code::Everywhere),
    (ENDPOINT_LAST, "VpcEndpoint-Bytes", Code::Everywhere),
    (BETWEEN_ZONES, "DataTransfer-Regional-Bytes", Code::NotInNorthVirginia),
    (IMAGE_STORAGE, "TimedStorage-ByteHrs", Code::NotInNorthVirginia),
    (FILE_STORAGE, "TimedStorage-ByteHrs", Code::Everywhere),
    (FILE_STORAGE_ONE_ZONE, "TimedStorage-Z-ByteHrs", Code::Everywhere),
    (FILE_THROUGHPUT, "ProvisionedTP-MiBpsHrs", Code::Everywhere),
    (VOLUME_GP2, "EBS:VolumeUsage.gp2", Code::NotInNorthVirginia),
    (VOLUME_GP3, "EBS:VolumeUsage.gp3", Code::NotInNorthVirginia),
    (VOLUME_IOPS, "EBS:VolumeP-IOPS.gp3", Code::NotInNorthVirginia),
    (VOLUME_THROUGHPUT, "EBS:VolumeP-Throughput.gp3", Code::NotInNorthVirginia),
    (LOG_STORAGE, "TimedStorage-ByteHrs", Code::NotInNorthVirginia),
    (ALARM_STANDARD, "CW:AlarmMonitorUsage", Code::NotInNorthVirginia),
    (ALARM_HIGH_RESOLUTION, "CW:HighResAlarmMonitorUsage", Code::NotInNorthVirginia),
    (METRIC_FIRST, "CW:MetricMonitorUsage", Code::NotInNorthVirginia),
    (METRIC_SECOND, "CW:MetricMonitorUsage", Code::NotInNorthVirginia),
    (METRIC_THIRD, "CW:MetricMonitorUsage", Code::NotInNorthVirginia),
    (METRIC_LAST, "CW:MetricMonitorUsage", Code::NotInNorthVirginia),
    // AWS's name for it was found in no source.
    (METRIC_ENHANCED, "", Code::NotInNorthVirginia),
    (QUEUE_REQUEST, "Requests-Tier1", Code::NorthVirginiaSays("Requests-RBP")),
];

/// What a Compute Savings Plan can cover of Fargate, by its price on demand. AWS publishes no rates of Windows.
pub(crate) const COVERED_BY_SAVINGS_PLANS: [&str; 4] =
    ["fargate.linux_x86.vcpu_hour", "fargate.linux_x86.gb_hour", "fargate.linux_arm.vcpu_hour", "fargate.linux_arm.gb_hour"];

/// The rate of a Compute Savings Plan for what has this price on demand.
pub(super) fn savings_plan_rate(term: &str, payment_option: &str, on_demand_key: &str) -> String {
    format!("compute_sp.{term}_{payment_option}.{on_demand_key}")
}

/// The price on demand that a rate of a Savings Plan replaces; none for other keys.
fn on_demand_of(key: &str) -> Option<&'static str> {
    let (plan, on_demand) = key.strip_prefix("compute_sp.")?.split_once('.')?;
    let (term, option) = plan.split_once('_')?;
    let is_known = SavingsPlan::TERMS.contains(&term) && SavingsPlan::PAYMENT_OPTIONS.contains(&option);
    COVERED_BY_SAVINGS_PLANS.into_iter().find(|known| is_known && *known == on_demand)
}

/// Whether a bill can ask for this key.
pub(super) fn is_bill_key(key: &str) -> bool {
    bill_keys().any(|known| known == key) || on_demand_of(key).is_some() || instance_type(key).is_some()
}

/// The keys that a bill can ask for, without the rates of Savings Plans and the prices of instances.
pub(super) fn bill_keys() -> impl Iterator<Item = &'static str> {
    BILL_KEYS.iter().map(|(key, _, _)| *key)
}

/// AWS's name for what a key of a bill buys in this region; none for other keys and unknown regions.
pub(super) fn usage_type(key: &str, region: &str) -> Option<String> {
    if let Some(instance_type) = instance_type(key) {
        let name = format!("BoxUsage:{instance_type}");
        return if region == "us-east-1" { Some(name) } else { Some(format!("{}-{name}", billing_code(region)?)) };
    }
    let key = on_demand_of(key).unwrap_or(key);
    let (_, name, code) = BILL_KEYS.iter().find(|(known, _, _)| *known == key)?;
    if name.is_empty() {
        return None;
    }
    match code {
        Code::NotInNorthVirginia if region == "us-east-1" => return Some((*name).to_owned()),
        Code::NorthVirginiaSays(there) if region == "us-east-1" => return Some((*there).to_owned()),
        _ => {}
    }
    Some(format!("{}-{name}", billing_code(region)?))
}

/// The codes that AWS's bills use for regions.
const BILLING_CODES: [(&str, &str); 36] = [
    ("us-east-1", "USE1"),
    ("us-east-2", "USE2"),
    ("us-west-1", "USW1"),
    ("us-west-2", "USW2"),
    ("us-gov-east-1", "UGE1"),
    ("us-gov-west-1", "UGW1"),
    ("ca-central-1", "CAN1"),
    ("ca-west-1", "CAN2"),
    ("mx-central-1", "MXC1"),
    ("sa-east-1", "SAE1"),
    ("af-south-1", "AFS1"),
    ("ap-east-1", "APE1"),
    ("ap-east-2", "APE2"),
    ("ap-northeast-1", "APN1"),
    ("ap-northeast-2", "APN2"),
    ("ap-northeast-3", "APN3"),
    ("ap-south-1", "APS3"),
    ("ap-south-2", "APS5"),
    ("ap-southeast-1", "APS1"),
    ("ap-southeast-2", "APS2"),
    ("ap-southeast-3", "APS4"),
    ("ap-southeast-4", "APS6"),
    ("ap-southeast-5", "APS7"),
    ("ap-southeast-6", "APS8"),
    ("ap-southeast-7", "APS9"),
    ("eu-central-1", "EUC1"),
    ("eu-central-2", "EUC2"),
    ("eu-north-1", "EUN1"),
    ("eu-south-1", "EUS1"),
    ("eu-south-2", "EUS2"),
    ("eu-west-1", "EU"),
    ("eu-west-2", "EUW2"),
    ("eu-west-3", "EUW3"),
    ("il-central-1", "ILC1"),
    ("me-central-1", "MEC1"),
    ("me-south-1", "MES1"),
];

/// The code that AWS's bills use for a region.
fn billing_code(region: &str) -> Option<&'static str> {
    BILLING_CODES.iter().find(|(known, _)| *known == region).map(|(_, code)| *code)
}

/// The region that AWS's bills mean by a code. Ireland has a second one, `EUW1`, on its newer services.
pub(crate) fn region_of_code(code: &str) -> Option<&'static str> {
    let code = if code == "EUW1" { "EU" } else { code };
    BILLING_CODES.iter().find(|(_, known)| *known == code).map(|(region, _)| *region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_types_carry_the_regions_code_as_in_aws_price_files() {
        // The AmazonECS offer of eu-west-1 writes EU-, and the offers of us-east-1 write USE1- for ECS and nothing for ELB.
        let name = |key, region| usage_type(key, region).expect("a known key and region");
        assert_eq!(name("fargate.linux_x86.gb_hour", "eu-west-1"), "EU-Fargate-GB-Hours");
        assert_eq!(name("fargate.linux_x86.gb_hour", "us-east-1"), "USE1-Fargate-GB-Hours");
        assert_eq!(name(BALANCER_HOUR, "us-east-1"), "LoadBalancerUsage");
        assert_eq!(name(BALANCER_HOUR, "ap-south-1"), "APS3-LoadBalancerUsage");
        assert_eq!(usage_type("ebs.snapshot.gb_month", "us-east-1"), None);
    }

    #[test]
    fn a_code_leads_back_to_its_region() {
        for (region, code) in BILLING_CODES {
            assert_eq!((billing_code(region), region_of_code(code)), (Some(code), Some(region)));
        }
        assert_eq!(region_of_code("EUW1"), Some("eu-west-1"));
        assert_eq!((region_of_code("TS"), region_of_code("Outposts")), (None, None));
    }

    #[test]
    fn the_names_agree_with_the_price_list_of_us_east_1() {
        // Where the Price List rows of the shipped book carry AWS's usage type, the table here says the same.
        let book = crate::cost::PriceBook::shipped("us-east-1").expect("shipped");
        for key in bill_keys() {
            let price = book.price(key).expect("us-east-1 is complete");
            assert_eq!(price.usage_type, usage_type(key, "us-east-1"), "{key}");
        }
    }
}
