//! The HTML report in a real browser.
//!
//! These tests need Chromium, which not everybody has, so that `cargo test` passes over them; they run with
//! `cargo test --test browser`, and `.ci/run` runs them. The pictures they take are in `target/tmp`.

mod chromium;

use std::path::{Path, PathBuf};
use std::process::Command;

use chromium::Page;
use serde_json::{Value, json};

const WIDE: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (390, 844);

/// The scripts have done their work.
const READY: &str = "document.documentElement.classList.contains('scripted')";

/// Two services, one of which scales and calls the other; names that would end an element if they could.
const TWO_SERVICES: &str = r#"
version: 1
name: 'shop </script><script>document.title = "broken"</script> & <b>co</b>'
simulation: {duration: 6h}
services:
  web:
    task_definition: {cpu: 512, memory: 1024}
    traffic:
      pattern: {base: 20, peak: 120, period: 6h, peak_at: "03:00"}
    workload: {cpu_time: 40ms, wait_time: 60ms}
    slo: {latency: 500ms, availability: 99.9%}
    scaling:
      min_capacity: 2
      max_capacity: 20
      policies:
        - name: 'cpu <img src=x onerror=alert(1)>'
          policy_type: TargetTrackingScaling
          predefined_metric_type: ECSServiceAverageCPUUtilization
          target_value: 60
  ledger:
    task_definition: {cpu: 1024, memory: 2048}
    desired_count: 3
    traffic: {constant: 30}
    workload: {cpu_time: 20ms}
events:
  - {at: 2h, kind: deployment, service: web}
thresholds:
  - monthly_cost < 900
  - services.web.latency_p99 < 1ms
"#;

/// The page of a scenario with this text.
fn page_of(name: &str, scenario: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("scenario.yaml"), scenario).expect("the scenario");
    let page = folder.join("report.html");
    let run = Command::new(env!("CARGO_BIN_EXE_ecsim"))
        .args(["run", "scenario.yaml", "-q", "--fail-on", "none", "-o", "report.html"])
        .current_dir(&folder)
        .output()
        .expect("ecsim runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    page
}

/// The words in the box that the cursor shows on the figure of this number.
fn hover_words(page: &mut Page, figure: usize) -> String {
    let words = page.value(&format!(
        "[...document.querySelectorAll('.chart')[{figure}].querySelectorAll('.hoverlayer text')].map(t => t.textContent).join(' | ')"
    ));
    words.as_str().expect("words").to_owned()
}

/// Where the panels of the first figure are on the screen: left, right, and a height in the middle of the first.
fn first_panel(page: &mut Page) -> (f64, f64, f64) {
    page.value("document.querySelector('.chart').scrollIntoView()");
    let field = page.value(
        "(({left, right, top, height}) => [left, right, top + height / 2])(document.querySelector('.chart .nsewdrag').getBoundingClientRect())",
    );
    let part = |index: usize| field[index].as_f64().expect("pixels");
    (part(0), part(1), part(2))
}

/// The time range that each figure shows.
fn ranges(page: &mut Page) -> Vec<Value> {
    let ranges = page.value("[...document.querySelectorAll('.chart')].map(chart => chart.layout.xaxis.range.map(time => new Date(time + (/Z$/.test(time) ? '' : 'Z')).getTime()))");
    ranges.as_array().expect("one for each figure").clone()
}

#[test]
fn the_page_draws_its_charts_and_asks_nothing_of_a_network() {
    let file = page_of("draws", TWO_SERVICES);
    let mut page = Page::open(WIDE.0, WIDE.1);
    page.load(&file);
    page.wait_for(READY);
    // Four panels for each service and one for what both cost; the first service's line of traffic has points.
    assert_eq!(
        page.value("[...document.querySelectorAll('.chart')].map(chart => chart.querySelectorAll('.subplot').length)"),
        json!([4, 4, 1])
    );
    assert_eq!(page.value("document.querySelector('.chart .scatterlayer .js-line').getAttribute('d').length > 300"), json!(true));
    assert_eq!(page.value("getComputedStyle(document.querySelector('.drawn')).display"), json!("none"), "the drawn charts have made room");
    // What the scenario says is text.
    let title = page.value("document.title");
    assert!(title.as_str().unwrap().starts_with("shop </script><script>"), "{title}");
    assert_eq!(page.value("document.querySelectorAll('h1 b, td img, .chart img').length"), json!(0));
    let marks = page.value(
        "document.querySelector('.chart').data.filter(trace => trace.mode === 'markers').map(trace => [trace.name, trace.x.length])",
    );
    let names: Vec<&str> = marks.as_array().unwrap().iter().filter_map(|mark| mark[0].as_str()).collect();
    assert!(names.contains(&"scale-out") && names.contains(&"scale-in") && names.contains(&"deployment"), "{marks}");
    page.picture(&file.with_file_name("light.png"), true);
    assert_eq!(page.problems(), [""; 0]);
    assert!(
        page.requests()
            .iter()
            .all(|address| address.starts_with("file://") || address.starts_with("data:") || address.starts_with("blob:")),
        "{:?}",
        page.requests()
    );
    assert_eq!(page.requests().iter().filter(|address| address.starts_with("file://")).count(), 1, "the page itself and no other file");
}

#[test]
fn one_cursor_reads_all_panels_of_all_services_and_one_zoom_moves_them() {
    let file = page_of("cursor", TWO_SERVICES);
    let mut page = Page::open(WIDE.0, WIDE.1);
    page.load(&file);
    page.wait_for(READY);
    let (left, right, height) = first_panel(&mut page);
    let mut seen = Vec::new();
    for share in [0.3, 0.7] {
        page.move_mouse(left + (right - left) * share, height);
        page.wait_for(
            "[...document.querySelectorAll('.chart')].every(chart => chart.querySelector('.hoverlayer .legend, .hoverlayer .hovertext'))",
        );
        std::thread::sleep(std::time::Duration::from_millis(300));
        let words = hover_words(&mut page, 0);
        for panel in ["offered ", "running ", "CPU ", "p99 "] {
            assert!(words.contains(panel), "{panel} in {words}");
        }
        let other = hover_words(&mut page, 1);
        assert!(other.contains("offered ") && other.contains("running 3"), "the other service: {other}");
        let cost = hover_words(&mut page, 2);
        assert!(cost.contains("Fargate $"), "what both cost: {cost}");
        page.picture(&file.with_file_name(format!("cursor-{share}.png")), false);
        seen.push((
            words,
            page.value("document.getElementById('cursor').value"),
            page.value("document.getElementById('cursor-time').textContent"),
        ));
    }
    assert_ne!(seen[0], seen[1], "the cursor moved");
    assert_ne!(seen[0].1, seen[1].1, "and the slider with it");
    // The slider does the same from the keyboard.
    page.value("(slider => { slider.value = Number(slider.min) + 3_600_000; slider.dispatchEvent(new Event('input')); })(document.getElementById('cursor'))");
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(page.value("document.getElementById('cursor-time').textContent"), json!("2026-01-05 01:00 UTC"));
    let words = hover_words(&mut page, 0);
    assert!(words.contains("01:00 UTC") && words.contains("running "), "{words}");

    let whole = ranges(&mut page);
    page.drag((left + (right - left) * 0.25, height), (left + (right - left) * 0.5, height));
    page.wait_for("[...document.querySelectorAll('.chart')].every(chart => chart.layout.xaxis.range[0] !== '2026-01-05T00:00:00Z')");
    let zoomed = ranges(&mut page);
    assert_ne!(zoomed, whole, "the drag zoomed");
    assert!(zoomed.iter().all(|range| *range == zoomed[0]), "and every figure with it");
    page.value("document.querySelector('[data-hours=all]').click()");
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(ranges(&mut page), whole);
    assert_eq!(page.problems(), [""; 0]);
}

#[test]
fn without_scripts_on_paper_in_the_dark_and_on_a_phone_it_can_be_read() {
    let file = page_of("forms", TWO_SERVICES);
    let mut page = Page::open(WIDE.0, WIDE.1);
    page.allow_scripts(false);
    page.load(&file);
    assert_eq!(page.value("getComputedStyle(document.querySelector('.drawn')).display"), json!("block"));
    assert_eq!(page.value("document.querySelectorAll('.drawn svg polyline').length > 20"), json!(true));
    assert_eq!(page.value("document.querySelector('.moving').checkVisibility()"), json!(false));
    page.picture(&file.with_file_name("no-scripts.png"), true);
    page.allow_scripts(true);

    page.load(&file);
    page.wait_for(READY);
    let paper = page.value("getComputedStyle(document.body).backgroundColor");
    page.prefer("dark");
    page.wait_for("document.querySelector('.chart').layout.font.color === '#e8eaed'");
    assert_ne!(page.value("getComputedStyle(document.body).backgroundColor"), paper);
    page.picture(&file.with_file_name("dark.png"), true);
    // A picture of the whole page changes the size of the window, and with it that of the figures.
    page.resize(WIDE.0 - 100, WIDE.1, false);
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(page.value("document.querySelectorAll('.chart')[1].getBoundingClientRect().top > document.querySelector('.chart .main-svg').getBoundingClientRect().bottom"), json!(true), "one figure below the other");
    page.prefer("light");
    page.print(&file.with_file_name("paper.pdf"));

    page.resize(PHONE.0, PHONE.1, true);
    page.load(&file);
    page.wait_for(READY);
    // Nothing but tables, which scroll by themselves, is wider than the screen.
    assert_eq!(page.value("document.documentElement.scrollWidth"), json!(PHONE.0));
    page.picture(&file.with_file_name("phone.png"), true);
    assert_eq!(page.problems(), [""; 0]);
}
