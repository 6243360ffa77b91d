//! Usage times a price book gives a bill.
//!
//! Everything here works on what was metered ([`crate::usage`]) and on prices; it knows nothing of how the usage
//! came about, so one run can be priced with any book. Money is exact: quantities, prices and costs are decimals,
//! and each line is rounded once.
//!
//! The rules are those of the AWS pages on Fargate, Elastic Load Balancing, VPC and data transfer, named where they
//! are applied. Left out: EC2 capacity, metrics and alarms, traffic between zones, storage of images
//! and logs, interface endpoint traffic, and the offers for new accounts.
mod audit;
mod balancers;
mod bill;
mod book;
mod catalog;
mod commitment;
mod estimate;
mod keys;
mod ledger;
mod line;
mod network;
mod price;
mod price_file;
mod price_rows;
mod quantity;
mod savings_plans;
mod shipped;
mod tasks;
mod transfer;

pub use audit::{Finding, Remark, audit};
pub use bill::{Bill, HourCost, price};
pub use book::PriceBook;
pub use catalog::list;
pub use commitment::{CommitmentCost, Coverable, Demand};
pub use estimate::{Estimate, StaticDeployment, StaticLoadBalancer, StaticService, estimate};
pub(crate) use keys::region_of_code;
pub use line::{Behaviour, Group, Line};
pub use price::{Basis, Price};
pub use price_rows::{NewPrice, OldPrice, PriceRows};
pub use quantity::{MONEY_PLACES, QUANTITY_PLACES};
pub use savings_plans::{SavingsPlan, SavingsPlanUse};
