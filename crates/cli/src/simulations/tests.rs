//! Runs in a folder, by the real engine.

use std::time::{Duration, Instant};

use pages::simulate::Simulations as _;

use super::*;

fn over(folder: &std::path::Path) -> Simulations {
    Simulations::new(&Shelf::over([]), folder.to_owned()).unwrap()
}

fn order(people: i64) -> Order {
    Order { region: "chongqing".to_owned(), year: 2022, people, seed: 1, ..Order::default() }
}

/// A draft that has catastrophic insurance pay sooner.
fn draft(id: &str) -> String {
    format!(
        "[notice]\nid = \"{id}\"\nkind = \"draft\"\ntitle = \"试写\"\nissued = 2021-12-31\nclauses = \"TRY\"\n\n\
         [[stage.catastrophic.deductible]]\nclause = \"TRY-01\"\nyear = 2022\nper = \"year\"\n\
         rows = [{{ amount = 10000 }}]\n"
    )
}

fn wait(simulations: &Simulations, until: impl Fn(&Simulations) -> bool) {
    let began = Instant::now();
    while !until(simulations) {
        assert!(began.elapsed() < Duration::from_secs(120), "{:?}", simulations.runs());
        thread::sleep(Duration::from_millis(5));
    }
}

fn is_over(id: u32) -> impl Fn(&Simulations) -> bool {
    move |simulations| simulations.run(id).is_none_or(|run| !run.state.is_going())
}

#[test]
fn a_run_is_there_when_it_is_whole_and_after_the_program_ended_and_began_again() {
    let folder = tempfile::tempdir().unwrap();
    let id = {
        let simulations = over(folder.path());
        let set = vec!["stage.catastrophic.deductible.amount=10000".to_owned()];
        let id = simulations.start(Order { set, ..order(1_000) }).unwrap();
        wait(&simulations, is_over(id));
        id
    };
    let simulations = over(folder.path());
    let State::Done(lines) = simulations.run(id).unwrap().state else { panic!("{:?}", simulations.runs()) };
    assert_eq!(lines.len(), 2);
    assert!(lines[1].paid > lines[0].paid && lines[1].winners > 0, "{lines:?}");
    let report = simulations.report(id, Lang::Zh).unwrap().unwrap();
    assert!(report.sections.iter().any(|part| part.charts.iter().any(|(_, svg)| svg.starts_with("<svg "))));
    assert!(
        report.sections.iter().flat_map(|part| &part.charts).all(|(_, svg)| !svg.contains("style")),
        "the pages' policy takes no style within"
    );
    assert!(simulations.file(id, "../order.json", Lang::Zh).unwrap().is_none());
    assert!(simulations.file(id, "summary.csv", Lang::Zh).unwrap().is_some());
    simulations.delete(id).unwrap();
    assert!(simulations.runs().is_empty());
    assert!(simulations.report(id, Lang::Zh).unwrap().is_none());
    assert!(simulations.file(id, "summary.csv", Lang::Zh).unwrap().is_none());
    drop(simulations);
    let again = over(folder.path()).start(order(1_000)).unwrap();
    assert_eq!(again, id + 1, "the number of a run that was deleted is not given again");
}

#[test]
fn runs_wait_for_each_other_and_those_that_are_ended_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let simulations = over(folder.path());
    let long = simulations.start(order(400_000)).unwrap();
    wait(&simulations, |simulations| matches!(simulations.run(long).unwrap().state, State::Running { .. }));
    let others: Vec<u32> = (0..WAITING).map(|_| simulations.start(order(1_000)).unwrap()).collect();
    assert_eq!(simulations.run(others[1]).unwrap().state, State::Waiting(2));
    let full = simulations.start(order(1_000)).unwrap_err();
    assert!(full[0].what.contains("queue full") && !full[0].cure.is_empty(), "{full:?}");
    simulations.delete(others[2]).unwrap();
    simulations.delete(long).unwrap();
    assert_eq!(simulations.run(long), None);
    wait(&simulations, is_over(others[1]));
    assert!(matches!(simulations.run(others[0]).unwrap().state, State::Done(_)));
    assert_eq!(simulations.runs().iter().map(|run| run.id).collect::<Vec<_>>(), [others[1], others[0]]);
    assert!(!folder.path().join("runs").join(long.to_string()).exists());
    let people: Vec<_> = std::fs::read_dir(folder.path().join("people")).unwrap().flatten().collect();
    assert_eq!(people.len(), 1, "what the cancelled run was making is gone: {people:?}");
}

/// The populations that lie in a folder.
fn populations(folder: &std::path::Path) -> Vec<String> {
    let all = std::fs::read_dir(folder.join("people")).into_iter().flatten().flatten();
    all.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn what_was_half_made_goes_with_a_run_that_fails_and_with_a_program_that_was_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let half = folder.path().join("people").join("chongqing-2022-0-1000-9");
    std::fs::create_dir_all(&half).unwrap();
    let simulations = over(folder.path());
    wait(&simulations, |_| populations(folder.path()).is_empty());
    // Of a population that is being made the last file cannot be written.
    let making = folder.path().join("people").join("chongqing-2022-0-5000-1");
    let id = simulations.start(order(5_000)).unwrap();
    wait(&simulations, |_| making.join("province.begun.toml").is_file());
    std::fs::create_dir_all(making.join("province.toml/taken")).unwrap();
    wait(&simulations, is_over(id));
    assert!(matches!(simulations.run(id).unwrap().state, State::Failed(..)), "{:?}", simulations.runs());
    assert_eq!(populations(folder.path()), Vec::<String>::new());
    let id = simulations.start(order(1_000)).unwrap();
    wait(&simulations, is_over(id));
    assert!(matches!(simulations.run(id).unwrap().state, State::Done(_)), "{:?}", simulations.runs());
    assert_eq!(populations(folder.path()), ["chongqing-2022-0-1000-1"]);
}

#[test]
fn what_a_program_that_ended_left_undone_is_said_to_be_so() {
    let folder = tempfile::tempdir().unwrap();
    let id = {
        let simulations = over(folder.path());
        let id = simulations.start(order(400_000)).unwrap();
        wait(&simulations, |simulations| matches!(simulations.run(id).unwrap().state, State::Running { .. }));
        id
    };
    let simulations = over(folder.path());
    assert_eq!(simulations.run(id).unwrap().state, State::Interrupted);
    assert_eq!(simulations.start(order(1_000)).unwrap(), id + 1, "no number is given twice");
}

#[test]
fn an_order_is_refused_with_the_fault_at_its_field() {
    let folder = tempfile::tempdir().unwrap();
    let simulations = over(folder.path());
    let set = ["stage.inpatient.cap[tier=first].amount=90000", "stage.assistance.cap.amount=*2", "no.such=1"];
    let faults = simulations.start(Order { set: set.map(str::to_owned).to_vec(), ..order(1_000) }).unwrap_err();
    let at: Vec<At> = faults.iter().map(|fault| fault.at).collect();
    assert!(at.contains(&At::Set(1)) && at.contains(&At::Set(2)) && !at.contains(&At::Set(0)), "{faults:?}");
    let faults = simulations.start(Order { draft: "chongqing-2099".to_owned(), ..order(1_000) }).unwrap_err();
    assert_eq!(faults[0].at, At::Draft);
    let faults = simulations.start(Order { draft: "tianjin-2022-draft".to_owned(), ..order(1_000) }).unwrap_err();
    assert_eq!(faults[0].at, At::Draft, "that of another region");
    let text = "[notice]\nid = \"x\"\nkind = \"notice\"\n";
    let faults = simulations.start(Order { text: text.to_owned(), ..order(1_000) }).unwrap_err();
    assert!(faults.iter().all(|fault| fault.at == At::Text && fault.what.contains("草案")), "{faults:?}");
    let faults = simulations.start(Order { text: draft("baseline"), ..order(1_000) }).unwrap_err();
    assert!(faults[0].at == At::Text && faults[0].what.contains("baseline"), "{faults:?}");
    assert!(simulations.runs().is_empty());
}

#[test]
fn a_region_that_decides_nothing_says_why_there_is_no_result() {
    let folder = tempfile::tempdir().unwrap();
    let simulations = over(folder.path());
    let id = simulations.start(Order { region: "jilin".to_owned(), ..order(1_000) }).unwrap();
    wait(&simulations, is_over(id));
    let State::Failed(what, cure) = simulations.run(id).unwrap().state else { panic!("{:?}", simulations.runs()) };
    assert!(what.contains("nothing to settle by") && !cure.is_empty(), "{what} {cure}");
}

#[test]
fn a_draft_that_is_pasted_makes_a_variant_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let simulations = over(folder.path());
    let id = simulations.start(Order { text: draft("lower-line"), ..order(1_000) });
    let id = id.unwrap_or_else(|faults| panic!("{faults:?}"));
    wait(&simulations, is_over(id));
    let State::Done(lines) = simulations.run(id).unwrap().state else { panic!("{:?}", simulations.runs()) };
    assert_eq!(lines[1].name, "lower-line");
    assert!(lines[1].paid > lines[0].paid, "{lines:?}");
}
