//! AWS's price files: what is taken from them, and what is not.
//!
//! tests/data/offers/README.md names the sources of the files. The decoys are written here, after rows of AWS's price list.

use std::collections::BTreeMap;
use std::io::Write;

use ecsim::error::Error;
use ecsim::files::Files;
use ecsim::offers::{Form, Offer, read};
use serde_json::{Value, json};

pub(crate) const OFFER: &[u8] = include_bytes!("../data/offers/AmazonECS_us-east-1.json");
pub(crate) const ANSWER: &[u8] = include_bytes!("../data/offers/AmazonECS_us-east-1_getproducts.json");
pub(crate) const CSV: &[u8] = include_bytes!("../data/offers/AmazonECS_eu-west-1.csv");
pub(crate) const PLANS: &[u8] = include_bytes!("../data/offers/AWSComputeSavingsPlan_eu-west-1.json");
pub(crate) const FEED: &[u8] = include_bytes!("../data/offers/fargate-spot-prices.json");

/// Files by their name.
#[derive(Default)]
pub(crate) struct Memory(pub(crate) BTreeMap<String, Vec<u8>>);

impl Files for Memory {
    fn read(&self, name: &str) -> std::io::Result<Vec<u8>> {
        self.0.get(name).cloned().ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }
}

pub(crate) fn import(content: &[u8]) -> Result<Offer, Error> {
    let files = Memory(BTreeMap::from([("file".to_owned(), content.to_vec())]));
    read(&files, "file", &[])
}

pub(crate) fn imported(content: &[u8]) -> Offer {
    import(content).expect("a good file")
}

pub(crate) fn refused(content: &[u8]) -> String {
    match import(content) {
        Ok(offer) => panic!("taken: {:#?}", offer.prices),
        Err(error) => error.to_string(),
    }
}

/// The prices of a region: key, dollars, SKU.
fn prices(offer: &Offer, region: &str) -> Vec<(String, String, String)> {
    let prices = offer.prices.get(region).map(BTreeMap::values).into_iter().flatten();
    prices.map(|price| (price.key.clone(), price.usd.to_string(), price.sku.clone())).collect()
}

fn expected(rows: &[[&str; 3]]) -> Vec<(String, String, String)> {
    rows.iter().map(|[key, usd, sku]| ((*key).to_owned(), (*usd).to_owned(), (*sku).to_owned())).collect()
}

fn reasons(offer: &Offer) -> Vec<(String, u64)> {
    offer.ignored.iter().map(|row| (row.reason.clone(), row.count)).collect()
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(content).expect("memory");
    writer.finish().expect("memory")
}

/// A product of an offer with its price on demand.
struct Sold {
    sku: &'static str,
    family: &'static str,
    attributes: Value,
    unit: &'static str,
    tiers: Vec<(&'static str, &'static str, &'static str)>,
}

fn sold(sku: &'static str, family: &'static str, attributes: Value, unit: &'static str, usd: &'static str) -> Sold {
    Sold { sku, family, attributes, unit, tiers: vec![("0", "Inf", usd)] }
}

fn product(code: &str, sold: &Sold) -> Value {
    let mut attributes = json!({"servicecode": code, "locationType": "AWS Region", "regionCode": "us-east-1", "operation": ""});
    for (name, value) in sold.attributes.as_object().expect("attributes") {
        attributes[name] = value.clone();
    }
    json!({"sku": sold.sku, "productFamily": sold.family, "attributes": attributes})
}

fn terms(sold: &Sold) -> Value {
    let term = format!("{}.JRTCKXETXF", sold.sku);
    let dimensions: serde_json::Map<String, Value> = sold
        .tiers
        .iter()
        .enumerate()
        .map(|(index, (begin, end, usd))| {
            let price = json!({"unit": sold.unit, "beginRange": begin, "endRange": end, "pricePerUnit": {"USD": usd}, "appliesTo": []});
            (format!("{term}.{index}"), price)
        })
        .collect();
    json!({term: {"offerTermCode": "JRTCKXETXF", "effectiveDate": "2026-09-01T00:00:00Z", "priceDimensions": dimensions}})
}

/// An offer file.
fn offer(code: &str, rows: &[Sold]) -> Value {
    let products: serde_json::Map<String, Value> = rows.iter().map(|row| (row.sku.to_owned(), product(code, row))).collect();
    let terms: serde_json::Map<String, Value> = rows.iter().map(|row| (row.sku.to_owned(), terms(row))).collect();
    json!({"formatVersion": "v1.0", "disclaimer": "d", "offerCode": code, "version": "20260911124425",
           "publicationDate": "2026-09-11T12:44:25Z", "products": products, "terms": {"OnDemand": terms, "Reserved": {}}})
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec_pretty(value).expect("JSON")
}

/// What the price list of 2026-09-11 says of Fargate in us-east-1.
const FARGATE: [[&str; 3]; 8] = [
    ["fargate.ephemeral_storage.gb_hour", "0.000111", "7KPDPTDSCT4J3Z64"],
    ["fargate.linux_arm.gb_hour", "0.00356", "UNH9KPQP7W7C66C9"],
    ["fargate.linux_arm.vcpu_hour", "0.03238", "XSZATS4VYMDC9CYN"],
    ["fargate.linux_x86.gb_hour", "0.004445", "PBZNQUSEXZUC34C9"],
    ["fargate.linux_x86.vcpu_hour", "0.04048", "8CESGAFWKAJ98PME"],
    ["fargate.windows_x86.gb_hour", "0.00511175", "8QDMJPGQCM368Z6X"],
    ["fargate.windows_x86.os_licence_vcpu_hour", "0.046", "9D3ZWXRS2VXMZET6"],
    ["fargate.windows_x86.vcpu_hour", "0.046552", "RF2BUTAD289DREDC"],
];

#[test]
fn an_offer_file_has_the_eight_prices_of_fargate_and_nothing_else() {
    let offer = imported(OFFER);
    assert_eq!(prices(&offer, "us-east-1"), expected(&FARGATE));
    assert_eq!((offer.form, offer.prices.len(), offer.date.as_str()), (Form::Offer, 1, "2026-09-11"));
    assert_eq!(offer.source(), "AWS price list AmazonECS, version 20260911124425");
    // ECS on EC2 and the two of ECS Anywhere.
    assert_eq!(reasons(&offer), [("the price book has no price of this usage type".to_owned(), 3)]);
    assert_eq!((offer.left_out.len(), offer.absent["us-east-1"].len()), (0, 0));
    let price = &offer.prices["us-east-1"]["fargate.linux_x86.vcpu_hour"];
    assert_eq!((price.usage_type.as_str(), price.effective.as_str()), ("USE1-Fargate-vCPU-Hours:perCPU", "2026-09-01"));
}

#[test]
fn an_answer_of_getproducts_has_the_prices_of_its_day() {
    let offer = imported(ANSWER);
    // In 2022 Windows cost twice as much.
    let mut rows = FARGATE;
    rows[5][1] = "0.01005";
    rows[7][1] = "0.09148";
    assert_eq!(prices(&offer, "us-east-1"), expected(&rows));
    assert_eq!((offer.form, offer.date.as_str(), offer.version.as_str()), (Form::Answer, "2022-11-21", "20221121182130"));
    // Items as objects, as some tools unwrap them, read the same.
    let mut answer: Value = serde_json::from_slice(ANSWER).expect("JSON");
    for item in answer["PriceList"].as_array_mut().expect("a list") {
        *item = serde_json::from_str(item.as_str().expect("a string")).expect("JSON");
    }
    assert_eq!(imported(&bytes(&answer)).prices, offer.prices);
    answer["NextToken"] = json!("abc");
    assert!(imported(&bytes(&answer)).warnings[0].contains("one page of several"));
}

#[test]
fn a_csv_file_has_its_prices_too() {
    let offer = imported(CSV);
    let rows = [
        ["fargate.ephemeral_storage.gb_hour", "0.000122", "3N9FHWEQ6PQF335G"],
        ["fargate.linux_arm.gb_hour", "0.00356", "MGJ5EB5GSHR8QZDF"],
        ["fargate.linux_arm.vcpu_hour", "0.03238", "KXC9CEUQGJQPNZPY"],
        ["fargate.linux_x86.gb_hour", "0.004415", "UP5ETC3QSW2QZGEY"],
        ["fargate.linux_x86.vcpu_hour", "0.04018", "K4EXFQ5YFQCP98EN"],
        ["fargate.windows_x86.gb_hour", "0.01005", "73MS8DZJC4UENPS2"],
        ["fargate.windows_x86.os_licence_vcpu_hour", "0.046", "C2JZ54VTCJX2FV4Z"],
        ["fargate.windows_x86.vcpu_hour", "0.09148", "3V9A5XTNJBY93V85"],
    ];
    assert_eq!(prices(&offer, "eu-west-1"), expected(&rows));
    assert_eq!((offer.code.as_str(), offer.date.as_str()), ("AmazonECS", "undated"));
    assert!(offer.warnings.iter().any(|warning| warning.contains("the last line has no end")), "{:?}", offer.warnings);
    // With the five lines about the file that AWS writes, and quotes around every cell.
    let text = String::from_utf8(CSV.to_vec()).expect("UTF-8").replace("sep=,\n", "");
    let quoted = text.lines().map(|line| line.split(',').map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(","));
    let head = "\"FormatVersion\",\"v1.0\"\n\"Disclaimer\",\"This list, it is for information\"\n\"Publication Date\",\"2022-01-07T00:00:00Z\"\n\
                \"Version\",\"20220107000000\"\n\"OfferCode\",\"AmazonECS\"\n";
    let whole = format!("{head}{}\n", quoted.collect::<Vec<_>>().join("\n"));
    let again = imported(whole.as_bytes());
    assert_eq!(again.prices, offer.prices);
    assert_eq!((again.version.as_str(), again.date.as_str(), again.warnings.len()), ("20220107000000", "2022-01-07", 0));
}

#[test]
fn gzip_and_a_byte_order_mark_change_nothing() {
    for content in [OFFER, ANSWER, CSV, PLANS, FEED] {
        let plain = imported(content);
        assert_eq!(imported(&gzip(content)), plain);
        assert_eq!(imported(&[b"\xef\xbb\xbf", content].concat()), plain);
    }
    assert!(refused(b"\xff\xfe{\0}\0").contains("UTF-16"));
}

#[test]
fn members_in_any_order_and_any_white_space_read_the_same() {
    let whole = imported(OFFER);
    let document: Value = serde_json::from_slice(OFFER).expect("JSON");
    assert_eq!(imported(&serde_json::to_vec(&document).expect("JSON")), whole);
    let members = document.as_object().expect("an object");
    let backwards: serde_json::Map<String, Value> = members.iter().rev().map(|(key, value)| (key.clone(), value.clone())).collect();
    let backwards = bytes(&Value::Object(backwards));
    let place = |name: &str| backwards.windows(name.len()).position(|window| window == name.as_bytes());
    assert!(place("\"terms\"") < place("\"products\""));
    let again = imported(&backwards);
    assert_eq!((again.prices, again.ignored), (whole.prices, whole.ignored));
}

#[test]
fn a_region_that_was_not_asked_for_is_left_alone() {
    let files = Memory(BTreeMap::from([("file".to_owned(), FEED.to_vec())]));
    let offer = read(&files, "file", &["eu-west-1".to_owned()]).expect("it has that region");
    assert_eq!(offer.prices.keys().collect::<Vec<_>>(), ["eu-west-1"]);
    let error = read(&files, "file", &["mx-central-1".to_owned()]).expect_err("none").to_string();
    assert!(error.contains("has no price for the book: 3 times a region that was not asked for"), "{error}");
}

#[test]
fn balancers_are_told_from_their_neighbours() {
    let application = |usage: &str| json!({"usagetype": usage, "operation": "LoadBalancing:Application"});
    let network = |usage: &str| json!({"usagetype": usage, "operation": "LoadBalancing:Network"});
    let (alb, nlb) = ("Load Balancer-Application", "Load Balancer-Network");
    let rows = [
        sold("37CUWUT8GSNQEPUV", alb, application("LoadBalancerUsage"), "Hrs", "0.0225000000"),
        sold("P2XGEJ8N3KU52WA8", alb, application("LCUUsage"), "LCU-Hrs", "0.0080000000"),
        sold("OUTPOSTSLCU", alb, application("Outposts-LCUUsage"), "LCU-Hrs", "0.0000000000"),
        sold("OUTPOSTSHOUR", alb, application("Outposts-LoadBalancerUsage"), "Hrs", "0.0225000000"),
        sold("RESERVEDLCU", alb, application("ReservedLCUUsage"), "LCU-Hrs", "0.0056000000"),
        sold("TRUSTSTORE", alb, application("TS-LoadBalancerUsage"), "Hrs", "0.0056000000"),
        sold("NLBHOUR", nlb, network("LoadBalancerUsage"), "Hrs", "0.0226000000"),
        sold("NLBLCU", nlb, network("LCUUsage"), "LCU-Hrs", "0.0060000000"),
        sold("CLASSIC", "Load Balancer", json!({"usagetype": "LoadBalancerUsage", "operation": "LoadBalancing"}), "Hrs", "0.0250000000"),
        sold(
            "GATEWAY",
            "Load Balancer-Gateway",
            json!({"usagetype": "LCUUsage", "operation": "LoadBalancing:Gateway"}),
            "LCU-Hrs",
            "0.004",
        ),
        sold(
            "NOREGION",
            alb,
            json!({"usagetype": "LoadBalancerUsage", "operation": "LoadBalancing:Application", "regionCode": ""}),
            "Hrs",
            "0",
        ),
    ];
    let offer = imported(&bytes(&offer("AWSELB", &rows)));
    let taken = [
        ["alb.hour", "0.0225", "37CUWUT8GSNQEPUV"],
        ["alb.lcu_hour", "0.008", "P2XGEJ8N3KU52WA8"],
        ["nlb.hour", "0.0226", "NLBHOUR"],
        ["nlb.lcu_hour", "0.006", "NLBLCU"],
    ];
    assert_eq!(prices(&offer, "us-east-1"), expected(&taken));
    let ignored = [
        ("the price book has no price of this usage type".to_owned(), 4),
        ("the usage type is known, the product family is another one".to_owned(), 2),
        ("no region is named".to_owned(), 1),
    ];
    assert_eq!(reasons(&offer), ignored);
    assert_eq!(offer.left_out.len(), 0);
}

/// A Linux instance as the price list has it, with some attributes changed.
fn instance(sku: &'static str, usd: &'static str, changed: Value) -> Sold {
    let mut attributes = json!({"usagetype": "BoxUsage:m5.large", "operation": "RunInstances", "instanceType": "m5.large",
        "operatingSystem": "Linux", "tenancy": "Shared", "capacitystatus": "Used", "preInstalledSw": "NA",
        "licenseModel": "No License required", "marketoption": "OnDemand"});
    for (name, value) in changed.as_object().expect("attributes") {
        attributes[name] = value.clone();
    }
    sold(sku, "Compute Instance", attributes, "Hrs", usd)
}

fn amazon_ec2() -> Value {
    let nat = |usage: &str, operation: &str| json!({"usagetype": usage, "operation": operation});
    let rows = [
        instance("LINUX", "0.0960000000", json!({})),
        instance("WINDOWS", "0.1880000000", json!({"operatingSystem": "Windows", "operation": "RunInstances:0002"})),
        instance("DEDICATED", "0.1020000000", json!({"tenancy": "Dedicated", "usagetype": "DedicatedUsage:m5.large"})),
        instance("BOXDEDICATED", "0.1030000000", json!({"tenancy": "Dedicated"})),
        instance("SQL", "0.5760000000", json!({"preInstalledSw": "SQL Std", "operation": "RunInstances:0004"})),
        instance("UNUSED", "0.0970000000", json!({"capacitystatus": "UnusedCapacityReservation", "usagetype": "UnusedBox:m5.large"})),
        instance("BYOL", "0.0980000000", json!({"licenseModel": "Bring your own license"})),
        instance("BLOCK", "0.0990000000", json!({"marketoption": "CapacityBlock"})),
        instance("ZONE", "0.1180000000", json!({"regionCode": "us-west-2-lax-1", "locationType": "AWS Local Zone"})),
        instance("ZONECODE", "0.1190000000", json!({"usagetype": "USE1-ATL1-BoxUsage:m5.large"})),
        instance("OTHERTYPE", "0.1920000000", json!({"usagetype": "BoxUsage:m5.xlarge"})),
        sold("NATHOUR", "NAT Gateway", nat("NatGateway-Hours", "NatGateway"), "Hrs", "0.0450000000"),
        sold("NATBYTES", "NAT Gateway", nat("NatGateway-Bytes", "NatGateway"), "GB", "0.0451000000"),
        sold("REGIONALHOUR", "NAT Gateway", nat("RegionalNatGateway-Hours", "RegionalNatGateway"), "Hrs", "0.0460000000"),
        sold("REGIONALBYTES", "NAT Gateway", nat("RegionalNatGateway-Bytes", "RegionalNatGateway"), "GB", "0.0470000000"),
        sold("GP3", "Storage", json!({"usagetype": "EBS:VolumeUsage.gp3"}), "GB-Mo", "0.0800000000"),
        sold("IOPS", "System Operation", json!({"usagetype": "EBS:VolumeP-IOPS.gp3"}), "IOPS-Mo", "0.0050000000"),
        sold("IO2", "Storage", json!({"usagetype": "EBS:VolumeUsage.io2"}), "GB-Mo", "0.1250000000"),
    ];
    let mut document = offer("AmazonEC2", &rows);
    // The reserved term of the right product has another price, which is no price on demand.
    let reserved = json!({"LINUX.4NA7Y494T4": {"offerTermCode": "4NA7Y494T4", "sku": "LINUX", "priceDimensions": {"LINUX.4NA7Y494T4.6YS6EN2CT7":
        {"unit": "Hrs", "beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": "0.0610000000"}}}}});
    document["terms"]["Reserved"] = json!({"LINUX": reserved});
    document
}

#[test]
fn instances_and_gateways_are_told_from_their_neighbours() {
    let offer = imported(&bytes(&amazon_ec2()));
    let taken = [
        ["ebs.gp3.gb_month", "0.08", "GP3"],
        ["ebs.gp3.iops_month_above_3000", "0.005", "IOPS"],
        ["ec2.on_demand.linux.m5.large.hour", "0.096", "LINUX"],
        ["nat.gb", "0.0451", "NATBYTES"],
        ["nat.hour", "0.045", "NATHOUR"],
    ];
    assert_eq!(prices(&offer, "us-east-1"), expected(&taken));
    assert_eq!(offer.prices.len(), 1, "a local zone is no region");
    assert_eq!(offer.absent["us-east-1"], ["ebs.gp2.gb_month"]);
    let ignored: BTreeMap<String, u64> = reasons(&offer).into_iter().collect();
    let attribute = |name: &str| ignored[&format!("the usage type is known, `{name}` is another one")];
    assert_eq!(["operatingSystem", "tenancy", "preInstalledSw", "licenseModel", "marketoption"].map(attribute), [1; 5]);
    assert_eq!(ignored["sold in a local zone or another place that is no region"], 1);
    assert_eq!(ignored["a price that is not on demand"], 1);
}

#[test]
fn fargate_of_eks_is_not_that_of_ecs() {
    let usage = json!({"usagetype": "USE1-Fargate-vCPU-Hours:perCPU", "tenancy": "Shared", "cputype": "perCPU"});
    let vcpu = |sku, usd, attributes| sold(sku, "Compute", attributes, "hours", usd);
    let text = refused(&bytes(&offer("AmazonEKS", &[vcpu("3JPC5EER47BUUFC6", "0.04048", usage.clone())])));
    assert!(text.contains("no price of the offer `AmazonEKS`") && text.contains("AmazonECS, AWSELB, AmazonEC2"), "{text}");
    // Both in one file, as in an answer that was put together, and one with an operation of its own.
    let mut eks = usage.clone();
    eks["servicecode"] = json!("AmazonEKS");
    let mut other = usage.clone();
    other["operation"] = json!("FargatePod");
    let rows = [vcpu("3JPC5EER47BUUFC6", "0.05", eks), vcpu("8CESGAFWKAJ98PME", "0.04048", usage), vcpu("OTHER", "0.06", other)];
    let offer = imported(&bytes(&offer("AmazonECS", &rows)));
    assert_eq!(prices(&offer, "us-east-1"), expected(&[["fargate.linux_x86.vcpu_hour", "0.04048", "8CESGAFWKAJ98PME"]]));
    let ignored = [("the usage type is known, `operation` is another one".to_owned(), 1), ("a product of another service".to_owned(), 1)];
    assert_eq!(reasons(&offer), ignored);
}

#[test]
fn traffic_has_its_tiers_and_addresses_no_family() {
    let moved = |usage: &str, kind: &str, to: &str| {
        json!({"usagetype": usage, "transferType": kind, "toLocation": to, "regionCode": "", "locationType": "",
               "fromRegionCode": "us-east-1", "fromLocationType": "AWS Region"})
    };
    let tiers = vec![("0", "10240", "0.09"), ("153600", "Inf", "0.05"), ("10240", "51200", "0.085"), ("51200", "153600", "0.07")];
    let family = "Data Transfer";
    let egress = Sold {
        sku: "HQEH3ZWJVT46JHRG",
        family,
        attributes: moved("DataTransfer-Out-Bytes", "AWS Outbound", "External"),
        unit: "GB",
        tiers,
    };
    let rows = [
        egress,
        sold("PNUBVW4CPC8XA46W", family, moved("DataTransfer-Regional-Bytes", "IntraRegion", "US East (N. Virginia)"), "GB", "0.01"),
        sold(
            "FREE",
            family,
            json!({"usagetype": "Global-DataTransfer-Out-Bytes", "transferType": "AWS Outbound", "regionCode": ""}),
            "GB",
            "0",
        ),
        sold("REGION", family, moved("USE1-USW2-AWS-Out-Bytes", "InterRegion Outbound", "US West (Oregon)"), "GB", "0.02"),
    ];
    let found = imported(&bytes(&offer("AWSDataTransfer", &rows)));
    let taken = [
        ["data_transfer.inter_az.gb_each_direction", "0.01", "PNUBVW4CPC8XA46W"],
        ["data_transfer.out_internet.first_10tb_gb", "0.09", "HQEH3ZWJVT46JHRG"],
        ["data_transfer.out_internet.next_100tb_gb", "0.07", "HQEH3ZWJVT46JHRG"],
        ["data_transfer.out_internet.next_40tb_gb", "0.085", "HQEH3ZWJVT46JHRG"],
        ["data_transfer.out_internet.over_150tb_gb", "0.05", "HQEH3ZWJVT46JHRG"],
    ];
    assert_eq!(prices(&found, "us-east-1"), expected(&taken));
    let address = json!({"usagetype": "USE1-PublicIPv4:InUseAddress"});
    let endpoint = Sold {
        sku: "DQYYEZBCWSW5XS2R",
        family: "VpcEndpoint",
        attributes: json!({"usagetype": "USE1-VpcEndpoint-Bytes"}),
        unit: "GB",
        tiers: vec![("0", "1048576", "0.01"), ("1048576", "5242880", "0.006"), ("5242880", "Inf", "0.004")],
    };
    let balancer = json!({"usagetype": "USE1-VpcEndpoint-GWLBE-Hours"});
    let rows = [sold("4GQUNXTFWVSGPUZK", "", address, "Hrs", "0.005"), endpoint, sold("GWLBE", "VpcEndpoint", balancer, "Hrs", "0.01")];
    let found = imported(&bytes(&offer("AmazonVPC", &rows)));
    let taken = [
        ["vpc.interface_endpoint.gb_first_1pb", "0.01", "DQYYEZBCWSW5XS2R"],
        ["vpc.interface_endpoint.gb_next_4pb", "0.006", "DQYYEZBCWSW5XS2R"],
        ["vpc.interface_endpoint.gb_over_5pb", "0.004", "DQYYEZBCWSW5XS2R"],
        ["vpc.public_ipv4.hour", "0.005", "4GQUNXTFWVSGPUZK"],
    ];
    assert_eq!(prices(&found, "us-east-1"), expected(&taken));
    assert_eq!(found.absent["us-east-1"], ["vpc.public_ipv4.idle_hour", "vpc.interface_endpoint.hour"]);
}

#[test]
fn what_cannot_be_told_for_certain_is_left_out_with_its_reason() {
    let vcpu = || json!({"usagetype": "USE1-Fargate-vCPU-Hours:perCPU"});
    let memory = || sold("MEMORY", "Compute", json!({"usagetype": "USE1-Fargate-GB-Hours"}), "hours", "0.004445");
    let reason = |row: Sold| {
        let offer = imported(&bytes(&offer("AmazonECS", &[row, memory()])));
        assert_eq!(prices(&offer, "us-east-1").len(), 1);
        assert!(offer.warnings.iter().any(|warning| warning.contains("not taken")));
        offer.left_out[0].reason.clone()
    };
    for unit in ["vCPU-Months", "Months", "vCPU-Seconds", "vCPU-Minutes", "GB-Hours", "hours per month", ""] {
        let text = reason(sold("VCPU", "Compute", vcpu(), unit, "29.55"));
        assert_eq!(text, format!("its price is for the unit `{unit}`, expected `hours` or `vCPU-Hours`"));
    }
    let tiers = vec![("0", "100", "0.05"), ("100", "Inf", "0.04")];
    let text = reason(Sold { tiers, ..sold("VCPU", "Compute", vcpu(), "hours", "1") });
    assert_eq!(text, "its prices are for 0 to 100, 100 to Inf: not the tiers that the book has");
    let text = reason(Sold { tiers: vec![("0", "100", "0.05")], ..sold("VCPU", "Compute", vcpu(), "hours", "1") });
    assert_eq!(text, "its prices are for 0 to 100: not the tiers that the book has");
    assert_eq!(reason(sold("VCPU", "Compute", vcpu(), "hours", "0.0000000000")), "its price is 0");
    assert_eq!(reason(Sold { tiers: vec![], ..sold("VCPU", "Compute", vcpu(), "hours", "1") }), "the file has no price on demand of it");
    let other = json!({"usagetype": "EUC1-Fargate-vCPU-Hours:perCPU"});
    assert_eq!(reason(sold("VCPU", "Compute", other, "hours", "1")), "its usage type carries the code of another region");
    let twice = [sold("ONE", "Compute", vcpu(), "hours", "0.04"), sold("TWO", "Compute", vcpu(), "hours", "0.05"), memory()];
    let offer = imported(&bytes(&offer("AmazonECS", &twice)));
    assert_eq!(prices(&offer, "us-east-1"), expected(&[["fargate.linux_x86.gb_hour", "0.004445", "MEMORY"]]));
    let reasons: Vec<&str> = offer.left_out.iter().map(|row| row.reason.as_str()).collect();
    assert_eq!(reasons, ["2 products fit the price `fargate.linux_x86.vcpu_hour`: ONE, TWO"; 2]);
}

#[test]
fn prices_in_another_currency_are_no_dollars() {
    let mut document = offer("AmazonECS", &[sold("VCPU", "Compute", json!({"usagetype": "Fargate-vCPU-Hours:perCPU"}), "hours", "0.3")]);
    let price =
        document.pointer_mut("/terms/OnDemand/VCPU/VCPU.JRTCKXETXF/priceDimensions/VCPU.JRTCKXETXF.0/pricePerUnit").expect("a price");
    *price = json!({"CNY": "0.3"});
    let text = refused(&bytes(&document));
    assert!(text.contains("its price is not in US dollars"), "{text}");
}

pub(crate) fn feed(entries: &[(&str, &str, &str, &str)]) -> Vec<u8> {
    let entry = |(unit, label, region, usd): &(&str, &str, &str, &str)| json!({"id": format!("{unit} {region}"), "unit": unit, "price": {"USD": usd}, "attributes": {"aws:region": region, "aws:label": label}});
    let entries: Vec<Value> = entries.iter().map(entry).collect();
    bytes(&json!({"metadata": {"source:version": "20260929214100"}, "prices": entries}))
}

#[test]
fn the_feed_of_spot_prices_has_prices_by_the_hour_only() {
    let found = imported(FEED);
    let row = |key, usd, id| [key, usd, id];
    let taken = [
        row("fargate_spot.linux_x86.gb_hour", "0.00151494", "570115e9-42a6-479a-b1fd-4afafbf95ce2"),
        row("fargate_spot.linux_x86.vcpu_hour", "0.01379631", "f09cc16b-7c5a-4327-b8a9-bcb5a7f75d9c"),
    ];
    assert_eq!(prices(&found, "eu-west-1"), expected(&taken));
    assert_eq!((found.form, found.date.as_str()), (Form::SpotFeed, "2019-07-30"));
    let (vcpu, memory) = ("per vCPU per hour", "per GB per hour");
    let entries = [
        ("vCPU-Hours", vcpu, "us-east-1", "0.01288561"),
        ("GB-Hours", memory, "us-east-1", "0.00141493"),
        ("ARM-vCPU-Hours", vcpu, "us-east-1", "0.01030969"),
        ("ARM-GB-Hours", memory, "us-east-1", "0.00113349"),
        ("vCPU-Months", vcpu, "eu-west-1", "9.40"),
        ("vCPU-Hours", "per vCPU per month", "eu-west-2", "9.40"),
        ("vCPU-Hours", "per ARM vCPU per hour", "eu-west-3", "0.01"),
        ("GB-Hours", memory, "eu-north-1", "0.001"),
        ("GB-Hours", memory, "eu-north-1", "0.002"),
    ];
    let found = imported(&feed(&entries));
    assert_eq!(found.prices.keys().collect::<Vec<_>>(), ["us-east-1"]);
    let usd: Vec<String> = prices(&found, "us-east-1").into_iter().map(|(key, usd, _)| format!("{key} {usd}")).collect();
    let all = [
        "fargate_spot.linux_arm.gb_hour 0.00113349",
        "fargate_spot.linux_arm.vcpu_hour 0.01030969",
        "fargate_spot.linux_x86.gb_hour 0.00141493",
        "fargate_spot.linux_x86.vcpu_hour 0.01288561",
    ];
    assert_eq!(usd, all);
    let reasons: Vec<String> = found.left_out.iter().map(|row| format!("{} {}", row.region, row.reason)).collect();
    assert!(reasons[0].starts_with("eu-west-1 its price is for the unit `vCPU-Months`"), "{reasons:?}");
    assert_eq!(reasons[1], "eu-west-2 its label `per vCPU per month` does not end with `per hour`");
    assert_eq!(reasons[2], "eu-west-3 its label `per ARM vCPU per hour` contradicts its unit `vCPU-Hours`");
    assert!(reasons[3].contains("2 products fit the price `fargate_spot.linux_x86.gb_hour`"), "{reasons:?}");
}

#[test]
fn savings_plans_have_the_rates_of_fargate_under_each_term() {
    let found = imported(PLANS);
    let rows: Vec<(String, String)> = prices(&found, "eu-west-1").into_iter().map(|(key, usd, _)| (key, usd)).collect();
    let row = |key: &str, usd: &str| (key.to_owned(), usd.to_owned());
    let taken = [
        row("compute_sp.1y_all_upfront.fargate.linux_x86.vcpu_hour", "0.0315744"),
        row("compute_sp.3y_no_upfront.fargate.linux_x86.gb_hour", "0.002667"),
        row("compute_sp.3y_no_upfront.fargate.linux_x86.vcpu_hour", "0.024288"),
    ];
    assert_eq!(rows, taken);
    assert_eq!((found.form, found.date.as_str(), found.prices.len()), (Form::SavingsPlans, "2020-02-20", 1));
    // The same as CSV, in the columns of AWS's file; the region may be named by the rate alone.
    let head = "FormatVersion,v1.0\nDisclaimer,d\nPublication Date,2020-02-20T22:03:00Z\nVersion,20200220220300\nOfferCode,AmazonComputeSavingsPlan\n\
        SKU,RateCode,Unit,EffectiveDate,DiscountedRate,Currency,DiscountedSKU,DiscountedServiceCode,DiscountedUsageType,DiscountedOperation,\
        PurchaseOption,LeaseContractLength,LeaseContractLengthUnit,ServiceCode,UsageType,Operation,Description,Product Family,DiscountedRegionCode\n";
    let rate = |plan: &str, rate: &str, service: &str, usage: &str, option: &str, years: &str, family: &str| {
        format!(
            "{plan},{plan}.{usage},Hrs,2020-02-20T22:03:00Z,{rate},USD,X,{service},{usage},,{option},{years},year,ComputeSavingsPlans,,,d,{family},eu-west-1\n"
        )
    };
    let (compute, ecs) = ("ComputeSavingsPlans", "AmazonECS");
    let text = [
        head.to_owned(),
        rate("A", "0.0315744", ecs, "EU-Fargate-vCPU-Hours:perCPU", "All Upfront", "1", compute),
        rate("B", "0.024288", ecs, "EU-Fargate-vCPU-Hours:perCPU", "No Upfront", "3", compute),
        rate("B", "0.002667", ecs, "EU-Fargate-GB-Hours", "No Upfront", "3", compute),
        rate("C", "0.02", ecs, "EU-Fargate-GB-Hours", "No Upfront", "1", "SageMakerSavingsPlans"),
        rate("B", "0.03", "AmazonEKS", "EU-Fargate-vCPU-Hours:perCPU", "No Upfront", "3", compute),
        rate("B", "0.05", "AmazonEC2", "EUW1-BoxUsage:m5.large", "No Upfront", "3", compute),
    ];
    let found = imported(text.concat().as_bytes());
    assert_eq!(prices(&found, "eu-west-1").into_iter().map(|(key, usd, _)| (key, usd)).collect::<Vec<_>>(), taken);
}
