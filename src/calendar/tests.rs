//! Expected times are AWS's own examples where a page is named, and else computed by hand from a calendar and
//! the rules of the zones (in 2026 clocks change in New York on 8 March and 1 November, in Berlin on 29 March
//! and 25 October, on Lord Howe Island by half an hour on 5 April and 4 October).

use proptest::prelude::*;

use super::*;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|_| panic!("{text}"))
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn timetable(text: &str, zone_name: &str) -> Timetable {
    let schedule = Schedule::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
    Timetable::new(schedule, zone(zone_name), Bounds::default(), time("2026-03-02T00:00:00Z"))
}

fn after(table: &Timetable, from: &str, count: usize) -> Vec<Timestamp> {
    let next = |time: &Timestamp| table.next_after(*time);
    std::iter::successors(table.next_after(time(from)), next).take(count).collect()
}

/// The next times of the schedule are these.
#[track_caller]
fn assert_times(text: &str, zone_name: &str, from: &str, expected: &[&str]) {
    let found = after(&timetable(text, zone_name), from, expected.len());
    let expected: Vec<Timestamp> = expected.iter().map(|text| time(text)).collect();
    assert_eq!(found, expected, "{text} in {zone_name}");
}

/// Application Auto Scaling, "Schedule recurring scaling actions"; EventBridge, "Cron expressions reference".
#[test]
fn the_examples_of_the_guides_mean_what_the_guides_say() {
    // Every Monday at 06:30.
    assert_times(
        "cron(30 6 ? * MON *)",
        "UTC",
        "2026-03-01T00:00:00Z",
        &["2026-03-02T06:30:00Z", "2026-03-09T06:30:00Z", "2026-03-16T06:30:00Z"],
    );
    // 18:00 from Monday to Friday; the 5th is a Thursday.
    assert_times(
        "cron(0 18 ? * MON-FRI *)",
        "UTC",
        "2026-03-05T00:00:00Z",
        &["2026-03-05T18:00:00Z", "2026-03-06T18:00:00Z", "2026-03-09T18:00:00Z"],
    );
    // 08:00 on the first of every month.
    assert_times(
        "cron(0 8 1 * ? *)",
        "UTC",
        "2026-11-15T00:00:00Z",
        &["2026-12-01T08:00:00Z", "2027-01-01T08:00:00Z", "2027-02-01T08:00:00Z"],
    );
    // Every 15 minutes.
    assert_times(
        "cron(0/15 * * * ? *)",
        "UTC",
        "2026-03-02T23:37:30.5Z",
        &["2026-03-02T23:45:00Z", "2026-03-03T00:00:00Z", "2026-03-03T00:15:00Z"],
    );
    // The 1st, 11th, 21st minute and so on.
    assert_times("cron(1/10 * * * ? *)", "UTC", "2026-03-02T00:41:00Z", &["2026-03-02T00:51:00Z", "2026-03-02T01:01:00Z"]);
    // Every day at 12:15.
    assert_times("cron(15 12 * * ? *)", "UTC", "2026-03-02T12:15:00Z", &["2026-03-03T12:15:00Z"]);
    // 3#2 is the second Tuesday of the month.
    assert_times("cron(0 0 ? * 3#2 *)", "UTC", "2026-03-02T00:00:00Z", &["2026-03-10T00:00:00Z", "2026-04-14T00:00:00Z"]);
    // The weekday nearest to the 3rd: Saturday 3 January, Tuesday 3 February, Sunday 3 May.
    assert_times(
        "cron(0 0 3W JAN,FEB,MAY ? *)",
        "UTC",
        "2026-01-01T00:00:00Z",
        &["2026-01-02T00:00:00Z", "2026-02-03T00:00:00Z", "2026-05-04T00:00:00Z"],
    );
}

/// EventBridge: every 5 minutes from Monday to Friday between 08:00 and 17:55.
#[test]
fn ranges_of_hours_include_their_last_hour() {
    let week = after(&timetable("cron(0/5 8-17 ? * MON-FRI *)", "UTC"), "2026-03-02T00:00:00Z", 601);
    assert_eq!(week[0], time("2026-03-02T08:00:00Z"));
    assert_eq!(week[119], time("2026-03-02T17:55:00Z"));
    assert_eq!(week[599], time("2026-03-06T17:55:00Z"));
    assert_eq!(week[600], time("2026-03-09T08:00:00Z"));
}

/// EventBridge: `0/30 20-2 ? * MON-FRI *` goes over midnight, and runs from 00:00 to 02:00 on Monday morning.
#[test]
fn a_range_may_go_over_midnight_and_over_the_weekend() {
    let friday = after(&timetable("cron(0/30 20-2 ? * MON-FRI *)", "UTC"), "2026-03-06T12:00:00Z", 15);
    assert_eq!(friday[0], time("2026-03-06T20:00:00Z"));
    assert_eq!(friday[7], time("2026-03-06T23:30:00Z"));
    assert_eq!(friday[8], time("2026-03-09T00:00:00Z"), "Saturday is no day of the schedule");
    assert_eq!(friday[13], time("2026-03-09T02:30:00Z"));
    assert_eq!(friday[14], time("2026-03-09T20:00:00Z"));
    assert_times(
        "cron(0 9 ? * SAT-SUN *)",
        "UTC",
        "2026-03-02T00:00:00Z",
        &["2026-03-07T09:00:00Z", "2026-03-08T09:00:00Z", "2026-03-14T09:00:00Z"],
    );
}

/// EventBridge Scheduler, "Schedule types": `15 10 ? * 6L 2022-2023` is 10:15 on the last Friday of each month
/// of the years 2022 and 2023.
#[test]
fn the_last_friday_of_the_month_in_two_years() {
    let table = timetable("cron(15 10 ? * 6L 2022-2023)", "UTC");
    let fridays = after(&table, "2020-01-01T00:00:00Z", 100);
    assert_eq!(fridays.len(), 24);
    assert_eq!(fridays[0], time("2022-01-28T10:15:00Z"));
    assert_eq!(fridays[23], time("2023-12-29T10:15:00Z"));
    assert_eq!(after(&timetable("cron(15 10 ? * fril 2022-2023)", "UTC"), "2020-01-01T00:00:00Z", 100), fridays);
    assert_eq!(table.last_at_or_before(time("2026-01-01T00:00:00Z")), fridays.last().copied());
    assert_eq!(table.last_at_or_before(time("2022-01-28T10:14:59Z")), None);
}

#[test]
fn days_by_their_place_in_the_month() {
    let cases: [(&str, &str, &[&str]); 9] = [
        ("cron(0 0 L * ? *)", "2028-01-01T00:00:00Z", &["2028-01-31T00:00:00Z", "2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z"]),
        ("cron(0 0 L-2 * ? *)", "2026-02-01T00:00:00Z", &["2026-02-26T00:00:00Z", "2026-03-29T00:00:00Z"]),
        // 28 February 2026 is a Saturday, 31 May a Sunday.
        ("cron(0 0 LW FEB,MAY ? *)", "2026-01-01T00:00:00Z", &["2026-02-27T00:00:00Z", "2026-05-29T00:00:00Z"]),
        // 15 March 2026 is a Sunday, 15 April a Wednesday, 15 August a Saturday.
        ("cron(0 0 15W 3,4,8 ? *)", "2026-01-01T00:00:00Z", &["2026-03-16T00:00:00Z", "2026-04-15T00:00:00Z", "2026-08-14T00:00:00Z"]),
        // Never into another month: 1 August 2026 is a Saturday, 31 May a Sunday; April has no 31st.
        ("cron(0 0 1W 8 ? *)", "2026-01-01T00:00:00Z", &["2026-08-03T00:00:00Z"]),
        ("cron(0 0 31W 4-5 ? *)", "2026-01-01T00:00:00Z", &["2026-05-29T00:00:00Z"]),
        // A fifth Monday is in March, June, August and November 2026.
        ("cron(0 0 ? * MON#5 *)", "2026-03-01T00:00:00Z", &["2026-03-30T00:00:00Z", "2026-06-29T00:00:00Z", "2026-08-31T00:00:00Z"]),
        // The last day of the week is Saturday.
        ("cron(0 0 ? * L *)", "2026-03-01T00:00:00Z", &["2026-03-07T00:00:00Z", "2026-03-14T00:00:00Z"]),
        // 2100 is no leap year.
        ("cron(0 0 29 2 ? *)", "2095-01-01T00:00:00Z", &["2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z"]),
    ];
    for (text, from, expected) in cases {
        assert_times(text, "UTC", from, expected);
    }
}

#[test]
fn a_schedule_ends_with_its_years() {
    let table = timetable("cron(0 0 1 1 ? 2027,2030-2031)", "UTC");
    let days = ["2027-01-01T00:00:00Z", "2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z"].map(time);
    assert_eq!(after(&table, "2026-01-01T00:00:00Z", 10), days);
    assert_eq!(timetable("cron(0 0 1 1 ? 2020/5)", "UTC").next_after(time("2026-01-01T00:00:00Z")), Some(days[1]));
}

#[test]
fn what_no_calendar_has_never_comes() {
    for text in ["cron(0 0 30 2 ? *)", "cron(0 0 31 4,6,9,11 ? *)", "cron(0 0 ? 2 MON#5 2026)"] {
        let table = timetable(text, "UTC");
        assert_eq!(table.next_after(Timestamp::MIN), None, "{text}");
        assert_eq!(table.last_at_or_before(Timestamp::MAX), None, "{text}");
        assert!(!table.schedule().ever_comes(&TimeZone::UTC));
    }
    // Samoa went over the date line and had no 30 December 2011.
    let skipped = Schedule::parse("cron(0/10 * 30 12 ? 2011)").unwrap();
    assert!(skipped.ever_comes(&TimeZone::UTC));
    assert!(!skipped.ever_comes(&zone("Pacific/Apia")));
}

/// EventBridge Scheduler, "Daylight savings time": a daily 02:30 is skipped where the clock goes from 01:59 to 03:00.
#[test]
fn a_local_time_that_is_left_out_is_skipped() {
    assert_times("cron(30 2 * * ? *)", "America/Los_Angeles", "2026-03-07T00:00:00Z", &["2026-03-07T10:30:00Z", "2026-03-09T09:30:00Z"]);
    assert_times("cron(30 2 * * ? *)", "America/New_York", "2026-03-07T00:00:00Z", &["2026-03-07T07:30:00Z", "2026-03-09T06:30:00Z"]);
    assert_times("cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-28T00:00:00Z", &["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"]);
    assert_times("cron(15 2 * * ? *)", "Australia/Lord_Howe", "2026-10-02T12:00:00Z", &["2026-10-02T15:45:00Z", "2026-10-04T15:15:00Z"]);
    // Both ends of the gap exist.
    assert_times("cron(0 2-3 * * ? *)", "Europe/Berlin", "2026-03-29T00:00:00Z", &["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"]);
    let table = timetable("cron(30 2 * * ? *)", "Europe/Berlin");
    assert_eq!(table.last_at_or_before(time("2026-03-29T12:00:00Z")), Some(time("2026-03-28T01:30:00Z")));
}

/// EventBridge Scheduler, "Daylight savings time": a local time that comes twice runs once, before the shift.
#[test]
fn a_local_time_that_comes_twice_runs_the_first_time() {
    assert_times("cron(30 1 * * ? *)", "America/New_York", "2026-10-31T12:00:00Z", &["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]);
    assert_times("cron(45 1 * * ? *)", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", &["2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"]);
    let berlin = timetable("cron(30 2 * * ? *)", "Europe/Berlin");
    let (first, next) = (time("2026-10-25T00:30:00Z"), time("2026-10-26T01:30:00Z"));
    for (from, expected) in [("2026-10-24T12:00:00Z", first), ("2026-10-25T00:30:00Z", next), ("2026-10-25T01:10:00Z", next)] {
        assert_eq!(berlin.next_after(time(from)), Some(expected), "{from}");
    }
    // 02:10 for the second time: 02:30 has been.
    for until in ["2026-10-25T00:30:00Z", "2026-10-25T01:10:00Z", "2026-10-25T01:30:00Z", "2026-10-25T12:00:00Z"] {
        assert_eq!(berlin.last_at_or_before(time(until)), Some(first), "{until}");
    }
    assert_eq!(berlin.last_at_or_before(time("2026-10-25T00:29:59Z")), Some(time("2026-10-24T00:30:00Z")));
    // Every minute rests during the second run of the hour.
    assert_times("cron(* * * * ? *)", "Europe/Berlin", "2026-10-25T00:58:00Z", &["2026-10-25T00:59:00Z", "2026-10-25T02:00:00Z"]);
}

#[test]
fn zones_off_the_hour_and_without_daylight_saving() {
    assert_times("cron(0 8 ? * MON-FRI *)", "Europe/Berlin", "2026-03-27T12:00:00Z", &["2026-03-30T06:00:00Z"]);
    assert_times("cron(0 8 ? * MON-FRI *)", "Europe/Berlin", "2026-03-26T12:00:00Z", &["2026-03-27T07:00:00Z"]);
    assert_times("cron(0 9 * * ? *)", "Asia/Kolkata", "2026-03-28T12:00:00Z", &["2026-03-29T03:30:00Z", "2026-03-30T03:30:00Z"]);
    assert_times("cron(0 8 ? * MON *)", "Asia/Tokyo", "2026-03-01T00:00:00Z", &["2026-03-01T23:00:00Z"]);
    assert_times("cron(0 0 1 * ? *)", "Asia/Kathmandu", "2026-03-15T00:00:00Z", &["2026-03-31T18:15:00Z"]);
}

/// EventBridge Scheduler, "One-time schedules": 13:00 at UTC-8 on 20 November 2022.
#[test]
fn at_is_a_local_time() {
    let table = timetable("at(2022-11-20T13:00:00)", "America/Los_Angeles");
    let expected = time("2022-11-20T21:00:00Z");
    assert_eq!(table.next_after(time("2022-01-01T00:00:00Z")), Some(expected));
    assert_eq!(table.next_after(expected), None);
    assert_eq!(table.last_at_or_before(expected), Some(expected));
    assert_eq!(table.last_at_or_before(time("2022-11-20T20:59:59Z")), None);
    assert!(!Schedule::parse("at(2026-03-29T02:30:00)").unwrap().ever_comes(&zone("Europe/Berlin")));
    assert_times("at(2026-10-25T02:30:00)", "Europe/Berlin", "2026-01-01T00:00:00Z", &["2026-10-25T00:30:00Z"]);
}

/// EventBridge Scheduler: a rate begins at its start, or at once; its days have 24 hours.
#[test]
fn a_rate_counts_from_its_beginning() {
    let from_creation = timetable("rate(36 hours)", "Europe/Berlin");
    let times = ["2026-03-02T00:00:00Z", "2026-03-03T12:00:00Z", "2026-03-05T00:00:00Z"].map(time);
    assert_eq!(after(&from_creation, "2020-01-01T00:00:00Z", 3), times);
    assert_eq!(from_creation.last_at_or_before(time("2026-03-01T23:59:59Z")), None);
    assert_eq!(from_creation.last_at_or_before(times[1]), Some(times[1]));
    assert_eq!(from_creation.last_at_or_before(time("2026-03-04T23:59:59.999Z")), Some(times[1]));

    let start = Some(time("2026-03-28T08:00:00Z"));
    let daily = Timetable { bounds: Bounds { start, end: None }, ..timetable("rate(1 day)", "Europe/Berlin") };
    assert_eq!(after(&daily, "2026-03-02T00:00:00Z", 2), ["2026-03-28T08:00:00Z", "2026-03-29T08:00:00Z"].map(time));
    let endless = timetable("rate(4294967295 days)", "UTC");
    assert_eq!(endless.next_after(time("2026-03-02T00:00:00Z")), None, "beyond every calendar");
}

/// Application Auto Scaling: with a start time the action runs then, and by its recurrence; it stops after the end.
#[test]
fn bounds_begin_with_a_time_of_their_own() {
    let (start, end) = (time("2026-03-03T10:20:00Z"), time("2026-03-05T08:00:00Z"));
    let bounds = Bounds { start: Some(start), end: Some(end) };
    let table = Timetable { bounds, ..timetable("cron(0 8 * * ? *)", "UTC") };
    let expected = [start, time("2026-03-04T08:00:00Z"), end];
    assert_eq!(after(&table, "2026-03-01T00:00:00Z", 10), expected);
    for (until, last) in [
        ("2026-03-03T10:19:59Z", None),
        ("2026-03-03T10:20:00Z", Some(start)),
        ("2026-03-04T07:59:00Z", Some(start)),
        ("2026-03-04T08:00:00Z", Some(expected[1])),
        ("2030-01-01T00:00:00Z", Some(end)),
    ] {
        assert_eq!(table.last_at_or_before(time(until)), last, "{until}");
    }
    let backwards = Timetable { bounds: Bounds { start: Some(end), end: Some(start) }, ..table };
    assert_eq!(backwards.next_after(Timestamp::MIN), None);
    assert_eq!(backwards.last_at_or_before(Timestamp::MAX), None);
    let too_late = Timetable { bounds, ..timetable("at(2026-03-06T00:00:00)", "UTC") };
    assert_eq!((too_late.next_after(Timestamp::MIN), too_late.last_at_or_before(Timestamp::MAX)), (None, None));
}

#[test]
fn a_wrong_expression_is_told_what_is_wrong() {
    for (text, word) in [
        ("daily", "none of at(...)"),
        ("cron(0 8 ? * MON *", "none of at(...)"),
        ("cron(0 8 * * MON)", "six fields"),
        ("cron(0 0 8 ? * MON *)", "a form with seconds in front, which is not supported; leave the seconds out: cron(0 8 ? * MON *)"),
        ("cron(0 0 0 8 ? * MON *)", "found 8"),
        ("cron(60 8 ? * MON *)", "minute `60`: `60` is not from 0 to 59"),
        ("cron(+5 8 ? * MON *)", "minute"),
        ("cron(0 24 ? * MON *)", "hour"),
        ("cron(0 8- ? * MON *)", "hour"),
        ("cron(0 , ? * MON *)", "hour"),
        ("cron(? 8 ? * MON *)", "minute"),
        ("cron(0 8 0 * ? *)", "day of month"),
        ("cron(0 8 20-10 * ? *)", "ends before it begins"),
        ("cron(0 8 W * ? *)", "day of month"),
        ("cron(0 8 L-32 * ? *)", "day of month"),
        ("cron(0 8 1 MON ? *)", "neither from JAN to DEC nor from 1 to 12"),
        ("cron(0 8 ? * FOO *)", "neither from SUN to SAT nor from 1 to 7"),
        ("cron(0 8 ? * 0 *)", "day of week"),
        ("cron(0 8 ? * 3#1,6#3 *)", "without a list"),
        ("cron(0 8 ? * MON#6 *)", "from 1 to 5"),
        ("cron(0 8 ? * 5W *)", "day of week"),
        ("cron(0 8 ? * ? *)", "both `?`"),
        ("cron(0 8 * * * *)", "both `*`"),
        ("cron(0 8 1 * MON *)", "exactly one of them must be `?`"),
        ("cron(0/0 8 ? * MON *)", "no number above 0"),
        ("cron(0/ 8 ? * MON *)", "no number above 0"),
        ("cron(0 8 ? * MON 1969)", "1970 to 2199"),
        ("cron(0 8 ? * MON 2030-2020)", "ends before it begins"),
        ("rate(0 minutes)", "above 0"),
        ("rate(+5 minutes)", "above 0"),
        ("rate(5)", "5 minutes"),
        ("rate(5 weeks)", "minutes, hours or days"),
        ("at(noon)", "no date and time"),
        ("at(2026-03-02)", "no date and time"),
        ("at(2026-02-30T08:00:00)", "no date and time"),
        ("at(2026-03-02T08:00:00Z)", "no date and time"),
    ] {
        let why = Schedule::parse(text).unwrap_err();
        assert!(why.contains(word), "{text}: {why}");
    }
}

#[test]
fn a_schedule_keeps_its_text_and_tells_of_weekday_numbers() {
    assert_eq!(Schedule::parse(" cron(0 8 ? * mon-fri *) ").unwrap().text(), "cron(0 8 ? * mon-fri *)");
    for (text, has_numbers) in [
        // Application Auto Scaling's guide once gave this as every Tuesday; it counted otherwise than EventBridge.
        ("cron(30 6 * * 2 *)", true),
        ("cron(0 8 ? * 2-6 *)", true),
        ("cron(0 8 ? * MON-6 *)", true),
        ("cron(0 8 ? * 2#1 *)", true),
        ("cron(0 8 ? * 6L *)", true),
        ("cron(0 8 ? * MON,2/2 *)", true),
        ("cron(0 8 ? * MON#2 *)", false),
        ("cron(0 8 ? * MON-FRI/2 *)", false),
        ("cron(0 8 ? * L *)", false),
        ("cron(0 8 2 6 ? *)", false),
        ("rate(2 days)", false),
    ] {
        assert_eq!(Schedule::parse(text).unwrap().has_weekday_numbers(), has_numbers, "{text}");
    }
}

/// A cron expression made of sets, and a matcher that knows nothing of the parser or the search.
#[derive(Clone, Debug)]
struct Example {
    text: String,
    minutes: Vec<i8>,
    hours: Vec<i8>,
    days: ExampleDays,
    months: Vec<i8>,
}

#[derive(Clone, Debug)]
enum ExampleDays {
    OfMonth(Vec<i8>),
    OfWeek(Vec<i8>),
    Last,
    Nth(i8, i8),
}

impl Example {
    fn shows(&self, wall: DateTime) -> bool {
        // Sunday is 1.
        let weekday = wall.weekday().to_sunday_one_offset();
        let day = match &self.days {
            ExampleDays::OfMonth(days) => days.contains(&wall.day()),
            ExampleDays::OfWeek(weekdays) => weekdays.contains(&weekday),
            ExampleDays::Last => wall.date() == wall.date().last_of_month(),
            ExampleDays::Nth(nth, of) => {
                let expected = wall.date().first_of_month().nth_weekday_of_month(*nth, wall.weekday()).ok();
                weekday == *of && expected == Some(wall.date())
            }
        };
        day && self.minutes.contains(&wall.minute()) && self.hours.contains(&wall.hour()) && self.months.contains(&wall.month())
    }

    /// Whether the schedule comes at an instant.
    fn comes(&self, zone: &TimeZone, instant: Timestamp) -> bool {
        let wall = zone.to_datetime(instant);
        let is_first = zone.to_ambiguous_timestamp(wall).earlier().is_ok_and(|first| first == instant);
        wall.second() == 0 && wall.subsec_nanosecond() == 0 && is_first && self.shows(wall)
    }
}

fn list(numbers: &[i8]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<String>>().join(",")
}

fn example() -> impl Strategy<Value = Example> {
    let numbers = |low: i8, high: i8| proptest::collection::btree_set(low..=high, 1..4).prop_map(Vec::from_iter);
    let days = prop_oneof![
        numbers(1, 31).prop_map(|days| (list(&days), "?".to_owned(), ExampleDays::OfMonth(days))),
        numbers(1, 7).prop_map(|days| ("?".to_owned(), list(&days), ExampleDays::OfWeek(days))),
        Just(("L".to_owned(), "?".to_owned(), ExampleDays::Last)),
        (1_i8..=5, 1_i8..=7).prop_map(|(nth, day)| ("?".to_owned(), format!("{day}#{nth}"), ExampleDays::Nth(nth, day))),
    ];
    let months = prop_oneof![numbers(1, 12).prop_map(|months| (list(&months), months)), Just(("*".to_owned(), (1..=12).collect()))];
    // Hours of the night, when clocks change.
    let hours = prop_oneof![numbers(0, 4), numbers(0, 23)];
    (numbers(0, 59), hours, days, months).prop_map(|(minutes, hours, (of_month, of_week, days), (month, months))| {
        let text = format!("cron({} {} {of_month} {month} {of_week} *)", list(&minutes), list(&hours));
        Example { text, minutes, hours, days, months }
    })
}

fn zone_name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo"])
}

/// From 2015 to 2035, to the millisecond.
fn instant() -> impl Strategy<Value = Timestamp> {
    (1_420_070_400_000_i64..2_051_222_400_000).prop_map(|millis| Timestamp::from_millisecond(millis).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn times_ascend_match_and_leave_none_out(example in example(), zone_name in zone_name(), start in instant()) {
        let (table, zone) = (timetable(&example.text, zone_name), zone(zone_name));
        let mut time = start;
        let mut minutes_looked_at = 0;
        for _ in 0..50 {
            let Some(next) = table.next_after(time) else { break };
            prop_assert!(next > time);
            prop_assert!(example.comes(&zone, next), "{} at {next}", example.text);
            prop_assert_eq!(table.last_at_or_before(next), Some(next));
            let before_next = next - SignedDuration::from_nanos(1);
            prop_assert!(table.last_at_or_before(before_next).is_none_or(|last| last <= time));
            // A minute of a zone is a minute of UTC in these years.
            let mut minute = time.as_second().div_euclid(60) + 1;
            while minute * 60 < next.as_second() && minutes_looked_at < 20_000 {
                let between = Timestamp::from_second(minute * 60).unwrap();
                prop_assert!(!example.comes(&zone, between), "{} leaves out {between}", example.text);
                (minute, minutes_looked_at) = (minute + 1, minutes_looked_at + 1);
            }
            time = next;
        }
    }

    #[test]
    fn the_last_time_is_the_one_before_the_next(example in example(), zone_name in zone_name(), now in instant()) {
        let table = timetable(&example.text, zone_name);
        if let Some(last) = table.last_at_or_before(now) {
            prop_assert!(last <= now);
            prop_assert_eq!(table.next_after(last), table.next_after(now));
            prop_assert_eq!(table.next_after(last - SignedDuration::from_nanos(1)), Some(last));
        }
    }

    #[test]
    fn no_text_brings_the_parser_down(text in "(at|rate|cron)\\([0-9LW#*?/,MONSUFRI -]{0,24}\\)") {
        if let Ok(schedule) = Schedule::parse(&text) {
            let _ = schedule.ever_comes(&TimeZone::UTC);
        }
    }
}
