//! A Chromium without a window, driven over its DevTools protocol: just what the tests of pages need.
//!
//! A crate that drives it brings a client for TLS and a copy of the whole protocol; the ten commands used here are a few lines of JSON.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

/// The names under which systems install it.
const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// How often something is asked again before it counts as missing, and how long is waited between.
const TRIES: u32 = 600;
const PAUSE: Duration = Duration::from_millis(50);

/// One page in a browser of its own, which ends with it.
pub struct Page {
    browser: Child,
    socket: WebSocket<TcpStream>,
    session: Option<String>,
    commands: u64,
    /// What the browser told meanwhile.
    events: Vec<Value>,
    _profile: TempDir,
}

impl Page {
    /// An empty page of this size in pixels. Without a browser it panics and says how to install one.
    pub fn open(width: u32, height: u32) -> Self {
        let profile = TempDir::new().expect("a folder for the browser's profile");
        let mut browser = start(profile.path());
        let address = profile.path().join("DevToolsActivePort");
        let mut listening = None;
        for _ in 0..TRIES {
            listening = std::fs::read_to_string(&address).ok().filter(|text| text.lines().count() == 2);
            if listening.is_some() || browser.try_wait().expect("its state").is_some() {
                break;
            }
            std::thread::sleep(PAUSE);
        }
        let listening = listening.expect("Chromium did not start, or opened no port for DevTools");
        let (port, path) = listening.split_once('\n').expect("a port and a path");
        let stream = TcpStream::connect(("127.0.0.1", port.parse().expect("a port"))).expect("a connection to Chromium");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
        let (socket, _) = tungstenite::client(format!("ws://127.0.0.1:{port}{path}"), stream).expect("DevTools answer");
        let mut page = Self { browser, socket, session: None, commands: 0, events: Vec::new(), _profile: profile };
        let target = page.call("Target.createTarget", json!({ "url": "about:blank" }))["targetId"].clone();
        let attached = page.call("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        page.session = attached["sessionId"].as_str().map(ToOwned::to_owned);
        for domain in ["Runtime", "Log", "Network", "Page"] {
            page.call(&format!("{domain}.enable"), json!({}));
        }
        page.resize(width, height, false);
        page
    }

    /// The size of the screen; a phone's has a finger for a pointer.
    pub fn resize(&mut self, width: u32, height: u32, is_phone: bool) {
        let scale = if is_phone { 2 } else { 1 };
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": is_phone });
        self.call("Emulation.setDeviceMetricsOverride", size);
        self.call("Emulation.setTouchEmulationEnabled", json!({ "enabled": is_phone }));
    }

    /// `light` or `dark`.
    pub fn prefer(&mut self, theme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": theme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// Whether scripts run on pages that are loaded from now on.
    pub fn allow_scripts(&mut self, allowed: bool) {
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": !allowed }));
    }

    /// Loads a file and waits until it is there.
    pub fn load(&mut self, file: &Path) {
        self.events.clear();
        self.call("Page.navigate", json!({ "url": format!("file://{}", file.display()) }));
        for _ in 0..TRIES {
            if self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
                return;
            }
            // Any answer brings the events before it.
            self.call("Page.getFrameTree", json!({}));
            std::thread::sleep(PAUSE);
        }
        panic!("{} was not loaded", file.display());
    }

    /// The value of an expression on the page.
    pub fn value(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", asked);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    pub fn wait_for(&mut self, expression: &str) {
        for _ in 0..TRIES {
            if self.value(expression) == json!(true) {
                return;
            }
            std::thread::sleep(PAUSE);
        }
        panic!("never true: {expression}; {:?}", self.problems());
    }

    /// Moves the mouse to a place on the screen.
    pub fn move_mouse(&mut self, x: f64, y: f64) {
        self.call("Input.dispatchMouseEvent", json!({ "type": "mouseMoved", "x": x, "y": y }));
    }

    /// Drags from one place to another with the left button.
    pub fn drag(&mut self, from: (f64, f64), to: (f64, f64)) {
        let mut mouse = |kind: &str, (x, y): (f64, f64)| {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event);
        };
        mouse("mousePressed", from);
        for step in 1..=5 {
            let share = f64::from(step) / 5.0;
            mouse("mouseMoved", (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share));
        }
        mouse("mouseReleased", to);
    }

    /// The whole page as PNG, or what is on the screen.
    pub fn picture(&mut self, file: &Path, whole: bool) {
        let asked = json!({ "format": "png", "captureBeyondViewport": whole });
        let answer = self.call("Page.captureScreenshot", asked);
        save(&answer, file);
    }

    /// The page on paper as PDF.
    pub fn print(&mut self, file: &Path) {
        let answer = self.call("Page.printToPDF", json!({ "printBackground": false, "preferCSSPageSize": true }));
        save(&answer, file);
    }

    /// Errors on the console, exceptions, and what the browser refused, since the page was loaded.
    pub fn problems(&self) -> Vec<String> {
        let told = |event: &&Value| {
            let (method, params) = (event["method"].as_str().unwrap_or_default(), &event["params"]);
            match method {
                "Runtime.exceptionThrown" => true,
                "Runtime.consoleAPICalled" => ["error", "warning", "assert"].contains(&params["type"].as_str().unwrap_or_default()),
                "Log.entryAdded" => ["error", "warning"].contains(&params["entry"]["level"].as_str().unwrap_or_default()),
                _ => false,
            }
        };
        self.events.iter().filter(told).map(ToString::to_string).collect()
    }

    /// The addresses of all requests since the page was loaded.
    pub fn requests(&self) -> Vec<String> {
        let requests = self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        requests.filter_map(|event| event["params"]["request"]["url"].as_str().map(ToOwned::to_owned)).collect()
    }

    /// Sends a command and waits for its answer.
    fn call(&mut self, method: &str, params: Value) -> Value {
        self.commands += 1;
        let mut command = json!({ "id": self.commands, "method": method, "params": params });
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(command.to_string())).expect("Chromium listens");
        loop {
            let message = self.socket.read().unwrap_or_else(|problem| panic!("no answer to {method}: {problem}"));
            let Message::Text(text) = message else { continue };
            let message: Value = serde_json::from_str(&text).expect("DevTools speak JSON");
            if message["id"] == json!(self.commands) {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // The page may be what failed: nothing here may panic.
        let _ = self.browser.kill();
        let _ = self.browser.wait();
    }
}

fn start(profile: &Path) -> Child {
    let attempt = |program: &&str| {
        Command::new(program)
            // As root, as in most containers, Chromium runs without its sandbox or not at all. It opens nothing but files of these tests.
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-extensions", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()
    };
    PROGRAMS.iter().find_map(attempt).unwrap_or_else(|| {
        panic!("no Chromium is installed: these tests looked for {}; on Debian `apt-get install chromium`", PROGRAMS.join(", "))
    })
}

fn save(answer: &Value, file: &Path) {
    let text = answer["data"].as_str().expect("the picture");
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).expect("base64");
    std::fs::write(file, bytes).expect("a file for the picture");
}
