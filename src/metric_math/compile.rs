//! From what an expression says to nodes: the rules of types.
//!
//! Arrays exist only here: an operation on an array becomes one node for each of its series.

use std::collections::BTreeMap;

use super::MetricMath;
use super::evaluate::{Aggregate, Change, Node, Operator, Pointwise, Slot};
use super::parse::Problem;

/// The most series of an array: GetMetricData takes so many queries at once.
const MOST_SERIES: usize = 500;

/// The most nodes in all. Far more than anybody needs; arrays over arrays would else fill the memory.
const MOST_NODES: usize = 100_000;

/// What an expression gives.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A number.
    Scalar(Slot),
    /// A time series.
    Series(Slot),
    /// An array of time series, at least one.
    Array(Vec<Slot>),
}

impl Value {
    /// How a message names the type.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Scalar(_) => "a scalar",
            Self::Series(_) => "a time series",
            Self::Array(_) => "an array of time series",
        }
    }
}

/// The nodes so far and what has a name.
#[derive(Debug, Default)]
pub(super) struct Compiler {
    nodes: Vec<Node>,
    names: BTreeMap<String, Value>,
    metrics: Vec<(String, Slot)>,
}

impl Compiler {
    /// Whether the parts ask for more nodes than is sane.
    pub(super) const fn is_too_large(&self) -> bool {
        self.nodes.len() > MOST_NODES
    }

    /// The next series of the request.
    pub(super) fn add_metric(&mut self, id: &str) {
        let slot = self.push(Node::Series(self.metrics.len()));
        self.metrics.push((id.to_owned(), slot));
        self.name(id, Value::Series(slot));
    }

    /// Gives a value a name; the first of a name stays.
    pub(super) fn name(&mut self, id: &str, value: Value) {
        self.names.entry(id.to_owned()).or_insert(value);
    }

    /// Whether the name has its value.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.names.contains_key(id)
    }

    /// The value of a name.
    pub(super) fn value_of(&self, id: &str) -> Option<&Value> {
        self.names.get(id)
    }

    /// Whether the name is that of a metric.
    pub(super) fn is_metric(&self, id: &str) -> bool {
        self.metrics.iter().any(|(metric, _)| metric == id)
    }

    /// All nodes, with this one as the result.
    pub(super) fn finish(self, result: Slot) -> MetricMath {
        MetricMath { nodes: self.nodes, result, series_count: self.metrics.len() }
    }

    fn push(&mut self, node: Node) -> Slot {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// A number.
    pub(super) fn number(&mut self, number: f64) -> Value {
        Value::Scalar(self.push(Node::Number(number)))
    }

    /// The seconds of a period.
    pub(super) fn period(&mut self) -> Value {
        Value::Scalar(self.push(Node::Period))
    }

    /// The metrics whose id contains a text.
    pub(super) fn metrics(&self, part_of_id: &str) -> Result<Value, Problem> {
        let matches = self.metrics.iter().filter(|(id, _)| id.contains(part_of_id));
        let slots: Vec<Slot> = matches.map(|(_, slot)| *slot).collect();
        if slots.is_empty() {
            let ids: Vec<&str> = self.metrics.iter().map(|(id, _)| id.as_str()).collect();
            return Err(Problem::new(format!("no metric has an id that contains `{part_of_id}`; there are {}", ids.join(", "))));
        }
        Ok(Value::Array(slots))
    }

    /// One array of all these.
    pub(super) fn array(&self, values: Vec<Value>) -> Result<Value, Problem> {
        let mut slots = Vec::new();
        for value in values {
            match value {
                Value::Scalar(_) => {
                    let problem = Problem::new("found a scalar in an array, which holds time series");
                    return Err(problem.remedy("wrap it: TIME_SERIES(...)"));
                }
                Value::Series(slot) => slots.push(slot),
                Value::Array(mut several) => slots.append(&mut several),
            }
            if slots.len() > MOST_SERIES {
                return Err(Problem::new(format!("the array has more than {MOST_SERIES} time series")));
            }
        }
        Ok(Value::Array(slots))
    }

    /// An operator between two values; a scalar or a series meets every series of an array.
    pub(super) fn combine(&mut self, operator: Operator, left: Value, right: Value) -> Result<Value, Problem> {
        use Value::{Array, Scalar, Series};
        if !matches!(operator, Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Power)
            && (matches!(left, Array(_)) || matches!(right, Array(_)))
        {
            return Err(Problem::new("comparisons and AND and OR stand between time series and scalars, found an array"));
        }
        let are_both_series = !matches!(left, Scalar(_)) && !matches!(right, Scalar(_));
        let mut one = |left, right| self.push(Node::Combine { operator, left, right, are_both_series });
        Ok(match (left, right) {
            (Scalar(left), Scalar(right)) => Scalar(one(left, right)),
            (Scalar(left) | Series(left), Scalar(right) | Series(right)) => Series(one(left, right)),
            (Array(left), Scalar(right) | Series(right)) => Array(left.into_iter().map(|left| one(left, right)).collect()),
            (Scalar(left) | Series(left), Array(right)) => Array(right.into_iter().map(|right| one(left, right)).collect()),
            (Array(left), Array(right)) => {
                if left.len() != right.len() {
                    return Err(Problem::new(format!("the arrays have {} and {} time series", left.len(), right.len())));
                }
                Array(left.into_iter().zip(right).map(|(left, right)| one(left, right)).collect())
            }
        })
    }

    /// One node for a series, or one for each series of an array.
    fn each(&mut self, value: Value, node: impl Fn(Slot) -> Node) -> Value {
        match value {
            Value::Scalar(slot) => Value::Scalar(self.push(node(slot))),
            Value::Series(slot) => Value::Series(self.push(node(slot))),
            Value::Array(slots) => Value::Array(slots.into_iter().map(|slot| self.push(node(slot))).collect()),
        }
    }

    /// The value with the other sign.
    pub(super) fn negate(&mut self, value: Value) -> Value {
        self.each(value, |slot| Node::Apply(Pointwise::Negate, slot))
    }

    /// A function of each datapoint.
    pub(super) fn apply(&mut self, function: Pointwise, value: Value) -> Value {
        self.each(value, |slot| Node::Apply(function, slot))
    }

    /// A change from datapoint to datapoint.
    pub(super) fn change(&mut self, change: Change, value: Value) -> Value {
        self.each(value, |slot| Node::Change(change, slot))
    }

    /// FILL with the last value.
    pub(super) fn repeat(&mut self, value: Value) -> Value {
        self.each(value, Node::Repeat)
    }

    /// FILL with a scalar or a series.
    pub(super) fn fill(&mut self, value: Value, filler: Slot) -> Value {
        self.each(value, |series| Node::Fill { series, filler })
    }

    /// One series from those of an array.
    pub(super) fn aggregate(&mut self, aggregate: Aggregate, slots: Vec<Slot>) -> Value {
        Value::Series(self.push(Node::Aggregate(aggregate, slots)))
    }

    /// IF, in the forms that the User Guide lists.
    pub(super) fn choose(&mut self, condition: &Value, then: &Value, otherwise: Option<&Value>) -> Result<Value, Problem> {
        use Value::{Scalar, Series};
        let (condition, then, otherwise, is_missing_then_zero) = match (condition, then, otherwise) {
            (Series(condition), Scalar(then) | Series(then), None) => (condition, then, None, true),
            (Series(condition), Scalar(then) | Series(then), Some(Scalar(other) | Series(other))) => (condition, then, Some(*other), true),
            (Scalar(condition), Series(then), None) => (condition, then, None, false),
            (Scalar(condition), Series(then), Some(Series(other))) => (condition, then, Some(*other), false),
            _ => {
                let kinds: Vec<&str> = [Some(condition), Some(then), otherwise].into_iter().flatten().map(Value::kind).collect();
                let problem = Problem::new(format!("found IF with {}", kinds.join(", ")));
                return Err(problem.remedy("IF takes no array, and a scalar condition chooses between time series only"));
            }
        };
        Ok(Value::Series(self.push(Node::If { condition: *condition, then: *then, otherwise, is_missing_then_zero })))
    }
}
