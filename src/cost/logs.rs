//! What logs cost.
//!
//! CloudWatch Logs bills what is ingested by the GB of 2^30 bytes, and what is stored, compressed, by the GB-month (aws.amazon.com/cloudwatch/pricing). Every GB that
//! is ingested lies there for a number of hours, so a month like the window stores its ingestion times these hours, however
//! short the window is. Logs that never expire grow without end: of them the month is the first one of a new log group. Left out: the 26 bytes that AWS adds to each event.

use rust_decimal::Decimal;

use super::ledger::{Charge, Ledger};
use super::line::{Behaviour, Group};
use super::{keys, quantity};
use crate::error::Result;
use crate::usage::{FlowUsage, LogStorage, Usage};

const HALF: Decimal = Decimal::from_parts(5, 0, 0, false, 1);

/// Bills the ingestion of the logs of one service.
pub(super) fn charge_ingestion(flow: &FlowUsage, ledger: &mut Ledger<'_>) -> Result<()> {
    let ingested = ingested_gb(flow)?;
    ledger.charge(logs(flow, keys::LOG_INGESTION, "log ingestion", "GB", ingested))
}

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
    let share = quantity::factor(storage.compressed_share, "assumptions.compressed_log_share")?;
    let (description, months) = match storage.stored_hours {
        Some(hours) => ("log storage", ledger.months(quantity::count(hours, "hours of log storage")?)?),
        // What is ingested in the first month of a log group lies in it for half of that month on average.
        None => ("log storage, first month of logs that never expire", HALF),
    };
    let stored = quantity::multiply(quantity::multiply(ingested_gb(flow)?, share)?, months)?;
    let month = ledger.to_month(stored)?;
    ledger.charge_month(logs(flow, keys::LOG_STORAGE, description, "GB-Mo", month))
}

fn ingested_gb(flow: &FlowUsage) -> Result<Decimal> {
    Ok(quantity::sum_of_bytes(&flow.log_bytes, "bytes of logs")? / quantity::BYTES_PER_GB)
}

fn logs(flow: &FlowUsage, key: &'static str, description: &str, unit: &'static str, quantity: Decimal) -> Charge {
    Charge {
        service: Some(flow.service.clone()),
        resource: "logs".to_owned(),
        capacity_provider: None,
        product: "CloudWatch Logs",
        description: description.to_owned(),
        behaviour: Behaviour::Variable,
        group: Group::Logs,
        key: key.into(),
        unit,
        quantity,
        month_quantity: None,
        is_estimate: false,
        hours: flow.log_bytes.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bill, Line, PriceBook, price, price_calendar_month};
    use super::*;
    use crate::usage::{Monitoring, ServiceMonitoring};

    const GIB: f64 = 1_073_741_824.0;

    /// A window with a GB of logs in every hour.
    fn usage(hours: usize, log_storage: LogStorage) -> Usage {
        let flow = FlowUsage {
            service: "web".to_owned(),
            requests: vec![0.0; hours],
            caused_requests: 0.0,
            internet_out_bytes: vec![0.0; hours],
            log_bytes: vec![GIB; hours],
        };
        let service = ServiceMonitoring {
            service: "web".to_owned(),
            standard_alarm_metrics: 0,
            high_resolution_alarm_metrics: 0,
            high_resolution_metrics: 0,
            custom_metrics: 0,
            containers: 1,
            log_storage,
        };
        Usage {
            hours,
            window_seconds: hours as f64 * 3600.0,
            flows: vec![flow],
            monitoring: Monitoring { services: vec![service], ..Monitoring::default() },
            ..Usage::default()
        }
    }

    fn book() -> PriceBook {
        PriceBook::shipped("us-east-1").expect("shipped")
    }

    fn stored(bill: &Bill) -> &Line {
        bill.lines.iter().find(|line| line.description.starts_with("log storage")).expect("stored")
    }

    /// aws.amazon.com/cloudwatch/pricing: 0.03 dollars a GB-month, and an example whose 30 GB compress to 6 GB.
    #[test]
    fn logs_that_expire_are_stored_for_their_retention() {
        // 730 GB a month, a fifth of it stored for 30 of the 30.4167 days of a month: 730 x 0.2 x 720 / 730 = 144 GB-months, 4.32.
        let bill = price(&usage(24, LogStorage { compressed_share: 0.2, stored_hours: Some(720.0) }), &book()).expect("priced");
        let line = stored(&bill);
        assert_eq!(line.monthly_cost.normalize().to_string(), "4.32");
        assert_eq!((line.usage_type.as_str(), line.unit, line.behaviour), ("TimedStorage-ByteHrs", "GB-Mo", Behaviour::Variable));
        // The day's part: 24 x 0.2 x 720 / 730 = 4.734247 GB-months, 0.142027.
        assert_eq!(line.cost.normalize().to_string(), "0.142027");
    }

    #[test]
    fn logs_that_never_expire_are_billed_for_their_first_month() {
        // Half a month on average: 730 x 0.2 / 2 = 73 GB-months, 2.19.
        let keeps_all = LogStorage { compressed_share: 0.2, stored_hours: None };
        let bill = price(&usage(24, keeps_all), &book()).expect("priced");
        assert_eq!(stored(&bill).monthly_cost.normalize().to_string(), "2.19");
        assert!(stored(&bill).description.contains("never expire"));
        // The 672 hours of February are a month too: 672 x 0.2 / 2 = 67.2 GB-months.
        let february = price_calendar_month(&usage(672, keeps_all), &book()).expect("priced");
        assert_eq!(stored(&february).monthly_cost.normalize().to_string(), "2.016");
    }
}
