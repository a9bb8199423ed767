//! Carrying out many plans at a time, each on a backend that no other plan uses meanwhile.

use std::sync::{Arc, Mutex};

use tokio::{sync::Semaphore, task::JoinSet};

use super::{
    controls::Path,
    rig::{Rig, Run},
    trouble::Trouble,
    way::Way,
};
use crate::harness::Carrier;

/// Plans at a time: most of their time they wait.
const LANES: usize = 48;

/// Plans after which a backend is replaced: its lists grow.
const LIFE: u32 = 60;

/// Something to carry out.
pub(super) type Plan = (Way, Vec<Trouble>);

/// Backends at the ready.
#[derive(Clone)]
pub(super) struct Pool {
    idle: Arc<Mutex<Vec<Rig>>>,
    lanes: Arc<Semaphore>,
    path: Path,
    carrier: Carrier,
}

impl Pool {
    /// Backends whose channel is at Meta.
    pub(super) fn new(path: Path) -> Self {
        Self { idle: Arc::default(), lanes: Arc::new(Semaphore::new(LANES)), path, carrier: Carrier::Meta }
    }

    /// Ours, with the channel at this provider.
    pub(super) fn at(carrier: Carrier) -> Self {
        Self { carrier, ..Self::new(Path::Real) }
    }

    /// Carries all of them out; the order of the outcome is that of the plans.
    pub(super) async fn run(&self, plans: Vec<Plan>) -> Vec<(Plan, Run)> {
        let mut running = JoinSet::new();
        for (place, plan) in plans.into_iter().enumerate() {
            let pool = self.clone();
            running.spawn(async move {
                let _lane = pool.lanes.acquire().await.unwrap();
                let run = Box::pin(pool.run_one(&plan)).await;
                (place, plan, run)
            });
        }
        let mut done = Vec::with_capacity(running.len());
        while let Some(ended) = running.join_next().await {
            done.push(ended.unwrap());
        }
        done.sort_by_key(|(place, ..)| *place);
        done.into_iter().map(|(_, plan, run)| (plan, run)).collect()
    }

    async fn run_one(&self, (way, plan): &Plan) -> Run {
        let idle = self.idle.lock().unwrap().pop();
        let mut rig = match idle {
            Some(rig) => rig,
            None => Rig::start(self.path, self.carrier).await,
        };
        let run = rig.play(*way, plan).await;
        // What a bad plan left behind must not be blamed on the next one.
        if run.verdict.wrong.is_empty() && rig.plans < LIFE {
            self.idle.lock().unwrap().push(rig);
        }
        run
    }
}
