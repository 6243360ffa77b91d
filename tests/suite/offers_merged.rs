//! Imported prices in a catalogue: they replace what they are, and nothing else.

use std::collections::BTreeMap;

use ecsim::cost::PriceBook;
use ecsim::offers::merge;

use crate::offers::{ANSWER, FEED, Memory, OFFER, feed, imported};
use crate::prices::dec;

#[test]
fn imported_prices_replace_those_of_the_shipped_book_and_keep_the_rest() {
    let files = Memory::default();
    let updates = merge(&files, None, &[imported(ANSWER), imported(FEED)]).expect("good offers");
    let regions: Vec<(&str, usize)> = updates.iter().map(|update| (update.region.as_str(), update.changes.len())).collect();
    assert_eq!(regions, [("eu-west-1", 2), ("us-east-1", 9)]);
    let book = PriceBook::from_text("us-east-1", "merged", &updates[1].text, "id,description\n").expect("a book");
    let shipped = PriceBook::shipped("us-east-1").expect("shipped");
    assert_eq!(book.prices().count(), shipped.prices().count());
    let windows = book.price("fargate.windows_x86.vcpu_hour").expect("imported");
    assert_eq!((windows.usd, windows.date.as_str()), (dec("0.09148"), "2022-11-21"));
    assert_eq!(windows.source, "AWS GetProducts answer AmazonECS, version 20221121182130");
    assert_eq!(windows.note, "SKU RF2BUTAD289DREDC, in force since 2022-11-01");
    assert_eq!(book.price("alb.hour").expect("kept"), shipped.price("alb.hour").expect("shipped"));
    assert!(updates[1].changes.iter().all(ecsim::offers::Change::replaces_newer), "2022 is before 2026");
    // A region that ecsim does not ship has the imported prices alone.
    let updates = merge(&files, None, &[imported(&feed(&[("GB-Hours", "", "mx-central-1", "0.001")]))]).expect("a good feed");
    assert_eq!((updates[0].prices, updates[0].changes.len()), (1, 1));
}

#[test]
fn a_catalogue_keeps_its_own_rows_and_the_ids_of_its_sources() {
    let own = "key,usd,unit,usage_type,basis,source,date,note\nalb.hour,0.5,hour,,published,contract,2026,\nfargate.linux_x86.gb_hour,9,GB-hour,,estimate,contract,2026,guess\n";
    let files = Memory(BTreeMap::from([("mine/us-east-1.csv".to_owned(), own.as_bytes().to_vec())]));
    let updates = merge(&files, Some("mine"), &[imported(OFFER)]).expect("good");
    assert_eq!((updates[0].base, updates[0].prices), ("the file of the catalogue", 9));
    assert!(updates[0].text.contains("\nalb.hour,0.5,hour,,published,contract,2026,\n"), "{}", updates[0].text);
    assert!(
        updates[0].text.contains("\nfargate.linux_x86.gb_hour,0.004445,GB-hour,USE1-Fargate-GB-Hours,published,\"AWS price list"),
        "{}",
        updates[0].text
    );
    let broken = Memory(BTreeMap::from([("mine/us-east-1.csv".to_owned(), b"key,usd\n".to_vec())]));
    assert!(merge(&broken, Some("mine"), &[imported(OFFER)]).expect_err("broken").to_string().starts_with("mine/us-east-1.csv:1:"));
}

#[test]
fn two_files_may_not_contradict_each_other() {
    let error = merge(&Memory::default(), None, &[imported(OFFER), imported(ANSWER)]).expect_err("two prices of Windows").to_string();
    assert!(error.contains("`fargate.windows_x86.vcpu_hour` of us-east-1 costs 0.09148 here and 0.046552 in file"), "{error}");
    assert!(merge(&Memory::default(), None, &[imported(OFFER), imported(OFFER)]).is_ok(), "the same price twice is one price");
}
