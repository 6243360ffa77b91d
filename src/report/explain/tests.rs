use super::*;
use crate::result::Window;
use crate::result::explain::ScaleOutStep;

fn time(clock: &str) -> Timestamp {
    format!("2026-03-02T{clock}Z").parse().unwrap()
}

fn datapoint(minute: &str, published: &str, value: Option<f64>, breaches: bool) -> ExplainedDatapoint {
    ExplainedDatapoint { start: time(minute), published: time(published), value: value.map(Figure), breaches }
}

fn alarm(name: &str, comparison: &str, threshold: f64, state: &str, datapoints: Vec<ExplainedDatapoint>) -> ExplainedAlarm {
    ExplainedAlarm {
        name: format!("TargetTracking-service/default/web-{name}-1"),
        metric: "CPUUtilization Average".into(),
        comparison: comparison.into(),
        threshold: Figure(threshold),
        period_seconds: 60,
        evaluation_periods: 1,
        datapoints_to_alarm: 1,
        state: state.into(),
        datapoints,
    }
}

/// A decision whose two alarms saw the same datapoint, and one of them an older one.
fn decision(at: &str, outcome: OutcomeKind) -> ExplainedDecision {
    let (older, newer) = (datapoint("14:01:00", "14:04:00", None, false), datapoint("14:02:00", "14:05:00", Some(72.5), true));
    let alarms = vec![
        alarm("AlarmHigh", ">", 60.0, "ALARM", vec![newer]),
        alarm("AlarmLow", "<", 54.0, "OK", vec![older, ExplainedDatapoint { breaches: false, ..newer }]),
    ];
    let policy = ExplainedPolicy {
        name: "cpu".into(),
        policy_type: "TargetTrackingScaling".into(),
        alarms,
        wants: Some(5),
        reason: "ceil(4 running x 72.50 / 60) = 5".into(),
    };
    ExplainedDecision {
        time: time(at),
        trigger: TriggerKind::Datapoint,
        trigger_name: None,
        running: 4,
        desired_before: 4,
        desired_after: 5,
        min_capacity: 2,
        max_capacity: 10,
        policies: vec![policy],
        winner: Some("cpu".into()),
        scale_out_cooldown: ExplainedCooldown { state: CooldownState::NotBegun, until: None },
        scale_in_cooldown: ExplainedCooldown { state: CooldownState::Running, until: Some(time("14:09:00")) },
        outcome,
        not_scaled_reasons: Vec::new(),
        held_back_by: None,
        sentence: String::new(),
    }
}

fn scale_out(decided: &str, seconds: f64) -> ScaleOut {
    let step = |name: &str, since: f64, takes: f64| ScaleOutStep {
        name: name.into(),
        time: time(decided),
        seconds: Figure(since),
        step_seconds: Figure(takes),
    };
    ScaleOut {
        policy: "cpu".into(),
        decided: time(decided),
        desired_before: 4,
        desired_after: 5,
        complete: true,
        seconds: Figure(seconds),
        steps: vec![step("load rises above the target", 0.0, 0.0), step("target healthy, first request", seconds, seconds)],
    }
}

fn result(at: Option<&str>, decisions: Vec<ExplainedDecision>, scale_outs: Vec<ScaleOut>) -> ExplainResult {
    ExplainResult {
        schema_version: 1,
        ecsim_version: "0".into(),
        scenario: "shop".into(),
        variant: Some("calm".into()),
        inputs: Vec::new(),
        window: Window { start: "2026-03-02T00:00:00Z".into(), end: "2026-03-03T00:00:00Z".into(), seconds: Figure(86_400.0) },
        seed: 1,
        service: "web".into(),
        at: at.map(time),
        answer: "The answer.".into(),
        decisions,
        scale_outs,
        warnings: vec!["a remark".into()],
    }
}

#[test]
fn one_decision_is_shown_with_every_datapoint_once() {
    let text = table(
        &result(Some("14:05:00"), vec![decision("14:05:00", OutcomeKind::ScaledOut)], vec![scale_out("14:05:00", 415.0)]),
        100,
        false,
        false,
    );
    let wanted = "\
shop, variant calm: scaling of web
The answer.

Decision of 2026-03-02 14:05:00 UTC
Outcome             scaled out
Winner              cpu
Desired tasks       4 -> 5
Running tasks       4
Capacity            2 to 10
Scale-out cooldown  begins when as many tasks run as are desired
Scale-in cooldown   until 2026-03-02 14:09:00

Policy cpu (TargetTrackingScaling)
wants 5 tasks: ceil(4 running x 72.50 / 60) = 5
AlarmHigh is ALARM: 1 of the newest 1 datapoints of 60 s is > 60, it takes 1
AlarmLow is OK: 0 of the newest 1 datapoints of 60 s are < 54, it takes 1
CPUUtilization Average  Published    Value  AlarmHigh > 60  AlarmLow < 54
2026-03-02 14:01:00     14:04:00   missing
2026-03-02 14:02:00     14:05:00      72.5        breaches             no

Scale-out of 2026-03-02 14:05:00 by cpu, 4 -> 5 tasks (this scale-out)
Step                           Time        Takes  Since the first
load rises above the target    14:05:00    0.0 s            0.0 s
target healthy, first request  14:05:00  415.0 s          415.0 s

Warnings
! a remark
";
    assert_eq!(text, wanted);
}

#[test]
fn rows_beyond_the_first_are_counted_and_shown_when_asked_for() {
    let decisions = vec![decision("14:05:00", OutcomeKind::ScaledOut); ROWS_SHOWN + 3];
    let result = result(None, decisions, Vec::new());
    let (short, all) = (table(&result, 100, false, false), table(&result, 100, false, true));
    let row = "2026-03-02 14:05:00  cpu  AlarmHigh ALARM    72.5        4   4 -> 5  scaled out";
    assert_eq!((short.matches(row).count(), all.matches(row).count()), (ROWS_SHOWN, ROWS_SHOWN + 3), "{short}");
    assert!(short.contains("... and 3 more: --all shows them") && !all.contains("more: --all"), "{short}");
}

#[test]
fn words_that_do_not_fit_take_another_line() {
    let mut held = decision("14:05:00", OutcomeKind::HeldBack);
    held.held_back_by = Some("not every target tracking policy is ready to scale in: memory, requests".into());
    held.policies[0].name = "a-policy-with-a-very-long-name".into();
    held.winner = Some("a-policy-with-a-very-long-name".into());
    let result = result(None, vec![held], Vec::new());
    let text = table(&result, 100, false, false);
    let wanted = "\
Time                 By          Alarm            Metric  Running  Desired  Outcome
2026-03-02 14:05:00  a-policy-…  AlarmHigh ALARM    72.5        4   4 -> 5  held back: not every
                                                                            target tracking policy
                                                                            is ready to scale in:
                                                                            memory, requests
";
    assert!(text.contains(wanted), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn the_slowest_and_the_median_scale_out_are_shown() {
    let scale_outs =
        vec![scale_out("10:00:00", 400.0), scale_out("11:00:00", 700.0), scale_out("12:00:00", 500.0), scale_out("13:00:00", 600.0)];
    let result = result(None, vec![decision("10:00:00", OutcomeKind::ScaledOut)], scale_outs);
    let text = table(&result, 100, false, false);
    assert!(text.contains("Scale-out of 2026-03-02 11:00:00 by cpu, 4 -> 5 tasks (the slowest of 4 scale-outs)"), "{text}");
    assert!(text.contains("Scale-out of 2026-03-02 12:00:00 by cpu, 4 -> 5 tasks (the median of 4 scale-outs)"), "{text}");
}

#[test]
fn markdown_has_tables_and_no_colours() {
    let text = markdown(&result(Some("14:06:00"), vec![decision("14:05:00", OutcomeKind::ScaledOut)], Vec::new()), false);
    assert!(text.starts_with("<!-- ecsim:explain:shop-web:calm -->\n## shop, variant calm: scaling of web\n\n**The answer.**"), "{text}");
    assert!(text.contains("| 2026-03-02 14:02:00 | 14:05:00 | 72.5 | breaches | no |"), "{text}");
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn markdown_fits_a_comment_however_many_decisions_there_are() {
    let decisions = vec![decision("14:05:00", OutcomeKind::ScaledOut); 2_000];
    let text = markdown(&result(None, decisions, Vec::new()), true);
    assert!(text.chars().count() <= 65_536, "{}", text.chars().count());
    assert!(text.contains("lines are left out"), "{text}");
}

#[test]
fn csv_has_a_row_for_each_decision() {
    let text = csv(&result(None, vec![decision("14:05:00", OutcomeKind::ScaledOut)], Vec::new())).unwrap();
    let wanted = "2026-03-02T14:05:00Z,datapoint,cpu,TargetTracking-service/default/web-AlarmHigh-1,ALARM,CPUUtilization Average,72.5,>,60,5,4,4,5,2,10,ScaledOut,\n";
    assert_eq!(text, format!("{}\n{wanted}", DECISION_COLUMNS.join(",")));
}

#[test]
fn numbers_have_no_trailing_zeroes() {
    assert_eq!([60.0, 72.5, 0.126, 1500.0].map(number), ["60", "72.5", "0.13", "1500"]);
}
