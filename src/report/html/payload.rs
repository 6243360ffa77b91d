//! The scripts of a page and their data, packed so that they are small and cannot be mistaken for markup.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use maud::{Markup, html};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The script of the page.
pub(super) const SCRIPT: &str = include_str!("report.js");

/// plotly.js as `plotly/README.md` says where it is from, packed with gzip, and the SHA-256 of its text in base64.
const LIBRARY: &[u8] = include_bytes!("plotly/plotly-basic.min.js.gz");
const LIBRARY_SHA256: &str = "wjsDWRpr2tC9D0egxcUjBaVRmBK3POJUvmXNhBVTycI=";

/// What the script of a page unpacks.
pub(super) struct Payload {
    charts: String,
}

impl Payload {
    /// Packs the data of the charts.
    pub(super) fn of(charts: &Value) -> Self {
        Self { charts: STANDARD.encode(packed(charts.to_string().as_bytes())) }
    }

    /// The elements that hold it. No browser runs a script of this type.
    pub(super) fn elements(&self) -> Markup {
        html! {
            script #library type="application/gzip;base64" { (STANDARD.encode(LIBRARY)) }
            script #charts-data type="application/gzip;base64" { (self.charts) }
        }
    }
}

/// Bytes as gzip, without a name or a time.
fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    // A vector takes everything.
    let _ = packer.write_all(bytes);
    packer.finish().unwrap_or_default()
}

/// The content security policy: nothing is loaded, and of scripts only these two run. Styles stand in the page, and plotly.js writes more of
/// them; it turns charts into pictures as data.
pub(super) fn policy() -> String {
    let page = STANDARD.encode(Sha256::digest(SCRIPT.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{page}' 'sha256-{LIBRARY_SHA256}'; style-src 'unsafe-inline'; img-src data: blob:; \
         base-uri 'none'; form-action 'none'"
    )
}
