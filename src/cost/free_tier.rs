//! What AWS gives an account free of charge each month.
//!
//! Two kinds of offers: those that never end, which every account has, and those of the first twelve months, which accounts
//! have that were opened before 15 July 2025 (later ones get credits instead; docs.aws.amazon.com/awsaccountbilling, "AWS
//! Free Tier"). An allowance is the account's and a month's: it is taken off the quantity that the window would have in a
//! month, then prorated to the window, and all lines of a price share it in proportion to their quantities. What the rest of
//! the account uses of an allowance is not known here; the first 100 GB of egress, which need no free tier, have
//! `account_usage` for that.
//!
//! Left out: credits, because they are money and no usage, and what AWS gives of services that no scenario has.

use rust_decimal::Decimal;

use super::{keys, quantity};
use crate::error::Result;

/// Which free allowances an account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum FreeTier {
    /// None is counted on.
    #[default]
    None,
    /// Those that never end.
    AlwaysFree,
    /// Those, and the ones of an account's first twelve months.
    FirstTwelveMonths,
}

/// What is free of one price each month.
pub(super) struct Allowance {
    pub key: &'static str,
    /// In the unit of the price.
    pub quantity: Decimal,
    /// The least free tier that has it.
    since: FreeTier,
    /// Where AWS says so.
    pub source: &'static str,
    /// When that was read.
    pub date: &'static str,
}

impl Allowance {
    /// What part of a month's usage of its price is free, 0 to 1.
    pub fn free_share(&self, used: Decimal) -> Result<Decimal> {
        if used > self.quantity { quantity::divide(self.quantity, used) } else { Ok(Decimal::ONE) }
    }

    /// What the description of a line adds.
    pub fn remark(&self) -> &'static str {
        match self.since {
            FreeTier::FirstTwelveMonths => "free for 12 months",
            FreeTier::AlwaysFree | FreeTier::None => "always free",
        }
    }
}

const fn whole(quantity: u32) -> Decimal {
    Decimal::from_parts(quantity, 0, 0, false, 0)
}

const ELB: &str = "aws.amazon.com/elasticloadbalancing/pricing, AWS Free Tier: 750 hours and 15 LCUs a month";
const CLOUDWATCH: &str = "aws.amazon.com/cloudwatch/pricing, free tier: 10 metrics, 10 alarm metrics and 5 GB of logs a month";
const LOG_STORAGE: &str = "a bill of AWS, us-east-2: the first 5 GB-months of logs storage are free each month";
const EFS: &str = "aws.amazon.com/efs/pricing, AWS Free Tier: 5 GB of storage a month";
const SQS: &str = "aws.amazon.com/sqs/pricing: the first million requests a month";
const ECR: &str = "aws.amazon.com/ecr/pricing, AWS Free Tier: 500 MB of private storage a month";

/// Every allowance of a price that a bill can ask for. The 15 LCUs are capacity-unit hours: a free-tier entry of a bill
/// counts LCU-Hrs, and 15 of them were worth 0.12 USD in 2017. An alarm is free by the standard metric; those of high
/// resolution are not.
const ALLOWANCES: [Allowance; 9] = [
    Allowance { key: keys::BALANCER_HOUR, quantity: whole(750), since: FreeTier::FirstTwelveMonths, source: ELB, date: "2026-09-20" },
    Allowance {
        key: keys::BALANCER_CAPACITY_UNIT,
        quantity: whole(15),
        since: FreeTier::FirstTwelveMonths,
        source: ELB,
        date: "2026-09-20",
    },
    Allowance { key: keys::LOG_INGESTION, quantity: whole(5), since: FreeTier::AlwaysFree, source: CLOUDWATCH, date: "2026-09-29" },
    Allowance { key: keys::LOG_STORAGE, quantity: whole(5), since: FreeTier::AlwaysFree, source: LOG_STORAGE, date: "2021-11-30" },
    Allowance { key: keys::ALARM_STANDARD, quantity: whole(10), since: FreeTier::AlwaysFree, source: CLOUDWATCH, date: "2026-09-29" },
    Allowance { key: keys::METRIC_FIRST, quantity: whole(10), since: FreeTier::AlwaysFree, source: CLOUDWATCH, date: "2026-09-29" },
    Allowance { key: keys::QUEUE_REQUEST, quantity: whole(1_000_000), since: FreeTier::AlwaysFree, source: SQS, date: "2017-11" },
    Allowance {
        key: keys::IMAGE_STORAGE,
        quantity: Decimal::from_parts(5, 0, 0, false, 1),
        since: FreeTier::FirstTwelveMonths,
        source: ECR,
        date: "2017-11",
    },
    Allowance { key: keys::FILE_STORAGE, quantity: whole(5), since: FreeTier::FirstTwelveMonths, source: EFS, date: "2017-11" },
];

/// The allowance of a price; none where the free tier has none.
pub(super) fn allowance(free_tier: FreeTier, key: &str) -> Option<&'static Allowance> {
    ALLOWANCES.iter().find(|allowance| allowance.key == key && allowance.since <= free_tier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_free_tier_has_its_own_allowances() {
        let has = |free_tier, key| allowance(free_tier, key).is_some();
        for key in [keys::BALANCER_HOUR, keys::LOG_INGESTION] {
            assert!(!has(FreeTier::None, key) && has(FreeTier::FirstTwelveMonths, key), "{key}");
        }
        assert!(has(FreeTier::AlwaysFree, keys::LOG_INGESTION) && !has(FreeTier::AlwaysFree, keys::BALANCER_HOUR));
        assert!(!has(FreeTier::FirstTwelveMonths, "fargate.linux_x86.vcpu_hour"));
    }

    #[test]
    fn what_lies_above_an_allowance_is_not_free() {
        let logs = allowance(FreeTier::AlwaysFree, keys::LOG_INGESTION).expect("it has one");
        let free_share = |gb: u32| logs.free_share(Decimal::from(gb)).expect("small");
        // 5 of 20 GB.
        assert_eq!([free_share(0), free_share(4), free_share(20)], [Decimal::ONE, Decimal::ONE, Decimal::new(25, 2)]);
    }
}
