//! Whether ABC Sales shows a channel as connected after a check.

use std::sync::Arc;

use serde_json::json;
use ventanilla::{
    config::file::ConfigFile,
    credentials::CachedCredentials,
    ports::directory::Directory,
    usecases::Ports,
    whatsapp::{http::client, inspectors::Inspectors, registry::Registry},
};
use ventanilla_local::{
    admin::Environment,
    diagnose::{Finding, HealthCheck, HealthChecks, Means},
    secrets::FolderSecrets,
};
use ventanilla_sandbox::AccountHealth;

use super::done;
use crate::harness::{CONFIG, Stand, config};

struct Scene {
    stand: Stand,
}

impl Scene {
    async fn start() -> Self {
        let stand = Stand::start().await;
        stand.customer_writes("+50212345678", "hola").await;
        Self { stand }
    }

    /// A check from a machine with this config file, which thinks that our address is this.
    async fn check(&self, config: ConfigFile, public_url: &str) -> HealthCheck {
        let running = &self.stand.running;
        let clock = self.stand.clock.clone();
        clock.advance(std::time::Duration::from_secs(31));
        let credentials = CachedCredentials::new(None, Some(Arc::new(config)), clock, Registry::default());
        let ports = Ports { credentials: Arc::new(credentials), ..running.functions.app.core.ports.clone() };
        let health_checks = HealthChecks::new(&ports);
        let channel = running.table.channel(&Stand::tenant(), "1".parse().unwrap()).await;
        let inspectors = Inspectors::new(&client().unwrap());
        let means = Means { inspector: &inspectors, inbox: ports.inbox.as_ref(), archive: &running.table };
        Box::pin(health_checks.check_channel(channel.unwrap().unwrap(), means, Some(public_url)))
            .await
            .unwrap()
    }

    async fn check_from_home(&self) -> HealthCheck {
        self.check(config(), &self.stand.base()).await
    }

    fn standing(&self, standing: AccountHealth) {
        self.stand.running.sandbox.set_account_health("1001", standing);
    }

    async fn is_connected(&self) -> bool {
        let listed = self.stand.api.get("/v1/messaging-channel-connections").await.json();
        listed["data"]["messaging_channel_connections"][0]["connected"].as_bool().unwrap()
    }
}

fn codes(checkup: &HealthCheck) -> Vec<&'static str> {
    checkup.findings.iter().map(Finding::code).collect()
}

/// The config of a machine that has no credentials of channel 1 and its app.
fn without_rights() -> ConfigFile {
    let elsewhere = CONFIG
        .replace("id = 1\ntenant", "id = 9\ntenant")
        .replace("default_channel = 1", "default_channel = 9");
    ConfigFile::parse(&elsewhere).unwrap()
}

#[tokio::test]
async fn a_check_from_the_wrong_place_disconnects_nothing() {
    let scene = Scene::start().await;
    scene.check_from_home().await;
    assert!(scene.is_connected().await);
    let found = scene.check(config(), "http://127.0.0.1:9").await;
    assert_eq!(codes(&found), ["callback_elsewhere", "handshake_unreachable"]);
    assert!(scene.is_connected().await, "the wrong address");
    let found = scene.check(without_rights(), &scene.stand.base()).await;
    assert!(codes(&found).contains(&"no_credentials"), "{:?}", codes(&found));
    assert!(scene.is_connected().await, "no credentials");
    let other_secret = CONFIG.replace("\"demo-app-secret\"", "\"a-wrong-secret\"");
    let refuse = [("subscriptions".to_owned(), 190)].into();
    scene.standing(AccountHealth { refuse, ..AccountHealth::default() });
    let found = scene.check(ConfigFile::parse(&other_secret).unwrap(), &scene.stand.base()).await;
    assert!(codes(&found).contains(&"app_secret_wrong"), "{:?}", codes(&found));
    assert!(scene.is_connected().await, "the wrong app secret");
}

#[tokio::test]
async fn a_provider_s_report_against_a_channel_counts_until_the_next_report() {
    let scene = Scene::start().await;
    let usual = AccountHealth::default;
    let refusing = |question: &str| AccountHealth { refuse: [(question.to_owned(), 2)].into(), ..usual() };
    // Against the channel, and then a check that cannot see that.
    let cases = [
        (AccountHealth { refuse: [("number".to_owned(), 190)].into(), ..usual() }, refusing("number")),
        (
            AccountHealth { display_phone_number: Some("15550109999".to_owned()), ..usual() },
            refusing("number"),
        ),
        (
            AccountHealth { scopes: vec!["whatsapp_business_management".to_owned()], ..usual() },
            refusing("debug_token"),
        ),
        (AccountHealth { status: "BANNED".to_owned(), ..usual() }, refusing("standing")),
        (AccountHealth { subscribed_apps: Some(Vec::new()), ..usual() }, refusing("subscribed_apps")),
    ];
    for (against, blind) in cases {
        scene.standing(against.clone());
        let found = codes(&scene.check_from_home().await);
        assert!(!scene.is_connected().await, "{found:?}");
        scene.standing(blind);
        let found = codes(&scene.check_from_home().await);
        assert!(!scene.is_connected().await, "{against:?} could not be seen: {found:?}");
        scene.check(without_rights(), &scene.stand.base()).await;
        assert!(!scene.is_connected().await, "{against:?}");
        scene.standing(usual());
        let found = scene.check(config(), "http://127.0.0.1:9").await;
        assert!(scene.is_connected().await, "{against:?} is over: {:?}", codes(&found));
    }
    let nowhere = FolderSecrets::new(&std::env::temp_dir().join("ventanilla-no-such-folder"));
    let (ports, table) =
        (scene.stand.running.functions.app.core.ports.clone(), scene.stand.running.table.clone());
    let desk = Environment::new(ports, table, Arc::new(nowhere), &client().unwrap());
    let listed = done(&desk, "channel list --tenant demo", "").await;
    let check = &listed["channels"][0]["last_check"];
    assert_eq!((&check["outcome"], &check["connected"]), (&json!("failed"), &json!(true)));
}
