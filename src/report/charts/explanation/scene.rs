//! One scene of an explanation: what the alarms of a decision saw, and the scale-out that followed from it, over one
//! time axis.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use plotters::backend::DrawingBackend;

use super::super::canvas::{Canvas, Drawn, Ink, Side, fitted, text_width};
use super::super::layout::{AXIS, DATE, EDGE, FAINT, FRAME, GRID, LEGEND, PAPER, RIGHT, SERVICE, TICK, TITLE};
use super::super::scale::{Notation, Scale};
use super::super::time_axis::{Tick, first_date, ticks};
use super::colour;
use crate::report::explain::merged;
use crate::result::Figure;
use crate::result::explain::{
    ExplainResult, ExplainedAlarm, ExplainedDatapoint, ExplainedDecision, ExplainedPolicy, ScaleOut, ScaleOutStep, clock, date_and_time,
    number,
};

/// The plots' left edge: to its left stand the names of the steps.
const LEFT: f64 = 470.0;
const HEADING_HEIGHT: f64 = 42.0;
const PLOT_HEIGHT: f64 = 190.0;
const LEGEND_LINE: f64 = 27.0;
const ROW_HEIGHT: f64 = 31.0;
const BAR_HEIGHT: f64 = 19.0;
const PANEL_GAP: f64 = 26.0;
const TIME_AXIS_HEIGHT: f64 = 78.0;
const BOTTOM_GAP: f64 = 18.0;
const MARK_WIDTH: f64 = 28.0;
const ENTRY_GAP: f64 = 24.0;
const GAP: f64 = 8.0;
/// Periods of the metric that are shown before a scale-out begins.
const PERIODS_BEFORE: i32 = 4;
/// The axis reaches beyond what it shows by this share.
const MARGIN: f64 = 0.02;

const DATAPOINT: Ink = Ink::line(colour::BLUE, 4.0);
const BREACH: Ink = Ink::line(colour::VERMILLION, 4.0);
const DELAY: Ink = Ink::line(FAINT, 1.25).dashed(3.0, 5.0);
const PUBLISHED: Ink = Ink::line(FAINT, 7.0);
const THRESHOLDS: [Ink; 2] = [Ink::line(colour::BLACK, 1.25).dashed(8.0, 4.0), Ink::line(colour::GREEN, 1.75).dashed(3.0, 3.0)];
const DECIDED: Ink = Ink::line(colour::BLACK, 1.5);
const ASKED: Ink = Ink::line(colour::PURPLE, 2.5).dashed(6.0, 3.0);
const BAR: Ink = Ink::line(colour::BLUE, 0.0);
const LONGEST_BAR: Ink = Ink::line(colour::VERMILLION, 0.0);

/// A decision with what its alarms saw, a scale-out, or both.
pub(super) struct Scene {
    heading: String,
    start: Timestamp,
    end: Timestamp,
    metrics: Vec<Metric>,
    decided: Option<Timestamp>,
    asked: Option<Timestamp>,
    steps: Vec<ScaleOutStep>,
}

/// One metric as alarms saw it.
struct Metric {
    title: String,
    notation: Notation,
    datapoints: Vec<(ExplainedDatapoint, bool)>,
    thresholds: Vec<(String, f64)>,
}

/// The scenes of an explanation: about one time that decision and the scale-out that lies nearest, else the slowest and the
/// median scale-out.
pub(super) fn scenes(result: &ExplainResult) -> Vec<Scene> {
    if result.at.is_none() {
        let (slowest, median) = (result.slowest_scale_out(), result.median_scale_out().filter(|_| result.scale_outs.len() > 1));
        let titled = [("The slowest scale-out", slowest), ("The median scale-out", median)];
        return titled.into_iter().filter_map(|(title, scale_out)| Some(of_scale_out(result, scale_out?, title))).collect();
    }
    let asked = result.asked();
    let is_asked = |scale_out: &ScaleOut| asked.is_some_and(|decision| decision.time == scale_out.decided);
    let decision = asked.filter(|_| !result.scale_outs.iter().any(is_asked)).and_then(|decision| of_decision(result, decision));
    let scale_outs = result.scale_outs.iter().map(|scale_out| {
        let title = match asked {
            Some(decision) if decision.time == scale_out.decided => "The scale-out",
            Some(decision) if decision.time > scale_out.decided => "The last scale-out before",
            _ => "The next scale-out",
        };
        of_scale_out(result, scale_out, title)
    });
    decision.into_iter().chain(scale_outs).collect()
}

/// None when the decision rests on no datapoint.
fn of_decision(result: &ExplainResult, decision: &ExplainedDecision) -> Option<Scene> {
    let shown = |policy: &ExplainedPolicy| {
        let alarms: Vec<&ExplainedAlarm> = policy.alarms.iter().collect();
        metric(policy, &alarms, decision.policies.len() > 1)
    };
    let metrics: Vec<Metric> = decision.policies.iter().filter_map(shown).collect();
    let heading = format!("The decision of {} UTC", date_and_time(decision.time));
    (!metrics.is_empty()).then(|| Scene::new(heading, metrics, Some(decision.time), result.at, Vec::new()))
}

fn of_scale_out(result: &ExplainResult, scale_out: &ScaleOut, title: &str) -> Scene {
    let decision = result.decision_of(scale_out);
    let metrics = decision.and_then(|decision| {
        let (policy, alarm) = decision.telling_alarm()?;
        let mut metric = metric(policy, &[alarm], false)?;
        metric.leave_out_before(scale_out.steps.first().map_or(scale_out.decided, |step| step.time));
        Some(metric)
    });
    let length = if scale_out.complete {
        format!("in {} s", number(scale_out.seconds.0.round()))
    } else {
        "that were not healthy before the window ended".to_owned()
    };
    let heading = format!(
        "{title}, {} UTC by {}: {} to {} tasks {length}",
        date_and_time(scale_out.decided),
        scale_out.policy,
        scale_out.desired_before,
        scale_out.desired_after,
    );
    let is_asked = decision.is_some_and(|decision| result.asked().is_some_and(|asked| asked.time == decision.time));
    let asked = result.at.filter(|_| is_asked);
    Scene::new(heading, metrics.into_iter().collect(), Some(scale_out.decided), asked, scale_out.steps.clone())
}

/// The datapoints that a policy's alarms saw, against the thresholds of those alarms that are shown. None without
/// datapoints.
fn metric(policy: &ExplainedPolicy, shown: &[&ExplainedAlarm], names_policy: bool) -> Option<Metric> {
    let first = shown.first()?;
    let same: Vec<&ExplainedAlarm> =
        policy.alarms.iter().filter(|alarm| alarm.metric == first.metric && alarm.period_seconds == first.period_seconds).collect();
    let datapoints = merged(&same);
    let values = || datapoints.iter().filter_map(|datapoint| datapoint.value).map(|Figure(value)| value);
    values().next()?;
    let thresholds: Vec<(String, f64)> = shown
        .iter()
        .map(|alarm| (format!("{} {} {}", alarm.short_name(), alarm.comparison, number(alarm.threshold.0)), alarm.threshold.0))
        .collect();
    let notation = if first.metric.contains("Utilization") { Notation::Percent } else { Notation::Number };
    let breaches =
        |datapoint: &ExplainedDatapoint| datapoint.value.is_some_and(|Figure(value)| shown.iter().any(|alarm| breaches(alarm, value)));
    let title = if names_policy { format!("{}: {}", policy.name, first.metric) } else { first.metric.clone() };
    let datapoints = datapoints.iter().map(|datapoint| (*datapoint, breaches(datapoint))).collect();
    Some(Metric { title, notation, datapoints, thresholds })
}

fn breaches(alarm: &ExplainedAlarm, value: f64) -> bool {
    let threshold = alarm.threshold.0;
    match alarm.comparison.as_str() {
        ">" => value > threshold,
        ">=" => value >= threshold,
        "<" => value < threshold,
        _ => value <= threshold,
    }
}

impl Metric {
    /// Leaves out what lies further before a time than shows the level that the metric came from.
    fn leave_out_before(&mut self, time: Timestamp) {
        let period = self.period();
        self.datapoints.retain(|(datapoint, _)| time.duration_since(datapoint.start) <= period * PERIODS_BEFORE);
    }

    fn scale(&self) -> Scale {
        let values = self.datapoints.iter().filter_map(|(datapoint, _)| datapoint.value).map(|Figure(value)| value);
        let values: Vec<f64> = values.chain(self.thresholds.iter().map(|(_, threshold)| *threshold)).collect();
        let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
        Scale::around(smallest, values.iter().copied().fold(0.0, f64::max), self.notation)
    }

    /// The end of a datapoint's period: the beginning of the next one, as periods follow one another.
    fn period(&self) -> SignedDuration {
        let starts = self.datapoints.windows(2).map(|pair| pair[1].0.start.duration_since(pair[0].0.start));
        starts.min().unwrap_or(SignedDuration::from_mins(1))
    }
}

impl Scene {
    fn new(heading: String, metrics: Vec<Metric>, decided: Option<Timestamp>, asked: Option<Timestamp>, steps: Vec<ScaleOutStep>) -> Self {
        let datapoints = || metrics.iter().flat_map(|metric| &metric.datapoints);
        let times = datapoints().flat_map(|(datapoint, _)| [datapoint.start, datapoint.published]);
        let times: Vec<Timestamp> = times.chain(steps.iter().map(|step| step.time)).chain(decided).chain(asked).collect();
        let first = times.iter().min().copied().unwrap_or_default();
        let last = times.iter().max().copied().unwrap_or_default();
        let margin = SignedDuration::from_nanos((last.duration_since(first).as_secs_f64().max(1.0) * MARGIN * 1e9) as i64);
        let start = first.saturating_sub(margin).unwrap_or(first);
        let end = last.saturating_add(margin).unwrap_or(last);
        Self { heading, start, end, metrics, decided, asked, steps }
    }

    /// Its height in pixels.
    pub(super) fn height(&self) -> f64 {
        let metrics: f64 = self.metrics.iter().map(|metric| self.legend_height(metric) + PLOT_HEIGHT + PANEL_GAP).sum();
        let steps = if self.steps.is_empty() { 0.0 } else { LEGEND_LINE + 4.0 + self.rows_height() + PANEL_GAP };
        HEADING_HEIGHT + metrics + steps - PANEL_GAP + TIME_AXIS_HEIGHT + BOTTOM_GAP
    }

    fn rows_height(&self) -> f64 {
        self.steps.len() as f64 * ROW_HEIGHT + 6.0
    }

    /// Draws it from the canvas's origin down.
    pub(super) fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        canvas.text(&fitted(&self.heading, SERVICE, RIGHT - EDGE), (EDGE, 26.0), Side::Left, SERVICE)?;
        let ticks = ticks(self.start, self.end, RIGHT - LEFT, &TimeZone::UTC);
        let mut top = HEADING_HEIGHT;
        for metric in &self.metrics {
            self.legend(canvas, metric, top)?;
            top += self.legend_height(metric);
            self.strip(canvas, metric, top, &ticks)?;
            top += PLOT_HEIGHT + PANEL_GAP;
        }
        if !self.steps.is_empty() {
            top = self.waterfall(canvas, top, &ticks)? + PANEL_GAP;
        }
        self.time_axis(canvas, &ticks, top - PANEL_GAP)
    }

    fn x(&self, time: Timestamp) -> f64 {
        self.x_of(time.duration_since(self.start).as_secs_f64())
    }

    fn x_of(&self, seconds: f64) -> f64 {
        let span = self.end.duration_since(self.start).as_secs_f64();
        LEFT + (seconds / span).clamp(0.0, 1.0) * (RIGHT - LEFT)
    }

    /// The words of a metric's legend, where each stands, and how many lines they take.
    fn entries(&self, metric: &Metric) -> (Vec<(f64, usize, String, Ink)>, usize) {
        let mut words = vec![("datapoint".to_owned(), DATAPOINT)];
        if metric.datapoints.iter().any(|(_, breaches)| *breaches) {
            words.push(("datapoint that breaches".to_owned(), BREACH));
        }
        words.push(("until it is published".to_owned(), DELAY));
        words.extend(metric.thresholds.iter().zip(THRESHOLDS.iter().cycle()).map(|((label, _), ink)| (label.clone(), *ink)));
        words.extend(self.decided.map(|time| (format!("decision {}", clock(time)), DECIDED)));
        words.extend(self.asked.filter(|at| Some(*at) != self.decided).map(|time| (format!("asked about {}", clock(time)), ASKED)));
        let begin = EDGE + text_width(&metric.title, TITLE) + ENTRY_GAP;
        let (mut x, mut line) = (begin, 0);
        let mut entries = Vec::new();
        for (label, ink) in words {
            let label = fitted(&label, LEGEND, RIGHT - begin - MARK_WIDTH - GAP);
            let width = MARK_WIDTH + GAP + text_width(&label, LEGEND);
            if x + width > RIGHT && x > begin {
                x = begin;
                line += 1;
            }
            entries.push((x, line, label, ink));
            x += width + ENTRY_GAP;
        }
        (entries, line + 1)
    }

    fn legend_height(&self, metric: &Metric) -> f64 {
        self.entries(metric).1 as f64 * LEGEND_LINE + 4.0
    }

    fn legend<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, metric: &Metric, top: f64) -> Drawn {
        canvas.text(&metric.title, (EDGE, top + 19.0), Side::Left, TITLE)?;
        for (x, line, label, ink) in self.entries(metric).0 {
            let baseline = top + 19.0 + line as f64 * LEGEND_LINE;
            let middle = baseline - 5.0;
            canvas.line(&[(x, middle), (x + MARK_WIDTH, middle)], ink)?;
            if ink == DELAY {
                publication(canvas, x + MARK_WIDTH - PUBLISHED.width / 2.0, middle)?;
            }
            canvas.text(&label, (x + MARK_WIDTH + GAP, baseline), Side::Left, LEGEND)?;
        }
        Ok(())
    }

    /// The datapoints, the thresholds and the moments of publication.
    fn strip<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, metric: &Metric, top: f64, ticks: &[Tick]) -> Drawn {
        let bottom = top + PLOT_HEIGHT;
        let scale = metric.scale();
        let y = |value: f64| bottom - scale.position(value) * PLOT_HEIGHT;
        self.grid(canvas, (top, bottom), ticks)?;
        for &value in scale.ticks() {
            canvas.line(&[(LEFT, y(value)), (RIGHT, y(value))], GRID)?;
            canvas.text(&scale.label(value), (LEFT - 9.0, y(value) + 5.0), Side::Right, TICK)?;
        }
        for ((_, threshold), ink) in metric.thresholds.iter().zip(THRESHOLDS.iter().cycle()) {
            canvas.line(&[(LEFT, y(*threshold)), (RIGHT, y(*threshold))], *ink)?;
        }
        self.moments(canvas, top, bottom)?;
        let period = metric.period();
        for (datapoint, breaches) in &metric.datapoints {
            let Some(Figure(value)) = datapoint.value else { continue };
            let ended = datapoint.start.saturating_add(period).unwrap_or(datapoint.start);
            let (from, to, seen) = (self.x(datapoint.start), self.x(ended), self.x(datapoint.published));
            canvas.line(&[(to, y(value)), (seen.max(to), y(value))], DELAY)?;
            publication(canvas, seen, y(value))?;
            canvas.line(&[(from, y(value)), (to, y(value))], if *breaches { BREACH } else { DATAPOINT })?;
        }
        canvas.line(&[(LEFT, top), (LEFT, bottom)], FRAME)?;
        canvas.line(&[(LEFT, bottom), (RIGHT, bottom)], FRAME)
    }

    fn grid<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, (top, bottom): (f64, f64), ticks: &[Tick]) -> Drawn {
        ticks.iter().try_for_each(|tick| {
            let x = self.x_of(tick.seconds);
            canvas.line(&[(x, top), (x, bottom)], GRID)
        })
    }

    /// The decision, and the time that was asked about.
    fn moments<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, top: f64, bottom: f64) -> Drawn {
        if let Some(time) = self.decided {
            canvas.line(&[(self.x(time), top), (self.x(time), bottom)], DECIDED)?;
        }
        match self.asked.filter(|at| Some(*at) != self.decided) {
            // A dash cannot be followed straight down: it is drawn piece by piece.
            Some(time) => {
                let (on, off) = ASKED.dash.unwrap_or((bottom - top, 1.0));
                let mut from = top;
                while from < bottom {
                    canvas.line(&[(self.x(time), from), (self.x(time), (from + on).min(bottom))], Ink { dash: None, ..ASKED })?;
                    from += on + off;
                }
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// One bar for each step, from the step before. Returns where the panel ends.
    fn waterfall<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, top: f64, ticks: &[Tick]) -> Result<f64, String> {
        self.waterfall_legend(canvas, top)?;
        let top = top + LEGEND_LINE + 4.0;
        let bottom = top + self.rows_height();
        self.grid(canvas, (top, bottom), ticks)?;
        self.moments(canvas, top, bottom)?;
        let longest = self.longest_step();
        let mut before = self.steps[0].time;
        for (index, step) in self.steps.iter().enumerate() {
            let middle = top + 3.0 + (index as f64 + 0.5) * ROW_HEIGHT;
            canvas.text(&fitted(&step.name, LEGEND, LEFT - EDGE - GAP), (LEFT - 9.0, middle + 6.0), Side::Right, LEGEND)?;
            let (from, to) = (self.x(before), self.x(step.time));
            // A step of no length is a mark all the same.
            let to_edge = to.max(from + 2.0);
            let ink = if Some(index) == longest { LONGEST_BAR } else { BAR };
            canvas.rectangle((from, middle - BAR_HEIGHT / 2.0), (to_edge, middle + BAR_HEIGHT / 2.0), ink)?;
            let label = step_label(index, step);
            let width = text_width(&label, LEGEND);
            let (x, side) = if to_edge + GAP + width <= RIGHT { (to_edge + GAP, Side::Left) } else { (from - GAP, Side::Right) };
            // Lines of the grid must not cross the figures.
            let left = if side == Side::Left { x } else { x - width };
            canvas.rectangle((left - 2.0, middle - 10.0), (left + width + 2.0, middle + 10.0), PAPER)?;
            canvas.text(&label, (x, middle + 6.0), side, LEGEND)?;
            before = step.time;
        }
        canvas.line(&[(LEFT, top), (LEFT, bottom)], FRAME)?;
        canvas.line(&[(LEFT, bottom), (RIGHT, bottom)], FRAME)?;
        Ok(bottom)
    }

    fn waterfall_legend<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, top: f64) -> Drawn {
        let (title, baseline) = ("Step by step", top + 19.0);
        canvas.text(title, (EDGE, baseline), Side::Left, TITLE)?;
        let mut x = EDGE + text_width(title, TITLE) + ENTRY_GAP;
        for (label, ink) in [("seconds since the step before, and since the first", BAR), ("the longest step", LONGEST_BAR)] {
            canvas.rectangle((x + 6.0, baseline - 12.0), (x + MARK_WIDTH, baseline + 2.0), ink)?;
            canvas.text(label, (x + MARK_WIDTH + GAP, baseline), Side::Left, LEGEND)?;
            x += MARK_WIDTH + GAP + text_width(label, LEGEND) + ENTRY_GAP;
        }
        Ok(())
    }

    fn longest_step(&self) -> Option<usize> {
        let longest =
            self.steps.iter().enumerate().skip(1).max_by(|(_, one), (_, other)| one.step_seconds.0.total_cmp(&other.step_seconds.0));
        longest.map(|(index, _)| index)
    }

    fn time_axis<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, ticks: &[Tick], top: f64) -> Drawn {
        let (upper_line, lower_line) = (top + 23.0, top + 43.0);
        for tick in ticks {
            let x = self.x_of(tick.seconds);
            canvas.line(&[(x, top), (x, top + 5.0)], FRAME)?;
            canvas.text(&tick.upper, (x, upper_line), Side::Centre, TICK)?;
            if let Some(words) = &tick.lower {
                canvas.text(words, (x, lower_line), Side::Centre, DATE)?;
            }
        }
        if ticks.iter().all(|tick| tick.lower.is_none()) {
            canvas.text(&first_date(self.start, &TimeZone::UTC), (LEFT, lower_line), Side::Left, DATE)?;
        }
        canvas.text("time (UTC)", ((LEFT + RIGHT) / 2.0, lower_line + 24.0), Side::Centre, AXIS)
    }
}

/// The mark of a publication.
fn publication<B: DrawingBackend>(canvas: &mut Canvas<B>, x: f64, y: f64) -> Drawn {
    let reach = PUBLISHED.width / 2.0;
    canvas.rectangle((x - reach, y - reach), (x + reach, y + reach), PUBLISHED)
}

fn step_label(index: usize, step: &ScaleOutStep) -> String {
    let (takes, since) = (step.step_seconds.0, step.seconds.0);
    if index == 0 { clock(step.time) } else { format!("{takes:.0} s  ({since:.0} s)") }
}
