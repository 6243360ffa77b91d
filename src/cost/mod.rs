//! Usage times a price book gives a bill.
//!
//! Everything here works on what was metered ([`crate::usage`]) and on prices; it knows nothing of how the usage
//! came about, so one run can be priced with any book. Money is exact: quantities, prices and costs are decimals,
//! and each line is rounded once.
//!
//! The rules are those of the AWS pages on Fargate, Elastic Load Balancing, VPC, data transfer, CloudWatch, SQS, ECR, EFS and EBS, named where they
//! are applied. Left out: Spot prices of EC2 instances.
mod audit;
mod balancers;
mod bill;
mod book;
mod carried;
mod catalog;
mod commitment;
mod free_tier;
mod instances;
mod keys;
mod ledger;
mod line;
mod logs;
mod monitoring;
mod network;
mod price;
mod price_file;
mod price_rows;
mod quantity;
mod queues;
mod savings_plans;
mod shipped;
mod storage;
mod tasks;
mod tiers;
mod transfer;
mod volumes;

pub use audit::{Finding, Remark, audit};
pub(crate) use bill::price_without_remarks;
pub use bill::{Bill, HourCost, price, price_calendar_month};
pub use book::{OVERRIDES, PriceBook};
pub use catalog::list;
pub use commitment::{CommitmentCost, Coverable, Demand, STEPS_PER_USD, in_steps};
pub use free_tier::FreeTier;
pub(crate) use keys::{COVERED_BY_SAVINGS_PLANS, region_of_code};
pub use line::{Behaviour, Group, Line};
pub use price::{Basis, Price};
pub use price_rows::{NewPrice, OldPrice, PriceRows};
pub use quantity::{MONEY_PLACES, QUANTITY_PLACES};
pub use savings_plans::{SavingsPlan, SavingsPlanUse, eligible_keys, is_eligible};
