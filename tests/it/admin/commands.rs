//! The commands on the data folder of a local server that runs.

use std::{fs, os::unix::fs::PermissionsExt, sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::net::TcpListener;
use ventanilla::whatsapp::http::client;
use ventanilla_local::{
    admin::{Admin, Environment, ExitStatus},
    server::{LocalServer, Options, start},
    store::Data,
};

use super::{Folder, command, done, refused};
use crate::harness::{Client, DEMO_KEY, TestClock, config};

/// A local server that keeps its data in a folder, and a desk on that folder.
struct Scene {
    running: LocalServer,
    clock: Arc<TestClock>,
    api: Client,
    desk: Environment,
    folder: Folder,
}

impl Scene {
    async fn start() -> Self {
        let folder = Folder::new();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let mut options = Options::new(listener, Data::Folder(folder.0.clone()), config());
        let clock = Arc::new(TestClock::default());
        options.clock = clock.clone();
        options.status_delay = Duration::from_millis(1);
        let running = start(options).await.unwrap();
        let desk = Environment::in_folder(folder.0.clone(), config()).await.unwrap();
        let base = format!("http://{}", running.address);
        let api = Client::new(client().unwrap(), base, Some(DEMO_KEY));
        Self { running, clock, api, desk, folder }
    }

    fn graph(&self) -> String {
        format!("http://{}/sandbox/graph", self.running.address)
    }

    async fn sends(&self) -> (u16, Value) {
        let body = json!({ "phoneNumber": "+50212345678", "content": "hola" });
        let answer = self.api.post("/api/whatsapp/send", &body).await;
        (answer.status.as_u16(), answer.json()["code"].clone())
    }
}

#[tokio::test]
async fn a_tenant_is_added_once_listed_and_changed() {
    let Scene { desk, .. } = &Scene::start().await;
    let added = done(desk, "tenant add acme --default-channel 7", "").await;
    assert_eq!(
        added,
        json!({ "tenant": { "id": "acme", "default_channel": 7, "handoff_phrases": [], "closing": { "handled_by": "bot", "assignee": "none" }, "bot": false } })
    );
    let listed = done(desk, "tenant list", "").await;
    let ids: Vec<_> = listed["tenants"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert_eq!(ids, ["acme", "demo", "other"]);
    assert_eq!(refused(desk, "tenant add acme --default-channel 1", "").await.0, 1);
    // A channel of another tenant is none of this one.
    let (code, said) = refused(desk, "tenant set acme --default-channel 1", "").await;
    assert_eq!((code, said.as_str()), (1, "tenant acme has no channel 1"));
    assert_eq!(refused(desk, "tenant set nobody --default-channel 1", "").await.0, 1);
    for wrong in
        ["tenant add ACME --default-channel 1", "tenant add acme", "tenant set acme", "tenant", "tenant lst"]
    {
        assert_eq!(refused(desk, wrong, "").await.0, 2, "{wrong}");
    }
    let text = command(desk, "tenant list", "").await.text;
    assert!(text.contains("acme  default channel 7"), "{text}");
}

#[tokio::test]
async fn a_key_is_shown_once_opens_the_api_and_is_revoked() {
    let Scene { desk, api, clock, .. } = &Scene::start().await;
    let made = done(desk, "key create --tenant demo --name crm --scope read,send,read", "").await;
    let key = made["key"]["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("vk_") && key.len() == 46, "{key}");
    assert_eq!(made["key"]["scopes"], json!(["read", "send"]));
    let crm = api.with_key(Some(&key));
    assert_eq!(crm.get("/v1/conversations").await.status, 200);
    assert_eq!(refused(desk, "key create --tenant demo --name crm --scope read", "").await.0, 1);
    assert_eq!(refused(desk, "key create --tenant nobody --name crm --scope read", "").await.0, 1);
    assert_eq!(refused(desk, "key create --tenant demo --name x --scope rule", "").await.0, 2);
    assert_eq!(refused(desk, "key create --tenant demo --name x", "").await.0, 2);

    let listed = command(desk, "key list --tenant demo --json", "").await;
    let row =
        listed.json()["keys"].as_array().unwrap().iter().find(|it| it["name"] == "crm").cloned().unwrap();
    assert!(!listed.text.contains(&key[3..]), "the list shows the key");
    assert_eq!((&row["id"], &row["revoked_at"]), (&made["key"]["id"], &Value::Null));
    assert!(row["created_at"].is_string() && row.get("key").is_none(), "{row}");

    // Another tenant's keys are not there.
    assert_eq!(refused(desk, "key revoke crm --tenant other", "").await.0, 1);
    let revoked = done(desk, "key revoke crm --tenant demo", "").await;
    assert!(revoked["key"]["revoked_at"].is_string());
    clock.advance(Duration::from_secs(61));
    assert_eq!(crm.get("/v1/conversations").await.status, 401);
    assert_eq!(refused(desk, "key revoke crm --tenant demo", "").await.0, 1);
    // Its name is free again; by its id the old one is still named.
    done(desk, "key create --tenant demo --name crm --scope read", "").await;
    let id = row["id"].as_str().unwrap();
    let again = done(desk, &format!("key revoke {id} --tenant demo"), "").await;
    assert_eq!(again["key"]["revoked_at"], revoked["key"]["revoked_at"]);
}

#[tokio::test]
async fn a_number_at_meta_is_added_to_a_running_server_and_sends() {
    let scene = Scene::start().await;
    let desk = &scene.desk;
    let line = format!(
        "channel add --tenant demo --provider meta --number +15550100009 --app demo --phone-number-id 1001 \
         --waba-id 2001 --graph-base-url {} --id 1",
        scene.graph()
    );
    let (code, said) = refused(desk, &line, r#"{"access_token":"x"}"#).await;
    assert_eq!((code, said.as_str()), (1, "channel 1 already exists"));

    let secret = r#"{"access_token":"token-1","app_secret":"demo-app-secret"}"#;
    let added = done(desk, &format!("{line} --replace --credentials -"), secret).await;
    assert_eq!(added["channel"]["number"], "+15550100009");
    assert_eq!(added["callback_path"], "/webhooks/meta/demo");
    assert_eq!(added["verify_token"].as_str().map(str::len), Some(43), "one is made");
    assert!(!added.to_string().contains("token-1"));
    assert_eq!(scene.sends().await.0, 200);

    // What functions read is there, for its owner only, and nowhere in the table.
    let file = scene.folder.0.join("secrets/channel-1.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(&file).unwrap().contains("token-1"));
    let listed = command(desk, "channel list --tenant demo --json", "").await;
    assert!(!listed.text.contains("token-1"));

    // Without --id the next free one, over all tenants; the phone number id must have no other channel.
    let next = "channel add --tenant demo --provider meta --number +15550100010 --app demo --waba-id 1";
    let (_, said) = refused(desk, &format!("{next} --phone-number-id 1002"), secret).await;
    assert_eq!(said, "another channel has this phone number id");
    let added = done(desk, &format!("{next} --phone-number-id 77"), secret).await;
    assert_eq!(added["channel"]["id"], 4);
    let (code, said) = refused(desk, next, secret).await;
    assert!(code == 2 && said.contains("--phone-number-id"), "{said}");
}

#[tokio::test]
async fn credentials_are_read_again_when_the_old_ones_are_rejected() {
    let scene = Scene::start().await;
    let desk = &scene.desk;
    done(desk, "channel credentials 1 --tenant demo", r#"{"access_token":"wrong"}"#).await;
    assert_eq!(scene.sends().await, (502, json!("provider_auth")));
    let checked = command(desk, "channel check 1 --tenant demo --json", "").await;
    assert_eq!(checked.ended.ok(), Some(ExitStatus::Findings));
    let json: Value = serde_json::from_str(&checked.text).unwrap();
    assert_eq!(json["checks"][0]["findings"][0]["code"], "credentials_refused");
    done(desk, "channel credentials 1 --tenant demo", r#"{"access_token":"token-1"}"#).await;
    scene.clock.advance(Duration::from_secs(31));
    assert_eq!(scene.sends().await.0, 200);
    assert_eq!(refused(desk, "channel credentials 9 --tenant demo", "{}").await.0, 1);
    assert_eq!(refused(desk, "channel credentials 2 --tenant demo", "{}").await.0, 1, "another tenant's");
}

#[tokio::test]
async fn a_number_at_kaleyra_gets_a_webhook_secret_and_keeps_the_old_one_while_rotating() {
    let Scene { desk, folder, .. } = &Scene::start().await;
    let line = "channel add --tenant demo --provider kaleyra --number +15550100011 --api v2 \
                --base-url https://api.example.io --waba-id 5";
    let added = done(desk, line, r#"{"sid":"HX1","api_key":"Akey"}"#).await;
    let path = added["callback_path"].as_str().unwrap().to_owned();
    let first = path.strip_prefix("/webhooks/kaleyra/4/").unwrap();
    assert_eq!(first.len(), 43);
    let input = r#"{"callback_secret":"another-secret-of-ours"}"#;
    let changed = done(desk, "channel credentials 4 --tenant demo", input).await;
    assert_eq!(changed["callback_path"], "/webhooks/kaleyra/4/another-secret-of-ours");
    let kept = fs::read_to_string(folder.0.join("secrets/channel-4.json")).unwrap();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    let kept: Value = serde_json::from_str(kept["current"].as_str().unwrap()).unwrap();
    let expected = json!({ "sid": "HX1", "api_key": "Akey", "callback_secret": "another-secret-of-ours",
        "previous_callback_secret": first });
    assert_eq!(kept, expected);
    // Credentials that functions could not use are not written, and a channel that is added again keeps its
    // old webhook secret.
    let (code, said) =
        refused(desk, "channel credentials 4 --tenant demo", r#"{"callback_secret":"short"}"#).await;
    assert!(code == 2 && said.contains("incomplete or invalid"), "{said}");
    let anew = format!("{line} --id 4 --replace");
    let changed = done(desk, &anew, r#"{"sid":"HX2","api_key":"Other"}"#).await;
    assert_eq!(changed["callback_path"], "/webhooks/kaleyra/4/another-secret-of-ours");
    let (code, said) = refused(desk, line, r#"{"sid":"HX1","api_key":"k","callback_secret":"short"}"#).await;
    assert!(code == 2 && said.contains("callback_secret of channel 5"), "{said}");
    let (_, said) = refused(desk, line, r#"{"access_token":"EAA"}"#).await;
    assert!(said.contains("access_token, which its provider does not know"), "{said}");
}

#[tokio::test]
async fn no_flag_accepts_a_credential() {
    let names = ["access_token", "app_secret", "verify_token", "api_key", "sid", "callback_secret"];
    let flags = names.map(|name| name.replace('_', "-"));
    for group in ["channel add", "channel credentials", "channel check", "key create", "doctor"] {
        let help = Admin::parse(format!("{group} --help").split_whitespace()).unwrap_err().to_string();
        assert!(help.contains("--json"), "{group}: {help}");
        for flag in &flags {
            assert!(!help.contains(&format!("--{flag}")), "{group} has --{flag}");
        }
    }
    for group in ["tenant", "key", "channel", "doctor"] {
        let help = Admin::parse([group, "--help"]).unwrap_err().to_string();
        assert!(help.contains("Examples:"), "{group}: {help}");
    }
}

#[tokio::test]
async fn changes_by_command_outlive_the_config_file() {
    let scene = Scene::start().await;
    done(&scene.desk, "key revoke read-only --tenant demo", "").await;
    done(&scene.desk, "channel disable 1 --tenant demo", "").await;
    let Scene { running, folder, desk, .. } = scene;
    drop(desk);
    running.stop().await;
    // The folder of a stopped server is opened by the desk itself, and so is one whose server restarts.
    let desk = Environment::in_folder(folder.0.clone(), config()).await.unwrap();
    drop(desk);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let running = start(Options::new(listener, Data::Folder(folder.0.clone()), config())).await.unwrap();
    let desk = Environment::in_folder(folder.0.clone(), config()).await.unwrap();
    let keys = done(&desk, "key list --tenant demo", "").await;
    let revoked = keys["keys"].as_array().unwrap().iter().filter(|it| it["revoked_at"].is_string()).count();
    let channels = done(&desk, "channel list --tenant demo", "").await;
    assert_eq!((revoked, channels["channels"][0]["disabled_at"].is_string()), (1, true));
    done(&desk, "channel enable 1 --tenant demo", "").await;
    let api = Client::new(client().unwrap(), format!("http://{}", running.address), Some(DEMO_KEY));
    let body = json!({ "phoneNumber": "+50212345678", "content": "hola" });
    assert_eq!(api.post("/api/whatsapp/send", &body).await.status, 200);
}

#[tokio::test]
async fn a_folder_without_data_and_a_command_without_a_place_say_so() {
    let folder = Folder::new();
    let failed = Environment::in_folder(folder.0.join("nothing"), config()).await.err().unwrap();
    assert!(failed.exit_code() == 1 && failed.to_string().contains("there is no data in"), "{failed}");
}

#[tokio::test]
async fn a_channel_whose_provider_is_unreachable_is_unknown_and_never_connected() {
    let Scene { desk, api, .. } = &Scene::start().await;
    // Nobody listens there.
    let line = "channel add --tenant demo --provider meta --number +15550100001 --app demo --phone-number-id 1001 \
                --waba-id 2001 --graph-base-url http://127.0.0.1:9 --id 1 --replace --credentials -";
    done(desk, line, r#"{"access_token":"token-1"}"#).await;
    let checked = command(desk, "channel check 1 --tenant demo", "").await;
    assert_eq!(checked.ended.ok(), Some(ExitStatus::Findings));
    assert!(checked.text.starts_with("channel 1 of demo, +15550100001: unknown\n"), "{}", checked.text);
    let listed = command(desk, "channel list --tenant demo", "").await.text;
    assert!(listed.contains("meta  unknown at "), "{listed}");
    assert!(!checked.text.contains("connected") && !listed.contains("connected"), "{}{listed}", checked.text);
    let listed = done(desk, "channel list --tenant demo", "").await;
    let check = &listed["channels"][0]["last_check"];
    assert_eq!((&check["outcome"], &check["connected"]), (&json!("unknown"), &Value::Null), "{check}");
    // A client of ABC Sales keeps what it had: the channel may well work.
    let shown = api.get("/v1/messaging-channel-connections").await.json();
    assert_eq!(shown["data"]["messaging_channel_connections"][0]["connected"], true, "{shown}");
}

#[tokio::test]
async fn a_verify_token_that_is_shown_answers_the_handshake_within_half_a_minute() {
    let Scene { desk, api, clock, .. } = &Scene::start().await;
    let shakes = async |token: &str| {
        let query = format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}");
        api.get(&format!("/webhooks/meta/demo?{query}")).await.status.as_u16()
    };
    assert_eq!(shakes("demo-verify-token").await, 200);
    let changed = done(desk, "channel credentials 1 --tenant demo", r#"{"app_secret":"another"}"#).await;
    let token = changed["verify_token"].as_str().unwrap();
    clock.advance(Duration::from_secs(31));
    assert_eq!(shakes(token).await, 200);
    assert_eq!(shakes("demo-verify-token").await, 403);
}
