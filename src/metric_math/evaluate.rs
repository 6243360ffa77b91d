//! One datapoint after the other through the nodes of metric math.

use super::MetricMath;
use crate::math::{ln, log10, pow};
use crate::units::SimDuration;

/// The index of a node.
pub(super) type Slot = usize;

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
    And,
    Or,
}

/// A function of one datapoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pointwise {
    Negate,
    Abs,
    Ceil,
    Floor,
    Log,
    Log10,
}

/// A function of a datapoint and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The difference of the values.
    Diff,
    /// The difference of the times in seconds.
    DiffTime,
    /// The first by the second.
    Rate,
}

/// What becomes of the series of an array at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aggregate {
    Sum,
    Average,
    Minimum,
    Maximum,
    DatapointCount,
}

/// One step of the evaluation; operands stand before it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// The datapoint of a series of the request.
    Series(usize),
    /// A number.
    Number(f64),
    /// The seconds between two datapoints.
    Period,
    /// A function of one datapoint.
    Apply(Pointwise, Slot),
    /// An operator; whether both operands are series decides what a missing datapoint means.
    Combine { operator: Operator, left: Slot, right: Slot, are_both_series: bool },
    /// One series from many.
    Aggregate(Aggregate, Vec<Slot>),
    /// One value or another; none when the condition has no datapoint. A metric that is chosen and has no
    /// datapoint counts as 0 when the condition is a series.
    If { condition: Slot, then: Slot, otherwise: Option<Slot>, is_missing_then_zero: bool },
    /// A series whose missing datapoints come from elsewhere.
    Fill { series: Slot, filler: Slot },
    /// A series whose missing datapoints are the last that it had.
    Repeat(Slot),
    /// A change since the datapoint before.
    Change(Change, Slot),
}

/// The newest datapoint that a node had before this period.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Last {
    value: f64,
    age_seconds: f64,
}

/// Metric math at work: it takes the datapoints period by period and keeps what FILL, RATE and DIFF need
/// of the past.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluator {
    math: MetricMath,
    period_seconds: f64,
    now: Vec<Option<f64>>,
    last: Vec<Option<Last>>,
}

impl Evaluator {
    /// An evaluator that has seen no datapoint yet. The period is that between two calls of [`Self::next`].
    #[must_use]
    pub fn new(math: &MetricMath, period: SimDuration) -> Self {
        let nodes = math.nodes.len();
        Self { math: math.clone(), period_seconds: period.as_seconds_f64(), now: vec![None; nodes], last: vec![None; nodes] }
    }

    /// The result's datapoint of the next period, from those of the series in the order of the parts; none
    /// when it has none. A value that is not finite, or is not given, is a missing datapoint.
    pub fn next(&mut self, values: &[Option<f64>]) -> Option<f64> {
        for slot in 0..self.math.nodes.len() {
            self.now[slot] = self.value(&self.math.nodes[slot], values).filter(|value| value.is_finite());
        }
        for (last, now) in self.last.iter_mut().zip(&self.now) {
            if let Some(value) = *now {
                *last = Some(Last { value, age_seconds: self.period_seconds });
            } else if let Some(last) = last {
                last.age_seconds += self.period_seconds;
            }
        }
        self.now[self.math.result]
    }

    fn value(&self, node: &Node, values: &[Option<f64>]) -> Option<f64> {
        match *node {
            Node::Series(index) => values.get(index).copied().flatten(),
            Node::Number(number) => Some(number),
            Node::Period => Some(self.period_seconds),
            Node::Apply(function, slot) => self.now[slot].map(|value| apply(function, value)),
            Node::Combine { operator, left, right, are_both_series } => {
                let (left, right) = operands(self.now[left], self.now[right], are_both_series)?;
                Some(combine(operator, left, right))
            }
            Node::Aggregate(aggregate, ref slots) => self.aggregate(aggregate, slots),
            Node::If { condition, then, otherwise, is_missing_then_zero } => {
                let is_true = self.now[condition]? != 0.0;
                if is_true {
                    let zero = if is_missing_then_zero { Some(0.0) } else { None };
                    self.now[then].or(zero)
                } else {
                    self.now[otherwise?]
                }
            }
            Node::Fill { series, filler } => self.now[series].or(self.now[filler]),
            Node::Repeat(slot) => self.now[slot].or(self.last[slot].map(|last| last.value)),
            Node::Change(change, slot) => {
                let (now, last) = (self.now[slot]?, self.last[slot]?);
                Some(match change {
                    Change::Diff => now - last.value,
                    Change::DiffTime => last.age_seconds,
                    Change::Rate => (now - last.value) / last.age_seconds,
                })
            }
        }
    }

    /// None where no series has a datapoint.
    fn aggregate(&self, aggregate: Aggregate, slots: &[Slot]) -> Option<f64> {
        let present = || slots.iter().filter_map(|slot| self.now[*slot]);
        match aggregate {
            Aggregate::Minimum => present().reduce(f64::min),
            Aggregate::Maximum => present().reduce(f64::max),
            Aggregate::Sum => present().reduce(|sum, value| sum + value),
            // A missing datapoint counts as 0, so the divisor is the number of series.
            Aggregate::Average => present().reduce(|sum, value| sum + value).map(|sum| sum / slots.len() as f64),
            Aggregate::DatapointCount => Some(present().count() as f64).filter(|count| *count > 0.0),
        }
    }
}

/// The values on both sides: between two series, one that is missing is 0 where the other is not.
fn operands(left: Option<f64>, right: Option<f64>, are_both_series: bool) -> Option<(f64, f64)> {
    if are_both_series && (left.is_some() || right.is_some()) {
        return Some((left.unwrap_or(0.0), right.unwrap_or(0.0)));
    }
    left.zip(right)
}

fn apply(function: Pointwise, value: f64) -> f64 {
    match function {
        Pointwise::Negate => -value,
        Pointwise::Abs => value.abs(),
        Pointwise::Ceil => value.ceil(),
        Pointwise::Floor => value.floor(),
        Pointwise::Log => ln(value),
        Pointwise::Log10 => log10(value),
    }
}

/// Not finite where there is no answer.
fn combine(operator: Operator, left: f64, right: f64) -> f64 {
    let truth = |is_true: bool| if is_true { 1.0 } else { 0.0 };
    match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Power => pow(left, right),
        Operator::Equal => truth(left == right),
        Operator::NotEqual => truth(left != right),
        Operator::Less => truth(left < right),
        Operator::Greater => truth(left > right),
        Operator::LessOrEqual => truth(left <= right),
        Operator::GreaterOrEqual => truth(left >= right),
        Operator::And => truth(left != 0.0 && right != 0.0),
        Operator::Or => truth(left != 0.0 || right != 0.0),
    }
}
