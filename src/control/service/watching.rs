//! The CloudWatch alarms that deployments look at, on metrics of this service.
//!
//! They are evaluated like those of policies: on datapoints that are published, with their delay. A service whose deployments look
//! at an alarm hears of it when it goes to ALARM and when it leaves it; it may be another service than the one that is watched.
//! Alarms that no deployment looks at change nothing and are not evaluated.

use super::{ServiceControl, ServiceEvent};
use crate::control::alarms::{Alarm, AlarmState};
use crate::control::datapoints::{Datapoints, Windows};
use crate::control::{Event, Phase};
use crate::events::EventQueue;
use crate::scenario::model::Scenario;
use crate::units::SimTime;

/// One alarm.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    /// Its place in the scenario.
    number: u32,
    alarm: Alarm,
    windows: Windows,
    /// The services whose deployments look at it.
    guarded: Vec<u32>,
}

impl Watch {
    /// The alarms on metrics of a service, without history.
    pub(super) fn all(scenario: &Scenario, service: usize) -> Vec<Self> {
        let high_resolution = scenario.services[service].high_resolution_metrics;
        let numbered = scenario.alarms.iter().enumerate().filter(|(_, alarm)| alarm.service == service);
        let watch = |(number, alarm): (usize, &crate::scenario::model::NamedAlarm)| {
            let windows = Windows::new(alarm.series, alarm.rule.period, high_resolution);
            let looks = |index: &usize| {
                let alarms = scenario.services[*index].deployment_alarms.as_ref();
                alarms.is_some_and(|alarms| alarms.alarms.contains(&number))
            };
            let guarded = (0..scenario.services.len()).filter(looks).map(|index| index as u32).collect();
            Self { number: number as u32, alarm: Alarm::new(alarm.rule, windows.phases()), windows, guarded }
        };
        numbered.map(watch).filter(|watch| !watch.guarded.is_empty()).collect()
    }
}

impl ServiceControl {
    /// Whether somebody reads the metrics of this service.
    #[must_use]
    pub fn reads_metrics(&self) -> bool {
        self.target.is_some() || !self.watches.is_empty()
    }

    /// Shows datapoints to the alarms.
    pub(super) fn watch(&mut self, now: SimTime, datapoints: &Datapoints, queue: &mut EventQueue<ServiceEvent>) {
        for watch in &mut self.watches {
            if datapoints.span != watch.windows.span() {
                continue;
            }
            let before = watch.alarm.state() == AlarmState::Alarm;
            let alarm = &mut watch.alarm;
            watch.windows.push(datapoints, |value| {
                alarm.observe(value);
            });
            let is_raised = watch.alarm.state() == AlarmState::Alarm;
            if is_raised != before {
                let event = Event::AlarmChanged { alarm: watch.number, is_raised };
                watch.guarded.iter().for_each(|&service| queue.push(now, Phase::Publication as u8, (service, event)));
            }
        }
    }
}
