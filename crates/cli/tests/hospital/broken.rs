//! A server that is broken on purpose: a proxy changes one amount by one fen on the way back, and the hospital must say in which
//! message, and what does not hold.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::served::Books;

/// What is changed in an answer: of a node a field; and what must then be found of the message.
struct Lie {
    infno: &'static str,
    node: &'static str,
    field: &'static str,
    kinds: &'static [&'static str],
}

const fn lie(infno: &'static str, node: &'static str, field: &'static str, kinds: &'static [&'static str]) -> Lie {
    Lie { infno, node, field, kinds }
}

/// What is held against each other is not both a fen too much: then it would be the same.
const LIES: &[Lie] = &[
    lie("2207", "setlinfo", "medfee_sumamt", &["identity-a", "identity-b", "identity-lines", "estimate"]),
    lie("2207", "setlinfo", "inscp_scp_amt", &["identity-a", "identity-lines", "estimate"]),
    lie("2207", "setlinfo", "preselfpay_amt", &["identity-a", "identity-lines", "estimate"]),
    lie("2207", "setlinfo", "fulamt_ownpay_amt", &["identity-a", "identity-lines", "estimate"]),
    lie("2207", "setlinfo", "psn_cash_pay", &["identity-c", "estimate"]),
    lie("2207", "setlinfo", "psn_part_amt", &["identity-b", "identity-c", "estimate"]),
    lie("2207", "setlinfo", "hifp_pay", &["identity-d", "estimate"]),
    lie("2207", "setlinfo", "maf_pay", &["identity-assistance", "identity-d", "estimate"]),
    lie("2207", "setlinfo", "fund_pay_sumamt", &["identity-b", "identity-d", "identity-details", "estimate"]),
    lie("2207", "setlinfo", "act_pay_dedc", &["estimate"]),
    lie("2304", "setlinfo", "hosp_part_amt", &["identity-b", "estimate"]),
    lie("2304", "setldetail", "fund_payamt", &["identity-details"]),
    lie("2206", "setlinfo", "overlmt_selfpay", &["identity-a", "identity-lines"]),
    lie("2303", "setlinfo", "acct_pay", &["identity-c"]),
    lie("2204", "result", "inscp_scp_amt", &["line"]),
    lie("2204", "result", "det_item_fee_sumamt", &["line"]),
    lie("2204", "result", "pric_uplmt_amt", &["listed"]),
    lie("2301", "result", "pric_uplmt_amt", &["listed"]),
    lie("2208", "setlinfo", "hifes_pay", &["reversal"]),
    lie("2305", "setlinfo", "psn_cash_pay", &["reversal"]),
    lie("5203", "setlinfo", "hifob_pay", &["query"]),
    lie("5204", "data", "preselfpay_amt", &["query"]),
];

/// The lies that were told, by message.
type Told = Arc<Mutex<BTreeMap<String, &'static Lie>>>;

/// A proxy in front of a server, that tells every second of these answers with a lie, each in its turn; it serves until the test
/// ends.
fn proxy(to: &str, lies: &'static [Lie]) -> (String, Told) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let told = Told::default();
    let (to, telling): (Arc<str>, _) = (to.into(), Arc::clone(&told));
    let turns = Arc::new(Mutex::new(BTreeMap::new()));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (to, told, turns) = (Arc::clone(&to), Arc::clone(&telling), Arc::clone(&turns));
            let choose = move |infno: &str| {
                let mut turns = turns.lock().unwrap();
                let turn: &mut usize = turns.entry(infno.to_owned()).or_default();
                *turn += 1;
                let of: Vec<&Lie> = lies.iter().filter(|lie| lie.infno == infno).collect();
                (*turn % 2 == 1 && !of.is_empty()).then(|| of[*turn / 2 % of.len()])
            };
            std::thread::spawn(move || pass(stream, &to, &told, &choose));
        }
    });
    (format!("http://{address}/national"), told)
}

/// Passes requests on and answers back until either side hangs up.
fn pass(client: TcpStream, to: &str, told: &Told, choose: &dyn Fn(&str) -> Option<&'static Lie>) -> Option<()> {
    let mut server = TcpStream::connect(to).ok()?;
    let (mut from_client, mut to_client) = (BufReader::new(client.try_clone().ok()?), client);
    let mut from_server = BufReader::new(server.try_clone().ok()?);
    loop {
        let (head, body) = message(&mut from_client)?;
        server.write_all(&[head.as_bytes(), b"\r\n", &body].concat()).ok()?;
        let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
        let (head, mut body) = message(&mut from_server)?;
        if let Some(lie) = choose(asked["infno"].as_str().unwrap_or_default())
            && let Some(changed) = changed(&body, lie)
        {
            told.lock().unwrap().insert(asked["msgid"].as_str()?.to_owned(), lie);
            body = changed;
        }
        let head: String = head.split_inclusive("\r\n").filter(|line| !is_length(line)).collect();
        let length = format!("content-length: {}\r\n\r\n", body.len());
        to_client.write_all(&[head.as_bytes(), length.as_bytes(), &body].concat()).ok()?;
    }
}

fn is_length(line: &str) -> bool {
    line.to_ascii_lowercase().starts_with("content-length:")
}

/// One message of HTTP: its head without the empty line, and its body.
fn message(from: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if is_length(&line) {
            length = line.split_once(':')?.1.trim().parse().ok()?;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// The answer with the amount a fen higher, of a list in its first row; nothing where there is no such amount.
fn changed(body: &[u8], lie: &Lie) -> Option<Vec<u8>> {
    let mut answer: Value = serde_json::from_slice(body).unwrap();
    let node = &mut answer["output"][lie.node];
    let node = if node.is_array() { node.get_mut(0)? } else { node };
    let fen = wire::amount::field(node, lie.field).filter(|_| !node[lie.field].is_null())?;
    node[lie.field] = wire::amount::yuan(fen + 1);
    Some(serde_json::to_vec(&answer).unwrap())
}

#[test]
fn a_fen_too_much_is_found_wherever_it_stands() {
    let books = Books::of("chongqing", 60);
    let served = books.serve("--profile default");
    let (url, _) = proxy(&served.address, &[]);
    books.play(&url, "--profile default --visits 10 --seed 5");
    let (url, told) = proxy(&served.address, LIES);
    let ran = books.ran(&url, "--profile default --visits 150 --seed 6 --clients 4");
    let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
    assert!(ran.code == 1 && report["good"] == json!(false), "{report:#}");
    assert!(report["broken"]["totals"].as_u64().is_some(), "what both sides have in the end differs: {report:#}");
    let examples = report["examples"].as_array().unwrap();
    let told = told.lock().unwrap();
    for (msgid, Lie { infno, node, field, kinds }) in &*told {
        let found: Vec<&Value> =
            examples.iter().filter(|one| one["msgid"] == msgid.as_str()).map(|one| &one["kind"]).collect();
        for kind in *kinds {
            assert!(found.iter().any(|one| *one == kind), "{msgid} {infno} {node}.{field}: no {kind} but {found:?}");
        }
    }
    for Lie { infno, node, field, .. } in LIES {
        let mut all = told.values();
        assert!(
            all.any(|lie| (lie.infno, lie.node, lie.field) == (infno, node, field)),
            "not told: {infno} {node}.{field}"
        );
    }
    drop(served);
    books.verify();
}
