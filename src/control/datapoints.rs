//! What CloudWatch knows of a service: the datapoints of one span, and how policies and alarms read them.
//!
//! ECS samples CPU and memory every 20 seconds; a datapoint of a minute is the statistic set of its three
//! samples, and with high-resolution metrics each sample is a datapoint of its own. A balancer reports by
//! the minute: RequestCountPerTarget always, response times and counts of errors only when there are any
//! (AWS, CloudWatch metrics of Application Load Balancers). Container Insights reports task counts, SQS its
//! messages, both by the minute.

use std::collections::VecDeque;

use crate::metric_math::Evaluator;
use crate::metrics::StatisticSet;
use crate::scenario::model::{Metric, MetricSource, Series, Statistic};
use crate::units::{SimDuration, SimTime};

/// The spans of datapoints.
pub const MINUTE: SimDuration = SimDuration::from_seconds(60);
/// The span of a high-resolution datapoint.
pub const SAMPLE: SimDuration = SimDuration::from_seconds(20);
/// The unit of alarm periods below a minute.
const SHORT_TICK: SimDuration = SimDuration::from_seconds(10);

/// What was measured of a service in one span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Datapoints {
    /// The end of the span.
    pub end: SimTime,
    /// Its length: a minute, or 20 seconds of CPU and memory alone.
    pub span: SimDuration,
    /// CPU utilisation in percent; none without a running task.
    pub cpu: Option<StatisticSet>,
    /// Memory utilisation in percent.
    pub memory: Option<StatisticSet>,
    /// Requests per healthy target; none without one.
    pub requests_per_target: Option<f64>,
    /// Requests that a target was chosen for.
    pub request_count: f64,
    /// Response times in seconds; none without a response.
    pub response_time: Option<StatisticSet>,
    /// Answers 5xx of targets.
    pub target_5xx: f64,
    /// Answers 5xx of the balancer itself.
    pub balancer_5xx: f64,
    /// Healthy targets at the end of the span.
    pub healthy: u32,
    /// Running, pending and desired tasks at the end of the span.
    pub running: u32,
    /// Tasks launched and not yet running.
    pub pending: u32,
    /// The desired count.
    pub desired: u32,
    /// The queue that the service works on.
    pub queue: Option<QueueDatapoints>,
}

/// A queue at the end of a span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QueueDatapoints {
    /// Messages that wait.
    pub visible: f64,
    /// Messages that a task works on.
    pub in_flight: f64,
    /// How long the oldest has waited; none when none waits.
    pub age_of_oldest_seconds: Option<f64>,
}

impl Datapoints {
    /// A span in which nothing was measured.
    #[must_use]
    pub const fn nothing(end: SimTime, span: SimDuration) -> Self {
        Self {
            end,
            span,
            cpu: None,
            memory: None,
            requests_per_target: None,
            request_count: 0.0,
            response_time: None,
            target_5xx: 0.0,
            balancer_5xx: 0.0,
            healthy: 0,
            running: 0,
            pending: 0,
            desired: 0,
            queue: None,
        }
    }

    /// The datapoint of a metric; none when it is not published.
    #[must_use]
    pub fn of(&self, metric: Metric) -> Option<StatisticSet> {
        if self.span != MINUTE && !matches!(metric, Metric::CpuUtilization | Metric::MemoryUtilization) {
            return None;
        }
        let gauge = |value: f64| Some(StatisticSet::of(value));
        let queue = |figure: fn(&QueueDatapoints) -> f64| self.queue.as_ref().map(|queue| StatisticSet::of(figure(queue)));
        match metric {
            Metric::CpuUtilization => self.cpu,
            Metric::MemoryUtilization => self.memory,
            Metric::RequestCountPerTarget => self.requests_per_target.map(StatisticSet::of),
            Metric::RequestCount => events(self.request_count),
            Metric::TargetResponseTime => self.response_time,
            Metric::HttpCodeTarget5xxCount => events(self.target_5xx),
            Metric::HttpCodeElb5xxCount => events(self.balancer_5xx),
            Metric::HealthyHostCount => gauge(f64::from(self.healthy)),
            Metric::RunningTaskCount => gauge(f64::from(self.running)),
            Metric::DesiredTaskCount => gauge(f64::from(self.desired)),
            Metric::PendingTaskCount => gauge(f64::from(self.pending)),
            Metric::MessagesVisible => queue(|queue| queue.visible),
            Metric::MessagesNotVisible => queue(|queue| queue.in_flight),
            Metric::AgeOfOldestMessage => queue(|queue| queue.age_of_oldest_seconds.unwrap_or(0.0)),
            Metric::BacklogPerTask => self.queue.as_ref().map(|queue| StatisticSet::of(queue.visible / f64::from(self.running.max(1)))),
        }
    }

    fn value(&self, series: Series) -> Option<f64> {
        self.of(series.metric).map(|set| statistic_of(set, series.statistic))
    }
}

/// A count of single events: each is a sample of value 1. Without any there is no datapoint.
fn events(count: f64) -> Option<StatisticSet> {
    (count > 0.0).then_some(StatisticSet { sample_count: count, sum: count, minimum: 1.0, maximum: 1.0 })
}

fn statistic_of(set: StatisticSet, statistic: Statistic) -> f64 {
    match statistic {
        Statistic::Average => set.average(),
        Statistic::Sum => set.sum,
        Statistic::Minimum => set.minimum,
        Statistic::Maximum => set.maximum,
        Statistic::SampleCount => set.sample_count,
    }
}

/// Reads the value that a target tracking policy follows, one datapoint after the other.
#[derive(Clone, Debug)]
pub enum Reader {
    /// One metric.
    One(Series),
    /// Metric math.
    Math {
        /// Its series.
        series: Vec<Series>,
        /// Their values, kept for their memory.
        values: Vec<Option<f64>>,
        /// What computes.
        evaluator: Box<Evaluator>,
    },
}

impl Reader {
    /// A reader without history.
    #[must_use]
    pub fn new(source: &MetricSource) -> Self {
        match source {
            MetricSource::One(series) => Self::One(*series),
            MetricSource::Math { series, math } => {
                Self::Math { series: series.clone(), values: Vec::new(), evaluator: Box::new(Evaluator::new(math, MINUTE)) }
            }
        }
    }

    /// The next datapoint.
    pub fn next(&mut self, datapoints: &Datapoints) -> Option<f64> {
        match self {
            Self::One(series) => datapoints.value(*series),
            Self::Math { series, values, evaluator } => {
                values.clear();
                values.extend(series.iter().map(|series| datapoints.value(*series)));
                evaluator.next(values)
            }
        }
    }
}

/// Gathers datapoints to the period of an alarm: the windows that end at each evaluation.
#[derive(Clone, Debug)]
pub struct Windows {
    series: Series,
    span: SimDuration,
    ticks_per_datapoint: usize,
    ticks_per_period: usize,
    newest: VecDeque<Option<StatisticSet>>,
}

impl Windows {
    /// Windows of an alarm's period. A period below a minute reads datapoints of 20 seconds where the service
    /// publishes them (`high_resolution`), and else has a datapoint only in every sixth of its ticks.
    #[must_use]
    pub fn new(series: Series, period: SimDuration, high_resolution: bool) -> Self {
        let is_sampled = high_resolution && matches!(series.metric, Metric::CpuUtilization | Metric::MemoryUtilization);
        let tick = if period < MINUTE { SHORT_TICK } else { MINUTE };
        let span = if period < MINUTE && is_sampled { SAMPLE } else { MINUTE };
        let ticks = |span: SimDuration| (span.as_nanos() / tick.as_nanos()).max(1) as usize;
        Self { series, span, ticks_per_datapoint: ticks(span), ticks_per_period: ticks(period), newest: VecDeque::new() }
    }

    /// The span of the datapoints that are read.
    #[must_use]
    pub const fn span(&self) -> SimDuration {
        self.span
    }

    /// Windows that end at different ticks of one period.
    #[must_use]
    pub const fn phases(&self) -> usize {
        self.ticks_per_period
    }

    /// Takes the next datapoint and hands every window that ends in its span to `each`, oldest first.
    pub fn push(&mut self, datapoints: &Datapoints, mut each: impl FnMut(Option<f64>)) {
        let datapoint = datapoints.of(self.series.metric);
        for tick in 0..self.ticks_per_datapoint {
            // A datapoint stands at the beginning of its span.
            self.newest.push_back(if tick == 0 { datapoint } else { None });
            if self.newest.len() > self.ticks_per_period {
                self.newest.pop_front();
            }
            let window = self.newest.iter().flatten().copied().reduce(StatisticSet::merge);
            each(window.map(|set| statistic_of(set, self.series.statistic)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(cpu: Option<StatisticSet>) -> Datapoints {
        Datapoints { cpu, ..Datapoints::nothing(SimTime::START + MINUTE, MINUTE) }
    }

    const CPU: Series = Series { metric: Metric::CpuUtilization, statistic: Statistic::Average };

    fn windows_of(series: Series, period_seconds: i64, high_resolution: bool, cpu: &[Option<f64>]) -> Vec<Option<f64>> {
        let mut windows = Windows::new(series, SimDuration::from_seconds(period_seconds), high_resolution);
        let mut seen = Vec::new();
        for value in cpu {
            let datapoints = Datapoints { span: windows.span(), ..minute(value.map(StatisticSet::of)) };
            windows.push(&datapoints, |value| seen.push(value));
        }
        seen
    }

    #[test]
    fn a_period_of_minutes_slides_by_a_minute() {
        let seen = windows_of(CPU, 180, false, &[Some(30.0), Some(60.0), None, Some(90.0)]);
        assert_eq!(seen, [Some(30.0), Some(45.0), Some(45.0), Some(75.0)]);
        let largest = Series { statistic: Statistic::Maximum, ..CPU };
        assert_eq!(windows_of(largest, 120, false, &[Some(30.0), Some(60.0), Some(10.0)]), [Some(30.0), Some(60.0), Some(60.0)]);
    }

    /// A datapoint of 20 seconds lies in each window of 20 seconds that holds its beginning.
    #[test]
    fn short_periods_read_high_resolution_datapoints() {
        let seen = windows_of(CPU, 20, true, &[Some(30.0), Some(60.0)]);
        assert_eq!(seen, [Some(30.0), Some(30.0), Some(60.0), Some(60.0)]);
        let seen = windows_of(CPU, 10, true, &[Some(30.0), Some(60.0)]);
        assert_eq!(seen, [Some(30.0), None, Some(60.0), None]);
        let seen = windows_of(CPU, 20, false, &[Some(30.0)]);
        assert_eq!(seen, [Some(30.0), Some(30.0), None, None, None, None], "a datapoint a minute is too few");
    }

    /// AWS, CloudWatch metrics of Application Load Balancers: what has not happened has no datapoint.
    #[test]
    fn counts_of_nothing_are_missing() {
        let quiet = minute(None);
        for metric in [Metric::RequestCount, Metric::HttpCodeTarget5xxCount, Metric::HttpCodeElb5xxCount, Metric::CpuUtilization] {
            assert_eq!(quiet.of(metric), None, "{metric:?}");
        }
        assert_eq!(quiet.of(Metric::RunningTaskCount).map(|set| set.sum), Some(0.0));
        let busy = Datapoints { request_count: 7.0, ..quiet };
        assert_eq!(busy.value(Series { metric: Metric::RequestCount, statistic: Statistic::Sum }), Some(7.0));
    }

    /// AWS, service-autoscaling-queue: 1,500 messages for 10 tasks are 150 for each. Without a task the short
    /// form divides by one, so that it can wake a service.
    #[test]
    fn backlog_per_task() {
        let queue = QueueDatapoints { visible: 1_500.0, in_flight: 0.0, age_of_oldest_seconds: None };
        let backlog = |running| {
            let series = Series { metric: Metric::BacklogPerTask, statistic: Statistic::Average };
            Datapoints { running, queue: Some(queue), ..minute(None) }.value(series)
        };
        assert_eq!((backlog(10), backlog(0)), (Some(150.0), Some(1_500.0)));
    }
}
