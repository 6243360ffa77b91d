//! What Amazon SQS bills for a standard queue.
//!
//! Every request costs the same, whether it sends, receives, comes back empty or deletes (aws.amazon.com/sqs/pricing). Left out:
//! the lower prices above 100 billion requests a month, and FIFO queues, which cost more.

use super::keys;
use super::ledger::{Charge, Ledger};
use super::line::{Behaviour, Group};
use super::quantity;
use crate::error::Result;
use crate::usage::QueueUsage;

/// Bills the requests to one queue.
pub(super) fn charge(queue: &QueueUsage, ledger: &mut Ledger<'_>) -> Result<()> {
    let kinds = [
        ("requests that send messages", &queue.sends),
        ("requests that receive messages", &queue.receives),
        ("requests that receive nothing", &queue.empty_receives),
        ("requests that delete messages", &queue.deletes),
    ];
    for (description, requests) in kinds {
        let total = quantity::sum_of_counts(requests, description)?;
        let month = ledger.to_month(total)?;
        ledger.charge_month(Charge {
            service: Some(queue.service.clone()),
            resource: "queue".to_owned(),
            capacity_provider: None,
            product: "SQS",
            description: description.to_owned(),
            behaviour: Behaviour::Variable,
            group: Group::Queues,
            key: keys::QUEUE_REQUEST.into(),
            unit: "Requests",
            quantity: month,
            month_quantity: None,
            is_estimate: true,
            hours: requests.clone(),
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{PriceBook, price};
    use super::*;
    use crate::usage::Usage;

    /// 0.40 dollars a million (Infracost, sqs_queue_test.golden: 2 million standard requests make 0.80).
    #[test]
    fn every_request_costs_the_same() {
        let queue = QueueUsage {
            service: "worker".to_owned(),
            sends: vec![1e6, 0.0],
            receives: vec![5e5, 0.0],
            empty_receives: vec![0.0, 3e5],
            deletes: vec![2e5, 0.0],
        };
        let usage = Usage { hours: 2, window_seconds: 7200.0, queues: vec![queue], ..Usage::default() };
        let bill = price(&usage, &PriceBook::shipped("us-east-1").expect("shipped")).expect("priced");
        let costs: Vec<String> = bill.lines.iter().map(|line| line.cost.normalize().to_string()).collect();
        assert_eq!(costs, ["0.4", "0.2", "0.12", "0.08"]);
        // A month is 365 such windows: 0.80 x 365 = 292.
        assert_eq!(bill.monthly.to_string(), "292.00");
        assert!(bill.lines.iter().all(|line| line.estimated && line.behaviour == Behaviour::Variable));
        assert!(bill.lines.iter().all(|line| line.usage_type == "Requests-RBP" && line.product == "SQS"));
    }
}
