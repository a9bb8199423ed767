//! Syncs that meet each other, the bounds of an account, and the end of their time.

use std::time::Duration;

use serde_json::json;
use std::sync::Arc;

use ventanilla::{
    config::file::ConfigFile,
    domain::channel::Channel,
    ports::clock::{Clock, Deadline},
    usecases::{UseCases, templates::SyncError},
};

use super::{LIST, change, lists, status_of};
use crate::harness::{CONFIG, Stand, eventually};

async fn channel(stand: &Stand) -> (Arc<UseCases>, Channel) {
    let core = stand.running.functions.app.core.clone();
    let channel = core.channels.default_channel(&Stand::tenant()).await.unwrap();
    (core, channel)
}

fn soon(stand: &Stand) -> Deadline {
    Deadline(stand.clock.now().plus(Duration::from_secs(25)))
}

#[tokio::test]
async fn two_syncs_at_once_write_each_template_once() {
    let stand = Stand::start().await;
    let (core, channel) = channel(&stand).await;
    let (one, two) = tokio::join!(
        core.templates.sync_templates(&channel, soon(&stand)),
        core.templates.sync_templates(&channel, soon(&stand))
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    let id = channel.template_account.as_ref().unwrap();
    let kept = core.ports.template_caches.templates(&Stand::tenant(), id).await.unwrap();
    assert_eq!(one.new + two.new, kept.len());
    let rows = stand.rows().await;
    assert_eq!(rows.values().filter(|row| row["kind"]["S"] == "template.changed").count(), kept.len());
}

#[tokio::test]
async fn a_list_that_was_asked_for_first_and_comes_last_undoes_nothing() {
    let stand = Stand::start().await;
    let (core, channel) = channel(&stand).await;
    core.templates.sync_templates(&channel, soon(&stand)).await.unwrap();
    let asked = lists(&stand);
    stand.clock.advance(Duration::from_secs(1));
    let hold = stand.running.sandbox.delay_list();
    let deadline = soon(&stand);
    let (first, ()) = tokio::join!(core.templates.sync_templates(&channel, deadline), async {
        eventually("the first list", async || (lists(&stand) > asked).then_some(())).await;
        change(&stand, "hello_world", "en_US", &json!({ "status": "PAUSED" })).await;
        stand.clock.advance(Duration::from_secs(1));
        let later = core.templates.sync_templates(&channel, soon(&stand)).await.unwrap();
        assert_eq!((later.new, later.changed, later.vanished), (0, 1, 0));
        hold.release();
    });
    let first = first.unwrap();
    assert_eq!((first.new, first.changed, first.vanished), (0, 0, 0));
    let listed = stand.api.get(&format!("{LIST}?all=true")).await;
    assert_eq!(status_of(&listed, "hello_world").as_deref(), Some("PAUSED"));
}

#[tokio::test]
async fn the_calls_of_an_account_are_bounded_over_all_tenants_that_are_in_it() {
    let shared = CONFIG.replace("waba_id = \"2002\"", "waba_id = \"2001\"");
    let stand = Stand::start_with(ConfigFile::parse(&shared).unwrap()).await;
    let (core, ours) = channel(&stand).await;
    let theirs = core.channels.default_channel(&"other".parse().unwrap()).await.unwrap();
    let mut waits = Vec::new();
    for _ in 0..60 {
        for channel in [&ours, &theirs] {
            match core.templates.sync_templates(channel, soon(&stand)).await {
                Ok(_) => {}
                Err(SyncError::TooOften { wait }) => waits.push(wait),
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert_eq!((lists(&stand), waits.len()), (100, 20));
    assert!(waits.iter().all(|wait| !wait.is_zero() && *wait <= Duration::from_secs(40)), "{waits:?}");
    // The copy at hand is served all the same, with its age.
    stand.clock.advance(Duration::from_secs(20));
    let served = stand.api.get(&format!("{LIST}?refresh=true")).await;
    let age: u64 = served.header("age").unwrap().parse().unwrap();
    assert!(served.status == 200 && age >= 20, "{age}");
    stand.clock.advance(Duration::from_secs(20));
    assert!(core.templates.sync_templates(&ours, soon(&stand)).await.is_ok());
    assert!(core.templates.sync_templates(&theirs, soon(&stand)).await.is_err());
}

#[tokio::test]
async fn a_list_for_which_no_time_is_left_is_completed_by_the_next() {
    let stand = Stand::start().await;
    let (core, channel) = channel(&stand).await;
    let hold = stand.running.sandbox.delay_list();
    let deadline = soon(&stand);
    let (late, ()) = tokio::join!(core.templates.sync_templates(&channel, deadline), async {
        eventually("the list", async || (lists(&stand) > 0).then_some(())).await;
        stand.clock.advance(Duration::from_secs(24));
        hold.release();
    });
    assert!(matches!(late, Err(SyncError::NoAnswer(_))), "{late:?}");
    let id = channel.template_account.as_ref().unwrap();
    assert_eq!(
        core.ports
            .template_caches
            .template_cache(&Stand::tenant(), id)
            .await
            .unwrap()
            .and_then(|it| it.synced_at),
        None
    );
    let next = core.templates.sync_templates(&channel, soon(&stand)).await.unwrap();
    assert!(next.new > 5);
}
