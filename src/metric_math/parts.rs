//! The parts of a policy's metric, put into the order in which they can be read.
//!
//! An expression may stand before what it refers to. Each is compiled when all that it names is there; what is
//! left over in the end refers to itself in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::MetricMath;
use super::compile::{Compiler, Value};
use super::evaluate::Slot;
use super::parse::{self, Problem};
use super::token::{self, Lexeme, Token};
use crate::names::nearest;

/// GetMetricData takes so many queries at once.
const MOST_PARTS: usize = 500;

/// The longest id: `TargetTrackingMetricDataQuery`.
const LONGEST_ID_CHARACTERS: usize = 64;

/// One part: a metric or an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name in expressions: a lower-case letter, then letters, digits and underscores.
    pub id: String,
    /// What it is.
    pub source: Source,
    /// Whether it is the result; exactly one is.
    pub return_data: bool,
}

/// What a part is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A metric, whose datapoints the evaluator is given.
    Series,
    /// An expression over other parts.
    Expression(String),
}

/// A field of a [`Part`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Its id.
    Id,
    /// Its expression.
    Expression,
    /// Whether it is the result.
    ReturnData,
}

/// What is wrong with a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MathError {
    /// The index of the part.
    pub part: usize,
    /// Which of its fields is wrong.
    pub field: Field,
    /// Its expression and the character, from 1, at which it is wrong; none when the fault is not inside an expression.
    pub position: Option<(String, usize)>,
    /// What was found and what is allowed; a fragment without a final stop.
    pub message: String,
    /// How to mend it, where that is known.
    pub remedy: Option<String>,
}

impl MathError {
    fn new(part: usize, field: Field, message: impl Into<String>) -> Self {
        Self { part, field, position: None, message: message.into(), remedy: None }
    }

    fn in_expression(part: usize, expression: &str, problem: Problem) -> Self {
        let column = problem.column.unwrap_or(1);
        let position = Some((expression.to_owned(), column));
        Self { part, field: Field::Expression, position, message: problem.message, remedy: problem.remedy }
    }
}

/// Without the remedy, which is told apart.
impl fmt::Display for MathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((expression, column)) = &self.position {
            write!(f, "expression \"{expression}\", character {column}: ")?;
        }
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for MathError {}

/// An expression that waits for what it names.
struct Waiting<'a> {
    part: usize,
    id: &'a str,
    expression: &'a str,
    tokens: Vec<Token>,
    names: BTreeSet<String>,
}

/// Reads and checks all parts.
pub(super) fn compile(parts: &[Part]) -> Result<MetricMath, Vec<MathError>> {
    let mut reading = Reading { errors: faults_of_the_list(parts), ..Reading::default() };
    let mut waiting = reading.metrics_and_names(parts);
    loop {
        let before = waiting.len();
        waiting = waiting.into_iter().filter_map(|one| reading.expression(one)).collect();
        if waiting.is_empty() || waiting.len() == before {
            break;
        }
    }
    reading.errors.extend(cycle(&waiting));
    let result = reading.result(parts);
    match result {
        Some(result) if reading.errors.is_empty() => Ok(reading.compiler.finish(result)),
        _ => {
            reading.errors.sort_by_key(|error| error.part);
            Err(reading.errors)
        }
    }
}

/// What is known while the parts are read.
#[derive(Default)]
struct Reading<'a> {
    compiler: Compiler,
    errors: Vec<MathError>,
    /// The expressions with a fault; what refers to them is not complained of as well.
    broken: BTreeSet<&'a str>,
}

impl<'a> Reading<'a> {
    /// Takes the metrics, and the expressions whose names all exist.
    fn metrics_and_names(&mut self, parts: &'a [Part]) -> Vec<Waiting<'a>> {
        let known: Vec<&str> = parts.iter().map(|part| part.id.as_str()).collect();
        let mut waiting = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            match &part.source {
                Source::Series => self.compiler.add_metric(&part.id),
                Source::Expression(expression) => match waiting_expression(index, part, expression, &known) {
                    Ok(one) => waiting.push(one),
                    Err(mut found) => {
                        self.errors.append(&mut found);
                        self.broken.insert(&part.id);
                    }
                },
            }
        }
        waiting
    }

    /// Compiles an expression if all that it names has its value; else it waits on.
    fn expression(&mut self, one: Waiting<'a>) -> Option<Waiting<'a>> {
        if one.names.iter().any(|name| self.broken.contains(name.as_str())) {
            self.broken.insert(one.id);
            return None;
        }
        if !one.names.iter().all(|name| self.compiler.knows(name)) {
            return Some(one);
        }
        match parse::expression(one.expression, &one.tokens, &mut self.compiler) {
            Ok(value) => self.compiler.name(one.id, value),
            Err(problem) => {
                self.errors.push(MathError::in_expression(one.part, one.expression, problem));
                self.broken.insert(one.id);
            }
        }
        None
    }

    /// The slot of the part that returns data; every expression must give series.
    fn result(&mut self, parts: &[Part]) -> Option<Slot> {
        let mut result = None;
        for (index, part) in parts.iter().enumerate() {
            let fault = match self.compiler.value_of(&part.id) {
                Some(Value::Scalar(_)) => {
                    ("the expression gives a scalar, CloudWatch takes time series".to_owned(), "wrap it: TIME_SERIES(...)")
                }
                Some(Value::Array(series)) if part.return_data => {
                    let count = series.len();
                    (format!("the expression gives an array of {count} time series, the result is one"), "join them, as in SUM(...)")
                }
                Some(Value::Series(slot)) if part.return_data => {
                    result = Some(*slot);
                    continue;
                }
                Some(_) | None => continue,
            };
            let mut error = MathError::new(index, Field::Expression, fault.0);
            error.remedy = Some(fault.1.to_owned());
            self.errors.push(error);
        }
        result
    }
}

/// Faults of the list as a whole and of its names.
fn faults_of_the_list(parts: &[Part]) -> Vec<MathError> {
    let mut errors = Vec::new();
    if parts.len() > MOST_PARTS {
        errors.push(MathError::new(MOST_PARTS, Field::Id, format!("found {} parts, {MOST_PARTS} are allowed", parts.len())));
    }
    let results = parts.iter().filter(|part| part.return_data).count();
    if results != 1 {
        let last = parts.iter().rposition(|part| part.return_data).unwrap_or(0);
        let mut error =
            MathError::new(last, Field::ReturnData, format!("found {results} parts that return data; exactly one is the result"));
        error.remedy = Some("give the others return_data: false".to_owned()).filter(|_| results > 1);
        errors.push(error);
    }
    let mut seen = BTreeSet::new();
    for (index, part) in parts.iter().enumerate() {
        if !is_an_id(&part.id) {
            let rule = "a lower-case letter, then letters, digits and underscores, 64 in all";
            errors.push(MathError::new(index, Field::Id, format!("found the id `{}`, allowed are {rule}", part.id)));
        } else if !seen.insert(part.id.as_str()) {
            errors.push(MathError::new(index, Field::Id, format!("another part has the id `{}` already", part.id)));
        }
    }
    errors
}

fn is_an_id(id: &str) -> bool {
    id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.len() <= LONGEST_ID_CHARACTERS
        && id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// The tokens of an expression and the parts that it names, all of which must exist.
fn waiting_expression<'a>(index: usize, part: &'a Part, expression: &'a str, known: &[&str]) -> Result<Waiting<'a>, Vec<MathError>> {
    let in_expression = |problem| MathError::in_expression(index, expression, problem);
    let tokens = parse::tokens_of(expression).map_err(|problem| vec![in_expression(problem)])?;
    let mut names = BTreeSet::new();
    let mut errors = Vec::new();
    for (token, next) in token::with_next(&tokens) {
        let Lexeme::Id(name) = &token.lexeme else { continue };
        if known.contains(&name.as_str()) {
            names.insert(name.clone());
            continue;
        }
        let is_call = next.is_some_and(|next| next.lexeme == Lexeme::Sign("("));
        if !is_call && !parse::is_operator_in_lower_case(name) {
            let problem = Problem::new(format!("no part has the id `{name}`")).at(token.column);
            let near = nearest(name, known.iter().copied().filter(|id| *id != part.id));
            errors.push(in_expression(match near {
                Some(near) => problem.remedy(format!("did you mean `{near}`?")),
                None => problem.remedy(format!("the ids are {}", known.join(", "))),
            }));
        }
    }
    if errors.is_empty() { Ok(Waiting { part: index, id: &part.id, expression, tokens, names }) } else { Err(errors) }
}

/// One circle among the expressions that wait for each other.
fn cycle(waiting: &[Waiting]) -> Option<MathError> {
    let by_id: BTreeMap<&str, &Waiting> = waiting.iter().map(|one| (one.id, one)).collect();
    let mut path: Vec<&Waiting> = vec![waiting.first()?];
    loop {
        // Each waits for another that waits, or it would not be here.
        let next = path.last()?.names.iter().find_map(|name| by_id.get(name.as_str()))?;
        if let Some(start) = path.iter().position(|one| one.id == next.id) {
            let ids: Vec<&str> = path[start..].iter().map(|one| one.id).chain([next.id]).collect();
            return Some(MathError::new(
                next.part,
                Field::Expression,
                format!("the expressions refer to each other in a circle: {}", ids.join(" -> ")),
            ));
        }
        path.push(next);
    }
}
