//! Each finding of a check, seen.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use ventanilla::{
    aws::secrets::{SecretSource, SecretSourceError, SecretVersions, Versions},
    config::file::ConfigFile,
    credentials::CachedCredentials,
    domain::{
        channel::{Access, KaleyraApi, MetaAccess},
        health_check::CheckOutcome,
    },
    ports::{directory::Directory, health_check::HealthCheckReads},
    usecases::Ports,
    whatsapp::{http::client, inspectors::Inspectors, registry::Registry},
};
use ventanilla_local::{
    admin::{Environment, ExitStatus},
    diagnose::{Finding, HealthChecks, Means},
    secrets::FolderSecrets,
};
use ventanilla_sandbox::{AccountHealth, Fault, FaultRule};

use super::command;
use crate::harness::{CONFIG, Stand};

const ANA: &str = "+50212345678";

/// A stand whose channel 1 has received a customer's message, so that nothing is found.
async fn heard() -> Stand {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "hola").await;
    stand.running.sandbox.until_idle().await;
    stand
}

fn desk(stand: &Stand) -> Environment {
    let secrets = Arc::new(FolderSecrets::new(&std::env::temp_dir().join("ventanilla-no-such-folder")));
    Environment::new(
        stand.running.functions.app.core.ports.clone(),
        stand.running.table.clone(),
        secrets,
        &client().unwrap(),
    )
}

/// What a check of channel 1 says, with our own address known.
async fn check(stand: &Stand) -> Value {
    let line = format!("channel check 1 --tenant demo --json --public-url {}", stand.base());
    let said = command(&desk(stand), &line, "").await;
    let view = said.json()["checks"][0].clone();
    let found = !view["findings"].as_array().unwrap_or_else(|| panic!("{view}")).is_empty();
    assert!(said.ended.is_ok(), "{:?}", said.ended);
    if !found {
        assert_eq!(said.ended.ok(), Some(ExitStatus::Success));
    }
    view
}

fn codes(view: &Value) -> Vec<&str> {
    view["findings"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect()
}

/// The findings when the number has this status at Meta.
async fn found(stand: &Stand, standing: AccountHealth) -> Value {
    stand.running.sandbox.set_account_health("1001", standing);
    check(stand).await
}

fn refusing(question: &str, code: u32) -> AccountHealth {
    AccountHealth { refuse: [(question.to_owned(), code)].into(), ..AccountHealth::default() }
}

#[tokio::test]
async fn nothing_is_found_where_nothing_is_wrong_and_that_is_on_record() {
    let stand = heard().await;
    let view = check(&stand).await;
    assert_eq!((codes(&view), &view["outcome"]), (vec![], &json!("fine")), "{view}");
    assert_eq!(view["number"]["quality"], "GREEN");
    assert_eq!(view["number"]["messaging_limit"], "TIER_2K");
    assert_eq!(view["token"]["expires_at"], Value::Null);
    assert_eq!(view["templates"], 10);
    assert_eq!(view["callback"]["url"], view["expected_callback"]);
    assert!(view["last_inbound_at"].is_string());
    let (tenant, id) = (Stand::tenant(), "1".parse().unwrap());
    let first = stand.running.table.last_check(&tenant, id).await.unwrap().unwrap();
    assert_eq!(first.outcome, CheckOutcome::Fine);
    assert!(first.is_connected());

    let view = found(&stand, AccountHealth { status: "BANNED".to_owned(), ..AccountHealth::default() }).await;
    assert_eq!(view["outcome"], "failed");
    let second = stand.running.table.last_check(&tenant, id).await.unwrap().unwrap();
    assert_eq!((second.outcome, second.rev), (CheckOutcome::Failed, 2));
    assert!(!second.is_connected() && second.checked_at >= first.checked_at);
    let listed = command(&desk(&stand), "channel list --tenant demo --json", "").await.json();
    assert_eq!(listed["channels"][0]["last_check"]["outcome"], "failed");
    // Another tenant's channel of the same id has no check.
    let other = "other".parse().unwrap();
    assert!(stand.running.table.last_check(&other, id).await.unwrap().is_none());
}

#[tokio::test]
async fn each_fact_from_meta_makes_its_finding() {
    let stand = heard().await;
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    let usual = AccountHealth::default;
    let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let cases = [
        (AccountHealth { token_expires_at: 1, ..usual() }, "credentials_refused"),
        (AccountHealth { token_expires_at: now + 86_400, ..usual() }, "token_ends"),
        (AccountHealth { scopes: words(&["whatsapp_business_management"]), ..usual() }, "token_lacks_right"),
        (refusing("debug_token", 100), "token_untold"),
        (AccountHealth { display_phone_number: Some("15550109999".to_owned()), ..usual() }, "number_differs"),
        (refusing("number", 100), "number_missing"),
        (refusing("number", 2), "number_untold"),
        (refusing("number", 190), "credentials_refused"),
        (AccountHealth { status: "DISCONNECTED".to_owned(), ..usual() }, "number_unusable"),
        (AccountHealth { status: "FLAGGED".to_owned(), ..usual() }, "number_restricted"),
        (AccountHealth { quality: "RED".to_owned(), ..usual() }, "quality_low"),
        (refusing("standing", 100), "standing_untold"),
        (AccountHealth { subscribed_apps: Some(Vec::new()), ..usual() }, "not_subscribed"),
        (AccountHealth { subscribed_apps: Some(words(&["123"])), ..usual() }, "not_subscribed"),
        (refusing("subscribed_apps", 200), "listeners_untold"),
        (refusing("subscriptions", 190), "app_secret_wrong"),
        (refusing("subscriptions", 2), "webhook_untold"),
        (AccountHealth { active: false, ..usual() }, "no_webhook"),
        (AccountHealth { fields: Some(words(&["account_update"])), ..usual() }, "not_told_of_messages"),
        (
            AccountHealth {
                account_webhook_url: Some("https://old.example/hook?key=s".to_owned()),
                ..usual()
            },
            "callback_elsewhere",
        ),
    ];
    for (standing, code) in cases {
        let view = found(&stand, standing.clone()).await;
        assert_eq!(codes(&view), [code], "{standing:?}: {view}");
        let finding = &view["findings"][0];
        let told =
            ["severity", "side", "meaning", "remedy"].map(|name| finding[name].as_str().unwrap_or_default());
        assert!(told.iter().all(|text| !text.is_empty()), "{finding}");
        let text = view.to_string();
        assert!(
            !text.contains("token-1") && !text.contains("demo-app-secret") && !text.contains("key=s"),
            "{text}"
        );
        assert!(!text.contains("15550109999"), "a whole number of somebody else's: {text}");
    }
    // No webhook at all is also no address.
    let view = found(&stand, AccountHealth { fields: None, ..usual() }).await;
    assert_eq!(codes(&view), ["callback_nowhere", "no_webhook"]);
}

#[tokio::test]
async fn our_own_address_is_compared_and_shaken_hands_with() {
    let stand = heard().await;
    let check_at = async |url: &str| {
        let line = format!("channel check 1 --tenant demo --json --public-url {url}");
        command(&desk(&stand), &line, "").await.json()["checks"][0].clone()
    };
    let nobody = check_at("http://127.0.0.1:9").await;
    assert_eq!(codes(&nobody), ["callback_elsewhere", "handshake_unreachable"]);
    let elsewhere = check_at(&format!("{}/v1", stand.base())).await;
    assert_eq!(codes(&elsewhere), ["callback_elsewhere", "handshake_refused"]);
    let line = "channel check 1 --tenant demo --public-url ftp://x";
    assert_eq!(command(&desk(&stand), line, "").await.ended.err().map(|it| it.exit_code()), Some(2));
    // Without it the end of the address must do.
    let without = async || command(&desk(&stand), "channel check 1 --tenant demo --json", "").await.json();
    assert_eq!(codes(&without().await["checks"][0]), [""; 0]);
    stand.running.sandbox.set_webhook_url("1001", format!("{}/webhooks/meta/second", stand.base()));
    assert_eq!(codes(&without().await["checks"][0]), ["callback_elsewhere"]);
}

#[tokio::test]
async fn stored_facts_make_their_findings() {
    let stand = Stand::start().await;
    assert_eq!(codes(&check(&stand).await), ["never_heard"]);
    // A webhook of the app for a number without a channel.
    let stray = json!({ "entry": [{ "changes": [{ "field": "messages", "value": {
        "metadata": { "phone_number_id": "4711" }, "messages": [{ "id": "wamid.x", "from": "50212345678",
        "timestamp": "1", "type": "text", "text": { "body": "x" } }] } }] }] });
    assert_eq!(stand.callback("demo", "demo-app-secret", &stray).await.status, 200);
    assert_eq!(codes(&check(&stand).await), ["never_heard", "stray_callbacks"]);

    let stand = heard().await;
    stand.clock.advance(Duration::from_hours(73));
    assert_eq!(codes(&check(&stand).await), ["not_heard_since"]);
    let rule = FaultRule::new(Fault::TemplateList { page: 0, code: 10 }).from_number("1001").times(9);
    stand.running.sandbox.inject(rule);
    let mut channel =
        stand.running.table.channel(&Stand::tenant(), "1".parse().unwrap()).await.unwrap().unwrap();
    channel.disabled_at = Some(ventanilla::domain::time::Timestamp::from_millis(1));
    stand.running.table.put_channel(&channel).await.unwrap();
    let mut all = codes(&check(&stand).await).into_iter().map(str::to_owned).collect::<Vec<_>>();
    all.sort();
    assert_eq!(all, ["disabled", "not_heard_since", "templates_unreadable"]);
    channel.template_account = None;
    stand.running.table.put_channel(&channel).await.unwrap();
    assert!(codes(&check(&stand).await).contains(&"no_template_account"));
}

#[tokio::test]
async fn missing_secrets_are_found_before_they_are_needed() {
    let stand = heard().await;
    let table = &stand.running.table;
    let mut channel = table.channel(&Stand::tenant(), "1".parse().unwrap()).await.unwrap().unwrap();
    let Access::Meta(access) = channel.access.clone() else { panic!("channel 1 is at Meta") };
    channel.access = Access::Meta(MetaAccess { app: "nobody".parse().unwrap(), ..access });
    table.put_channel(&channel).await.unwrap();
    let view = check(&stand).await;
    assert_eq!(codes(&view), ["no_app_secret", "callback_elsewhere"]);
    assert_eq!(view["findings"][0]["side"], "receiving");

    let mut nine = channel.clone();
    (nine.id, nine.number) = ("9".parse().unwrap(), "15550100099".to_owned().try_into().unwrap());
    let Access::Meta(access) = nine.access.clone() else { panic!("channel 9 is at Meta") };
    let id = "1099".to_owned().try_into().unwrap();
    nine.access = Access::Meta(MetaAccess { app: "demo".parse().unwrap(), phone_number_id: id, ..access });
    table.put_channel(&nine).await.unwrap();
    let said = command(&desk(&stand), "channel check 9 --tenant demo --json", "").await;
    assert_eq!(codes(&said.json()["checks"][0]), ["no_credentials", "never_heard"]);

    let config = CONFIG.replace("verify_token = \"demo-verify-token\"", "verify_token = \"\"");
    let stand = Stand::start_with(ConfigFile::parse(&config).unwrap()).await;
    let view = check(&stand).await;
    assert!(codes(&view).contains(&"no_verify_token"), "{view}");
}

#[tokio::test]
async fn kaleyra_is_checked_with_its_documented_call() {
    let config = ConfigFile::parse(include_str!("../../../ventanilla.toml")).unwrap();
    let stand = Stand::start_with(config).await;
    let answer = stand
        .api
        .post(&format!("/sandbox/phones/{ANA}/messages"), &json!({ "text": "hola", "to": "15550100002" }))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let check = async || {
        let said = command(&desk(&stand), "channel check 2 --tenant demo --json", "").await;
        said.json()["checks"][0].clone()
    };
    let view = check().await;
    assert_eq!((codes(&view), &view["templates"]), (vec![], &json!(10)), "{view}");
    let table = &stand.running.table;
    let right = table.channel(&Stand::tenant(), "2".parse().unwrap()).await.unwrap().unwrap();
    let Access::Kaleyra(access) = right.access.clone() else { panic!("channel 2 is at Kaleyra") };
    let mut wrong = right.clone();
    wrong.number = "15550100077".to_owned().try_into().unwrap();
    table.put_channel(&wrong).await.unwrap();
    assert_eq!(codes(&check().await), ["number_missing"]);
    let mut wrong = right.clone();
    let mut v1 = access;
    v1.api = KaleyraApi::V1;
    wrong.access = Access::Kaleyra(v1);
    table.put_channel(&wrong).await.unwrap();
    assert_eq!(codes(&check().await), ["other_api"]);
    // The secret of a number at Meta for one at Kaleyra.
    let mut wrong = right.clone();
    wrong.id = "1".parse().unwrap();
    table.put_channel(&wrong).await.unwrap();
    let said = command(&desk(&stand), "channel check 1 --tenant demo --json", "").await;
    assert!(codes(&said.json()["checks"][0]).contains(&"foreign_credentials"));
    let said = command(&desk(&stand), "channel subscribe 2 --tenant demo", "").await;
    assert_eq!(said.ended.err().map(|it| it.exit_code()), Some(1));
}

#[tokio::test]
async fn the_doctor_says_why_nothing_arrives() {
    let stand = Stand::start().await;
    stand.running.sandbox.set_account_health(
        "1001",
        AccountHealth { subscribed_apps: Some(Vec::new()), ..AccountHealth::default() },
    );
    let line = format!("doctor --tenant demo --public-url {}", stand.base());
    let text = command(&desk(&stand), &line, "").await.text;
    assert!(text.contains("connected, but nothing arrives:"), "{text}");
    assert!(text.contains("ventanilla channel subscribe"), "{text}");
    let json = command(&desk(&stand), &format!("{line} --json"), "").await.json();
    let why = json["tenants"][0]["checks"][0]["nothing_arrives"].to_string();
    assert!(why.contains("not subscribed by our app"), "{why}");

    // Subscribed, everything seems to be right: it says what is left to look at.
    let said = command(&desk(&stand), "channel subscribe 1 --tenant demo --json", "").await;
    assert_eq!(said.json()["subscribed"], true, "{:?}", said.ended);
    let text = command(&desk(&stand), &line, "").await.text;
    assert!(text.contains("No other check failed"), "{text}");

    // Once a customer's message arrived there is nothing to explain, and nothing is found.
    stand.customer_writes(ANA, "hola").await;
    let said = command(&desk(&stand), &format!("{line} --json"), "").await;
    assert_eq!(said.ended.as_ref().ok(), Some(&ExitStatus::Success), "{}", said.text);
    assert_eq!(said.json()["tenants"][0]["checks"][0]["nothing_arrives"], Value::Null);

    // All tenants are looked at, and only its own channels are a tenant's.
    let json = command(&desk(&stand), "doctor --json", "").await.json();
    let count = |place: usize| json["tenants"][place]["checks"].as_array().unwrap().len();
    assert_eq!((count(0), count(1)), (1, 2));
    // A channel that opens nothing is not connected at all.
    stand
        .running
        .sandbox
        .set_account_health("1001", AccountHealth { token_expires_at: 1, ..AccountHealth::default() });
    let json = command(&desk(&stand), "doctor --tenant demo --json", "").await.json();
    assert_eq!(json["tenants"][0]["checks"][0]["nothing_arrives"], Value::Null);
}

/// A place of secrets that cannot be reached.
struct Down;

#[async_trait::async_trait]
impl SecretSource for Down {
    async fn read(&self, _: &str, _: Versions) -> Result<Option<SecretVersions>, SecretSourceError> {
        Err(SecretSourceError("down".to_owned()))
    }
}

#[tokio::test]
async fn an_unreachable_source_of_secrets_is_distinguished_from_missing_secrets() {
    let stand = heard().await;
    let credentials =
        CachedCredentials::new(Some(Arc::new(Down)), None, stand.clock.clone(), Registry::default());
    let ports = stand.running.functions.app.core.ports.clone();
    let ports = Ports { credentials: Arc::new(credentials), ..ports };
    let health_checks = HealthChecks::new(&ports);
    let channel = stand.running.table.channel(&Stand::tenant(), "1".parse().unwrap()).await.unwrap().unwrap();
    let inspectors = Inspectors::new(&client().unwrap());
    let means = Means { inspector: &inspectors, inbox: ports.inbox.as_ref(), archive: &stand.running.table };
    let checkup = Box::pin(health_checks.check_channel(channel, means, None)).await.unwrap();
    let codes: Vec<_> = checkup.findings.iter().map(Finding::code).collect();
    assert_eq!(codes, ["credentials_unavailable"], "of app and channel once");
    assert!(!checkup.is_deaf());
}

#[test]
fn every_finding_is_in_the_list_for_programs() {
    let source = include_str!("../../../local/src/diagnose/finding.rs");
    let codes = source.split("pub fn code(").nth(1).unwrap().split("pub fn severity(").next().unwrap();
    let codes: Vec<&str> = codes.split('"').skip(1).step_by(2).collect();
    assert!(codes.len() > 30, "{codes:?}");
    let list = include_str!("../../../local/README.md");
    for code in codes {
        assert!(list.contains(&format!("`{code}`")), "local/README.md does not have {code}");
    }
}
