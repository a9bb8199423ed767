//! Rotating an app's secret by command: what it signed with until now stays valid, however often anything is written.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use ventanilla::{
    aws::secrets::{SecretSink, SecretSource, SecretSourceError, SecretVersions, Versions},
    credentials::CachedCredentials,
    ports::credentials::{Credentials, Freshness},
    whatsapp::{http::client, registry::Registry},
};
use ventanilla_local::{admin::Environment, secrets::FolderSecrets};

use super::{Folder, command, done};
use crate::harness::Stand;

/// A desk with a folder of secrets, and what a function would read there.
struct Scene {
    stand: Stand,
    folder: Folder,
    desk: Environment,
}

impl Scene {
    async fn start() -> Self {
        let (stand, folder) = (Stand::start().await, Folder::new());
        let secrets = Arc::new(FolderSecrets::new(&folder.0));
        let (ports, table) = (stand.running.functions.app.core.ports.clone(), stand.running.table.clone());
        let desk = Environment::new(ports, table, secrets, &client().unwrap());
        Self { stand, folder, desk }
    }

    async fn give(&self, fields: serde_json::Value) {
        done(&self.desk, "channel credentials 1 --tenant demo", &fields.to_string()).await;
    }

    /// The secrets that may sign webhooks, each once.
    async fn signing(&self) -> Vec<String> {
        let source = Arc::new(FolderSecrets::new(&self.folder.0));
        let credentials =
            CachedCredentials::new(Some(source), None, self.stand.clock.clone(), Registry::default());
        let app = credentials.app(&"demo".parse().unwrap(), Freshness::Cached).await.unwrap();
        let mut all = Vec::new();
        for secret in app.signing.iter().map(|it| it.expose_secret().to_owned()) {
            if !all.contains(&secret) {
                all.push(secret);
            }
        }
        all
    }
}

#[tokio::test]
async fn the_secret_before_signs_until_the_next_one_comes() {
    let scene = Scene::start().await;
    scene.give(json!({ "app_secret": "first", "verify_token": "v" })).await;
    scene.give(json!({ "app_secret": "second" })).await;
    assert_eq!(scene.signing().await, ["second", "first"]);
    // The same again, and something else of the app.
    scene.give(json!({ "app_secret": "second" })).await;
    scene.give(json!({ "verify_token": "w" })).await;
    scene.give(json!({ "app_secret": "second", "verify_token": "x" })).await;
    assert_eq!(scene.signing().await, ["second", "first"]);
    scene.give(json!({ "app_secret": "third" })).await;
    assert_eq!(scene.signing().await, ["third", "second"]);
}

#[tokio::test]
async fn fields_of_only_the_previous_version_are_carried_over() {
    let scene = Scene::start().await;
    // As a rotation by hand leaves it.
    let folder = FolderSecrets::new(&scene.folder.0);
    for secret in ["old", "new"] {
        let json = json!({ "app_secret": secret, "verify_token": "v" }).to_string();
        folder.write("app/demo", &json.into()).await.unwrap();
    }
    assert_eq!(scene.signing().await, ["new", "old"]);
    scene.give(json!({ "verify_token": "w" })).await;
    assert_eq!(scene.signing().await, ["new", "old"]);
}

#[tokio::test]
async fn an_unchanged_secret_is_not_written() {
    let folder = Folder::new();
    let secrets = FolderSecrets::new(&folder.0);
    for json in [r#"{"a":"1"}"#, r#"{"a":"2"}"#, r#"{ "a": "2" }"#] {
        secrets.write("app/demo", &json.to_owned().into()).await.unwrap();
    }
    let found = secrets.read("app/demo", Versions::CurrentAndPrevious).await.unwrap().unwrap();
    assert_eq!((found.current.as_str(), found.previous.as_deref()), (r#"{"a":"2"}"#, Some(r#"{"a":"1"}"#)));
}

/// Secrets that another operator writes right after us.
struct Contended(FolderSecrets);

#[async_trait]
impl SecretSource for Contended {
    async fn read(
        &self,
        name: &str,
        versions: Versions,
    ) -> Result<Option<SecretVersions>, SecretSourceError> {
        self.0.read(name, versions).await
    }
}

#[async_trait]
impl SecretSink for Contended {
    async fn write(&self, name: &str, json: &SecretString) -> Result<(), SecretSourceError> {
        self.0.write(name, json).await?;
        let theirs = json!({ "app_secret": "theirs", "verify_token": "their-token" }).to_string();
        self.0.write(name, &theirs.into()).await
    }
}

#[tokio::test]
async fn a_verify_token_that_did_not_come_into_force_is_not_shown() {
    let Scene { stand, folder, .. } = Scene::start().await;
    let secrets = Arc::new(Contended(FolderSecrets::new(&folder.0)));
    let (ports, table) = (stand.running.functions.app.core.ports.clone(), stand.running.table.clone());
    let desk = Environment::new(ports, table, secrets, &client().unwrap());
    let ours = r#"{"app_secret":"ours","verify_token":"our-token"}"#;
    let said = command(&desk, "channel credentials 1 --tenant demo", ours).await;
    assert_eq!(said.text, "");
    assert!(said.ended.unwrap_err().to_string().contains("another command changed them"));
}
