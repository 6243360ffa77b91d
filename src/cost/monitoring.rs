//! What CloudWatch bills for alarms and metrics.
//!
//! An alarm costs by the month for each metric that it watches, one of high resolution three times as much. Metrics of Container
//! Insights and datapoints every 20 seconds are custom metrics: they cost by the month, prorated by the hours in which they
//! are published, and the less the more of them there are; those of enhanced Container Insights have a price of their own
//! (aws.amazon.com/cloudwatch/pricing). How many metrics Container Insights has is no published figure, nor is what AWS
//! charges for datapoints every 20 seconds, so these lines are estimates.
//!
//! Services share the tiers of custom metrics in proportion. Left out: other custom metrics of the account, which would fill the
//! first tier before; what Container Insights writes to logs; and that a metric counts for the whole hour in which its task ends.

use rust_decimal::Decimal;

use super::ledger::{Charge, Ledger};
use super::line::{Behaviour, Group};
use super::tiers::{Tier, shared};
use super::{keys, quantity};
use crate::error::Result;
use crate::usage::{ContainerInsightsUsage, ServiceMonitoring, TaskUsage, Usage};

/// The tiers of custom metrics, in the order in which a month fills them.
fn metric_tiers() -> [Tier; 4] {
    let tier = |key, description, width: Option<u32>| Tier { key, description, width: width.map(Decimal::from) };
    [
        tier(keys::METRIC_FIRST, "first 10,000", Some(10_000)),
        tier(keys::METRIC_SECOND, "next 240,000", Some(240_000)),
        tier(keys::METRIC_THIRD, "next 750,000", Some(750_000)),
        tier(keys::METRIC_LAST, "above 1,000,000", None),
    ]
}

/// Metrics that are published for some hours.
struct Published<'a> {
    service: Option<&'a str>,
    description: &'static str,
    behaviour: Behaviour,
    /// Whether how many there are is not published.
    is_estimate: bool,
    /// Metrics times the hours for which they are published.
    metric_hours: Decimal,
    /// The weight of each hour.
    hours: Vec<f64>,
}

/// Bills the alarms and the metrics.
pub(super) fn charge(usage: &Usage, ledger: &mut Ledger<'_>) -> Result<()> {
    for service in &usage.monitoring.services {
        charge_alarms(service, ledger)?;
    }
    let open = usage.seconds_of_hours();
    let mut custom = Vec::new();
    for service in &usage.monitoring.services {
        let hours = while_running(&open, tasks_of(usage, &service.service));
        let description = "CPU and memory every 20 seconds";
        custom.push(metrics(Some(&service.service), description, service.high_resolution_metrics, hours.clone())?);
        let own = metrics(Some(&service.service), "custom metrics of the service", service.custom_metrics, hours)?;
        custom.push(Published { is_estimate: false, ..own });
    }
    if let Some(insights) = usage.monitoring.container_insights {
        let mut published = container_insights(usage, insights, &open)?;
        if insights.is_enhanced {
            charge_enhanced(published, ledger)?;
        } else {
            custom.append(&mut published);
        }
    }
    charge_custom(&custom, ledger)
}

fn charge_alarms(service: &ServiceMonitoring, ledger: &mut Ledger<'_>) -> Result<()> {
    let kinds = [
        (service.standard_alarm_metrics, keys::ALARM_STANDARD, "alarms, by metric"),
        (service.high_resolution_alarm_metrics, keys::ALARM_HIGH_RESOLUTION, "high-resolution alarms, by metric"),
    ];
    for (metrics, key, description) in kinds {
        ledger.charge_month(Charge {
            service: Some(service.service.clone()),
            resource: "alarms".to_owned(),
            capacity_provider: None,
            product: "CloudWatch",
            description: description.to_owned(),
            behaviour: Behaviour::Fixed,
            group: Group::Monitoring,
            key: key.into(),
            unit: "Alarms",
            quantity: Decimal::from(metrics),
            month_quantity: None,
            is_estimate: false,
            hours: Vec::new(),
        })?;
    }
    Ok(())
}

/// What Container Insights publishes: of the cluster while any task runs, of a service while one of its own does, and of each
/// task where it is enhanced.
fn container_insights<'a>(usage: &'a Usage, insights: ContainerInsightsUsage, open: &[f64]) -> Result<Vec<Published<'a>>> {
    let hours = while_running(open, usage.tasks.iter());
    let cluster = metrics(None, "Container Insights of the cluster", insights.cluster_metrics, hours)?;
    let mut published = vec![Published { behaviour: Behaviour::Fixed, ..cluster }];
    for service in &usage.monitoring.services {
        let name = service.service.as_str();
        let hours = while_running(open, tasks_of(usage, name));
        published.push(metrics(Some(name), "Container Insights of the service", insights.service_metrics, hours)?);
        let each = insights.task_metrics + insights.container_metrics * service.containers;
        for used in tasks_of(usage, name) {
            published.push(of_tasks(used, each)?);
        }
    }
    Ok(published)
}

/// So many metrics, published for these seconds of each hour.
fn metrics<'a>(service: Option<&'a str>, description: &'static str, count: u32, seconds: Vec<f64>) -> Result<Published<'a>> {
    let total = seconds.iter().try_fold(Decimal::ZERO, |sum, hour| quantity::add(sum, quantity::count(*hour, "seconds of an hour")?))?;
    let metric_hours = quantity::divide(quantity::multiply(total, Decimal::from(count))?, quantity::SECONDS_PER_HOUR)?;
    Ok(Published { service, description, behaviour: Behaviour::Variable, is_estimate: true, metric_hours, hours: seconds })
}

/// The metrics of each task while it runs.
fn of_tasks(used: &TaskUsage, each: u32) -> Result<Published<'_>> {
    let metric_hours = quantity::task_amount(&used.billed_seconds, each, 3600)?;
    Ok(Published {
        service: Some(&used.service),
        description: "Container Insights of tasks and containers",
        behaviour: Behaviour::Variable,
        is_estimate: true,
        metric_hours,
        hours: used.billed_seconds.iter().map(|seconds| *seconds as f64).collect(),
    })
}

fn charge_enhanced(published: Vec<Published<'_>>, ledger: &mut Ledger<'_>) -> Result<()> {
    for metrics in published {
        let months = ledger.to_month(ledger.months(metrics.metric_hours)?)?;
        ledger.charge_month(line(&metrics, keys::METRIC_ENHANCED, metrics.description.to_owned(), months))?;
    }
    Ok(())
}

/// Custom metrics share the tiers of a month in proportion.
fn charge_custom(published: &[Published<'_>], ledger: &mut Ledger<'_>) -> Result<()> {
    let used = published.iter().map(|metrics| ledger.to_month(ledger.months(metrics.metric_hours)?)).collect::<Result<Vec<_>>>()?;
    let tiers = metric_tiers();
    for (metrics, months) in published.iter().zip(shared(&used, Decimal::ZERO, &tiers)?) {
        for (tier, months) in tiers.iter().zip(months) {
            let description = format!("{}, {} metrics a month", metrics.description, tier.description);
            ledger.charge_month(line(metrics, tier.key, description, months))?;
        }
    }
    Ok(())
}

fn line(metrics: &Published<'_>, key: &'static str, description: String, months: Decimal) -> Charge {
    Charge {
        service: metrics.service.map(str::to_owned),
        resource: "metrics".to_owned(),
        capacity_provider: None,
        product: "CloudWatch",
        description,
        behaviour: metrics.behaviour,
        group: Group::Monitoring,
        key: key.into(),
        unit: "Metrics",
        quantity: months,
        month_quantity: None,
        is_estimate: metrics.is_estimate,
        hours: metrics.hours.clone(),
    }
}

fn tasks_of<'a>(usage: &'a Usage, service: &'a str) -> impl Iterator<Item = &'a TaskUsage> {
    usage.tasks.iter().filter(move |used| used.service == service)
}

/// These seconds of the hours in which any of the tasks ran, and none of the others.
fn while_running<'a>(open: &[f64], tasks: impl Iterator<Item = &'a TaskUsage>) -> Vec<f64> {
    let mut seconds = vec![0.0; open.len()];
    for used in tasks {
        let hours = seconds.iter_mut().zip(open).zip(&used.billed_seconds);
        hours.filter(|(_, billed)| **billed > 0).for_each(|((seconds, open), _)| *seconds = *open);
    }
    seconds
}

#[cfg(test)]
mod tests {
    use super::super::{Bill, PriceBook, price};
    use super::*;
    use crate::units::{CpuUnits, Mebibytes};
    use crate::usage::{LogStorage, Monitoring};

    fn watched(service: &str) -> ServiceMonitoring {
        ServiceMonitoring {
            service: service.to_owned(),
            standard_alarm_metrics: 0,
            high_resolution_alarm_metrics: 0,
            high_resolution_metrics: 0,
            custom_metrics: 0,
            containers: 1,
            log_storage: LogStorage::default(),
        }
    }

    /// A day in which so many tasks of a service run in each hour.
    fn tasks(service: &str, by_hour: impl Fn(usize) -> u64) -> TaskUsage {
        TaskUsage {
            service: service.to_owned(),
            capacity_provider: "FARGATE".to_owned(),
            platform: "linux_x86",
            cpu: CpuUnits(256),
            memory: Mebibytes(512),
            ephemeral_storage_gib: 20,
            public_ip: false,
            billed_seconds: (0..24).map(|hour| by_hour(hour) * 3600).collect(),
        }
    }

    fn bill_of(services: Vec<ServiceMonitoring>, container_insights: Option<ContainerInsightsUsage>, tasks: Vec<TaskUsage>) -> Bill {
        let monitoring = Monitoring { services, container_insights };
        let usage = Usage { hours: 24, window_seconds: 86_400.0, tasks, monitoring, ..Usage::default() };
        price(&usage, &PriceBook::shipped("us-east-1").expect("shipped")).expect("priced")
    }

    /// The CloudWatch lines of a month: description, service, cost, whether it is an estimate.
    fn lines(bill: &Bill) -> Vec<(&str, Option<&str>, String, bool)> {
        let of_cloud_watch = bill.lines.iter().filter(|line| line.product == "CloudWatch");
        of_cloud_watch
            .map(|line| (line.description.as_str(), line.service.as_deref(), line.monthly_cost.normalize().to_string(), line.estimated))
            .collect()
    }

    /// Infracost's golden file of CloudWatch alarms: 0.10 a metric of standard resolution, 0.30 of high resolution.
    #[test]
    fn an_alarm_costs_by_the_metric() {
        let web = ServiceMonitoring { standard_alarm_metrics: 2, high_resolution_alarm_metrics: 1, ..watched("web") };
        let bill = bill_of(vec![web], None, Vec::new());
        let web = Some("web");
        let expected =
            [("alarms, by metric", web, "0.2".to_owned(), false), ("high-resolution alarms, by metric", web, "0.3".to_owned(), false)];
        assert_eq!(lines(&bill), expected);
        // The day's part of a month of 730 hours: 2 x 24 / 730 = 0.065753 alarm-months, 0.006575 dollars.
        assert_eq!(bill.lines[0].cost.normalize().to_string(), "0.006575");
        assert!(bill.lines.iter().all(|line| line.behaviour == Behaviour::Fixed));
        assert_eq!(bill.lines[0].usage_type, "CW:AlarmMonitorUsage");
        assert_eq!(bill.lines[1].usage_type, "CW:HighResAlarmMonitorUsage");
    }

    /// Two custom metrics at 0.30, while a task runs: half of the day here.
    #[test]
    fn metrics_of_a_service_cost_while_its_tasks_run() {
        let web = ServiceMonitoring { high_resolution_metrics: 2, ..watched("web") };
        let always = bill_of(vec![web.clone()], None, vec![tasks("web", |_| 1)]);
        let name = "CPU and memory every 20 seconds, first 10,000 metrics a month";
        assert_eq!(lines(&always), [(name, Some("web"), "0.6".to_owned(), true)]);
        let by_day = bill_of(vec![web.clone()], None, vec![tasks("web", |hour| u64::from(hour >= 12))]);
        assert_eq!(lines(&by_day), [(name, Some("web"), "0.3".to_owned(), true)]);
        assert_eq!(lines(&bill_of(vec![web], None, vec![tasks("other", |_| 1)])), []);
    }

    const STANDARD: ContainerInsightsUsage =
        ContainerInsightsUsage { is_enhanced: false, cluster_metrics: 8, service_metrics: 17, task_metrics: 0, container_metrics: 0 };

    /// aws.amazon.com/cloudwatch/pricing counts 8 metrics of a cluster, 11 of a service and 6 of a task definition: 8 x 0.30 = 2.40
    /// and twice 17 x 0.30 = 5.10, however many tasks run.
    #[test]
    fn container_insights_is_charged_by_cluster_and_service() {
        let bill = bill_of(vec![watched("web"), watched("api")], Some(STANDARD), vec![tasks("web", |_| 1), tasks("api", |_| 9)]);
        let expected = [
            ("Container Insights of the cluster, first 10,000 metrics a month", None, "2.4".to_owned(), true),
            ("Container Insights of the service, first 10,000 metrics a month", Some("web"), "5.1".to_owned(), true),
            ("Container Insights of the service, first 10,000 metrics a month", Some("api"), "5.1".to_owned(), true),
        ];
        assert_eq!(lines(&bill), expected);
    }

    /// At 0.07: 8 of the cluster 0.56, 17 of the service 1.19, and of three tasks with two containers 3 x (13 + 2 x 10) = 99, 6.93.
    #[test]
    fn enhanced_container_insights_follows_the_tasks() {
        let enhanced = ContainerInsightsUsage { is_enhanced: true, task_metrics: 13, container_metrics: 10, ..STANDARD };
        let web = ServiceMonitoring { containers: 2, ..watched("web") };
        let bill = bill_of(vec![web.clone()], Some(enhanced), vec![tasks("web", |_| 3)]);
        let expected = [
            ("Container Insights of the cluster", None, "0.56".to_owned(), true),
            ("Container Insights of the service", Some("web"), "1.19".to_owned(), true),
            ("Container Insights of tasks and containers", Some("web"), "6.93".to_owned(), true),
        ];
        assert_eq!(lines(&bill), expected);
        // Six tasks in half of the hours are as many task-hours; the others have half of their hours.
        let bill = bill_of(vec![web], Some(enhanced), vec![tasks("web", |hour| if hour % 2 == 0 { 6 } else { 0 })]);
        let costs: Vec<String> = lines(&bill).into_iter().map(|(_, _, cost, _)| cost).collect();
        assert_eq!(costs, ["0.28", "0.595", "6.93"]);
    }

    /// 12,000 metrics and as many again: 10,000 x 0.30 + 14,000 x 0.10 = 4,400, shared by halves.
    #[test]
    fn services_share_the_tiers_of_a_month() {
        let many = |name| ServiceMonitoring { high_resolution_metrics: 12_000, ..watched(name) };
        let bill = bill_of(vec![many("web"), many("api")], None, vec![tasks("web", |_| 1), tasks("api", |_| 1)]);
        let costs: Vec<String> = lines(&bill).into_iter().map(|(_, _, cost, _)| cost).collect();
        assert_eq!(costs, ["1500", "700", "1500", "700"]);
    }

    #[test]
    fn hours_count_as_far_as_the_window_reaches() {
        let usage = Usage { hours: 3, seconds_into_first_hour: 600.0, window_seconds: 7200.0, ..Usage::default() };
        assert_eq!(usage.seconds_of_hours(), [3000.0, 3600.0, 600.0]);
    }
}
