//! Faults of the store while a file is fetched: in every case its message is emitted once, and the file is
//! stored.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use ventanilla::{
    domain::{file::FileAddress, settings::Settings},
    ports::clock::{Clock, Deadline},
    usecases::{Context, Ports},
};
use ventanilla_sandbox::FileFault;

use super::{ANA, LAST, ana_sends, fetch_fails, last_media, media_fetch, photo, told_up_to_last};
use crate::harness::{Actor, DEMO_KEY, Fault, Socket, Stand, over};

/// A message with a file that no worker fetches by itself.
struct Scene {
    stand: Stand,
    conversation: u64,
    file: FileAddress,
}

impl Scene {
    async fn start(settings: Settings) -> Self {
        let stand = Stand::start_with_settings(settings).await;
        stand.running.fetching.abort();
        let conversation = ana_sends(&stand, photo()).await;
        let media = last_media(&stand, conversation).await;
        let id = media["media_id"].as_str().unwrap().trim_start_matches("media_").parse().unwrap();
        let file = FileAddress { tenant: Stand::tenant(), id };
        Self { stand, conversation, file }
    }

    fn deadline(&self) -> Deadline {
        Deadline(self.stand.clock.now().plus(Duration::from_mins(5)))
    }

    async fn fetch(&self, actor: &Actor) {
        // What it makes of the trouble is seen by what is there in the end.
        let media_fetch = media_fetch(&actor.functions);
        tokio::select! {
            _ = media_fetch.fetch(&self.file, self.deadline()) => {}
            () = actor.tap.crash() => {}
        }
    }

    async fn sweep(&self, actor: &Actor) {
        tokio::select! {
            _ = reconcile::handle(&actor.functions.reconcile, self.deadline()) => {}
            () = actor.tap.crash() => {}
        }
    }

    /// Everything works from now on: the sweep finds what was left, and the file is fetched.
    async fn recover(&self) {
        let healthy = self.stand.actor().await;
        for _ in 0..4 {
            self.stand.clock.advance(Duration::from_mins(7));
            self.sweep(&healthy).await;
            self.fetch(&healthy).await;
            if last_media(&self.stand, self.conversation).await["state"] == "ready" {
                return;
            }
        }
        panic!("the file never came");
    }

    /// The frames of the photo for a new socket, by type and whether the file was there.
    async fn told(&self) -> Vec<(String, bool)> {
        let query = format!("apiKey={DEMO_KEY}&resume_from=0");
        let mut socket = Socket::open(&self.stand.base(), &query, &[]).await.unwrap();
        self.stand.customer_writes(ANA, LAST).await;
        self.stand.follow().await;
        let told = told_up_to_last(&mut socket).await;
        let shown = |it: &Value| {
            (it["type"].as_str().unwrap().to_owned(), it["data"]["media"]["unavailable"].is_null())
        };
        told.iter().map(shown).collect()
    }

    async fn tellings(&self) -> Vec<bool> {
        let events = self.stand.api.get("/v1/events?after=0").await.json();
        let of_media = events["data"].as_array().unwrap().iter().filter(|it| it["data"]["change"] == "media");
        of_media.map(|it| it["data"]["first"].as_bool().unwrap()).collect()
    }
}

/// Who is at work when it breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// The fetcher, and the file is there.
    Fetch,
    /// The fetcher, and the provider does not have the file.
    FailedFetch,
    /// The fetcher, of a file that takes long.
    LongFetch,
    /// The sweep, after a file that no worker fetched.
    Sweep,
}

impl Work {
    async fn breaks(self, call: usize, fault: Fault) -> (Scene, bool) {
        let usual = Settings::default();
        let patience = if self == Self::LongFetch { Duration::ZERO } else { usual.file_patience };
        let scene = Scene::start(Settings { file_patience: patience, ..usual }).await;
        let mut actor = scene.stand.actor().await;
        let ports = actor.functions.app.core.ports.clone();
        let settings = Settings { file_patience: patience, ..ports.ctx.settings.clone() };
        let ctx = Arc::new(Context { settings, ..(*ports.ctx).clone() });
        actor.functions = over(&actor.functions, Ports { ctx, ..ports });
        match self {
            Self::Fetch | Self::LongFetch => {}
            Self::FailedFetch => fetch_fails(&scene.stand, FileFault::NotFound),
            Self::Sweep => scene.stand.clock.advance(Duration::from_secs(21)),
        }
        actor.tap.by_number(&[(call, fault)]);
        if self == Self::Sweep {
            scene.sweep(&actor).await;
        } else {
            scene.fetch(&actor).await;
        }
        let met = actor.tap.faults_left() == 0;
        (scene, met)
    }
}

async fn breaks_everywhere(work: Work, least: usize) {
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Blackout] {
        let mut call = 0;
        loop {
            let (scene, met) = work.breaks(call, fault).await;
            scene.recover().await;
            let told = scene.told().await;
            let which = format!("{work:?} {fault:?} at call {call}: {told:?}");
            let messages = told.iter().filter(|(kind, _)| kind == "whatsapp_message").count();
            assert_eq!(messages, 1, "{which}");
            let tellings = scene.tellings().await;
            assert_eq!(tellings.first(), Some(&true), "{which}");
            assert_eq!(tellings.iter().filter(|it| **it).count(), 1, "{which}");
            if !met {
                break;
            }
            call += 1;
        }
        assert!(call >= least, "{work:?} {fault:?}: only {call} calls");
    }
}

#[tokio::test]
async fn a_fetcher_that_breaks_off_anywhere() {
    breaks_everywhere(Work::Fetch, 4).await;
}

#[tokio::test]
async fn a_fetcher_that_breaks_off_after_it_failed() {
    breaks_everywhere(Work::FailedFetch, 4).await;
}

#[tokio::test]
async fn a_fetcher_that_breaks_off_while_it_takes_long() {
    breaks_everywhere(Work::LongFetch, 5).await;
}

#[tokio::test]
async fn a_sweep_that_breaks_off_anywhere() {
    breaks_everywhere(Work::Sweep, 3).await;
}
