//! Deployments of a service: what they bring, and how they go.

use super::scaling::{breach, statistic, treat_missing_data};
use crate::scenario::metric_source::Metric;
use crate::scenario::model::{
    AlarmRule, BreakerThreshold, CircuitBreaker, Curve, DeploymentAlarms, EventKind, NamedAlarm as Alarm, Revision, Series, Service,
    TrafficShift,
};
use crate::scenario::written::deployment::{BreakerThresholdType, DeploymentConfiguration, NamedAlarm, Strategy};
use crate::scenario::written::root::Scenario;
use crate::scenario::written::workload::Workload;
use crate::units::SimDuration;

/// The longest that a stage of a deployment may take (AWS, deployment-type-linear).
const STAGE_LIMIT: SimDuration = SimDuration::from_hours(24);
/// The longest that CodeDeploy waits for the new tasks (developer guide of Amazon ECS, deployment-type-bluegreen, 2023).
const CODE_DEPLOY_LIMIT: SimDuration = SimDuration::from_hours(1);
/// The shortest time that alarms are watched after a rolling deployment: AWS computes one from the alarms and does not say how.
const SHORTEST_WATCH: SimDuration = SimDuration::from_seconds(300);

/// The event of a deployment. What it brings is added to the service's revisions; without a revision it brings once more
/// what the service then has.
pub fn event(service: usize, revision: Option<&Workload>, start_failure: f64, services: &mut [Service]) -> EventKind {
    let Some(workload) = revision else { return EventKind::Redeployment { service, start_failure } };
    let revisions = &mut services[service].revisions;
    revisions.push(Revision { workload: super::workload(workload), start_failure });
    EventKind::Deployment { service, revision: revisions.len() as u32 - 1 }
}

/// The circuit breaker, if it is used.
pub fn circuit_breaker(written: &DeploymentConfiguration) -> Option<CircuitBreaker> {
    let breaker = &written.deployment_circuit_breaker;
    let value = breaker.threshold_configuration.value.count();
    breaker.enable.0.then(|| CircuitBreaker {
        rollback: breaker.rollback.0,
        reset_on_healthy_task: breaker.reset_on_healthy_task.0,
        threshold: match breaker.threshold_configuration.r#type {
            BreakerThresholdType::BoundedPercent => BreakerThreshold::BoundedPercent(value.into()),
            BreakerThresholdType::UnboundedPercent => BreakerThreshold::UnboundedPercent(value.into()),
            BreakerThresholdType::Count => BreakerThreshold::Count(value),
        },
    })
}

const fn minutes(minutes: i64) -> SimDuration {
    SimDuration::from_seconds(60 * minutes)
}

/// How traffic moves; none where it follows the tasks.
pub fn traffic_shift(written: &DeploymentConfiguration) -> Option<TrafficShift> {
    let (linear, canary) = (&written.linear_configuration, &written.canary_configuration);
    let (curve, step_minutes, stage_limit) = match written.strategy {
        Strategy::Rolling => return None,
        Strategy::BlueGreen => (Curve::AllAtOnce, 0, STAGE_LIMIT),
        Strategy::Linear => (Curve::Linear(linear.step_percent.0), linear.step_bake_time_in_minutes.get(), STAGE_LIMIT),
        Strategy::Canary => (Curve::Canary(canary.canary_percent.0), canary.canary_bake_time_in_minutes.get(), STAGE_LIMIT),
        Strategy::CodeDeployLinear1 => (Curve::Linear(10.0), 1, CODE_DEPLOY_LIMIT),
        Strategy::CodeDeployLinear3 => (Curve::Linear(10.0), 3, CODE_DEPLOY_LIMIT),
        Strategy::CodeDeployCanary5 => (Curve::Canary(10.0), 5, CODE_DEPLOY_LIMIT),
        Strategy::CodeDeployCanary15 => (Curve::Canary(10.0), 15, CODE_DEPLOY_LIMIT),
        Strategy::CodeDeployAllAtOnce => (Curve::AllAtOnce, 0, CODE_DEPLOY_LIMIT),
    };
    let bake = minutes(written.bake_time_in_minutes.get());
    Some(TrafficShift { name: written.strategy.word(), curve, step_bake: minutes(step_minutes), bake, stage_limit })
}

/// The alarms that fail deployments, if they are used. Names without an alarm were refused before.
pub fn alarms(written: &DeploymentConfiguration, known: &[(String, NamedAlarm)]) -> Option<DeploymentAlarms> {
    let names = written.alarms.alarm_names.iter();
    let alarms: Vec<usize> = names.filter_map(|name| known.iter().position(|(known, _)| *known == name.0)).collect();
    let range = |&alarm: &usize| known[alarm].1.period.0 * known[alarm].1.evaluation_periods.get();
    let longest = alarms.iter().map(range).max()?;
    let bake = longest.max(SHORTEST_WATCH).max(minutes(written.bake_time_in_minutes.get()));
    written.alarms.enable.0.then_some(DeploymentAlarms { rollback: written.alarms.rollback.0, alarms, bake })
}

/// The alarms of a scenario, in its order.
pub fn named_alarms(written: &Scenario) -> Vec<Alarm> {
    let alarm = |(name, alarm): &(String, NamedAlarm)| {
        let evaluation_periods = alarm.evaluation_periods.count();
        Some(Alarm {
            name: name.clone(),
            service: written.services.0.iter().position(|(known, _)| *known == alarm.service.0)?,
            series: Series { metric: Metric::from_aws(None, &alarm.metric_name.0).ok()?, statistic: statistic(alarm.statistic) },
            rule: AlarmRule {
                breach: breach(alarm.comparison_operator),
                threshold: alarm.threshold.0,
                period: alarm.period.0,
                evaluation_periods,
                datapoints_to_alarm: alarm.datapoints_to_alarm.map_or(evaluation_periods, |datapoints| datapoints.count()),
                treat_missing_data: treat_missing_data(alarm.treat_missing_data),
            },
        })
    };
    written.alarms.0.iter().filter_map(alarm).collect()
}
