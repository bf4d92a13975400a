//! A population in columns gives, bill by bill and layer by layer, what the bills give one at a time.

#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

use domain::Layer;
use settlement::{Columns, NoSteps, Options, State, Unfit, Visit};
use testkit::people::{self, World};
use testkit::policies;

const PERSONS: u64 = 4_000;

#[test]
fn columns_give_what_bills_give_one_at_a_time() {
    let library = policies::shipped();
    for world in people::worlds() {
        let engine = policies::engine(&library, world.region, world.first, world.last, Options::default());
        for plan in engine.plans() {
            let mut columns = match Columns::new(plan) {
                Ok(columns) => columns,
                // Years that depend on each other need the ordered form.
                Err(refused) => {
                    assert_eq!((world.region, refused), ("tianjin", Unfit::Carries));
                    continue;
                }
            };
            let mut one_at_a_time = Vec::new();
            for seed in 0..PERSONS {
                let mut state = State::default();
                for visit in visits(&world, plan, seed) {
                    let mut paid = vec![0; plan.stages.len()];
                    let settled = plan.run(&visit, &mut state, &mut paid, &mut NoSteps);
                    let pushed = columns.push(&visit);
                    assert_eq!(settled.is_ok(), pushed.is_ok(), "{} seed {seed}: {visit:?}", world.region);
                    if settled.is_ok() {
                        let mut by_layer = [0; Layer::ALL.len()];
                        for (stage, paid) in plan.stages.iter().zip(&paid) {
                            by_layer[stage.layer as usize] += paid;
                        }
                        one_at_a_time.push(by_layer);
                    }
                }
                columns.next_person();
            }
            let mut in_columns = vec![[0; Layer::ALL.len()]; columns.len()];
            columns.settle(&mut in_columns);
            assert_eq!(in_columns.len(), one_at_a_time.len());
            let differs = in_columns.iter().zip(&one_at_a_time).position(|(a, b)| a != b);
            if let Some(at) = differs {
                panic!("{} from {}, bill {at}: {:?} {:?}", world.region, plan.from, in_columns[at], one_at_a_time[at]);
            }
        }
    }
}

/// The visits that a life's bills of one plan's first year are.
fn visits(world: &World, plan: &settlement::Plan, seed: u64) -> Vec<Visit> {
    let mut bills = world.life(seed).bills;
    bills.retain(|bill| bill.date.year() == plan.from.year());
    bills.sort_by_key(|bill| bill.date);
    bills.iter().filter_map(|bill| plan.visit(bill).ok()).collect()
}
