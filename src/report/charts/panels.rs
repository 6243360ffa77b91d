//! What each panel shows: its axis, its layers and the words of its legend. Nothing here knows a pixel.

use plotters::style::RGBColor;

use super::canvas::Ink;
use super::scale::{Notation, Scale, duration, number};
use super::{ChartData, CostSeries, Resource, ServiceChart};
use crate::outcome::TimelineRow;

/// The palette of Okabe and Ito ("Color Universal Design", 2008).
pub(super) mod colour {
    use super::RGBColor;

    pub const BLACK: RGBColor = RGBColor(0, 0, 0);
    pub const ORANGE: RGBColor = RGBColor(230, 159, 0);
    pub const SKY_BLUE: RGBColor = RGBColor(86, 180, 233);
    pub const GREEN: RGBColor = RGBColor(0, 158, 115);
    pub const YELLOW: RGBColor = RGBColor(240, 228, 66);
    pub const BLUE: RGBColor = RGBColor(0, 114, 178);
    pub const VERMILLION: RGBColor = RGBColor(213, 94, 0);
    pub const PURPLE: RGBColor = RGBColor(204, 121, 167);
}

/// The colours of products in the order of the stack; further products begin again, paler.
const STACK: [RGBColor; 7] =
    [colour::BLUE, colour::ORANGE, colour::SKY_BLUE, colour::GREEN, colour::PURPLE, colour::YELLOW, colour::VERMILLION];
const PALER: f64 = 0.5;

/// AWS puts the low alarm of a target tracking policy a tenth below its target.
const LOW_ALARM_OF_TARGET: f64 = 0.9;

/// One panel.
pub(super) struct Panel {
    /// Its heading.
    pub title: &'static str,
    /// What its axis measures, with the unit.
    pub axis: &'static str,
    /// Its axis.
    pub scale: Scale,
    /// What is drawn, from the back to the front.
    pub layers: Vec<Layer>,
}

/// One thing drawn.
pub(super) struct Layer {
    /// Its words in the legend; none for what needs none.
    pub label: Option<String>,
    /// How it is drawn.
    pub ink: Ink,
    /// What is drawn.
    pub shape: Shape,
}

/// A shape over time.
pub(super) enum Shape {
    /// A line through the middles of the steps.
    Line(Vec<f64>),
    /// The area from zero to such a line.
    Area(Vec<f64>),
    /// A line that holds each value through its step.
    Steps(Vec<f64>),
    /// The area from zero to such a line.
    StepArea(Vec<f64>),
    /// The area between two levels.
    Band(f64, f64),
    /// One level.
    Level(f64),
    /// By UTC hour, the area between two heights.
    Hours(Vec<(f64, f64)>),
}

impl Layer {
    fn new(label: impl Into<String>, ink: Ink, shape: Shape) -> Self {
        Self { label: Some(label.into()), ink, shape }
    }

    fn unnamed(ink: Ink, shape: Shape) -> Self {
        Self { label: None, ink, shape }
    }
}

/// The panels of a service, from the top down.
pub(super) fn panels(service: &ServiceChart<'_>) -> Vec<Panel> {
    // Of several services the cost is shown once, for all of them.
    let own_cost = (!service.cost.is_empty()).then(|| cost("Cost", &service.cost));
    let above = [traffic(service), tasks(service)].into_iter().chain(instances(service));
    above.chain([utilization(service), latency(service)]).chain(own_cost).collect()
}

/// The panel of what several services share; none where they share nothing.
pub(super) fn shared_panel(data: &ChartData<'_>) -> Option<Panel> {
    (!data.shared_cost.is_empty()).then(|| cost("Cost of all services", &data.shared_cost))
}

fn values(service: &ServiceChart<'_>, of: impl Fn(&TimelineRow) -> f64) -> Vec<f64> {
    service.timeline.iter().map(of).collect()
}

/// A missing value is no number, which breaks a line.
fn gaps(service: &ServiceChart<'_>, of: impl Fn(&TimelineRow) -> Option<f64>) -> Vec<f64> {
    values(service, |row| of(row).unwrap_or(f64::NAN))
}

fn largest<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
    // `max` passes over what is no number.
    values.into_iter().copied().filter(|value| value.is_finite()).fold(0.0, f64::max)
}

fn smallest_above_zero<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
    values.into_iter().copied().filter(|&value| value > 0.0).fold(f64::INFINITY, f64::min)
}

fn traffic(service: &ServiceChart<'_>) -> Panel {
    let offered = values(service, |row| row.offered_rps);
    let failed = values(service, |row| row.failed_rps);
    let scale = Scale::from_zero(largest(offered.iter().chain(&failed)), Notation::Number);
    let line = Ink::line(colour::BLUE, 1.5);
    let failure = Ink::line(colour::VERMILLION, 2.0);
    let mut layers =
        vec![Layer::unnamed(line.opacity(0.12), Shape::Area(offered.clone())), Layer::new("offered", line, Shape::Line(offered))];
    // A line along zero would suggest failures all the time.
    if largest(&failed) > 0.0 {
        let shown: Vec<f64> = failed.iter().map(|&rate| if rate > 0.0 { rate } else { f64::NAN }).collect();
        layers.push(Layer::unnamed(failure.opacity(0.45), Shape::Area(failed)));
        layers.push(Layer::new("failed", failure, Shape::Line(shown)));
    } else {
        layers.push(Layer::new("failed (none)", failure, Shape::Line(Vec::new())));
    }
    Panel { title: "Traffic", axis: "requests / s", scale, layers }
}

fn tasks(service: &ServiceChart<'_>) -> Panel {
    let running = values(service, |row| f64::from(row.running));
    let desired = values(service, |row| f64::from(row.desired));
    let scale = Scale::from_zero(largest(running.iter().chain(&desired)), Notation::Count);
    let line = Ink::line(colour::GREEN, 3.0);
    let layers = vec![
        Layer::unnamed(line.opacity(0.15), Shape::StepArea(running.clone())),
        Layer::new("running", line, Shape::Steps(running)),
        // In front and thin: where both are equal, both show.
        Layer::new("desired", Ink::line(colour::BLACK, 1.0).dashed(6.0, 4.0), Shape::Steps(desired)),
    ];
    Panel { title: "Tasks", axis: "tasks", scale, layers }
}

/// The EC2 instances that a service's tasks run on; none on Fargate.
fn instances(service: &ServiceChart<'_>) -> Option<Panel> {
    service.timeline.iter().any(|row| row.instances.is_some()).then(|| {
        let instances = gaps(service, |row| row.instances.map(f64::from));
        let scale = Scale::from_zero(largest(&instances), Notation::Count);
        let line = Ink::line(colour::PURPLE, 2.0);
        let layers = vec![
            Layer::unnamed(line.opacity(0.15), Shape::StepArea(instances.clone())),
            Layer::new("instances", line, Shape::Steps(instances)),
        ];
        Panel { title: "EC2 instances", axis: "instances", scale, layers }
    })
}

fn utilization(service: &ServiceChart<'_>) -> Panel {
    let follows_memory = service.targets.iter().any(|target| target.resource == Resource::Memory);
    let cpu = gaps(service, |row| row.cpu_utilization);
    let memory = if follows_memory { gaps(service, |row| row.memory_utilization) } else { Vec::new() };
    let scale = Scale::from_zero(largest(cpu.iter().chain(&memory).chain(&[100.0])), Notation::Percent);
    let mut layers = Vec::new();
    for target in &service.targets {
        let (name, color) = match target.resource {
            Resource::Cpu => ("CPU", colour::BLUE),
            Resource::Memory => ("memory", colour::PURPLE),
        };
        let low = target.percent * LOW_ALARM_OF_TARGET;
        let words = format!("{name} target {} %, low alarm {} %", shortest(target.percent), shortest(low));
        layers.push(Layer::unnamed(Ink::line(color, 0.0).opacity(0.16), Shape::Band(low, target.percent)));
        layers.push(Layer::new(words, Ink::line(color, 1.25).dashed(8.0, 4.0), Shape::Level(target.percent)));
    }
    layers.push(Layer::new("CPU", Ink::line(colour::BLUE, 1.5), Shape::Line(cpu)));
    if follows_memory {
        layers.push(Layer::new("memory", Ink::line(colour::PURPLE, 2.25), Shape::Line(memory)));
    }
    Panel { title: "Utilisation", axis: "of the running tasks", scale, layers }
}

/// A number with as many decimal places as it needs, at most two.
fn shortest(value: f64) -> String {
    let text = number(value, 2);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn latency(service: &ServiceChart<'_>) -> Panel {
    let p50 = gaps(service, |row| row.latency_p50);
    let p95 = gaps(service, |row| row.latency_p95);
    let p99 = gaps(service, |row| row.latency_p99);
    let all = || p50.iter().chain(&p95).chain(&p99).chain(&service.slo_latency_seconds);
    let scale = Scale::fitting(smallest_above_zero(all()), largest(all()), Notation::Duration);
    let axis = if scale.is_logarithmic() { "response time (log)" } else { "response time" };
    // The narrowest line is in front: where two coincide, both show.
    let mut layers = vec![
        Layer::new("p99", Ink::line(colour::VERMILLION, 2.5), Shape::Line(p99)),
        Layer::new("p95", Ink::line(colour::ORANGE, 2.0), Shape::Line(p95)),
        Layer::new("p50", Ink::line(colour::BLUE, 1.5), Shape::Line(p50)),
    ];
    if let Some(bound) = service.slo_latency_seconds {
        let words = format!("service level {}", duration(bound));
        layers.push(Layer::new(words, Ink::line(colour::BLACK, 1.25).dashed(8.0, 4.0), Shape::Level(bound)));
    }
    Panel { title: "Latency", axis, scale, layers }
}

fn cost(title: &'static str, series: &[CostSeries]) -> Panel {
    let hours = series.iter().map(|product| product.usd_per_hour.len()).max().unwrap_or(0);
    let mut height = vec![0.0; hours];
    let mut layers = Vec::with_capacity(series.len());
    for (index, product) in series.iter().enumerate() {
        let stacked = height
            .iter_mut()
            .enumerate()
            .map(|(hour, top)| {
                let bottom = *top;
                *top += product.usd_per_hour.get(hour).copied().unwrap_or(0.0);
                (bottom, *top)
            })
            .collect();
        layers.push(Layer::new(product.product.clone(), stack_ink(index), Shape::Hours(stacked)));
    }
    Panel { title, axis: "US dollars / hour", scale: Scale::from_zero(largest(&height), Notation::Dollars), layers }
}

/// The ink of a product by its place in the stack.
pub(super) fn stack_ink(index: usize) -> Ink {
    let RGBColor(red, green, blue) = STACK[index % STACK.len()];
    let paler = |channel: u8| channel + (f64::from(255 - channel) * PALER) as u8;
    let color = if index < STACK.len() { RGBColor(red, green, blue) } else { RGBColor(paler(red), paler(green), paler(blue)) };
    Ink::line(color, 0.0).opacity(0.9)
}
