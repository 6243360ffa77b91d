"use strict";
// Unpacks plotly.js and the data of the charts, draws a figure for each service, and lets one cursor and one zoom move all of them.
(async () => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const slider = byId("cursor");
  const narrow = matchMedia("(max-width: 40rem)");
  const touch = matchMedia("(pointer: coarse)");
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const unpacked = (id) => {
    const bytes = Uint8Array.from(atob(byId(id).textContent), (character) => character.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };
  const style = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  // An ink has another colour on dark paper where the style names one.
  const ink = (color) => style(`--c${color.slice(1)}`) || color;
  const faded = (color, opacity) => {
    const channel = (from) => parseInt(color.slice(from, from + 2), 16);
    return `rgba(${channel(1)}, ${channel(3)}, ${channel(5)}, ${opacity})`;
  };
  // plotly.js reads a few tags in texts: what a scenario says is no tag.
  const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const wrapped = (text) => {
    const width = narrow.matches ? 34 : 70;
    const lines = [""];
    for (const word of text.split(" ").flatMap((word) => word.match(new RegExp(`.{1,${width}}`, "gu")) || [])) {
      const last = lines.length - 1;
      if (lines[last] && lines[last].length + 1 + word.length > width) lines.push(word);
      else lines[last] += (lines[last] ? " " : "") + word;
    }
    return lines.map(escaped).join("<br>");
  };

  const NOTATIONS = {
    number: { hover: ",.4~r", suffix: " / s" },
    count: { hover: ",d", ticks: ",d", suffix: "" },
    percent: { hover: ".1f", suffix: " %", tickSuffix: " %" },
    seconds: { hover: ".3~s", ticks: "~s", suffix: "s", tickSuffix: "s" },
    dollars: { hover: "$.3f", ticks: "$~f", suffix: " an hour" },
  };
  const KINDS = {
    out: { name: "scale-out", symbol: "triangle-up", color: "#d55e00" },
    in: { name: "scale-in", symbol: "triangle-down", color: "#0072b2" },
    nothing: { name: "did not scale", symbol: "x", color: "#cc79a7" },
    bounds: { name: "bounds set", symbol: "diamond", color: "#e69f00" },
  };
  const numbered = (name, index) => (index === 0 ? name : `${name}${index + 1}`);

  let charts;
  const figures = [];

  // A narrow legend has no room for what a line is worth: that stands on the line.
  const inLegend = (layer) => layer.label !== null && !(narrow.matches && layer.kind === "level");

  const traceOf = (layer, panel, index) => {
    const color = ink(layer.color);
    const notation = NOTATIONS[panel.notation];
    const prefix = panel.notation === "dollars" ? "cost of " : "";
    const trace = {
      type: "scatter", mode: "lines", name: escaped(layer.label || ""), showlegend: inLegend(layer),
      x0: charts.start, dx: charts.step_milliseconds, y: layer.values.length > 0 ? layer.values : [null],
      yaxis: numbered("y", index), legend: numbered("legend", index),
      line: { color, width: layer.width, dash: layer.dash ? "dash" : "solid", shape: layer.kind === "line" ? "linear" : "hv" },
      hovertemplate: `${prefix}${escaped(layer.label || "")} %{y:${notation.hover}}${notation.suffix}<extra></extra>`,
    };
    if (layer.fill > 0) Object.assign(trace, { fill: "tozeroy", fillcolor: faded(color, layer.fill) });
    if (layer.kind === "stack") Object.assign(trace, { stackgroup: "cost", fillcolor: faded(color, 0.75), line: { color, width: 1, shape: "hv" } });
    if (layer.kind === "level") {
      const [value] = layer.values;
      Object.assign(trace, { x0: undefined, dx: undefined, x: [charts.start, charts.end], y: [value, value], hoverinfo: "skip", hovertemplate: undefined });
    }
    return trace;
  };

  const bandOf = (layer, index) => ({
    type: "rect", xref: "x", x0: charts.start, x1: charts.end, yref: numbered("y", index), y0: layer.values[0], y1: layer.values[1],
    fillcolor: faded(ink(layer.color), layer.opacity), line: { width: 0 }, layer: "below",
  });

  const wordsOn = (layer, panel, index) => ({
    text: escaped(layer.label || ""), xref: "paper", x: 1, xanchor: "right", yref: numbered("y", index), yanchor: "bottom", showarrow: false,
    y: panel.logarithmic ? Math.log10(layer.values[0]) : layer.values[0], font: { size: 10, color: style("--faint") },
  });

  // Activities and deployments stand on the panel that counts tasks.
  const countsTasks = (panel) => panel.axis === "tasks";
  const marksOf = (service, index) => {
    const on = { type: "scatter", mode: "markers", yaxis: numbered("y", index), legend: numbered("legend", index), hovertemplate: "%{text}<extra></extra>" };
    const edge = { color: style("--paper"), width: 1 };
    // Hundreds of marks would hide the line that they stand on.
    const size = (service.activities || []).length > 150 ? 6 : 10;
    const traces = Object.entries(KINDS).map(([kind, { name, symbol, color }]) => {
      const found = (service.activities || []).filter((activity) => activity.kind === kind);
      return {
        ...on, name, x: found.map(({ time }) => time), y: found.map(({ tasks }) => tasks),
        text: found.map(({ time, text }) => `<b>${time.slice(11, 19)}</b> ${wrapped(text)}`), marker: { symbol, color: ink(color), size, line: edge },
      };
    });
    const deployments = service.deployments || [];
    traces.push({
      ...on, name: "deployment", x: deployments.map(({ from }) => from), y: deployments.map(({ tasks }) => tasks),
      text: deployments.map(({ from, text }) => `<b>${from.slice(11, 19)}</b> ${wrapped(text)}`),
      marker: { symbol: "star", color: ink("#000000"), size: 12, line: edge },
    });
    return traces.filter(({ x }) => x.length > 0);
  };

  // Ticks at 1, 2 and 5 where an axis spans few powers of ten, else at these.
  const logarithmicTicks = ({ layers }) => {
    const values = layers.flatMap((layer) => layer.values).filter((value) => value > 0);
    const [low, high] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, 0]);
    return high / low < 300 ? "D2" : 1;
  };

  const figureOf = (service) => {
    const panels = service.panels;
    const [plot, foot] = narrow.matches ? [140, 48] : [160, 52];
    // Above a panel stand its title and its legend: beside one another, or where it is narrow below, in one row or in three.
    const rows = (panel) => {
      const entries = panel.layers.filter(inLegend).length + (countsTasks(panel) ? marksOf(service, 0).length : 0);
      return entries > 3 ? 3 : 1;
    };
    const head = (panel) => (narrow.matches ? 32 + 19 * rows(panel) : 44);
    // The library's own buttons stand above the first panel.
    const buttons = 26;
    const inside = panels.reduce((sum, panel) => sum + head(panel) + plot, 0);
    const height = buttons + inside + foot;
    const traces = [];
    const shapes = [];
    const titles = [];
    const layout = {
      height, margin: { l: narrow.matches ? 62 : 74, r: narrow.matches ? 8 : 20, t: buttons, b: foot },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: style("--ink") },
      hovermode: "x unified", hoversubplots: "axis", hoverdistance: 30,
      hoverlabel: { bgcolor: style("--paper"), bordercolor: style("--rule"), font: { color: style("--ink"), size: narrow.matches ? 10 : 12 } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: style("--faint"), activecolor: style("--link") },
      dragmode: touch.matches ? false : "zoom", uirevision: "kept", shapes, annotations: titles,
      xaxis: {
        type: "date", range: [charts.start, charts.end], anchor: numbered("y", panels.length - 1), hoverformat: "%a %-d %b %Y %H:%M UTC",
        title: { text: "time (UTC)" }, gridcolor: style("--grid"), showline: true, linecolor: style("--rule"), nticks: narrow.matches ? 4 : 0,
        showspikes: true, spikemode: "across", spikesnap: "cursor", spikethickness: 1, spikedash: "solid", spikecolor: style("--faint"),
      },
    };
    let above = 0;
    panels.forEach((panel, index) => {
      const top = 1 - (above + head(panel)) / inside;
      above += head(panel) + plot;
      const bottom = 1 - above / inside;
      const notation = NOTATIONS[panel.notation];
      layout[numbered("yaxis", index)] = {
        domain: [Math.max(bottom, 0), top], anchor: "x", fixedrange: true, type: panel.logarithmic ? "log" : "linear", rangemode: "tozero",
        title: { text: panel.axis, font: { size: 11, color: style("--faint") } }, tickformat: notation.ticks || "", ticksuffix: notation.tickSuffix || "",
        gridcolor: style("--grid"), zeroline: false, nticks: 6, dtick: panel.logarithmic ? logarithmicTicks(panel) : undefined,
      };
      layout[numbered("legend", index)] = {
        orientation: "h", x: narrow.matches ? 0 : 1, xanchor: narrow.matches ? "left" : "right", y: top, yanchor: "bottom",
        bgcolor: "rgba(0,0,0,0)", font: { size: narrow.matches ? 11 : 12 },
      };
      titles.push({
        text: `<b>${panel.title}</b>`, xref: "paper", x: 0, xanchor: "left", yref: "paper", y: top, yanchor: "bottom", yshift: narrow.matches ? 4 + 19 * rows(panel) : 6,
        showarrow: false, font: { size: 14 },
      });
      for (const layer of panel.layers) {
        if (layer.kind === "band") shapes.push(bandOf(layer, index));
        else traces.push(traceOf(layer, panel, index));
        if (layer.kind === "level" && !inLegend(layer)) titles.push(wordsOn(layer, panel, index));
      }
      if (countsTasks(panel)) traces.push(...marksOf(service, index));
    });
    for (const { from, to } of service.deployments || []) {
      shapes.push({ type: "rect", xref: "x", x0: from, x1: to, yref: "paper", y0: 0, y1: 1, fillcolor: faded("#808080", 0.18), line: { width: 0 }, layer: "below" });
    }
    return { traces, layout };
  };

  const CONFIG = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] };

  const showTime = (time) => {
    slider.value = time;
    const text = new Date(time).toISOString();
    byId("cursor-time").textContent = `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
    slider.setAttribute("aria-valuetext", byId("cursor-time").textContent);
  };
  // The cursor of every figure but the one that the pointer is on.
  const moveCursor = (time, origin) => {
    showTime(time);
    for (const { element, subplots } of figures) {
      const xpx = element._fullLayout.xaxis.d2p(time);
      if (element !== origin) Plotly.Fx.hover(element, { xval: time, xpx }, subplots, true);
    }
  };
  const zoom = (range, origin) => {
    for (const { element } of figures) {
      const [from, to] = element.layout.xaxis.range.map(String);
      if (element !== origin && (from !== range[0] || to !== range[1])) Plotly.relayout(element, { "xaxis.range": range, "xaxis.autorange": false });
    }
  };
  const whole = () => [charts.start, charts.end];

  const draw = async () => {
    for (const { element, service } of figures) {
      const { traces, layout } = figureOf(service);
      // When the window changes its size, plotly.js takes the height of the element for that of the figure.
      element.style.height = `${layout.height}px`;
      await Plotly.react(element, traces, layout, CONFIG);
    }
  };

  try {
    charts = JSON.parse(await unpacked("charts-data"));
    const library = document.createElement("script");
    library.textContent = await unpacked("library");
    document.head.append(library);
    if (typeof Plotly === "undefined") throw new Error("plotly.js did not start");
    document.querySelector(".moving").hidden = false;
    for (const service of charts.services) {
      if (charts.services.length > 1) {
        const heading = document.createElement("h3");
        heading.textContent = service.name;
        byId("figures").append(heading);
      }
      const element = document.createElement("div");
      element.className = "chart";
      element.setAttribute("role", "img");
      element.setAttribute("aria-label", `Charts of ${service.name}: ${service.panels.map(({ title }) => title).join(", ")}`);
      byId("figures").append(element);
      figures.push({ element, service, subplots: service.panels.map((_, index) => `x${numbered("y", index)}`) });
    }
    await draw();
    root.classList.add("scripted");
    Object.assign(slider, { min: Date.parse(charts.start), max: Date.parse(charts.end), step: charts.step_milliseconds });
    showTime((Date.parse(charts.start) + Date.parse(charts.end)) / 2);
    slider.addEventListener("input", () => moveCursor(Number(slider.value)));
    for (const { element } of figures) {
      element.on("plotly_hover", ({ xvals }) => xvals && moveCursor(xvals[0], element));
      element.on("plotly_relayout", (change) => {
        if (change["xaxis.autorange"]) zoom(whole());
        else if (change["xaxis.range[0]"]) zoom([change["xaxis.range[0]"], change["xaxis.range[1]"]].map(String), element);
      });
    }
    for (const button of document.querySelectorAll("[data-hours]")) {
      button.addEventListener("click", () => {
        if (button.dataset.hours === "all") return zoom(whole());
        const half = Number(button.dataset.hours) * 1_800_000;
        const middle = Math.min(Math.max(Number(slider.value), Number(slider.min) + half), Math.max(Number(slider.max) - half, Number(slider.min) + half));
        return zoom([middle - half, middle + half].map((time) => new Date(time).toISOString()));
      });
    }
    for (const query of [dark, narrow, touch]) query.addEventListener("change", draw);
  } catch (problem) {
    document.querySelector(".moving").hidden = true;
    root.classList.remove("scripted");
    byId("charts-problem").textContent = `The charts stay still, for this browser cannot move them: ${problem.message}.`;
  }
})();
