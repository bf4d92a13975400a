//! A hospital's register entry is corrected for days that are past.

use domain::Fen;
use jiff::civil::date;
use serde_json::json;

use super::tests::{RULES, settle, standing, town_by, verified};
use crate::testing::Town;
use crate::{Answer, Table};

/// A third-level hospital gives less.
fn town() -> (Town, String) {
    let rules = RULES.replace("{ ratio = '50%' }", "{ level = '3', ratio = '40%' }, { ratio = '50%' }");
    assert_ne!(rules, RULES);
    let (mut town, person) = town_by(&rules);
    settle(&mut town, &person, "1", date(2022, 3, 1), 3_000).unwrap();
    settle(&mut town, &person, "2", date(2022, 4, 1), 3_000).unwrap();
    (town, person)
}

fn affected(town: &mut Town) -> Table {
    town.ask("care affected", json!({ "provider": "h99010100001", "from": "2022-03-15" }))
}

/// Settles anew whoever is listed, from the list as it is printed.
fn resettle(town: &mut Town, table: &Table) -> Answer {
    let list: String = table.rows.iter().map(|row| format!("{},x\n", row[0].as_str().unwrap())).collect();
    let fields = json!({
        "provider": "H99010100001", "from": "2022-03-15", "reason": "医保函〔2022〕1号", "text": format!("person,x\n{list}"),
    });
    town.run("care resettle", fields).unwrap()
}

#[test]
fn a_level_corrected_for_past_days_is_settled_anew_as_a_difference() {
    let (mut town, person) = town();
    assert_eq!(affected(&mut town).rows.len(), 0);
    let raised = json!({ "provider": "H99010100001", "from": "2022-03-15", "level": "3" });
    let said = town.run("provider amend", raised).unwrap().says;
    assert!(said.contains("care affected"), "{said}");
    let table = affected(&mut town);
    let row = &table.rows[0];
    assert_eq!((table.rows.len(), &row[0], &row[2]), (1, &json!(person), &json!("2022-04-01")));
    assert!(row[4].as_str().unwrap().contains("二级") && row[5].as_str().unwrap().contains("三级"), "{row:?}");
    let answer = resettle(&mut town, &table);
    assert_eq!(answer.fields["differences"][0]["funds"], "-300.00");
    assert_eq!(
        standing(&mut town, &person, 2022),
        [("1".to_owned(), Fen::yuan(1_000)), ("2".to_owned(), Fen::yuan(1_200))]
    );
    assert_eq!(town.balance("payable/provider"), "-2200.00");
    assert_eq!(resettle(&mut town, &table).fields["differences"], json!([]), "a repeat posts nothing");
    assert_eq!(affected(&mut town).rows.len(), 0);
    assert_eq!(verified(&mut town, &person), 2);
}

#[test]
fn what_was_settled_under_an_agreement_that_ended_is_for_a_decision() {
    let (mut town, person) = town();
    let end = json!({ "provider": "H99010100001", "from": "2022-03-15", "reason": "解除" });
    town.run("provider end", end).unwrap();
    let table = affected(&mut town);
    assert_eq!((table.rows.len(), &table.rows[0][6]), (1, &json!("care reverse")));
    assert_eq!(resettle(&mut town, &table).fields["differences"], json!([]));
    assert_eq!(standing(&mut town, &person, 2022).len(), 2, "it stays until somebody decides");
}
