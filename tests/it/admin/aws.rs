//! Every command of the real binary against AWS: the table that `VENTANILLA_TABLE` names and Secrets Manager, at one
//! address on this machine. Nothing of it may come to lie in the folder that the command is run in.

use std::{fs, process::Stdio};

use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, process::Command};
use ventanilla::ports::clock::Clock;
use ventanilla_local::server::TABLE;

use super::Folder;
use crate::harness::{AwsFront, CONFIG, Stand, Vault, binaries};

const REGION: &str = "eu-west-1";

/// What a command said, and how it ended.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

/// The environment of an operator, with an emulated AWS account.
struct Scene {
    stand: Stand,
    vault: Vault,
    aws: AwsFront,
    folder: Folder,
    environment: Vec<(&'static str, String)>,
}

impl Scene {
    async fn start() -> Self {
        let (stand, vault) = (Stand::start().await, Vault::default());
        let secret = |name: &str, fields: Value| vault.keep(name, "AWSCURRENT", &fields);
        secret("ventanilla/channel/1", json!({ "access_token": "token-1" }));
        secret(
            "ventanilla/app/demo",
            json!({ "app_secret": "demo-app-secret", "verify_token": "demo-verify-token" }),
        );
        let aws = AwsFront::start(vault.clone(), Some(stand.tap.url.clone())).await;
        let environment = vec![
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ENDPOINT_URL", aws.url.clone()),
            ("VENTANILLA_TABLE", TABLE.to_owned()),
        ];
        Self { stand, vault, aws, folder: Folder::new(), environment }
    }

    fn without(mut self, variable: &str) -> Self {
        self.environment.retain(|(name, _)| *name != variable);
        self
    }

    fn with(mut self, variable: &'static str, value: &str) -> Self {
        self.environment.push((variable, value.to_owned()));
        self
    }

    fn target(&self) -> String {
        format!("target: table {TABLE} in {REGION} at {}", self.aws.url)
    }

    async fn run(&self, line: &str, input: &str) -> Ran {
        let mut process = Command::new(binaries().await.join("ventanilla"))
            .args(line.split_whitespace())
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder.0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut standard_input = process.stdin.take().unwrap();
        // A command that reads nothing may have ended by now.
        let _ = standard_input.write_all(input.as_bytes()).await;
        drop(standard_input);
        let ended = process.wait_with_output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let left: Vec<_> = fs::read_dir(&self.folder.0).unwrap().collect();
        assert!(left.is_empty(), "{line} left {left:?} in its folder");
        Ran { code: ended.status.code(), out: text(ended.stdout), err: text(ended.stderr) }
    }

    /// Carries a command out in AWS; gives its exit code and what it said as JSON, all of which must be JSON.
    async fn said(&self, line: &str, input: &str) -> (Option<i32>, Value) {
        let ran = self.run(&format!("{line} --json"), input).await;
        assert!(ran.err.starts_with(&self.target()), "{line}: {ran:?}");
        assert!(!self.aws.calls().is_empty(), "{line} did not call AWS");
        (ran.code, serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{line}: {error}, {ran:?}")))
    }

    /// The same of a command that must find nothing.
    async fn done(&self, line: &str, input: &str) -> Value {
        let (code, said) = self.said(line, input).await;
        assert_eq!(code, Some(0), "{line}: {said}");
        said
    }

    async fn channel(&self, id: u64) -> Value {
        let listed = self.done("channel list", "").await;
        let all = listed["channels"].as_array().unwrap();
        all.iter().find(|channel| channel["id"] == id).unwrap_or_else(|| panic!("{listed}")).clone()
    }
}

#[tokio::test]
async fn tenant_add() {
    let scene = Scene::start().await;
    scene.done("tenant add acme --default-channel 7", "").await;
    let table = &scene.stand.running.table;
    let found = table.tenants().await.unwrap().into_iter().find(|tenant| tenant.id.as_str() == "acme");
    assert_eq!(found.unwrap().default_channel.get(), 7);
}

#[tokio::test]
async fn tenant_set() {
    let scene = Scene::start().await;
    let said = scene.done("tenant set demo --handoff-phrase operador", "").await;
    assert_eq!(said["tenant"]["handoff_phrases"], json!(["operador"]));
    let listed = scene.done("tenant list", "").await;
    assert!(listed.to_string().contains("operador"), "{listed}");
}

#[tokio::test]
async fn tenant_list() {
    let scene = Scene::start().await;
    let listed = scene.done("tenant list", "").await;
    let ids: Vec<&Value> = listed["tenants"].as_array().unwrap().iter().map(|tenant| &tenant["id"]).collect();
    assert_eq!(ids, ["demo", "other"]);
    // For people the target is written to the other stream.
    let ran = scene.run("tenant list", "").await;
    assert_eq!((ran.code, ran.err), (Some(0), format!("{}\n", scene.target())));
    assert!(ran.out.starts_with("demo  default channel 1"), "{}", ran.out);
}

#[tokio::test]
async fn key_create() {
    let scene = Scene::start().await;
    let made = scene.done("key create --tenant demo --name crm --scope send,read", "").await;
    let key = made["key"]["key"].as_str().unwrap().to_owned();
    let crm = scene.stand.api.with_key(Some(&key));
    assert_eq!(crm.get("/v1/conversations").await.status, 200);
}

#[tokio::test]
async fn key_list() {
    let scene = Scene::start().await;
    let listed = scene.done("key list --tenant demo", "").await;
    let names: Vec<&Value> = listed["keys"].as_array().unwrap().iter().map(|key| &key["name"]).collect();
    assert_eq!(names, ["demo", "read-only"]);
}

#[tokio::test]
async fn key_revoke() {
    let scene = Scene::start().await;
    let revoked = scene.done("key revoke read-only --tenant demo", "").await;
    assert!(revoked["key"]["revoked_at"].is_string(), "{revoked}");
    let keys = scene.stand.running.table.api_keys(&Stand::tenant()).await.unwrap();
    assert_eq!(keys.iter().filter(|(_, key)| key.revoked_at.is_some()).count(), 1);
}

#[tokio::test]
async fn channel_add() {
    let scene = Scene::start().await;
    let line = "channel add --id 9 --tenant demo --provider meta --number +15550100009 --app main \
                --phone-number-id 1009 --waba-id 2009";
    let added = scene.done(line, r#"{"access_token":"a token","app_secret":"a secret"}"#).await;
    assert_eq!(added["callback_path"], "/webhooks/meta/main");
    assert_eq!(scene.vault.current("ventanilla/channel/9"), Some(json!({ "access_token": "a token" })));
    let app = scene.vault.current("ventanilla/app/main").unwrap();
    let shown = &added["verify_token"];
    assert!(shown.is_string() && app["verify_token"] == *shown, "{added}");
    assert_eq!(scene.channel(9).await["number"], "+15550100009");
}

#[tokio::test]
async fn channel_credentials() {
    let scene = Scene::start().await;
    let changed = scene.done("channel credentials 1 --tenant demo", r#"{"app_secret":"another"}"#).await;
    // The token that is kept stays in force, and is the one that is shown.
    let app = scene.vault.current("ventanilla/app/demo").unwrap();
    assert_eq!(
        (&app["app_secret"], &app["previous_app_secret"]),
        (&json!("another"), &json!("demo-app-secret"))
    );
    assert_eq!(app["verify_token"], changed["verify_token"]);
    assert_eq!(changed["verify_token"], "demo-verify-token");
    let changed = scene.done("channel credentials 1 --tenant demo", r#"{"access_token":"new"}"#).await;
    assert_eq!(changed["verify_token"], Value::Null);
    assert_eq!(scene.vault.current("ventanilla/channel/1"), Some(json!({ "access_token": "new" })));
    // With Secrets Manager down nothing is changed and no token is shown.
    scene.vault.goes_down();
    let (code, said) = scene.said("channel credentials 1 --tenant demo", r#"{"app_secret":"third"}"#).await;
    assert_eq!(code, Some(1));
    let words: Vec<&String> = said.as_object().unwrap().keys().collect();
    assert_eq!(words, ["error"], "{said}");
}

#[tokio::test]
async fn channel_check() {
    let scene = Scene::start().await;
    let url = scene.stand.base();
    let (_, checked) = scene.said(&format!("channel check 1 --tenant demo --public-url {url}"), "").await;
    let check = &checked["checks"][0];
    assert_eq!((&check["channel"]["id"], &check["outcome"]), (&json!(1), &json!("warned")), "{check}");
    assert_eq!(check["number"]["quality"], "GREEN");
    assert_eq!(scene.channel(1).await["last_check"]["connected"], true);
}

#[tokio::test]
async fn channel_list() {
    let scene = Scene::start().await;
    let listed = scene.done("channel list --tenant other", "").await;
    let ids: Vec<&Value> =
        listed["channels"].as_array().unwrap().iter().map(|channel| &channel["id"]).collect();
    assert_eq!(ids, [2, 3]);
}

#[tokio::test]
async fn channel_disable() {
    let scene = Scene::start().await;
    scene.done("channel disable 1 --tenant demo", "").await;
    assert!(scene.channel(1).await["disabled_at"].is_string());
}

#[tokio::test]
async fn channel_enable() {
    let scene = Scene::start().await;
    scene.done("channel disable 1 --tenant demo", "").await;
    scene.done("channel enable 1 --tenant demo", "").await;
    assert!(scene.channel(1).await["disabled_at"].is_null());
}

#[tokio::test]
async fn channel_subscribe() {
    let scene = Scene::start().await;
    let said = scene.done("channel subscribe 1 --tenant demo", "").await;
    assert_eq!((&said["subscribed"], &said["channel"]["id"]), (&json!(true), &json!(1)));
}

#[tokio::test]
async fn doctor() {
    let scene = Scene::start().await;
    // Channels 2 and 3 have no secrets here, so something is found.
    let (code, said) = scene.said("doctor", "").await;
    let tenants: Vec<&Value> =
        said["tenants"].as_array().unwrap().iter().map(|tenant| &tenant["tenant"]).collect();
    assert_eq!((code, tenants), (Some(1), vec![&json!("demo"), &json!("other")]), "{said}");
    assert!(said.to_string().contains("no_credentials"), "{said}");
}

#[tokio::test]
async fn provision() {
    let scene = Scene::start().await;
    let elsewhere = Folder::new();
    let file = elsewhere.0.join("company.toml");
    let config = CONFIG
        .replace("graph_base_url = \"sandbox\"", "graph_base_url = \"https://graph.example\"")
        .replace("default_channel = 1", "default_channel = 1\nclosing = { handled_by = \"same\" }");
    fs::write(&file, config).unwrap();
    let said = scene.done(&format!("provision --config {}", file.display()), "").await;
    assert_eq!(said, json!({ "tenants": 2, "channels": 3, "keys": 3 }));
    let listed = scene.done("tenant list", "").await;
    assert_eq!(listed["tenants"][0]["closing"]["handled_by"], "same");
    // The demo is for local servers.
    let (code, said) = scene.said("provision", "").await;
    assert_eq!(code, Some(2));
    assert!(said["error"]["message"].as_str().unwrap().contains("uses the sandbox"), "{said}");
}

#[tokio::test]
async fn replay() {
    let scene = Scene::start().await;
    scene.stand.customer_writes("+50212345678", "hola").await;
    let now = scene.stand.clock.now();
    let from = ventanilla::domain::time::Timestamp::from_millis(now.millis() - 60_000).iso_seconds();
    let until = ventanilla::domain::time::Timestamp::from_millis(now.millis() + 60_000).iso_seconds();
    let span = format!("replay --from {from} --until {until}");
    let said = scene.done(&span, "").await;
    let owners: Vec<&Value> = said["owners"].as_array().unwrap().iter().map(|it| &it["owner"]).collect();
    let expected =
        ["tenant demo", "tenant other", "app/demo, without a tenant", "app/second, without a tenant"];
    assert_eq!(owners, expected);
    assert_eq!(said["owners"][0]["items"]["known"], 1, "{said}");
    let text = scene.run(&format!("{span} --tenant demo"), "").await.out;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.first(), Some(&"tenant demo: 1 webhooks with 1 items"), "{text}");
    assert_eq!(scene.run(&format!("replay --from {until} --until {from}"), "").await.code, Some(2));
}

/// A line of each command.
const LINES: [&str; 16] = [
    "tenant add acme --default-channel 1",
    "tenant set demo --close-to bot",
    "tenant list",
    "key create --tenant demo --name crm --scope read",
    "key list --tenant demo",
    "key revoke read-only --tenant demo",
    "channel add --tenant demo --provider kaleyra --number +15550100011 --api v2 --base-url https://a.example",
    "channel credentials 1 --tenant demo",
    "channel check 1 --tenant demo",
    "channel list",
    "channel disable 1 --tenant demo",
    "channel enable 1 --tenant demo",
    "channel subscribe 1 --tenant demo",
    "doctor",
    "provision",
    "replay --from 2026-11-20T00:00:00Z",
];

#[tokio::test]
async fn no_command_works_without_a_target() {
    let scene = Scene::start().await.without("VENTANILLA_TABLE");
    for line in LINES {
        let ran = scene.run(line, "{}").await;
        assert_eq!(ran.code, Some(2), "{line}: {ran:?}");
        assert!(ran.err.contains("no target: set VENTANILLA_TABLE"), "{line}: {ran:?}");
    }
    assert_eq!(scene.aws.calls(), [""; 0]);
}

#[tokio::test]
async fn the_region_is_that_of_the_aws_tools_or_it_is_missed_by_name() {
    let scene = Scene::start().await.without("AWS_REGION");
    let ran = scene.run("tenant list", "").await;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains(&format!("table {TABLE} cannot be reached")), "{ran:?}");
    assert!(ran.err.contains("AWS_REGION"), "{ran:?}");
    let scene = scene.with("AWS_DEFAULT_REGION", REGION);
    scene.done("tenant list", "").await;
}

#[tokio::test]
async fn a_folder_that_is_named_is_the_target_and_aws_is_not_called() {
    let scene = Scene::start().await;
    let elsewhere = Folder::new();
    let nothing = elsewhere.0.join("nothing");
    let ran = scene.run(&format!("tenant list --json --data {}", nothing.display()), "").await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.starts_with(&format!("target: folder {}\n", nothing.display())), "{ran:?}");
    let said: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(said["error"]["message"].as_str().unwrap().contains("there is no data in"), "{said}");
    assert_eq!(scene.aws.calls(), [""; 0]);
}

#[tokio::test]
async fn the_version_is_printed() {
    let ran = Scene::start().await.run("--version", "").await;
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), concat!("ventanilla ", env!("CARGO_PKG_VERSION"), "\n"))
    );
}

#[tokio::test]
async fn the_server_keeps_its_own_options() {
    let scene = Scene::start().await;
    for line in ["--memory --data x", "serve --memory --data x"] {
        let ran = scene.run(line, "").await;
        assert!(ran.code == Some(2) && ran.err.contains("--memory"), "{line}: {ran:?}");
    }
    let help = scene.run("serve --help", "").await.out;
    assert!(help.contains("[default: .ventanilla]"), "{help}");
}
