//! The charts hold what they promise: words, marks, the stated size, and the same bytes every time.

use ecsim::money::Usd;
use ecsim::outcome::TimelineRow;
use ecsim::report::charts::{ChartData, CostSeries, Resource, ServiceChart, UtilizationTarget, WIDTH_PIXELS, png, svg};
use ecsim::result::MonthlyShare;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::fixture::{EVERYDAY, Wave, start, timeline};

fn cost(product: &str, hours: usize) -> CostSeries {
    CostSeries { product: product.to_owned(), usd_per_hour: (0..hours).map(|hour| 0.1 + (hour % 24) as f64 / 100.0).collect() }
}

fn data<'a>(names: &[&str], timeline: &'a [TimelineRow]) -> ChartData<'a> {
    let hours = timeline.len().div_ceil(60);
    let service = |name: &&str| ServiceChart {
        name: (*name).to_owned(),
        timeline,
        targets: vec![
            UtilizationTarget { resource: Resource::Cpu, percent: 60.0 },
            UtilizationTarget { resource: Resource::Memory, percent: 75.0 },
        ],
        slo_latency_seconds: Some(0.3),
        cost: vec![cost("Fargate", hours), cost("Fargate Spot", hours)],
    };
    ChartData {
        title: "web-shop".to_owned(),
        subtitle: "$665.69 a month & more".to_owned(),
        start: start(),
        end: start() + SignedDuration::from_mins(timeline.len() as i64),
        step_seconds: 60.0,
        timezone: TimeZone::UTC,
        first_hour: start(),
        services: names.iter().map(service).collect(),
        shared_cost: if names.len() > 1 { vec![cost("NAT gateway", hours)] } else { Vec::new() },
        month: Vec::new(),
    }
}

/// The texts of an SVG in their order.
fn texts(svg: &str) -> Vec<&str> {
    svg.split("<text").skip(1).filter_map(|rest| rest.split_once('>')?.1.split_once("</text>").map(|(text, _)| text.trim())).collect()
}

#[test]
fn titles_axes_and_legends_name_everything_with_its_unit() {
    let timeline = timeline(2 * 1_440, EVERYDAY);
    let drawing = svg(&data(&["web", "checkout"], &timeline)).expect("drawn");
    let texts = texts(&drawing);
    let once = ["web-shop", "$665.69 a month &amp; more", "web", "checkout", "Cost of all services", "NAT gateway"];
    for text in once {
        assert_eq!(texts.iter().filter(|found| **found == text).count(), 1, "{text}: {texts:?}");
    }
    let by_service = [
        "Traffic",
        "requests / s",
        "offered",
        "failed",
        "Tasks",
        "running",
        "desired",
        "Utilisation",
        "of the running tasks",
        "CPU target 60 %, low alarm 54 %",
        "memory target 75 %, low alarm 67.5 %",
        "CPU",
        "memory",
        "Latency",
        "p50",
        "p95",
        "p99",
        "service level 300 ms",
        "Cost",
        "Fargate",
        "Fargate Spot",
    ];
    for text in by_service {
        assert_eq!(texts.iter().filter(|found| **found == text).count(), 2, "{text}: {texts:?}");
    }
    assert_eq!(texts.iter().filter(|text| **text == "time (UTC)").count(), 3);
    assert!(texts.contains(&"Tue 3 Mar") && texts.contains(&"06:00"), "{texts:?}");
}

#[test]
fn a_month_is_shown_by_what_it_is_paid_for() {
    let timeline = timeline(120, EVERYDAY);
    let share = |index: u32| MonthlyShare {
        description: format!("line {index}"),
        monthly_cost: Usd(Decimal::from(100 - index)),
        share: f64::from(100 - index) / 1000.0,
    };
    let mut data = data(&["web"], &timeline);
    assert!(!texts(&svg(&data).expect("drawn")).iter().any(|text| text.starts_with("Where a month")));
    data.month = (0..3).map(share).collect();
    let drawing = svg(&data).expect("drawn");
    let found = texts(&drawing);
    for text in
        ["Where a month's money goes (US dollars a month, share of the bill)", "line 0", "line 2", "$100.00   10.0 %", "$98.00   9.8 %"]
    {
        assert!(found.iter().any(|words| words.replace("&apos;", "'") == *text), "{text}: {found:?}");
    }
    // Of 14 lines the last three are one: 89 + 88 + 87.
    data.month = (0..14).map(share).collect();
    let drawing = svg(&data).expect("drawn");
    let found = texts(&drawing);
    assert!(found.contains(&"line 10") && found.contains(&"3 further lines") && found.contains(&"$264.00   26.4 %"), "{found:?}");
    assert!(!found.contains(&"line 11"));
}

#[test]
fn the_drawing_has_the_size_of_the_image() {
    let timeline = timeline(360, EVERYDAY);
    let data = data(&["web"], &timeline);
    let drawing = svg(&data).expect("drawn");
    let (width, height, _) = decoded(&png(&data).expect("drawn"));
    assert!(
        drawing.starts_with(&format!("<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {} {}\"", 2 * width, 2 * height)),
        "{}",
        &drawing[..120]
    );
}

fn decoded(image: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(image)).read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size that fits")];
    let info = reader.next_frame(&mut pixels).expect("one frame");
    assert_eq!(info.color_type, png::ColorType::Rgb);
    (info.width, info.height, pixels)
}

#[test]
fn a_raster_image_has_ink_where_words_and_lines_must_be() {
    let timeline = timeline(1_440, EVERYDAY);
    let (width, height, pixels) = decoded(&png(&data(&["web"], &timeline)).expect("drawn"));
    assert_eq!(width, WIDTH_PIXELS);
    let darkest_in = |x: std::ops::Range<u32>, y: std::ops::Range<u32>| {
        y.flat_map(|row| x.clone().map(move |column| (row * width + column) as usize * 3))
            .map(|at| u16::from(pixels[at]) + u16::from(pixels[at + 1]) + u16::from(pixels[at + 2]))
            .min()
    };
    // The heading, the name of the service, the words of the first legend, the name of the time axis.
    for (place, x, y) in [
        ("heading", 28..180, 15..45),
        ("service", 28..80, 95..115),
        ("legend", 200..400, 125..148),
        ("axis", 680..780, height - 40..height - 14),
    ] {
        assert!(darkest_in(x, y).expect("pixels") < 400, "{place} is blank");
    }
    assert_eq!(darkest_in(0..width, height - 8..height), Some(765), "nothing reaches the lower edge");
    // A chart is drawn in colours: the blue of the traffic line stands somewhere.
    assert!(pixels.chunks_exact(3).any(|pixel| pixel == [0, 114, 178]));
}

#[test]
fn the_same_data_give_the_same_bytes() {
    let timeline = timeline(1_440, EVERYDAY);
    let data = data(&["web"], &timeline);
    assert_eq!(svg(&data).expect("drawn"), svg(&data).expect("drawn"));
    assert_eq!(png(&data).expect("drawn"), png(&data).expect("drawn"));
}

#[test]
fn extremes_are_drawn_without_leaving_the_plot() {
    let waves = [
        (20_160, EVERYDAY),
        (1_440, Wave { rps: (0.0, 0.0), ..EVERYDAY }),
        (1_440, Wave { latency: (1e-5, 60.0), rps: (0.0, 1e7), ..EVERYDAY }),
        (1, EVERYDAY),
        (0, EVERYDAY),
    ];
    for (minutes, wave) in waves {
        let timeline = timeline(minutes, wave);
        let drawing = svg(&data(&["web"], &timeline)).expect("drawn");
        assert!(!drawing.contains("NaN") && !drawing.contains("inf"), "{minutes} minutes");
        for points in drawing.split("points=\"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(points, _)| points) {
            for point in points.split_whitespace() {
                let (x, _) = point.split_once(',').expect("a pair");
                let x: i32 = x.parse().expect("a number");
                assert!((0..=2 * WIDTH_PIXELS as i32).contains(&x), "{minutes} minutes: {point}");
            }
        }
    }
}

#[test]
fn hours_without_requests_leave_a_gap_in_the_latency() {
    // The fixture has no latency in the second of six hours, so each percentile is drawn in two pieces;
    // their vermillion, orange and blue lines are the only ones of their widths.
    let timeline = timeline(360, EVERYDAY);
    let drawing = svg(&data(&["web"], &timeline)).expect("drawn");
    let lines = drawing
        .lines()
        .filter(|line| line.starts_with("<polyline") && line.contains("stroke=\"#D55E00\"") && line.contains("stroke-width=\"5\""));
    // Two pieces and the sample in the legend.
    assert_eq!(lines.count(), 3);
}

#[test]
fn long_names_are_cut_and_many_products_take_another_line() {
    let timeline = timeline(360, EVERYDAY);
    let mut crowded = data(&["web"], &timeline);
    crowded.title = "a very long name ".repeat(20);
    let single = svg(&crowded).expect("drawn");
    crowded.services[0].cost = (0..16).map(|index| cost(&format!("A product with a long name {index}"), 6)).collect();
    let drawing = svg(&crowded).expect("drawn");
    let texts = texts(&drawing);
    assert!(texts[..3].iter().any(|text| text.starts_with("a very long") && text.ends_with('…')), "{:?}", &texts[..3]);
    assert_eq!(texts.iter().filter(|text| text.starts_with("A product")).count(), 16);
    let height = |drawing: &str| drawing.split('"').nth(3).and_then(|text| text.parse::<u32>().ok()).expect("a height");
    assert!(height(&drawing) > height(&single));
}

#[test]
fn a_step_of_nothing_is_refused() {
    let mut wrong = data(&["web"], &[]);
    wrong.step_seconds = 0.0;
    assert!(svg(&wrong).expect_err("no step").to_string().contains("step of a chart"));
}
