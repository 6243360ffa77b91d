//! The HTML report as text: whole, closed, small, escaped, and without anything that a browser would have to fetch. What it does in a
//! browser is tested in `tests/browser`.

use std::io::Read as _;

use base64::Engine as _;
use ecsim::report::html::{Page, html};
use ecsim::result::{Cell, RunResult};
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use serde_json::Value;

use crate::command_line::{Folder, SMALL, at_root};
use crate::result::built;

/// A page that is sent by mail stays below 3 MB, and two weeks by the minute leave room for services and activities.
const LARGEST_PAGE_BYTES: usize = 2_000_000;

/// Elements that have no end (HTML, section 13.1.2).
const VOID: [&str; 5] = ["meta", "br", "input", "link", "img"];

/// Elements that only the drawn charts have; some of them close themselves.
const DRAWN: [&str; 7] = ["svg", "rect", "line", "polyline", "polygon", "text", "circle"];

/// The start tags and the text of a page whose elements are all closed, in their order.
struct Parsed {
    tags: Vec<(String, Vec<(String, String)>)>,
    text: String,
}

impl Parsed {
    fn of(page: &str) -> Self {
        let mut emitter: DefaultEmitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let (mut tags, mut text, mut open) = (Vec::new(), String::new(), Vec::new());
        for token in Tokenizer::new_with_emitter(page, emitter) {
            match token.expect("reading from memory") {
                Token::StartTag(tag) => {
                    let name = words(&tag.name);
                    if !VOID.contains(&name.as_str()) && !tag.self_closing {
                        open.push(name.clone());
                    }
                    tags.push((name, attributes(&tag)));
                }
                Token::EndTag(tag) => assert_eq!(open.pop(), Some(words(&tag.name)), "the innermost element ends first"),
                Token::String(string) => {
                    let hidden = matches!(open.last().map(String::as_str), Some("script" | "style" | "text"));
                    if !hidden {
                        text.push_str(&words(&string));
                    }
                }
                Token::Error(error) => panic!("the page breaks a rule of HTML: {}", *error),
                Token::Comment(_) | Token::Doctype(_) => {}
            }
        }
        assert_eq!(open, [""; 0], "everything is closed");
        Self { tags, text }
    }

    fn attributes<'a>(&'a self, element: &'a str) -> impl Iterator<Item = &'a Vec<(String, String)>> {
        self.tags.iter().filter(move |(name, _)| name == element).map(|(_, attributes)| attributes)
    }

    fn count(&self, element: &str) -> usize {
        self.attributes(element).count()
    }
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn attributes(tag: &StartTag<()>) -> Vec<(String, String)> {
    tag.attributes.iter().map(|(name, value)| (words(name), words(value))).collect()
}

fn value<'a>(attributes: &'a [(String, String)], name: &str) -> Option<&'a str> {
    attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// What the page's script would unpack from the element with this identifier.
fn unpacked(page: &str, id: &str) -> Vec<u8> {
    let (_, rest) = page.split_once(&format!("id=\"{id}\"")).expect("the element");
    let (_, rest) = rest.split_once('>').expect("its end");
    let (text, _) = rest.split_once('<').expect("its content");
    let packed = base64::engine::general_purpose::STANDARD.decode(text).expect("base64");
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).expect("gzip");
    bytes
}

fn page(result: &RunResult) -> String {
    html(result, &Page { command: "ecsim run scenario.yaml -o report.html" }).expect("a page")
}

/// The two weeks of the web shop, as page and as document.
fn web_shop(folder: &Folder) -> (String, RunResult) {
    let (page, document) = (folder.path().join("a.html"), folder.path().join("a.json"));
    let outputs = [page.to_str().unwrap(), document.to_str().unwrap()];
    at_root(&["run", "scenarios/web-shop.yaml", "-q", "--fail-on", "none", "-o", outputs[0], "-o", outputs[1]]).code(0);
    let text = |name: &str| String::from_utf8(folder.bytes(name)).unwrap();
    (text("a.html"), serde_json::from_str(&text("a.json")).unwrap())
}

#[test]
fn two_weeks_by_the_minute_are_one_small_page_that_fetches_nothing() {
    let folder = Folder::new();
    let (page, result) = web_shop(&folder);
    assert!(page.len() < LARGEST_PAGE_BYTES, "{} bytes", page.len());
    let parsed = Parsed::of(&page);
    for (name, attributes) in &parsed.tags {
        for (attribute, value) in attributes {
            let names_a_namespace = name == "svg" && attribute == "xmlns";
            let fetches = ["src", "href", "srcset", "data", "action", "poster", "xlink:href"].contains(&attribute.as_str());
            assert!(!fetches || value.starts_with('#'), "<{name} {attribute}={value}>");
            assert!(names_a_namespace || !attribute.starts_with("on"), "<{name} {attribute}>");
        }
    }
    assert_eq!((parsed.count("link"), parsed.count("iframe"), parsed.count("img"), parsed.count("title")), (0, 0, 0, 1));
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    assert!(!style.contains("url(") && !style.contains("@import"), "{style}");
    // Two weeks of minutes.
    assert_eq!(result.timeline.rows.len(), 20_160);
    let charts: Value = serde_json::from_slice(&unpacked(&page, "charts-data")).unwrap();
    assert_eq!(charts["step_milliseconds"], 120_000.0, "half of the minutes are shown: two in a step");
    let offered = charts["services"][0]["panels"][0]["layers"][0]["values"].as_array().unwrap();
    assert_eq!(offered.len(), 10_080);
    let column = result.timeline.columns.iter().position(|column| column == "offered_rps").unwrap();
    let rate = |row: usize| match &result.timeline.rows[row][column] {
        Cell::Number(figure) => figure.0,
        other => panic!("{other:?}"),
    };
    let mean = f64::midpoint(rate(2000), rate(2001));
    assert!((offered[1000].as_f64().unwrap() - mean).abs() <= 1e-3 * mean, "{} is the mean of two minutes, {mean}", offered[1000]);
    let script = unpacked(&page, "library");
    assert!(script.starts_with(b"/**\n* plotly.js (basic - minified) v") && script.len() > 1_000_000);
}

#[test]
fn the_page_says_what_was_run_what_it_costs_and_why_it_scaled() {
    let folder = Folder::new();
    let (page, result) = web_shop(&folder);
    let parsed = Parsed::of(&page);
    let says = |words: &str| assert!(parsed.text.contains(words), "{words}");
    says(&format!("${}", result.cost.monthly.mean));
    says("All 2 thresholds are met");
    result.thresholds.iter().for_each(|threshold| says(&threshold.expression));
    for line in &result.cost.line_items {
        for words in [&line.description, &line.usage_type, &line.unit_price, &line.price_source, &line.price_date] {
            says(words);
        }
    }
    for input in &result.inputs {
        says(&input.path);
        says(&input.sha256);
    }
    assert!(result.inputs.len() == 2, "the scenario and its trace");
    assert!(!parsed.text.contains("this version of ecsim does not know it"), "every assumption has its evidence");
    result.assumptions.keys().for_each(|name| says(name));
    says("ecsim run scenarios/web-shop.yaml -q --fail-on none -o ");
    let activities = &result.services.0[0].1.scaling_activities;
    assert!(activities.len() > 100, "{}", activities.len());
    activities.iter().for_each(|activity| says(&activity.cause));
    let times = parsed.attributes("time").filter_map(|attributes| value(attributes, "datetime"));
    // Those of the table, after the two of the window.
    assert_eq!(times.skip(2).collect::<Vec<_>>(), activities.iter().map(|activity| activity.start_time.as_str()).collect::<Vec<_>>());
    let charts: Value = serde_json::from_slice(&unpacked(&page, "charts-data")).unwrap();
    let marks = charts["services"][0]["activities"].as_array().unwrap();
    assert_eq!(marks.len(), activities.len(), "every activity is on the chart");
    let of_kind = |kind: &str| marks.iter().filter(|mark| mark["kind"] == kind).count() as f64;
    let scaling = &result.services.0[0].1.scaling;
    assert_eq!((of_kind("out"), of_kind("in")), (scaling.scale_out.0, scaling.scale_in.0));
    assert_eq!(of_kind("nothing"), scaling.not_scaled.values().map(|figure| figure.0).sum::<f64>());
    assert!(marks.iter().zip(activities).all(|(mark, activity)| mark["text"].as_str().unwrap().starts_with(&activity.description)));
    // What a screen reader needs.
    assert_eq!(value(parsed.attributes("html").next().unwrap(), "lang"), Some("en"));
    assert_eq!(parsed.count("table"), parsed.count("caption"));
    assert!(parsed.attributes("th").all(|attributes| value(attributes, "scope").is_some()));
    assert_eq!(parsed.count("h1"), 1);
}

#[test]
fn only_the_two_scripts_of_the_page_may_run() {
    use sha2::{Digest as _, Sha256};
    let page = page(&built(&[]));
    let parsed = Parsed::of(&page);
    let policy = parsed.attributes("meta").find(|attributes| value(attributes, "http-equiv") == Some("Content-Security-Policy"));
    let policy = value(policy.expect("a policy"), "content").unwrap();
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe-eval") && !policy.contains("http"), "{policy}");
    let own = page.rsplit_once("<script>").unwrap().1.split_once("</script>").unwrap().0;
    for script in [own.as_bytes().to_vec(), unpacked(&page, "library")] {
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(&script));
        assert!(policy.contains(&format!("'sha256-{hash}'")), "{policy}");
    }
    let scripts = policy.split("; ").find(|part| part.starts_with("script-src")).unwrap();
    assert!(!scripts.contains("unsafe-inline"), "{scripts}");
}

#[test]
fn what_a_scenario_says_is_text_and_never_markup() {
    const HOSTILE: &str = "</script></title><script>alert('&amp;')</script><img src=x onerror=\"alert(1)\">";
    let mut result = built(&[]);
    let clean = Parsed::of(&page(&result));
    HOSTILE.clone_into(&mut result.scenario);
    result.variant = Some(HOSTILE.to_owned());
    result.warnings = vec![HOSTILE.to_owned()];
    result.inputs[0].path = HOSTILE.to_owned();
    result.cost.line_items[0].description = HOSTILE.to_owned();
    result.cost.line_items[0].price_source = HOSTILE.to_owned();
    for activity in &mut result.services.0[0].1.scaling_activities {
        activity.cause = HOSTILE.to_owned();
    }
    let text = html(&result, &Page { command: HOSTILE }).expect("a page");
    let parsed = Parsed::of(&text);
    assert_eq!((parsed.count("script"), parsed.count("img")), (clean.count("script"), 0));
    assert!(parsed.text.contains(HOSTILE), "it is shown as it was written");
    assert!(parsed.tags.iter().all(|(_, attributes)| attributes.iter().all(|(name, _)| name != "onerror")));
    // In the drawn charts too, where texts are elements of their own.
    assert!(DRAWN.iter().any(|name| parsed.count(name) > 0));
}

#[test]
fn a_saved_result_gives_the_same_page() {
    let result = built(&[]);
    let text = serde_json::to_string(&result).unwrap();
    let saved: RunResult = serde_json::from_str(&text).unwrap();
    assert_eq!(page(&saved), page(&result));
}

#[test]
fn a_result_without_a_timeline_has_a_page_without_charts() {
    let mut result = built(&[]);
    result.timeline.rows.clear();
    let page = page(&result);
    let parsed = Parsed::of(&page);
    assert!(parsed.text.contains("This result has no timeline"));
    assert_eq!(parsed.count("script"), 0);
    assert!(page.len() < 200_000, "{} bytes: no charting library for no charts", page.len());
}

#[test]
fn a_timeline_that_cannot_be_read_is_told() {
    let mut result = built(&[]);
    result.timeline.columns[2] = "offered".to_owned();
    let error = html(&result, &Page::default()).expect_err("a column is missing").to_string();
    assert!(error.contains("no column `offered_rps`"), "{error}");
}

#[test]
fn replications_show_their_spread() {
    let folder = Folder::with_small();
    let spread = "uncertainty.traffic_scale={distribution: lognormal, median: 1, cv: 0.4}";
    folder.ecsim(&["run", "small.yaml", "--replications", "4", "--set", spread, "-o", "a.html", "-q"]).code(0);
    let page = String::from_utf8(folder.bytes("a.html")).unwrap();
    let parsed = Parsed::of(&page);
    for words in ["means of 4 replications", " ± $", "P10 $", "4, with the seeds 1 to 4", "--replications 4"] {
        assert!(parsed.text.contains(words), "{words}");
    }
}

/// Each service is a picture of its own; what they share stands below the last.
#[test]
fn what_services_share_is_drawn_once() {
    let folder = Folder::new();
    let two = SMALL.replace("services:\n  app:", "services:\n  api:\n    task_definition: {cpu: 256, memory: 512}\n    desired_count: 1\n    traffic: {constant: 1}\n    workload: {cpu_time: 1ms}\n  app:");
    folder.put("two.yaml", &two);
    folder.ecsim(&["run", "two.yaml", "-q", "-o", "two.html"]).code(0);
    let page = String::from_utf8(folder.bytes("two.html")).expect("text");
    assert_eq!(page.matches("<svg ").count(), 2);
    assert_eq!(
        page.matches("Where a month's money goes (US dollars").count()
            + page.matches("Where a month&apos;s money goes (US dollars").count(),
        1
    );
}
