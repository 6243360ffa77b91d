//! Packs the charting library that HTML reports carry.
//!
//! The crate `plotly` brings plotly.js as text of 4.7 MB. Packed here it costs the binary 1.4 MB, and a report no time: at run time the
//! packing alone would take longer than the simulation of a day. Beside it stands the SHA-256 of the unpacked script, by which a report's
//! content security policy knows it.
#![allow(clippy::print_stdout, reason = "this is how a build script speaks to Cargo")]
#![allow(clippy::disallowed_methods, reason = "Cargo names the folder of its outputs in the environment")]

use std::error::Error;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = std::env::var_os("OUT_DIR").ok_or("Cargo sets OUT_DIR")?;
    let sources = plotly::Plot::offline_js_sources();
    let script = first_script(&sources).ok_or("the crate plotly hands out no script")?;
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(script.as_bytes())?;
    std::fs::write(Path::new(&folder).join("plotly.js.gz"), packer.finish()?)?;
    std::fs::write(Path::new(&folder).join("plotly.js.sha256"), Sha256::digest(script.as_bytes()))?;
    Ok(())
}

/// The text of the first script element: plotly.js. The second is MathJax, which reports do without.
fn first_script(sources: &str) -> Option<&str> {
    let (_, rest) = sources.split_once("<script")?;
    let (_, rest) = rest.split_once('>')?;
    rest.split_once("</script>").map(|(script, _)| script)
}
