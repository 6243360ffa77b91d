//! The commands on the price book, as a user meets them.

use serde_json::Value;

use crate::command_line::{Folder, root};
use crate::prices::dec;

/// The path of a price file in tests/data/offers.
fn data(name: &str) -> String {
    root().join("tests/data/offers").join(name).to_str().expect("UTF-8").to_owned()
}

#[test]
fn an_import_without_a_folder_tells_and_writes_nothing() {
    let folder = Folder::new();
    let ended = folder.ecsim(&["pricing", "import", &data("AmazonECS_us-east-1.json")]).code(0);
    for part in
        ["us-east-1: 8 prices to be put into the price book that ships with ecsim", "0.046552", "Ignored", "USE1-ECS-EC2-vCPU-Hours"]
    {
        assert!(ended.out.contains(part), "`{part}` is not in {}", ended.out);
    }
    ended.says(&["nothing was written: name the folder of a catalogue with -o"]);
    assert_eq!(folder.names(), Vec::<String>::new());
}

#[test]
fn an_imported_catalogue_prices_a_scenario() {
    let folder = Folder::with_small();
    folder.ecsim(&["pricing", "import", &data("AmazonECS_eu-west-1.csv"), &data("fargate-spot-prices.json"), "-o", "prices"]).code(0);
    let mut names: Vec<String> = std::fs::read_dir(folder.path().join("prices"))
        .expect("written")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["eu-west-1.csv", "us-east-1.csv"]);
    let arguments = ["estimate", "small.yaml", "--format", "json", "--set", "region=eu-west-1", "--set", "pricing.catalog=prices"];
    let result = folder.ecsim(&arguments).code(0).json();
    let level = result["levels"].as_array().expect("levels").iter().find(|level| level["level"] == "desired").expect("desired");
    // Two tasks of a quarter vCPU and half a GB: 2 x (0.25 x 0.04018 + 0.5 x 0.004415) x 730 h = 17.88865.
    assert_eq!(level["cost"]["monthly"]["mean"], Value::from("17.89"));
    let line = &level["cost"]["line_items"][0];
    assert_eq!((line["unit_price"].as_str().map(dec), &line["estimated"]), (Some(dec("0.04018")), &Value::from(false)));
    assert_eq!(line["price_source"], "AWS price list AmazonECS");
    // At the shipped prices it is 2 x (0.25 x 0.04048 + 0.5 x 0.004445) x 730 h = 18.02005.
    let shipped = folder.ecsim(&["estimate", "small.yaml", "--format", "json", "--set", "region=eu-west-1"]).code(0).json();
    assert!(shipped.to_string().contains("\"18.02\""));
    let shown = folder
        .ecsim(&["pricing", "show", "--catalog", "prices", "--region", "eu-west-1", "--format", "json", "fargate_spot"])
        .code(0)
        .json();
    let row = shown.as_array().expect("rows").iter().find(|row| row["key"] == "fargate_spot.linux_x86.vcpu_hour").expect("imported");
    assert_eq!(
        (&row["usd"], &row["date"], &row["basis"]),
        (&Value::from("0.01379631"), &Value::from("2019-07-30"), &Value::from("published"))
    );
}

#[test]
fn an_older_file_is_warned_of_and_a_second_import_starts_from_the_first() {
    let folder = Folder::new();
    let arguments = ["pricing", "import", &data("AmazonECS_us-east-1_getproducts.json"), "-o", "prices", "--format", "json"];
    folder.ecsim(&arguments).code(0).says(&["8 imported prices replace newer ones"]);
    let first = folder.bytes("prices/us-east-1.csv");
    let json = folder.ecsim(&arguments).code(0).json();
    assert_eq!(folder.bytes("prices/us-east-1.csv"), first, "the same import changes nothing");
    assert_eq!(json["regions"][0]["base"], "the file of the catalogue");
    assert_eq!(json["regions"][0]["written"], "prices/us-east-1.csv");
    let row = json["prices"].as_array().expect("rows").iter().find(|row| row["key"] == "fargate.windows_x86.gb_hour").expect("imported");
    assert_eq!(
        (&row["usd"], &row["before"], &row["sku"]),
        (&Value::from("0.01005"), &Value::from("0.01005"), &Value::from("8QDMJPGQCM368Z6X"))
    );
}

#[test]
fn a_bad_file_among_good_ones_writes_nothing() {
    let folder = Folder::new();
    let whole = std::fs::read_to_string(data("AmazonECS_us-east-1.json")).expect("the data");
    folder.put("cut.json", &whole[..whole.len() / 2]);
    let ended = folder.ecsim(&["pricing", "import", &data("fargate-spot-prices.json"), "cut.json", "-o", "prices"]).code(1);
    assert_eq!(ended.out, "");
    ended.says(&["error: cut.json:", "the file ends here in the middle of its content", "nothing was imported"]);
    assert_eq!(folder.names(), ["cut.json"]);
    // A catalogue that is there stays as it is.
    folder.ecsim(&["pricing", "import", &data("AmazonECS_us-east-1.json"), "-o", "prices"]).code(0);
    let before = folder.bytes("prices/us-east-1.csv");
    folder.ecsim(&["pricing", "import", "cut.json", "-o", "prices"]).code(1);
    assert_eq!(folder.bytes("prices/us-east-1.csv"), before);
    assert_eq!(std::fs::read_dir(folder.path().join("prices")).expect("there").count(), 1, "no temporary file stays");
}

#[test]
fn standard_input_is_read_once() {
    let folder = Folder::new();
    let whole = std::fs::read_to_string(data("AmazonECS_us-east-1.json")).expect("the data");
    let ended = folder.ecsim_reads(&whole, &["pricing", "import", "-"]).code(0);
    assert!(ended.out.starts_with("standard input: AWS price list AmazonECS"), "{}", ended.out);
    let document: serde_json::Map<String, Value> = serde_json::from_str(&whole).expect("JSON");
    let backwards: serde_json::Map<String, Value> = document.into_iter().rev().collect();
    let backwards = serde_json::to_string(&backwards).expect("JSON");
    folder.ecsim_reads(&backwards, &["pricing", "import", "-"]).code(1).says(&[
        "standard input",
        "must be read twice",
        "save it to a file",
    ]);
    folder.put("backwards.json", &backwards);
    folder.ecsim(&["pricing", "import", "backwards.json"]).code(0);
}

#[test]
fn the_pages_of_an_answer_make_one_import() {
    let folder = Folder::new();
    let answer: Value =
        serde_json::from_slice(&std::fs::read(data("AmazonECS_us-east-1_getproducts.json")).expect("the data")).expect("JSON");
    let items = answer["PriceList"].as_array().expect("a list");
    let anywhere = |item: &&Value| item.as_str().is_some_and(|text| text.contains("ECS-Anywhere"));
    let page = |items: Vec<&Value>| serde_json::json!({"FormatVersion": "aws_v1", "PriceList": items}).to_string();
    folder.put("useless.json", &page(items.iter().filter(anywhere).collect()));
    folder.put("useful.json", &page(items.iter().filter(|item| !anywhere(item)).collect()));
    let ended = folder.ecsim(&["pricing", "import", "useless.json", "useful.json"]).code(0);
    assert!(ended.out.contains("us-east-1: 8 prices") && !ended.out.contains("No price of"), "{}", ended.out);
    folder.ecsim(&["pricing", "import", "useless.json", "-o", "prices"]).code(1).says(&["useless.json", "has no price for the book"]);
    assert_eq!(folder.names(), ["useful.json", "useless.json"]);
}

#[test]
fn what_is_no_folder_or_no_file_is_refused() {
    let folder = Folder::new();
    let file = data("AmazonECS_us-east-1.json");
    folder.ecsim(&["pricing", "import"]).code(2);
    folder.ecsim(&["pricing", "import", &file, "-o", "us-east-1.csv"]).code(2).says(&["the folder of the catalogue"]);
    folder.ecsim(&["pricing", "import", "none.json"]).code(1).says(&["none.json", "there is no such file"]);
    folder.ecsim(&["pricing", "import", "."]).code(1).says(&["it is a folder"]);
    folder.ecsim(&["pricing", "import", &file, &file]).code(1).says(&["is named twice"]);
    folder.put("file", "");
    folder.ecsim(&["pricing", "import", &file, "-o", "file"]).code(2);
    folder.ecsim(&["pricing", "import", &file, "-o", "file/prices"]).code(1).says(&["file/prices"]);
    assert_eq!(folder.names(), ["file"]);
}

#[test]
fn reports_come_in_every_form() {
    let folder = Folder::new();
    let file = data("AWSComputeSavingsPlan_eu-west-1.json");
    let csv = folder.ecsim(&["pricing", "import", &file, "--format", "csv"]).code(0).out;
    assert!(csv.starts_with("region,key,usd,unit,usage_type,sku,before,before_date,file\n"), "{csv}");
    assert_eq!(csv.lines().count(), 4);
    let markdown = folder.ecsim(&["pricing", "import", &file, "--format", "markdown"]).code(0).out;
    assert!(markdown.contains("| compute_sp.1y_all_upfront.fargate.linux_x86.vcpu_hour"), "{markdown}");
    let markdown = folder.ecsim(&["pricing", "check", "--format", "markdown"]).code(0).out;
    assert!(markdown.contains("| us-east-1"), "{markdown}");
}

#[test]
fn a_check_tells_what_is_missing_old_estimated_or_derived() {
    let folder = Folder::new();
    let rows = "key,usd,unit,usage_type,basis,source,date,note\n\
        alb.hour,0.0252,hour,,estimate,a bill,2026-09,\n\
        fargate.linux_x86.vcpu_hour,0.04048,vCPU-hour,,published,the price list,2024-12-31,\n\
        nat.gb,0.048,GB,,derived,a bill,undated,\n\
        ebs.snapshot.gb_month,0.08,GB-month,,estimate,a page,2026-09,\n";
    std::fs::create_dir(folder.path().join("mine")).expect("a folder");
    folder.put("mine/mars-1.csv", rows);
    let arguments = ["pricing", "check", "--catalog", "mine", "--today", "2026-10-01", "--format", "json"];
    let check = folder.ecsim(&arguments).code(0).json();
    assert_eq!((&check["today"], &check["max_age_days"]), (&Value::from("2026-10-01"), &Value::from(365)));
    let findings = check["findings"].as_array().expect("findings");
    let told: Vec<String> = findings
        .iter()
        .filter(|row| row["finding"] != "missing")
        .map(|row| format!("{} {} {}", row["finding"].as_str().unwrap(), row["key"].as_str().unwrap(), row["age_days"]))
        .collect();
    // From 2024-12-31 to 2026-10-01 are 365 + 274 = 639 days, from the end of September one.
    let expected = ["stale fargate.linux_x86.vcpu_hour 639", "undated nat.gb null", "estimate alb.hour 1", "derived nat.gb null"];
    assert_eq!(told, expected);
    let missing: Vec<&str> = findings.iter().filter(|row| row["finding"] == "missing").filter_map(|row| row["key"].as_str()).collect();
    assert!(missing.contains(&"alb.lcu_hour") && missing.contains(&"nat.hour") && !missing.contains(&"nat.gb"), "{missing:?}");
    let all = folder.ecsim(&[arguments.as_slice(), &["--all"]].concat()).code(0).out;
    assert!(all.contains("ebs.snapshot.gb_month"), "{all}");
    let young = folder.ecsim(&[arguments.as_slice(), &["--max-age", "639"]].concat()).code(0).out;
    assert!(!young.contains("\"finding\": \"stale\""), "{young}");
    let table = folder.ecsim(&["pricing", "check", "--catalog", "mine", "--region", "mars-1", "--today", "2026-10-01"]).code(0).out;
    assert!(table.contains("a price is stale after 365 days") && table.contains("639"), "{table}");
    // All shipped regions, on the day of the clock.
    let shipped = folder.ecsim(&["pricing", "check"]).code(0).out;
    assert!(shipped.contains("us-east-1") && shipped.contains("sa-east-1"), "{shipped}");
    folder.ecsim(&["pricing", "check", "--today", "tomorrow"]).code(2);
    folder.ecsim(&["pricing", "check", "--max-age", "long"]).code(2);
    folder.ecsim(&["pricing", "check", "--catalog", "nowhere"]).code(1).says(&["nowhere"]);
}

/// Four tasks of one vCPU and 2 GB, all week. The files have 0.04018 and 0.004415 US dollars on demand, 0.024288 and 0.002667 for three
/// years without upfront payment: 0.19604 an hour against 0.118488. A commitment of 0.118 leaves 0.000488 plan dollars of
/// vCPU on demand, 0.000488 x 0.04018 / 0.024288 = 0.000807: 730 x 0.118807 = 86.73; 0.119 would cost 86.87.
#[test]
fn imported_savings_plans_are_those_of_the_bill() {
    let folder = Folder::new();
    let scenario = "version: 1\nregion: eu-west-1\nsimulation: {start: 2026-01-05T00:00:00Z, duration: 7d}\nservices:\n  web:\n    task_definition: {cpu: 1024, memory: 2048}\n    desired_count: 4\n    traffic: {constant: 1}\n    workload: {cpu_time: 10ms, wait_time: 10ms}\npricing: {catalog: prices}\n";
    std::fs::write(folder.path().join("web.yaml"), scenario).expect("written");
    let files = [data("AmazonECS_eu-west-1.csv"), data("AWSComputeSavingsPlan_eu-west-1.json")];
    folder.ecsim(&["pricing", "import", &files[0], &files[1], "--region", "eu-west-1", "-o", "prices"]).code(0);
    folder.ecsim(&["run", "web.yaml", "-q", "-o", "result.json"]).code(0);
    let savings = folder.ecsim(&["savings", "result.json", "--catalog", "prices", "--format", "json"]).code(0).json();
    let best = &savings["plans"][0];
    assert_eq!((&best["term"], &best["payment_option"]), (&Value::from("3y"), &Value::from("no_upfront")));
    assert_eq!((&best["commitment_per_hour"], &best["monthly_cost"]), (&Value::from("0.118"), &Value::from("86.73")));
    assert_eq!(savings["monthly_on_demand"], "143.11");
    // One year all upfront has a rate of vCPU alone in the file: a bill that needs the other is refused by its key.
    assert!(savings["warnings"][0].as_str().expect("a warning").contains("1y all upfront"), "{savings}");
    let plans = |plan: &str| format!("pricing.savings_plans=[{{commitment_per_hour: \"0.118\", {plan}}}]");
    let run = folder.ecsim(&["run", "web.yaml", "-q", "--format", "json", "--set", &plans("term: 3y")]).code(0).json();
    assert_eq!(run["cost"]["monthly"]["mean"], "86.73");
    assert_eq!(run["cost"]["savings_plan"]["utilization"], 1);
    folder
        .ecsim(&["run", "web.yaml", "-q", "--set", &plans("payment_option: all_upfront")])
        .code(1)
        .says(&["compute_sp.1y_all_upfront.fargate.linux_x86.gb_hour"]);
}
