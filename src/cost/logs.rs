//! What it costs to keep logs.
//!
//! CloudWatch Logs bills what is stored, compressed, by the GB-month (aws.amazon.com/cloudwatch/pricing). Every GB that
//! is ingested lies there for a number of hours, so a month like the window stores its ingestion times these hours, however
//! short the window is. Left out: the 26 bytes that AWS adds to each event.

use super::ledger::{Charge, Ledger};
use super::line::{Behaviour, Group};
use super::{keys, quantity};
use crate::error::Result;
use crate::usage::{FlowUsage, LogStorage, Usage};

/// Bills the storage of the logs of every service.
pub(super) fn charge_storage(usage: &Usage, ledger: &mut Ledger<'_>) -> Result<()> {
    for flow in &usage.flows {
        if let Some(service) = usage.monitoring.services.iter().find(|service| service.service == flow.service) {
            charge(flow, service.log_storage, ledger)?;
        }
    }
    Ok(())
}

fn charge(flow: &FlowUsage, storage: LogStorage, ledger: &mut Ledger<'_>) -> Result<()> {
    let ingested = quantity::sum_of_bytes(&flow.log_bytes, "bytes of logs")? / quantity::BYTES_PER_GB;
    let share = quantity::factor(storage.compressed_share, "assumptions.compressed_log_share")?;
    let months = ledger.months(quantity::count(storage.stored_hours, "hours of log storage")?)?;
    let stored = quantity::multiply(quantity::multiply(ingested, share)?, months)?;
    let month = ledger.to_month(stored)?;
    let description = if storage.expires { "log storage" } else { "log storage, first month of logs that never expire" };
    let charge = Charge {
        service: Some(&flow.service),
        resource: "logs".to_owned(),
        capacity_provider: None,
        product: "CloudWatch Logs",
        description: description.to_owned(),
        behaviour: Behaviour::Variable,
        group: Group::Logs,
        key: keys::LOG_STORAGE,
        unit: "GB-Mo",
        quantity: stored,
        hours: flow.log_bytes.clone(),
    };
    ledger.charge_of_month(charge, month)
}

#[cfg(test)]
mod tests {
    use super::super::{PriceBook, price};
    use super::*;
    use crate::usage::{Monitoring, ServiceMonitoring};

    const GIB: f64 = 1_073_741_824.0;

    /// A day with a GB of logs in every hour.
    fn bill_of(log_storage: LogStorage) -> super::super::Bill {
        let hours = 24;
        let flow = FlowUsage {
            service: "web".to_owned(),
            requests: vec![0.0; hours],
            caused_requests: 0.0,
            internet_out_bytes: vec![0.0; hours],
            nat_bytes: vec![0.0; hours],
            log_bytes: vec![GIB; hours],
        };
        let service = ServiceMonitoring {
            service: "web".to_owned(),
            standard_alarm_metrics: 0,
            high_resolution_alarm_metrics: 0,
            high_resolution_metrics: 0,
            containers: 1,
            log_storage,
        };
        let usage = Usage {
            hours,
            window_seconds: 86_400.0,
            flows: vec![flow],
            monitoring: Monitoring { services: vec![service], ..Monitoring::default() },
            ..Usage::default()
        };
        price(&usage, &PriceBook::shipped("us-east-1").expect("shipped")).expect("priced")
    }

    /// aws.amazon.com/cloudwatch/pricing: 0.03 dollars a GB-month, and an example whose 30 GB compress to 6 GB.
    #[test]
    fn logs_that_expire_are_stored_for_their_retention() {
        // 730 GB a month, a fifth of it stored for 30 of the 30.4167 days of a month: 730 x 0.2 x 720 / 730 = 144 GB-months, 4.32.
        let bill = bill_of(LogStorage { compressed_share: 0.2, stored_hours: 720.0, expires: true });
        let line = bill.lines.iter().find(|line| line.description == "log storage").expect("stored");
        assert_eq!(line.monthly_cost.normalize().to_string(), "4.32");
        assert_eq!((line.usage_type.as_str(), line.unit, line.behaviour), ("TimedStorage-ByteHrs", "GB-Mo", Behaviour::Variable));
        // The day's part: 24 x 0.2 x 720 / 730 = 4.734247 GB-months, 0.142027.
        assert_eq!(line.cost.normalize().to_string(), "0.142027");
    }

    #[test]
    fn logs_that_never_expire_are_billed_for_their_first_month() {
        // Half a month on average: 730 x 0.2 / 2 = 73 GB-months, 2.19.
        let bill = bill_of(LogStorage { compressed_share: 0.2, stored_hours: 365.0, expires: false });
        let line = bill.lines.iter().find(|line| line.description.contains("never expire")).expect("stored");
        assert_eq!(line.monthly_cost.normalize().to_string(), "2.19");
    }
}
