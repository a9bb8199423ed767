//! The owner of a channel's id, and the inbound address of its webhooks.

use std::sync::Arc;

use serde_json::{Value, json};
use ventanilla::{
    aws::dynamodb::ChannelError,
    config::file::ConfigFile,
    domain::{
        channel::{Access, Channel},
        id::{ChannelId, InboundAddress, TenantId},
        phone::Phone,
    },
    ports::directory::Directory,
    whatsapp::http::client,
};
use ventanilla_local::{admin::Environment, provision::provision, secrets::FolderSecrets};

use super::{Folder, done, refused};
use crate::harness::{CONFIG, Stand};

fn id(number: u64) -> ChannelId {
    number.try_into().unwrap()
}

fn tenant(name: &str) -> TenantId {
    name.parse().unwrap()
}

fn desk(stand: &Stand, folder: &Folder) -> Environment {
    let secrets = Arc::new(FolderSecrets::new(&folder.0));
    Environment::new(
        stand.running.functions.app.core.ports.clone(),
        stand.running.table.clone(),
        secrets,
        &client().unwrap(),
    )
}

/// A channel like that of tenant `demo`, with another tenant, id, number and line.
async fn channel(stand: &Stand, tenant: &str, number: u64, line: &str) -> Channel {
    let mut channel = stand.running.table.channel(&Stand::tenant(), id(1)).await.unwrap().unwrap();
    channel.tenant = tenant.parse().unwrap();
    channel.id = id(number);
    channel.number = Phone::parse(&format!("+1555010{number:04}")).unwrap();
    moved(channel, line)
}

fn moved(mut channel: Channel, line: &str) -> Channel {
    let Access::Meta(access) = &mut channel.access else { panic!("a channel at Meta") };
    access.phone_number_id = line.to_owned().try_into().unwrap();
    channel
}

async fn leads_to(stand: &Stand, line: &str) -> Option<u64> {
    let inbound_address = InboundAddress::from(&line.to_owned().try_into().unwrap());
    stand
        .running
        .table
        .channel_of_inbound_address(&inbound_address)
        .await
        .unwrap()
        .map(|channel| channel.id.get())
}

/// The row of a channel as an index shows it that lags behind: on no list.
async fn unlist(stand: &Stand, tenant: &str, number: u64) {
    let mut row = row_of(stand, tenant, number).await;
    for name in ["g1pk", "g1sk"] {
        row.as_object_mut().unwrap().remove(name).unwrap();
    }
    stand.put_row(&row).await;
}

async fn row_of(stand: &Stand, tenant: &str, number: u64) -> Value {
    stand.rows().await[&format!("\"T#{tenant}#\" \"CH#{number:016}\"")].clone()
}

/// Owners as they were before they were written down: not there.
async fn forget_owner(stand: &Stand, number: u64) {
    stand.drop_row(&format!("R#I#{number:016}"), "A").await;
    assert!(stand.running.table.channel_owner(id(number)).await.unwrap().is_none());
}

#[tokio::test]
async fn of_two_tenants_that_claim_a_channel_id_at_once_one_gets_it() {
    let stand = Stand::start().await;
    let table = &stand.running.table;
    for number in 20..30 {
        let demo = channel(&stand, "demo", number, &format!("4{number}")).await;
        let other = channel(&stand, "other", number, &format!("5{number}")).await;
        let (one, two) = tokio::join!(table.put_channel(&demo), table.put_channel(&other));
        let (winner, loser) = if one.is_ok() { ("demo", "other") } else { ("other", "demo") };
        let refused = [one, two].into_iter().filter_map(Result::err).collect::<Vec<_>>();
        assert!(
            matches!(&refused[..], [ChannelError::IdTaken { owner, .. }] if owner.as_str() == winner),
            "{refused:?}"
        );
        assert!(table.channel(&tenant(winner), id(number)).await.unwrap().is_some());
        assert!(table.channel(&tenant(loser), id(number)).await.unwrap().is_none());
        let lost = if loser == "demo" { format!("4{number}") } else { format!("5{number}") };
        assert_eq!(leads_to(&stand, &lost).await, None, "nothing of it was written");
    }
}

#[tokio::test]
async fn a_channel_that_no_list_shows_yet_keeps_its_id_and_its_credentials() {
    let (stand, folder) = (Stand::start().await, Folder::new());
    let desk = &desk(&stand, &folder);
    unlist(&stand, "other", 2).await;
    unlist(&stand, "other", 3).await;
    let add = "channel add --tenant demo --provider meta --number +15550100009 --app demo --waba-id 1 \
               --phone-number-id 77";
    let secret = r#"{"access_token":"token-of-demo"}"#;
    let (code, said) = refused(desk, &format!("{add} --id 2"), secret).await;
    assert!(code == 1 && said.contains("channel 2 belongs to tenant other"), "{said}");
    assert!(
        !folder.0.join("secrets/channel-2.json").exists(),
        "another tenant's credentials are written over"
    );
    let added = done(desk, add, secret).await;
    assert_eq!(added["channel"]["id"], 4, "the next one that is nobody's");
    // Nor is one of its own taken for a new one.
    unlist(&stand, "demo", 1).await;
    let (_, said) = refused(desk, &format!("{add} --id 1"), secret).await;
    assert_eq!(said, "channel 1 already exists");
}

#[tokio::test]
async fn a_config_file_cannot_claim_the_id_of_another_tenant_s_channel() {
    let stand = Stand::start().await;
    let table = &stand.running.table;
    let taken = CONFIG.replace("id = 1\ntenant = \"demo\"", "id = 2\ntenant = \"demo\"");
    let taken = taken.replace("id = 2\ntenant = \"other\"", "id = 7\ntenant = \"other\"");
    let taken = taken.replace("default_channel = 1", "default_channel = 2");
    let taken = taken.replacen(
        "default_channel = 2\n[[tenants.keys]]\nname = \"other\"",
        "default_channel = 7\n[[tenants.keys]]\nname = \"other\"",
        1,
    );
    let before = stand.rows().await;
    let file = ConfigFile::parse(&taken).unwrap();
    let refused = provision(table, &file, None, || {}).await.unwrap_err();
    assert!(
        matches!(&refused, ChannelError::IdTaken { owner, .. } if owner.as_str() == "other"),
        "{refused}"
    );
    assert!(refused.to_string().contains("channel 2 belongs to tenant other"), "{refused}");
    assert_eq!(stand.rows().await, before);
}

#[tokio::test]
async fn channels_of_before_owners_were_written_down_go_on() {
    let stand = Stand::start().await;
    let table = &stand.running.table;
    forget_owner(&stand, 2).await;
    // Its id belongs to the tenant all the same, and its next write stores the owner.
    let demo = channel(&stand, "demo", 2, "4002").await;
    assert!(matches!(table.put_channel(&demo).await, Err(ChannelError::IdTaken { .. })));
    let other = table.channel(&tenant("other"), id(2)).await.unwrap().unwrap();
    table.put_channel(&other).await.unwrap();
    assert_eq!(table.channel_owner(id(2)).await.unwrap().unwrap().tenant, tenant("other"));

    // Two tenants that had the same id before can both still change their channels.
    let mut row = row_of(&stand, "other", 2).await;
    row["pk"] = json!({ "S": "T#demo#" });
    row["tenant"] = json!({ "S": "demo" });
    row["phone_number_id"] = json!({ "S": "4002" });
    stand.put_row(&row).await;
    table.put_channel(&demo).await.unwrap();
    table.put_channel(&other).await.unwrap();
    assert_eq!(table.channel_owner(id(2)).await.unwrap().unwrap().tenant, tenant("other"));
}

#[tokio::test]
async fn a_line_that_a_channel_had_leads_there_no_more() {
    let stand = Stand::start().await;
    let table = &stand.running.table;
    let one = table.channel(&Stand::tenant(), id(1)).await.unwrap().unwrap();
    assert_eq!(leads_to(&stand, "1001").await, Some(1));
    table.put_channel(&moved(one.clone(), "1009")).await.unwrap();
    assert_eq!((leads_to(&stand, "1001").await, leads_to(&stand, "1009").await), (None, Some(1)));
    // So the number is free for another tenant.
    let four = channel(&stand, "other", 4, "1001").await;
    table.put_channel(&four).await.unwrap();
    assert_eq!(leads_to(&stand, "1001").await, Some(4));
    let back = table.put_channel(&one).await.unwrap_err();
    assert!(matches!(&back, ChannelError::LineTaken { owner, .. } if owner.as_str() == "other"), "{back}");
}

#[tokio::test]
async fn an_inbound_address_that_moved_to_another_channel_stays_there() {
    let stand = Stand::start().await;
    let table = &stand.running.table;
    let other = tenant("other");
    let two = table.channel(&other, id(2)).await.unwrap().unwrap();
    let three = table.channel(&other, id(3)).await.unwrap().unwrap();
    table.put_channel(&moved(two, "1003")).await.unwrap();
    table.put_channel(&moved(three, "1002")).await.unwrap();
    assert_eq!((leads_to(&stand, "1002").await, leads_to(&stand, "1003").await), (Some(3), Some(2)));
}
