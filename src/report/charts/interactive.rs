//! The panels as data for a charting library of a browser.
//!
//! Words, colours and layers are those of the drawn picture; only the drawing is left to the library. Numbers have four significant digits:
//! more than a screen shows, and half the size of a page's data.

use serde_json::{Value, json};

use super::panels::{Layer, Panel, Shape, panels, shared_panel};
use super::scale::Notation;
use super::{ChartData, SECONDS_PER_HOUR};
use crate::result::Figure;

/// The charts of every service, and of what they share, as the page's script reads them.
///
/// `{start, step_milliseconds, services: [{name, panels: [{title, axis, notation, logarithmic, layers: [...]}]}]}`; a layer has a
/// `kind` (`line`, `steps`, `stack`, `band` or `level`), a `color`, a `width`, a `dash`, an `opacity`, the `fill` of the area below it
/// (0: none), and its values or levels.
pub(in crate::report) fn interactive(data: &ChartData<'_>) -> Value {
    let services = data.services.iter().map(|service| json!({ "name": service.name, "panels": of_panels(data, panels(service)) }));
    let shared = shared_panel(data).map(|panel| json!({ "name": panel.title, "panels": of_panels(data, vec![panel]) }));
    json!({
        "start": data.start.to_string(),
        "end": data.end.to_string(),
        "step_milliseconds": data.step_seconds * 1000.0,
        "services": services.chain(shared).collect::<Vec<_>>(),
    })
}

fn of_panels(data: &ChartData<'_>, panels: Vec<Panel>) -> Vec<Value> {
    panels.into_iter().map(|panel| of_panel(data, &panel)).collect()
}

fn of_panel(data: &ChartData<'_>, panel: &Panel) -> Value {
    let mut layers = Vec::with_capacity(panel.layers.len());
    // An area lies below the line that follows it and has the same values.
    let mut fill = 0.0;
    for layer in &panel.layers {
        match &layer.shape {
            Shape::Area(_) | Shape::StepArea(_) => fill = layer.ink.opacity,
            _ => layers.push(of_layer(data, layer, std::mem::take(&mut fill))),
        }
    }
    json!({
        "title": panel.title,
        "axis": panel.axis,
        "notation": notation(panel.scale.notation()),
        "logarithmic": panel.scale.is_logarithmic(),
        "layers": layers,
    })
}

const fn notation(notation: Notation) -> &'static str {
    match notation {
        Notation::Number => "number",
        Notation::Count => "count",
        Notation::Percent => "percent",
        Notation::Duration => "seconds",
        Notation::Dollars => "dollars",
    }
}

fn of_layer(data: &ChartData<'_>, layer: &Layer, fill: f64) -> Value {
    let (kind, values) = match &layer.shape {
        Shape::Line(values) | Shape::Area(values) => ("line", short(values.iter().copied())),
        Shape::Steps(values) | Shape::StepArea(values) => ("steps", short(values.iter().copied())),
        Shape::Hours(heights) => ("stack", short(in_steps(data, heights).into_iter())),
        Shape::Band(low, high) => ("band", short([*low, *high].into_iter())),
        Shape::Level(value) => ("level", short([*value].into_iter())),
    };
    let color = layer.ink.color;
    json!({
        "label": layer.label,
        "kind": kind,
        "color": format!("#{:02x}{:02x}{:02x}", color.0, color.1, color.2),
        "opacity": layer.ink.opacity,
        "width": layer.ink.width,
        "dash": layer.ink.dash.is_some(),
        "fill": fill,
        "values": values,
    })
}

/// What a product costs in each step, from its place in the stack of each hour.
fn in_steps(data: &ChartData<'_>, heights: &[(f64, f64)]) -> Vec<f64> {
    let offset = data.start.duration_since(data.first_hour).as_secs_f64();
    let steps = (data.end.duration_since(data.start).as_secs_f64() / data.step_seconds).ceil().max(0.0) as usize;
    let hour = |step: usize| ((offset + step as f64 * data.step_seconds) / SECONDS_PER_HOUR) as usize;
    (0..steps).filter_map(|step| heights.get(hour(step))).map(|(low, high)| high - low).collect()
}

/// Four significant digits; what is no number is null.
fn short(values: impl Iterator<Item = f64>) -> Vec<Figure> {
    values.map(|value| Figure(format!("{value:.3e}").parse().unwrap_or(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_four_significant_digits_and_gaps_stay_gaps() {
        let written = serde_json::to_string(&short([1_234.56, 0.000_123_456, 7.0, f64::NAN].into_iter())).expect("figures are JSON");
        assert_eq!(written, "[1235,0.0001235,7,null]");
    }
}
