//! What the tests share: a stand to run everything on, a client, a frozen clock, a tap on the calls to the
//! store.

mod aws;
mod binaries;
mod carrier;
mod client;
mod clock;
mod counting;
mod logging;
mod queue;
mod sources;
mod stand;
mod tap;
mod vault;
mod ws;

use std::{future::Future, time::Duration};

use serde_json::Value;

pub(crate) use aws::AwsFront;
pub(crate) use binaries::{binaries, root};
pub(crate) use carrier::{CALLBACK_SECRET, Carrier, Feature, KALEYRA_KEY, PREVIOUS_CALLBACK_SECRET, SID};
pub(crate) use client::{Answer, Client};
pub(crate) use clock::TestClock;
pub(crate) use counting::counting;
pub(crate) use logging::WANTED as LOGS_WANTED;
pub(crate) use queue::{HeldQueue, event};
pub(crate) use sources::{code, files, sources};
pub(crate) use stand::{Actor, CONFIG, DEMO_KEY, OTHER_KEY, Stand, config, over, signed, table_rows};
pub(crate) use tap::{Fault, Kind, Tap};
pub(crate) use vault::Vault;
pub(crate) use ws::Socket;

/// An id that an answer shows, with its prefix or without, as a test holds it.
pub(crate) trait IdNumber {
    fn id_number(&self) -> u64;
}

impl IdNumber for Value {
    fn id_number(&self) -> u64 {
        let shown = self.as_str().map(|text| text.rsplit('_').next().unwrap_or(text).parse());
        shown.map_or_else(|| self.as_u64().unwrap_or_else(|| panic!("no id: {self}")), Result::unwrap)
    }
}

/// Waits until `look` finds something; a test that waits in vain fails.
pub(crate) async fn eventually<T, F>(what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let found = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    found.await.unwrap_or_else(|_| panic!("waited in vain: {what}"))
}
