//! The examples of the CloudWatch and Auto Scaling User Guides, computations by hand, and the faults.

use proptest::prelude::*;

use super::{Evaluator, Field, MathError, MetricMath, Part, Source};
use crate::units::SimDuration;

/// No datapoint.
const NONE: Option<f64> = None;

fn some<const N: usize>(values: [f64; N]) -> Vec<Option<f64>> {
    values.into_iter().map(Some).collect()
}

/// Metrics, then expressions, of which the last is the result.
fn parts(metrics: &[&str], expressions: &[(&str, &str)]) -> Vec<Part> {
    let metrics = metrics.iter().map(|id| Part { id: (*id).to_owned(), source: Source::Series, return_data: false });
    let last = expressions.len() - 1;
    let expressions = expressions.iter().enumerate().map(|(index, (id, text))| Part {
        id: (*id).to_owned(),
        source: Source::Expression((*text).to_owned()),
        return_data: index == last,
    });
    metrics.chain(expressions).collect()
}

/// What an expression gives over metrics with these datapoints, one a minute.
fn evaluated(expression: &str, metrics: &[(&str, Vec<Option<f64>>)]) -> Vec<Option<f64>> {
    let ids: Vec<&str> = metrics.iter().map(|(id, _)| *id).collect();
    let math = MetricMath::parse(&parts(&ids, &[("result", expression)])).expect("a valid expression");
    assert_eq!(math.series_count(), metrics.len());
    let mut evaluator = Evaluator::new(&math, SimDuration::from_seconds(60));
    let values_at = |time: usize| metrics.iter().map(|(_, values)| values[time]).collect::<Vec<_>>();
    (0..metrics[0].1.len()).map(|time| evaluator.next(&values_at(time))).collect()
}

/// What an expression of constants gives.
fn constant(expression: &str) -> Option<f64> {
    evaluated(&format!("TIME_SERIES({expression})"), &[("m1", some([0.0]))])[0]
}

fn errors(expressions: &[(&str, &str)]) -> Vec<MathError> {
    MetricMath::parse(&parts(&["m1", "m2"], expressions)).expect_err("a fault")
}

/// EC2 Auto Scaling User Guide, "Scaling policy based on Amazon SQS": 1,500 messages on 10 instances are a
/// backlog of 150 each. Without instances there is no datapoint.
#[test]
fn messages_by_tasks_are_the_backlog_per_task() {
    let found = evaluated("m1 / m2", &[("m1", some([1500.0, 1500.0, 0.0])), ("m2", some([10.0, 0.0, 4.0]))]);
    assert_eq!(found, [Some(150.0), NONE, Some(0.0)]);
}

/// CloudWatch User Guide, "Comparison and logical operators".
#[test]
fn comparisons_give_one_or_zero_and_what_one_series_lacks_is_zero() {
    let metrics = [("metric1", some([30.0, 20.0, 0.0, 0.0])), ("metric2", vec![Some(20.0), NONE, Some(20.0), NONE])];
    for (expression, expected) in [
        ("(metric1 < metric2)", [0.0, 0.0, 1.0, 0.0]),
        ("(metric1 >= 30)", [1.0, 0.0, 0.0, 0.0]),
        ("(metric1 > 15 AND metric2 > 15)", [1.0, 0.0, 0.0, 0.0]),
        // The same operators by hand.
        ("metric1 > 15 && metric2 > 15", [1.0, 0.0, 0.0, 0.0]),
        ("metric1 > 25 OR metric2 == 20", [1.0, 0.0, 1.0, 0.0]),
        ("metric1 > 25 || metric2 != 20", [1.0, 0.0, 0.0, 0.0]),
        ("metric1 <= 20", [0.0, 1.0, 1.0, 1.0]),
    ] {
        assert_eq!(evaluated(expression, &metrics), some(expected), "{expression}");
    }
}

/// CloudWatch User Guide, "Using IF expressions": its three tables, and the forms without a third argument.
#[test]
fn if_chooses_by_datapoint() {
    let metrics = [
        ("metric1", vec![Some(1.0), Some(1.0), Some(0.0), Some(0.0), NONE]),
        ("metric2", vec![Some(30.0), NONE, Some(0.0), Some(0.0), Some(30.0)]),
        ("metric3", vec![Some(0.0), Some(0.0), Some(20.0), NONE, Some(20.0)]),
    ];
    for (expression, expected) in [
        ("IF(metric1, metric2, metric3)", [Some(30.0), Some(0.0), Some(20.0), NONE, NONE]),
        ("IF(metric1, 5, metric3)", [Some(5.0), Some(5.0), Some(20.0), NONE, NONE]),
        ("IF(metric1, metric2, 5)", [Some(30.0), Some(0.0), Some(5.0), Some(5.0), NONE]),
        ("IF(metric1, metric2)", [Some(30.0), Some(0.0), NONE, NONE, NONE]),
        ("IF(1, metric2, metric3)", [Some(30.0), NONE, Some(0.0), Some(0.0), Some(30.0)]),
        ("IF(0, metric2, metric3)", [Some(0.0), Some(0.0), Some(20.0), NONE, Some(20.0)]),
        ("IF(0, metric2)", [NONE; 5]),
    ] {
        assert_eq!(evaluated(expression, &metrics), expected, "{expression}");
    }
}

/// CloudWatch User Guide: FILL with a value, with another metric, and with the last value.
#[test]
fn fill_puts_datapoints_where_there_are_none() {
    let metrics = [("m1", vec![NONE, Some(7.0), NONE, NONE, Some(9.0)]), ("m2", some([1.0, 2.0, 3.0, 4.0, 5.0]))];
    for (expression, expected) in [
        ("FILL(m1, 0)", [Some(0.0), Some(7.0), Some(0.0), Some(0.0), Some(9.0)]),
        ("FILL(m1, m2)", [Some(1.0), Some(7.0), Some(3.0), Some(4.0), Some(9.0)]),
        ("FILL(m1, REPEAT)", [NONE, Some(7.0), Some(7.0), Some(7.0), Some(9.0)]),
        ("SUM(FILL(METRICS(), REPEAT))", [Some(1.0), Some(9.0), Some(10.0), Some(11.0), Some(14.0)]),
    ] {
        assert_eq!(evaluated(expression, &metrics), expected, "{expression}");
    }
}

/// By hand, from the definitions of the CloudWatch User Guide: the datapoint before may lie more than a
/// period back.
#[test]
fn changes_are_those_since_the_datapoint_before() {
    let metrics = [("m1", vec![Some(60.0), NONE, Some(180.0), Some(150.0)])];
    for (expression, expected) in [
        ("DIFF(m1)", [NONE, NONE, Some(120.0), Some(-30.0)]),
        ("DIFF_TIME(m1)", [NONE, NONE, Some(120.0), Some(60.0)]),
        ("RATE(m1)", [NONE, NONE, Some(1.0), Some(-0.5)]),
        ("m1 / PERIOD(m1)", [Some(1.0), NONE, Some(3.0), Some(2.5)]),
    ] {
        assert_eq!(evaluated(expression, &metrics), expected, "{expression}");
    }
}

/// By hand: the average counts a missing datapoint as 0, as the CloudWatch User Guide says, smallest and
/// largest are among those that are there.
#[test]
fn an_array_becomes_one_series_datapoint_by_datapoint() {
    let metrics = [("m1", vec![Some(2.0), Some(8.0), NONE]), ("m2", vec![Some(5.0), NONE, NONE])];
    for (expression, expected) in [
        ("SUM([m1, m2])", [Some(7.0), Some(8.0), NONE]),
        ("AVG(METRICS())", [Some(3.5), Some(4.0), NONE]),
        ("MIN([m1, m2])", [Some(2.0), Some(8.0), NONE]),
        ("MAX([m1, m2])", [Some(5.0), Some(8.0), NONE]),
        ("DATAPOINT_COUNT([m1, m2])", [Some(2.0), Some(1.0), NONE]),
        ("m1 / METRIC_COUNT(METRICS())", [Some(1.0), Some(4.0), NONE]),
        ("FIRST([m2, m1])", [Some(5.0), NONE, NONE]),
        ("LAST([m2, m1])", [Some(2.0), Some(8.0), NONE]),
        // CloudWatch User Guide, examples of arithmetic: an array meets a scalar, a series, another array.
        ("SUM(100/[m1, m2])", [Some(70.0), Some(12.5), NONE]),
        ("AVG([m1,m2]/m2)", [Some(0.7), NONE, NONE]),
        ("SUM(-[m1, m2])", [Some(-7.0), Some(-8.0), NONE]),
        ("SUM([m1, m2] * [m2, m2])", [Some(35.0), Some(0.0), NONE]),
        ("MIN(ABS([m1 - 10, m2 - 10]))", [Some(5.0), Some(2.0), NONE]),
    ] {
        assert_eq!(evaluated(expression, &metrics), expected, "{expression}");
    }
}

/// CloudWatch User Guide: `SUM(METRICS("errors"))/SUM(METRICS("requests"))*100`; the text is any part of an id.
#[test]
fn metrics_are_chosen_by_a_part_of_their_id() {
    let metrics =
        [("web_errors", some([1.0])), ("api_errors", some([2.0])), ("web_requests", some([50.0])), ("api_requests", some([100.0]))];
    let found = evaluated("SUM(METRICS(\"errors\"))/SUM(METRICS(\"requests\"))*100", &metrics);
    assert_eq!(found, [Some(2.0)]);
    // In the guide itself the quotes are curly, and an array may hold arrays.
    assert_eq!(evaluated("SUM([METRICS(“web”), METRICS(“api_e”)])", &metrics), [Some(53.0)]);
}

/// By hand. A minus sign is looser than a power, powers are read from the right, AND is tighter than OR.
#[test]
fn operators_bind_as_in_arithmetic() {
    for (expression, expected) in [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("10 - 4 - 3", 3.0),
        ("24 / 4 / 2", 3.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("-2 ^ 2", -4.0),
        ("2 ^ -1", 0.5),
        ("-3 * -2", 6.0),
        ("1 - -1", 2.0),
        ("1 OR 0 AND 0", 1.0),
        ("1 + 1 == 2 AND 3 < 4", 1.0),
        ("1e3 + .5 + 2.5E-1 + 1.", 1001.75),
    ] {
        assert_eq!(constant(expression), Some(expected), "{expression}");
    }
}

#[test]
fn what_has_no_answer_is_no_datapoint() {
    for expression in ["1 / 0", "0 / 0", "10 ^ 400", "(0 - 8) ^ .5"] {
        assert_eq!(constant(expression), NONE, "{expression}");
    }
    let values = [Some(f64::NAN), Some(f64::INFINITY), NONE, Some(-4.0)];
    assert_eq!(evaluated("m1 + 1", &[("m1", values.to_vec())]), [NONE, NONE, NONE, Some(-3.0)]);
    assert_eq!(evaluated("LOG(m1)", &[("m1", some([0.0, -1.0, 1.0]))]), [NONE, NONE, Some(0.0)]);
    assert_eq!(evaluated("LOG10(m1)", &[("m1", some([1000.0]))]), [Some(3.0)]);
    assert_eq!(evaluated("CEIL(m1) - FLOOR(m1)", &[("m1", some([1.5, -1.5, 2.0]))]), some([1.0, 1.0, 0.0]));
}

/// Between two series the missing one counts as 0; beside a scalar there is nothing.
#[test]
fn a_missing_datapoint_is_zero_only_beside_one_that_is_there() {
    let metrics = [("m1", vec![Some(4.0), NONE, NONE]), ("m2", vec![NONE, Some(2.0), NONE])];
    assert_eq!(evaluated("m1 + m2", &metrics), [Some(4.0), Some(2.0), NONE]);
    assert_eq!(evaluated("m1 / m2", &metrics), [NONE, Some(0.0), NONE]);
    assert_eq!(evaluated("m1 + 1", &metrics), [Some(5.0), NONE, NONE]);
    assert_eq!(evaluated("-m1", &metrics), [Some(-4.0), NONE, NONE]);
    assert_eq!(evaluated("m1 + TIME_SERIES(1)", &metrics), some([5.0, 1.0, 1.0]));
}

#[test]
fn too_few_values_are_missing_datapoints() {
    let math = MetricMath::parse(&parts(&["m1", "m2"], &[("e1", "m1 + m2")])).expect("valid");
    let mut evaluator = Evaluator::new(&math, SimDuration::from_seconds(60));
    assert_eq!(evaluator.next(&[Some(3.0)]), Some(3.0));
    assert_eq!(evaluator.next(&[]), NONE);
}

#[test]
fn expressions_may_stand_before_what_they_refer_to() {
    let math = MetricMath::parse(&parts(&["m1"], &[("e2", "e1 * 2"), ("e1", "e0 + m1"), ("e0", "m1"), ("e3", "e2 - e0")])).expect("valid");
    // (m1 + m1) * 2 - m1
    assert_eq!(Evaluator::new(&math, SimDuration::from_seconds(60)).next(&[Some(5.0)]), Some(15.0));
}

/// The character at which an expression is wrong, what it says and what helps.
#[test]
fn a_fault_names_the_character_and_what_would_be_right() {
    for (expression, character, message, remedy) in [
        ("m1 / (m2", 9, "expected `)`, found the end", ""),
        ("m1 /", 5, "expected a value, found the end", ""),
        ("SUM([m1", 8, "expected `]`, found the end", ""),
        ("FILL(m1", 8, "expected `,`, found the end", ""),
        ("m1 m2", 4, "expected an operator, found `m2`", ""),
        ("m1 > 1 and m2 > 1", 8, "expected an operator, found `and`", "write AND"),
        ("m1 = 2", 4, "`=` has no meaning", "equality is =="),
        ("!m1", 1, "`!` has no meaning", "compare with == 0"),
        ("m1 * 12x", 6, "`12x` is no number", ""),
        ("METRICS(\"a", 9, "no closing quote", ""),
        ("(m1))", 5, "expected an operator, found `)`", ""),
        ("m1 < 2 < 3", 8, "cannot be chained", "AND"),
        ("m1 + SUMM([m1])", 6, "found `SUMM`", "did you mean SUM?"),
        ("max([m1, m2])", 1, "expected a value, found `max`", "upper case: MAX"),
        ("STDDEV([m1, m2])", 1, "STDDEV is not supported in a policy", ""),
        ("SEARCH('{AWS/ECS}', 'Average')", 8, "`'` has no meaning", "double quotes"),
        ("RUNNING_SUM(m1)", 1, "RUNNING_SUM is not supported", ""),
        ("m1 - AVG(m1)", 6, "AVG of a time series is not supported", "AVG([m1, m2])"),
        ("FILL(m1, LINEAR)", 1, "LINEAR is not supported", "REPEAT"),
        ("REPEAT", 1, "REPEAT is no value", ""),
        ("MAX([m1, 1])", 5, "found a scalar in an array", "TIME_SERIES(...)"),
        ("ABS(1) + m1", 1, "ABS takes a time series or an array of them, found a scalar", ""),
        ("PERIOD(1) * m1", 8, "expected the id of a metric", ""),
        ("IF(m1)", 1, "IF takes 2 or 3 arguments, found 1", ""),
        ("IF(m1, [m1, m2], 1)", 1, "found IF with a time series, an array of time series, a scalar", ""),
        ("SUM([m1, m2] + [m1])", 14, "the arrays have 2 and 1 time series", ""),
        ("SUM([m1] > 1)", 10, "found an array", ""),
        ("SUM(METRICS(\"x\"))", 5, "no metric has an id that contains `x`; there are m1, m2", ""),
        ("m1 + m22", 6, "no part has the id `m22`", "did you mean `m2`?"),
        ("", 1, "expected a value, found the end", ""),
    ] {
        let errors = errors(&[("e1", expression)]);
        let [error] = errors.as_slice() else { panic!("{expression}: {errors:?}") };
        assert_eq!((error.part, error.field), (2, Field::Expression), "{expression}");
        assert_eq!(error.position, Some((expression.to_owned(), character)), "{expression}: {error}");
        assert!(error.message.contains(message), "{expression}: {error}");
        assert!(error.remedy.as_deref().unwrap_or_default().contains(remedy), "{expression}: {:?}", error.remedy);
    }
}

#[test]
fn a_fault_is_told_with_its_expression() {
    let found = errors(&[("e1", "m1 / (m2")]);
    assert_eq!(found[0].to_string(), "expression \"m1 / (m2\", character 9: expected `)`, found the end");
}

#[test]
fn every_part_with_a_fault_is_named_once() {
    let found = errors(&[("e1", "m1 +"), ("e2", "e1 + 1"), ("e3", "m1 ) m2")]);
    assert_eq!(found.iter().map(|error| error.part).collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn a_circle_is_named() {
    let found = errors(&[("e1", "e2 + 1"), ("e2", "e3"), ("e3", "e2 * m1")]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "the expressions refer to each other in a circle: e2 -> e3 -> e2");
    assert_eq!(errors(&[("e1", "e1 + 1")])[0].message, "the expressions refer to each other in a circle: e1 -> e1");
}

#[test]
fn the_result_is_one_time_series() {
    let found = errors(&[("e1", "METRIC_COUNT(METRICS()) * 60")]);
    assert!(found[0].message.contains("a scalar") && found[0].remedy.is_some(), "{found:?}");
    let found = errors(&[("e1", "METRICS() / 2")]);
    assert!(found[0].message.contains("an array of 2 time series"), "{found:?}");
    let mut none = parts(&["m1"], &[("e1", "m1")]);
    none[1].return_data = false;
    let found = MetricMath::parse(&none).expect_err("no result");
    assert_eq!((found[0].field, found.len()), (Field::ReturnData, 1));
    assert!(MetricMath::parse(&[]).is_err());
}

#[test]
fn ids_are_names_of_cloudwatch_and_differ() {
    let long = "m".repeat(65);
    for id in ["M1", "1m", "m-1", "", "é", long.as_str()] {
        let mut parts = parts(&["m1"], &[("e1", "m1")]);
        parts[0].id = id.to_owned();
        let found = MetricMath::parse(&parts).expect_err("no id");
        assert_eq!((found[0].part, found[0].field), (0, Field::Id), "{id}");
    }
    let found = MetricMath::parse(&parts(&["m1", "m1"], &[("e1", "m1")])).expect_err("twice");
    assert_eq!((found[0].part, found[0].field), (1, Field::Id));
}

/// Sizes that only an attack has end in a fault, not in a full stack or a full memory.
#[test]
fn nobody_fills_the_stack_or_the_memory() {
    for unit in ["(", "-", "1^", "SUM(", "[", "1+(", "IF(m1,"] {
        assert_eq!(errors(&[("e1", &unit.repeat(2_000 / unit.len()))]).len(), 1, "{unit}");
    }
    assert!(errors(&[("e1", &"m1+".repeat(1_000))])[0].message.contains("2048 are allowed"));
    let many = |id: &str| format!("[{}]", vec![id; 400].join(","));
    let found = errors(&[("e1", &many("m1")), ("e2", &many("e1")), ("e3", "SUM(e2)")]);
    assert!(found[0].message.contains("more than 500"), "{found:?}");
    let sums: Vec<(String, String)> = (0..20).map(|index| (format!("s{index}"), format!("SUM({})", ["e1"; 400].join("+")))).collect();
    let one_array = many("m1");
    let found = errors(
        &[("e1", one_array.as_str())].into_iter().chain(sums.iter().map(|(id, sum)| (id.as_str(), sum.as_str()))).collect::<Vec<_>>(),
    );
    assert!(found[0].message.contains("too many operations"), "{found:?}");
}

/// An expression as a tree, to be written in two ways.
#[derive(Clone, Debug)]
enum Tree {
    Leaf(String),
    Minus(Box<Tree>),
    Join(usize, Box<Tree>, Box<Tree>),
}

/// Operators with how tightly they bind; the minus sign stands at 5.
const OPERATORS: [(&str, u8); 9] = [("OR", 0), ("AND", 1), ("<", 2), ("!=", 2), ("+", 3), ("-", 3), ("*", 4), ("/", 4), ("^", 6)];

impl Tree {
    fn level(&self) -> u8 {
        match self {
            Self::Leaf(_) => 7,
            Self::Minus(_) => 5,
            Self::Join(operator, ..) => OPERATORS[*operator].1,
        }
    }

    /// With brackets around everything.
    fn in_full(&self) -> String {
        match self {
            Self::Leaf(name) => name.clone(),
            Self::Minus(inner) => format!("(-{})", inner.in_full()),
            Self::Join(operator, left, right) => format!("({} {} {})", left.in_full(), OPERATORS[*operator].0, right.in_full()),
        }
    }

    /// With no bracket that is not needed.
    fn in_short(&self) -> String {
        let above = |tree: &Self, least: u8| if tree.level() < least { format!("({})", tree.in_short()) } else { tree.in_short() };
        match self {
            Self::Leaf(name) => name.clone(),
            Self::Minus(inner) => format!("-{}", above(inner, 5)),
            Self::Join(operator, left, right) => {
                let (sign, level) = OPERATORS[*operator];
                let (least_left, least_right) = match level {
                    2 => (3, 3),
                    6 => (7, 5),
                    _ => (level, level + 1),
                };
                format!("{} {sign} {}", above(left, least_left), above(right, least_right))
            }
        }
    }
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![Just("m1"), Just("m2"), Just("2"), Just("0.5")].prop_map(|name| Tree::Leaf(name.to_owned()));
    leaf.prop_recursive(5, 40, 2, |inner| {
        let join = (0..OPERATORS.len(), inner.clone(), inner.clone());
        prop_oneof![
            inner.prop_map(|one| Tree::Minus(Box::new(one))),
            join.prop_map(|(operator, left, right)| Tree::Join(operator, Box::new(left), Box::new(right))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Brackets that the order of operators makes needless change nothing.
    #[test]
    fn needless_brackets_change_nothing(tree in trees()) {
        let read = |expression: String| MetricMath::parse(&parts(&["m1", "m2"], &[("e1", &format!("m1 * ({expression})"))]));
        let full = read(tree.in_full());
        prop_assert!(full.is_ok(), "{full:?}");
        prop_assert_eq!(full, read(tree.in_short()));
    }

    /// Whatever stands in an expression: a result or faults inside it, never a panic.
    #[test]
    fn any_text_is_an_expression_or_a_fault(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "m1", "m2", "e1", "SUM", "AVG", "METRICS", "IF", "FILL", "REPEAT", "RATE", "PERIOD", "TIME_SERIES", "FIRST", "AND", "OR", "(",
                ")", "[", "]", ",", "+", "-", "*", "/", "^", "<", "==", "\"m\"", "\"", "1", "1e", "2.5", "é", "\u{1F600}", " ",
            ]),
            0..40,
        ),
        free in ".{0,40}",
    ) {
        for text in [words.concat(), words.join(" "), free] {
            match MetricMath::parse(&parts(&["m1", "m2"], &[("e1", &text)])) {
                Ok(math) => {
                    let found = Evaluator::new(&math, SimDuration::from_seconds(60)).next(&[Some(1.0), None]);
                    prop_assert!(found.is_none_or(f64::is_finite));
                }
                Err(errors) => {
                    for (expression, character) in errors.iter().filter_map(|error| error.position.as_ref()) {
                        prop_assert!((1..=expression.chars().count() + 1).contains(character));
                    }
                }
            }
        }
    }
}
