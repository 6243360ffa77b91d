//! How fast a price file of AWS is read.
//!
//! The file has the layout of the offer of Amazon EC2: nearly all of it are products that no bill needs and reserved
//! terms. `ECSIM_OFFER_FILE=NAME cargo bench --bench offers` writes such a file of 3 GB instead, to measure the time and
//! memory of `ecsim pricing import NAME` from outside.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ecsim::files::Files;
use ecsim::offers::read;

const BENCH_SKUS: usize = 8_000;
/// So many make 3 GB.
const LARGE_SKUS: usize = 760_000;
/// One product in so many is a Linux instance on shared tenancy.
const USEFUL_IN: usize = 40;

const HEAD: &str = r#"{
  "formatVersion" : "v1.0",
  "disclaimer" : "made for a measurement",
  "offerCode" : "AmazonEC2",
  "version" : "20260911124425",
  "publicationDate" : "2026-09-11T12:44:25Z",
  "products" : {
"#;

fn product(sku: usize) -> String {
    let useful = sku.is_multiple_of(USEFUL_IN);
    let (system, software) = if useful { ("Linux", "NA") } else { ("Windows", "SQL Std") };
    let kind = format!("x{}.xlarge", sku / USEFUL_IN);
    let mut attributes = String::new();
    let named = [
        ("servicecode", "AmazonEC2"),
        ("location", "US East (N. Virginia)"),
        ("locationType", "AWS Region"),
        ("instanceType", &kind),
        ("tenancy", "Shared"),
        ("operatingSystem", system),
        ("licenseModel", "No License required"),
        ("operation", "RunInstances"),
        ("capacitystatus", "Used"),
        ("marketoption", "OnDemand"),
        ("preInstalledSw", software),
        ("regionCode", "us-east-1"),
    ];
    let others =
        ["currentGeneration", "instanceFamily", "vcpu", "physicalProcessor", "clockSpeed", "memory", "storage", "networkPerformance"];
    let more = ["processorArchitecture", "dedicatedEbsThroughput", "ecu", "gpuMemory", "intelAvxAvailable", "normalizationSizeFactor"];
    for (name, value) in named.into_iter().chain(others.into_iter().chain(more).map(|name| (name, "as described"))) {
        let _ = writeln!(attributes, "        \"{name}\" : \"{value}\",");
    }
    format!(
        "    \"S{sku:015}\" : {{\n      \"sku\" : \"S{sku:015}\",\n      \"productFamily\" : \"Compute Instance\",\n      \"attributes\" : {{\n\
         {attributes}        \"usagetype\" : \"BoxUsage:{kind}\"\n      }}\n    }}"
    )
}

fn term(sku: usize, code: &str, length: &str) -> String {
    format!(
        r#"        "S{sku:015}.{code}" : {{
          "offerTermCode" : "{code}",
          "sku" : "S{sku:015}",
          "effectiveDate" : "2026-09-01T00:00:00Z",
          "priceDimensions" : {{
            "S{sku:015}.{code}.6YS6EN2CT7" : {{
              "rateCode" : "S{sku:015}.{code}.6YS6EN2CT7",
              "description" : "$0.6528 per Linux Instance Hour",
              "beginRange" : "0",
              "endRange" : "Inf",
              "unit" : "Hrs",
              "pricePerUnit" : {{
                "USD" : "0.6528000000"
              }},
              "appliesTo" : [ ]
            }}
          }},
          "termAttributes" : {{ {length} }}
        }}"#
    )
}

fn terms(sku: usize, reserved: bool) -> String {
    let all: Vec<String> = if reserved {
        ["4NA7Y494T4", "BPH4J8HBKS", "38NPMPTW36"].iter().map(|code| term(sku, code, "\"LeaseContractLength\" : \"1yr\"")).collect()
    } else {
        vec![term(sku, "JRTCKXETXF", "")]
    };
    format!("      \"S{sku:015}\" : {{\n{}\n      }}", all.join(",\n"))
}

/// Writes an offer of so many products.
fn write_offer(out: &mut impl Write, skus: usize) -> io::Result<()> {
    let section = |out: &mut dyn Write, item: &dyn Fn(usize) -> String| {
        (0..skus).try_for_each(|sku| {
            let separator = if sku == 0 { "" } else { ",\n" };
            write!(out, "{separator}{}", item(sku))
        })
    };
    out.write_all(HEAD.as_bytes())?;
    section(out, &product)?;
    out.write_all(b"\n  },\n  \"terms\" : {\n    \"OnDemand\" : {\n")?;
    section(out, &|sku| terms(sku, false))?;
    out.write_all(b"\n    },\n    \"Reserved\" : {\n")?;
    section(out, &|sku| terms(sku, true))?;
    out.write_all(b"\n    }\n  }\n}\n")?;
    out.flush()
}

/// One file in memory.
struct Memory(Arc<[u8]>);

impl Files for Memory {
    fn read(&self, _name: &str) -> io::Result<Vec<u8>> {
        Ok(self.0.to_vec())
    }

    fn open(&self, _name: &str) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(io::Cursor::new(Arc::clone(&self.0))))
    }
}

fn offers(criterion: &mut Criterion) {
    #[allow(clippy::disallowed_methods, reason = "a measurement from outside is asked for by the environment")]
    if let Some(name) = std::env::var_os("ECSIM_OFFER_FILE") {
        let file = std::fs::File::create(&name).expect("the file can be made");
        write_offer(&mut io::BufWriter::with_capacity(1 << 20, file), LARGE_SKUS).expect("the disk has room");
        return;
    }
    let mut text = Vec::new();
    write_offer(&mut text, BENCH_SKUS).expect("memory");
    let files = Memory(text.into());
    let found = read(&files, "offer", &[]).expect("a good file");
    assert_eq!(found.prices["us-east-1"].len(), BENCH_SKUS / USEFUL_IN);
    let mut group = criterion.benchmark_group("offers");
    group.throughput(Throughput::Bytes(files.0.len() as u64));
    group.sample_size(10);
    group.bench_function("json", |bencher| bencher.iter(|| black_box(read(&files, "offer", &[]))));
    group.finish();
}

criterion_group!(benches, offers);
criterion_main!(benches);
