//! Credentials: Secrets Manager first, the config file as fallback, rotation under way.

use std::{sync::Arc, time::Duration};

use aws_credential_types::Credentials as AwsCredentials;
use aws_types::region::Region;
use serde_json::{Value, json};
use tower::ServiceExt;
use ventanilla::{
    aws::secrets::{SecretSink, SecretSource, SecretsManager},
    config::aws::Aws,
    credentials::CachedCredentials,
    domain::content::{Content, MessageText},
    ports::{
        clock::{Clock, Deadline},
        credentials::{CredentialError, Credentials, Freshness},
    },
    usecases::{
        Ports,
        sending::{Recipient, SendCommand},
    },
    whatsapp::{http::client, meta::MetaSecret, registry::Registry},
};
use ventanilla_sandbox::{Fault, LogEntry};

use crate::harness::{AwsFront, Stand, TestClock, Vault, config, over};

struct Scene {
    vault: Vault,
    manager: SecretsManager,
    clock: Arc<TestClock>,
    credentials: CachedCredentials,
}

impl Scene {
    async fn start() -> Self {
        let vault = Vault::default();
        let url = AwsFront::start(vault.clone(), None).await.url;
        let aws = Aws {
            credentials: AwsCredentials::new("a", "s", None, None, "test"),
            region: Region::from_static("eu-west-1"),
            dynamodb_endpoint: None,
            secretsmanager_endpoint: Some(url),
            sqs_endpoint: None,
            s3_endpoint: None,
        };
        let manager = SecretsManager::new(aws.secretsmanager(&client().unwrap()), "ventanilla/".to_owned());
        let source: Arc<dyn SecretSource> = Arc::new(manager.clone());
        let clock = Arc::new(TestClock::default());
        let credentials = CachedCredentials::new(
            Some(source),
            Some(Arc::new(config())),
            clock.clone(),
            Registry::default(),
        );
        Self { vault, manager, clock, credentials }
    }

    fn keep(&self, name: &str, stage: &str, secret: &Value) {
        self.vault.keep(&format!("ventanilla/{name}"), stage, secret);
    }

    fn asked(&self) -> usize {
        self.vault.asked()
    }

    async fn token(&self, how: Freshness) -> Result<String, CredentialError> {
        let secret = self.credentials.channel("1".parse().unwrap(), how).await?;
        Ok(expose(&secret.of::<MetaSecret>().expect("a secret of Meta's").access_token))
    }

    async fn signing(&self, how: Freshness) -> Vec<String> {
        let secret = self.credentials.app(&"demo".parse().unwrap(), how).await.unwrap();
        secret.signing.iter().map(expose).collect()
    }
}

fn expose(secret: &secrecy::SecretString) -> String {
    use secrecy::ExposeSecret;
    secret.expose_secret().to_owned()
}

#[tokio::test]
async fn secrets_manager_comes_first_and_is_asked_every_five_minutes() {
    let scene = Scene::start().await;
    scene.keep("channel/1", "AWSCURRENT", &json!({ "access_token": "from-aws" }));
    assert_eq!(scene.token(Freshness::Cached).await.unwrap(), "from-aws");
    scene.keep("channel/1", "AWSCURRENT", &json!({ "access_token": "rotated" }));
    assert_eq!(scene.token(Freshness::Cached).await.unwrap(), "from-aws");
    assert_eq!(scene.asked(), 1);
    scene.clock.advance(Duration::from_mins(5));
    assert_eq!(scene.token(Freshness::Cached).await.unwrap(), "rotated");
    assert_eq!(scene.asked(), 1);
}

#[tokio::test]
async fn a_refresh_asks_at_once_but_not_more_than_every_thirty_seconds() {
    let scene = Scene::start().await;
    scene.keep("channel/1", "AWSCURRENT", &json!({ "access_token": "old" }));
    assert_eq!(scene.token(Freshness::Cached).await.unwrap(), "old");
    scene.keep("channel/1", "AWSCURRENT", &json!({ "access_token": "new" }));
    scene.clock.advance(Duration::from_secs(31));
    assert_eq!(scene.token(Freshness::Refreshed).await.unwrap(), "new");
    assert_eq!(scene.asked(), 2);
    for _ in 0..50 {
        scene.token(Freshness::Refreshed).await.unwrap();
    }
    assert_eq!(scene.asked(), 0);
}

#[tokio::test]
async fn secrets_absent_from_secrets_manager_come_from_the_config_file() {
    let scene = Scene::start().await;
    assert_eq!(scene.token(Freshness::Cached).await.unwrap(), "token-1");
    // What is there but unusable counts as not there.
    let scene = Scene::start().await;
    scene.keep("channel/1", "AWSCURRENT", &json!({ "access_token": "" }));
    scene.keep("app/demo", "AWSCURRENT", &json!({ "verify_token": "only" }));
    assert_eq!(scene.token(Freshness::Cached).await.unwrap(), "token-1");
    assert_eq!(scene.signing(Freshness::Cached).await, ["demo-app-secret", "previous-app-secret"]);
    let unknown = scene.credentials.channel("77".parse().unwrap(), Freshness::Cached).await;
    assert_eq!(unknown.unwrap_err(), CredentialError::Missing);
}

#[tokio::test]
async fn when_secrets_manager_is_down_the_last_value_serves_then_the_config_file() {
    let scene = Scene::start().await;
    scene.keep("channel/1", "AWSCURRENT", &json!({ "access_token": "from-aws" }));
    assert_eq!(scene.token(Freshness::Cached).await.unwrap(), "from-aws");
    scene.vault.goes_down();
    scene.clock.advance(Duration::from_mins(6));
    assert_eq!(scene.token(Freshness::Cached).await.unwrap(), "from-aws", "the last good one");
    assert_eq!(scene.signing(Freshness::Cached).await[0], "demo-app-secret", "never read before");
    let unknown = scene.credentials.channel("77".parse().unwrap(), Freshness::Cached).await;
    assert_eq!(unknown.unwrap_err(), CredentialError::Unavailable);
}

#[tokio::test]
async fn the_previous_version_signs_too_while_rotating() {
    let scene = Scene::start().await;
    scene.keep("app/demo", "AWSCURRENT", &json!({ "app_secret": "new", "verify_token": "t" }));
    scene.keep("app/demo", "AWSPREVIOUS", &json!({ "app_secret": "old", "verify_token": "t" }));
    assert_eq!(scene.signing(Freshness::Cached).await, ["new", "old"]);
}

/// How often the provider was called.
#[tokio::test]
async fn functions_read_the_secret_that_an_operator_wrote() {
    let scene = Scene::start().await;
    let put = async |name: &str, secret: Value| {
        scene.manager.write(name, &secrecy::SecretString::from(secret.to_string())).await
    };
    put("channel/1", json!({ "access_token": "first" })).await.unwrap();
    assert_eq!(scene.token(Freshness::Cached).await.as_deref(), Ok("first"), "it is made");
    put("channel/1", json!({ "access_token": "second" })).await.unwrap();
    scene.clock.advance(Duration::from_mins(6));
    assert_eq!(scene.token(Freshness::Cached).await.as_deref(), Ok("second"));
    put("app/demo", json!({ "app_secret": "old", "verify_token": "v" })).await.unwrap();
    put("app/demo", json!({ "app_secret": "new", "verify_token": "v" })).await.unwrap();
    put("app/demo", json!({ "verify_token": "v", "app_secret": "new" })).await.unwrap();
    assert_eq!(
        scene.signing(Freshness::Cached).await,
        ["new", "old"],
        "what says the same pushes nothing out"
    );
    scene.vault.goes_down();
    let failed = put("channel/1", json!({ "access_token": "third" })).await.unwrap_err().to_string();
    assert!(failed.contains("InternalServiceError") && !failed.contains("third"), "{failed}");
}

fn calls(stand: &Stand) -> usize {
    stand.running.sandbox.log().into_iter().filter(|entry| matches!(entry, LogEntry::Call(_))).count()
}

#[tokio::test]
async fn a_rotated_token_is_read_again_once_and_the_message_is_sent() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes("+50212345678", "hola").await;
    let scene = Scene::start().await;
    scene.keep("channel/1", "AWSCURRENT", &json!({ "access_token": "the old one" }));
    assert_eq!(scene.token(Freshness::Cached).await.unwrap(), "the old one");
    scene.keep("channel/1", "AWSCURRENT", &json!({ "access_token": "token-1" }));
    scene.clock.advance(Duration::from_mins(1));
    let functions = &stand.running.functions;
    let ports = functions.app.core.ports.clone();
    let functions = over(functions, Ports { credentials: Arc::new(scene.credentials), ..ports });
    let body = MessageText::try_from("rotated".to_owned()).unwrap();
    let recipient = Recipient::Conversation(conversation.try_into().unwrap());
    let deadline = Deadline(stand.clock.now().plus(Duration::from_secs(25)));
    let command = SendCommand::new(Stand::tenant(), "test", recipient, Content::plain(body), deadline);
    let answer = functions.send.sending.send(&command).await;
    assert!(answer.outcome.is_ok(), "{:?}", answer.outcome);
    assert_eq!((calls(&stand), stand.phone_got("+50212345678").await.len()), (2, 1));
}

#[tokio::test]
async fn a_token_that_is_still_the_same_is_not_tried_again() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes("+50212345678", "hola").await;
    stand.provider_will(Fault::ExpiredToken);
    let path = format!("/api/whatsapp/conversations/{conversation}/messages");
    let answer = stand.api.post(&path, &json!({ "content": "x" })).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (502, &json!("provider_auth")));
    assert_eq!(calls(&stand), 1);
}

#[tokio::test]
async fn an_app_that_no_channel_names_costs_no_call_to_the_source_of_secrets() {
    let stand = Stand::start().await;
    let scene = Scene::start().await;
    let secret = json!({ "app_secret": "s", "verify_token": "right" });
    for app in ["demo", "unnamed"] {
        scene.keep(&format!("app/{app}"), "AWSCURRENT", &secret);
    }
    let (vault, functions) = (scene.vault.clone(), &stand.running.functions);
    let ports = functions.app.core.ports.clone();
    let router = over(functions, Ports { credentials: Arc::new(scene.credentials), ..ports }).webhook();
    let ask = async |app: &str, method: http::Method| {
        let query = "hub.mode=subscribe&hub.verify_token=right&hub.challenge=1";
        let request = http::Request::builder().method(method).uri(format!("/webhooks/meta/{app}?{query}"));
        let asked = request.body(axum::body::Body::from("{}")).unwrap();
        router.clone().oneshot(asked).await.unwrap().status().as_u16()
    };
    stand.tap.costs();
    for number in 0..20 {
        for method in [http::Method::GET, http::Method::POST] {
            assert_eq!(ask(&format!("word{number}"), method).await, 404);
        }
    }
    assert_eq!(ask("unnamed", http::Method::GET).await, 404, "its secret is there, and no channel is");
    assert_eq!(vault.asked(), 0);
    assert!(stand.tap.costs()["Query"].calls <= 2, "the list of channels is remembered for some seconds");
    assert_eq!(ask("demo", http::Method::GET).await, 200);
    assert!(vault.asked() > 0);
}
