//! The functions of metric math: those that are computed, and those that are refused by name.

use super::compile::Value;
use super::evaluate::{Aggregate, Change, Pointwise};
use super::parse::{Parser, Problem};
use super::token::Lexeme;
use crate::names::nearest;

/// What a function does.
#[derive(Clone, Copy, Debug)]
enum Function {
    Apply(Pointwise),
    Change(Change),
    Aggregate(Aggregate),
    Fill,
    First,
    If,
    Last,
    MetricCount,
    Metrics,
    Period,
    TimeSeries,
}

const FUNCTIONS: [(&str, Function); 21] = [
    ("ABS", Function::Apply(Pointwise::Abs)),
    ("AVG", Function::Aggregate(Aggregate::Average)),
    ("CEIL", Function::Apply(Pointwise::Ceil)),
    ("DATAPOINT_COUNT", Function::Aggregate(Aggregate::DatapointCount)),
    ("DIFF", Function::Change(Change::Diff)),
    ("DIFF_TIME", Function::Change(Change::DiffTime)),
    ("FILL", Function::Fill),
    ("FIRST", Function::First),
    ("FLOOR", Function::Apply(Pointwise::Floor)),
    ("IF", Function::If),
    ("LAST", Function::Last),
    ("LOG", Function::Apply(Pointwise::Log)),
    ("LOG10", Function::Apply(Pointwise::Log10)),
    ("MAX", Function::Aggregate(Aggregate::Maximum)),
    ("METRICS", Function::Metrics),
    ("METRIC_COUNT", Function::MetricCount),
    ("MIN", Function::Aggregate(Aggregate::Minimum)),
    ("PERIOD", Function::Period),
    ("RATE", Function::Change(Change::Rate)),
    ("SUM", Function::Aggregate(Aggregate::Sum)),
    ("TIME_SERIES", Function::TimeSeries),
];

const RANGE: &str = "it covers the whole range of a query, and that of a policy is not documented";
const CLOCK: &str = "expressions do not see the time of day";
const ELSEWHERE: &str = "it reads what is not simulated";
const ORDER: &str = "it orders time series by their whole range, and that of a policy is not documented";

/// What CloudWatch has and a policy of the simulator cannot use, with the reason.
const REFUSED: [(&str, &str); 19] = [
    ("ANOMALY_DETECTION_BAND", ELSEWHERE),
    ("DATE", CLOCK),
    ("DAY", CLOCK),
    ("DB_PERF_INSIGHTS", ELSEWHERE),
    ("EPOCH", CLOCK),
    ("HOUR", CLOCK),
    ("INSIGHT_RULE_METRIC", ELSEWHERE),
    ("LAMBDA", ELSEWHERE),
    ("MINUTE", CLOCK),
    ("MONTH", CLOCK),
    ("REMOVE_EMPTY", RANGE),
    ("RUNNING_SUM", RANGE),
    ("SEARCH", ELSEWHERE),
    ("SELECT", ELSEWHERE),
    ("SERVICE_QUOTA", ELSEWHERE),
    ("SLICE", ORDER),
    ("SORT", ORDER),
    ("STDDEV", "AWS does not document whether it is that of a sample or of a population"),
    ("YEAR", CLOCK),
];

fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, _)| *name)
}

fn function(word: &str) -> Option<Function> {
    FUNCTIONS.iter().find(|(name, _)| *name == word).map(|(_, function)| *function)
}

/// Reads the arguments of a function whose name was just taken.
pub(super) fn call(parser: &mut Parser, word: &str, column: usize) -> Result<Value, Problem> {
    let function = function(word).ok_or_else(|| unknown(word).at(column))?;
    parser.expect("(")?;
    let value = match function {
        Function::Metrics => return metrics(parser, column),
        Function::Period => return period(parser),
        Function::Fill => return fill(parser, column),
        Function::If => choose(parser),
        Function::Apply(function) => on_series(parser, word).map(|value| parser.compiler.apply(function, value)),
        Function::Change(change) => on_series(parser, word).map(|value| parser.compiler.change(change, value)),
        Function::Aggregate(aggregate) => on_array(parser, word).map(|slots| parser.compiler.aggregate(aggregate, slots)),
        Function::MetricCount => on_array(parser, word).map(|slots| parser.compiler.number(slots.len() as f64)),
        Function::First => on_array(parser, word).map(|slots| Value::Series(slots[0])),
        Function::Last => on_array(parser, word).map(|slots| Value::Series(slots[slots.len() - 1])),
        Function::TimeSeries => time_series(parser),
    };
    value.map_err(|problem| problem.at(column))
}

/// The fault of a word that is no function here.
fn unknown(word: &str) -> Problem {
    if let Some((_, reason)) = REFUSED.iter().find(|(name, _)| *name == word) {
        return Problem::new(format!("{word} is not supported in a policy: {reason}"));
    }
    match word {
        "LINEAR" | "REPEAT" => return Problem::new(format!("{word} is no value; it stands second in FILL")),
        "AND" | "OR" => return Problem::new(format!("expected a value, found {word}")),
        _ => {}
    }
    let problem = Problem::new(format!("found `{word}`, which is no function; an id starts with a lower-case letter"));
    match nearest(&word.to_ascii_uppercase(), names()) {
        Some(near) => problem.remedy(format!("did you mean {near}?")),
        None => problem.remedy(format!("the functions are {}", names().collect::<Vec<_>>().join(", "))),
    }
}

/// The fault of a lower-case name that stands where a value should and has none.
pub(super) fn not_a_value(name: &str) -> Problem {
    let upper = name.to_ascii_uppercase();
    let problem = Problem::new(format!("expected a value, found `{name}`"));
    let is_function = function(&upper).is_some() || REFUSED.iter().any(|(refused, _)| *refused == upper);
    if is_function { problem.remedy(format!("functions are written in upper case: {upper}")) } else { problem }
}

fn wrong_kind(word: &str, allowed: &str, value: &Value) -> Problem {
    Problem::new(format!("{word} takes {allowed}, found {}", value.kind()))
}

/// The one argument of a function, up to the closing bracket.
fn one_argument(parser: &mut Parser) -> Result<Value, Problem> {
    let value = parser.value()?;
    parser.expect(")")?;
    Ok(value)
}

/// An argument that is a series or an array.
fn on_series(parser: &mut Parser, word: &str) -> Result<Value, Problem> {
    match one_argument(parser)? {
        value @ Value::Scalar(_) => Err(wrong_kind(word, "a time series or an array of them", &value)),
        value => Ok(value),
    }
}

/// An argument that is an array; of a single series the answer would hang on the range of the query.
fn on_array(parser: &mut Parser, word: &str) -> Result<Vec<usize>, Problem> {
    match one_argument(parser)? {
        Value::Array(slots) => Ok(slots),
        value @ Value::Series(_) if word != "METRIC_COUNT" && word != "FIRST" && word != "LAST" => {
            let problem = Problem::new(format!("{word} of {} is not supported in a policy: {RANGE}", value.kind()));
            Err(problem.remedy(format!("over several time series, datapoint by datapoint, it is {word}([m1, m2])")))
        }
        value => Err(wrong_kind(word, "an array of time series", &value)),
    }
}

fn time_series(parser: &mut Parser) -> Result<Value, Problem> {
    match one_argument(parser)? {
        Value::Scalar(slot) => Ok(Value::Series(slot)),
        value => Err(wrong_kind("TIME_SERIES", "a scalar", &value)),
    }
}

fn choose(parser: &mut Parser) -> Result<Value, Problem> {
    let arguments = parser.list(")")?;
    match arguments.as_slice() {
        [condition, then] => parser.compiler.choose(condition, then, None),
        [condition, then, otherwise] => parser.compiler.choose(condition, then, Some(otherwise)),
        _ => Err(Problem::new(format!("IF takes 2 or 3 arguments, found {}", arguments.len()))),
    }
}

/// `METRICS()` or `METRICS("errors")`.
fn metrics(parser: &mut Parser, column: usize) -> Result<Value, Problem> {
    if parser.takes(")") {
        return parser.compiler.metrics("").map_err(|problem| problem.at(column));
    }
    let text = match parser.take_if(|lexeme| matches!(lexeme, Lexeme::Text(_))) {
        Some(Lexeme::Text(text)) => text,
        _ => return Err(parser.expected("text in double quotes or `)`")),
    };
    parser.expect(")")?;
    parser.compiler.metrics(&text).map_err(|problem| problem.at(column))
}

/// `PERIOD(m1)`: of a metric, not of an expression.
fn period(parser: &mut Parser) -> Result<Value, Problem> {
    let expected = parser.expected("the id of a metric");
    match parser.take_if(|lexeme| matches!(lexeme, Lexeme::Id(_))) {
        Some(Lexeme::Id(id)) if parser.compiler.is_metric(&id) => parser.expect(")")?,
        _ => return Err(expected),
    }
    Ok(parser.compiler.period())
}

/// `FILL(m1, 0)`, `FILL(m1, m2)`, `FILL(METRICS(), REPEAT)`.
fn fill(parser: &mut Parser, column: usize) -> Result<Value, Problem> {
    let value = parser.value()?;
    if matches!(value, Value::Scalar(_)) {
        return Err(wrong_kind("FILL", "a time series or an array of them first", &value).at(column));
    }
    parser.expect(",")?;
    let keyword = parser.take_if(|lexeme| matches!(lexeme, Lexeme::Word(word) if word == "REPEAT" || word == "LINEAR"));
    let filled = match keyword {
        Some(Lexeme::Word(word)) if word == "LINEAR" => {
            let problem =
                Problem::new("FILL with LINEAR is not supported in a policy: it needs the datapoint after the gap, which is yet to come");
            return Err(problem.remedy("use REPEAT or a number").at(column));
        }
        Some(_) => parser.compiler.repeat(value),
        None => match parser.value()? {
            Value::Scalar(filler) | Value::Series(filler) => parser.compiler.fill(value, filler),
            filler @ Value::Array(_) => return Err(wrong_kind("FILL", "a scalar, a time series or REPEAT second", &filler).at(column)),
        },
    };
    parser.expect(")")?;
    Ok(filled)
}
