//! Price files that are damaged, cut off or something else are refused whole, with their place.

use crate::offers::{ANSWER, CSV, FEED, OFFER, PLANS, gzip, import, refused};

#[test]
fn a_file_that_is_cut_off_anywhere_is_refused() {
    for content in [OFFER, ANSWER, PLANS, FEED] {
        let end = content.iter().rposition(|byte| *byte == b'}').expect("an object");
        for length in (1..=end).step_by(53).chain([end]) {
            assert!(import(&content[..length]).is_err(), "{length} of {} bytes were taken", content.len());
        }
    }
    for content in [OFFER, CSV] {
        let packed = gzip(content);
        for length in (1..packed.len()).step_by(7) {
            assert!(import(&packed[..length]).is_err(), "{length} of {} packed bytes were taken", packed.len());
        }
    }
    // A row of a CSV file that lacks a cell, and a quoted cell that does not end.
    let text = String::from_utf8(CSV.to_vec()).expect("UTF-8");
    let cut = &text[..text.rfind(",Amazon Elastic Container Service").expect("the last row")];
    let message = refused(cut.as_bytes());
    assert!(message.starts_with("file:15: a row of 25 cells, the file has 27 columns"), "{message}");
    let quoted = format!("{text}\"default");
    assert!(refused(quoted.as_bytes()).contains("in the middle of a quoted cell"), "{}", refused(quoted.as_bytes()));
}

#[test]
fn a_damaged_file_is_refused_with_its_place() {
    let text = String::from_utf8(OFFER.to_vec()).expect("UTF-8");
    let damaged = |old: &str, new: &str| {
        assert!(text.contains(old), "{old}");
        refused(text.replacen(old, new, 1).as_bytes())
    };
    let message = damaged("\"0.0404800000\"", "\"0.04O4800000\"");
    assert!(message.contains("terms.OnDemand.8CESGAFWKAJ98PME: found `0.04O4800000`, expected a decimal of at least 0"), "{message}");
    assert!(damaged("\"0.0404800000\"", "\"-0.0404800000\"").contains("expected a decimal of at least 0"));
    let message = damaged("\"0.0404800000\"", "0.0404800000");
    assert!(message.contains("terms.OnDemand.8CESGAFWKAJ98PME: invalid type"), "{message}");
    let message = damaged("\"regionCode\": \"us-east-1\"", "\"regionCode\" \"us-east-1\"");
    assert!(message.contains("products.7KPDPTDSCT4J3Z64: expected `:`"), "{message}");
    let line = text.lines().position(|line| line.contains("\"regionCode\"")).expect("a line") + 1;
    assert!(message.starts_with(&format!("file:{line}:")), "{message} is not at line {line}");
    // Damage where nothing is needed counts too.
    assert!(
        damaged("\"cputype\": \"perCPU\"\n   }\n  },\n  \"PBZ", "\"cputype\": perCPU\n   }\n  },\n  \"PBZ")
            .contains("products.DQ8NT47B7YY2CGC5")
    );
    let twice = text.replacen("\"8QDMJPGQCM368Z6X\": {", "\"8CESGAFWKAJ98PME\": {", 1).replacen(
        "\"sku\": \"8QDMJPGQCM368Z6X\"",
        "\"sku\": \"8CESGAFWKAJ98PME\"",
        1,
    );
    assert!(refused(twice.as_bytes()).contains("this product stands in the file twice"), "{}", refused(twice.as_bytes()));
    assert!(damaged("\"sku\": \"8QDMJPGQCM368Z6X\"", "\"sku\": \"OTHER\"").contains("the product says it is OTHER"));
    assert!(damaged("\"regionCode\": \"us-east-1\"", "\"regionCode\": \"../../etc\"").contains("the region is `../../etc`"));
    assert!(damaged("\"formatVersion\": \"v1.0\"", "\"formatVersion\": \"v9.0\"").contains("the format version is `v9.0`"));
    assert!(damaged("\"terms\": {", "\"conditions\": {").contains("the file has no `terms`: it is not whole"));
    assert!(refused(format!("{text} {{}}").as_bytes()).contains("expected the end of the file"));
    let mut bytes = OFFER.to_vec();
    let place = text.find("US East").expect("a location");
    bytes[place] = 0xff;
    assert!(refused(&bytes).contains("bytes that are not UTF-8 text"), "{}", refused(&bytes));
    let mut packed = gzip(OFFER);
    let middle = packed.len() / 2;
    packed[middle] ^= 0x10;
    assert!(import(&packed).is_err(), "a flipped bit of a packed file was not noticed");
}

#[test]
fn what_is_no_price_file_says_what_it_is() {
    let index = include_bytes!("../data/offers/AmazonECS_region_index.json");
    assert!(refused(index).contains("an index of regions, which has no prices itself (download what it names as currentVersionUrl"));
    assert!(refused(b"").contains("the file is empty"));
    assert!(refused(b"callback({})").contains("neither JSON nor a CSV file with a column SKU"));
    assert!(refused(b"{}").contains("neither an offer file"));
    assert!(refused(b"[1]").contains("neither JSON nor a CSV file"));
    assert!(refused(b"{\"products\": {}, \"terms\": {}}").contains("no price of the offer ``"));
    let both = br#"{"prices": [], "products": {}}"#;
    assert!(refused(both).contains("the file is half AWS Fargate Spot price feed, half AWS price list"), "{}", refused(both));
    assert!(refused(b"SKU,OfferTermCode,Unit\n1,2,3\n").contains("there is no column ratecode"));
}
