//! The checks of a number at Meta: of its token, its account and its app.
//!
//! These calls and their fields are from Meta's Graph API reference and its WhatsApp pages (debug token,
//! business phone numbers, subscribed apps, app subscriptions); none was tried on a live account. A token is
//! inspected with itself, which Meta's page does not promise: if only that call is rejected, it says nothing
//! about the token.

use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{answer, secret::way, send::Meta};
use crate::call;
use ventanilla_core::{
    domain::{channel::MetaAccess, id::TemplateAccountId, phone::Phone, time::Timestamp},
    ports::{
        health_check::{
            Destination, Handshake, HealthFacts, Inspection, InspectionAnswer, Inspector, Listener,
            NumberFacts, Question, SetAt, TokenFacts, Validity, WebhookFacts,
        },
        provider::SendFailure,
    },
};

/// Fields that every version of the API has.
const NUMBER: &str = "display_phone_number,quality_rating";

/// Fields of later versions, read in a call of their own: a version without one of them rejects them all.
const STANDING: &str = "status,throughput,whatsapp_business_manager_messaging_limit,webhook_configuration";

/// The object of an app's subscription for WhatsApp.
const OBJECT: &str = "whatsapp_business_account";

/// The challenge that our webhook URL has to return.
const CHALLENGE: &str = "1158201444";

/// The credentials for the checks of one number.
struct Desk<'a> {
    http: &'a reqwest::Client,
    access: &'a MetaAccess,
    timeout: Duration,
}

#[async_trait]
impl Inspector for Meta {
    async fn inspect(&self, question: Question<'_>) -> Inspection {
        let Ok((access, token)) = way(question.channel, question.secret) else { return nothing() };
        let desk = Desk { http: &self.http, access, timeout: question.timeout };
        let (reported, number, health_facts, listeners, handshake) = tokio::join!(
            desk.token(token),
            desk.number(token),
            desk.health_facts(token),
            desk.listeners(token, question.channel.template_account.as_ref().map(TemplateAccountId::as_str)),
            desk.handshake(&question),
        );
        let app = reported.as_ref().ok().and_then(|token| token.as_ref()?.app.clone());
        let webhook = match (app, question.app.and_then(|secret| secret.signing.first())) {
            (Some(app), Some(secret)) => desk.webhook(&app, secret).await,
            _ => Ok(None),
        };
        Inspection { token: reported, number, health: health_facts, listeners, webhook, handshake }
    }

    async fn subscribe(&self, question: Question<'_>) -> Result<(), SendFailure> {
        let (access, token) = way(question.channel, question.secret)?;
        let Some(account) = &question.channel.template_account else { return Err(call::foreign_secret()) };
        let (base, version) = (&access.graph_base_url, &access.graph_version);
        let url = format!("{base}/{version}/{}/subscribed_apps", account.as_str());
        let request = self.http.post(url).bearer_auth(token);
        let answer = call::call(request.timeout(question.timeout)).await?;
        answer::receipt(answer.status, answer.retry_after, &answer.body)
    }
}

/// The result for a secret of another provider: no call can be made.
fn nothing() -> Inspection {
    Inspection {
        token: Err(call::foreign_secret()),
        number: Ok(None),
        health: Ok(None),
        listeners: Ok(None),
        webhook: Ok(None),
        handshake: None,
    }
}

impl Desk<'_> {
    async fn ask(&self, path: &str, query: &[(&str, &str)], token: &str) -> Result<Value, SendFailure> {
        let url = format!("{}/{}/{path}", self.access.graph_base_url, self.access.graph_version);
        let request = self.http.get(url).query(query).bearer_auth(token).timeout(self.timeout);
        let answer = call::call(request).await?;
        let said = answer::said(answer.status, answer.retry_after, &answer.body)?;
        said.ok_or(SendFailure::Ambiguous("an answer that cannot be read"))
    }

    async fn token(&self, token: &str) -> InspectionAnswer<TokenFacts> {
        let answer = self.ask("debug_token", &[("input_token", token)], token).await?;
        let data = answer.get("data").ok_or(SendFailure::Ambiguous("nothing is said of the token"))?;
        let ends = data.get("expires_at").and_then(Value::as_i64).filter(|at| *at > 0);
        Ok(Some(TokenFacts {
            app: word(data, "app_id"),
            validity: match data.get("is_valid").and_then(Value::as_bool) {
                Some(false) => Validity::Invalid,
                Some(true) | None => Validity::Valid,
            },
            expires_at: ends.map(Timestamp::from_seconds),
            scopes: words(data.get("scopes")),
        }))
    }

    async fn number(&self, token: &str) -> InspectionAnswer<NumberFacts> {
        let id = self.access.phone_number_id.as_str();
        let answer = self.ask(id, &[("fields", NUMBER)], token).await?;
        let number = word(&answer, "display_phone_number").and_then(|shown| Phone::parse(&shown).ok());
        Ok(Some(NumberFacts { number, quality: word(&answer, "quality_rating") }))
    }

    async fn health_facts(&self, token: &str) -> InspectionAnswer<HealthFacts> {
        let id = self.access.phone_number_id.as_str();
        let answer = self.ask(id, &[("fields", STANDING)], token).await?;
        let places = answer.get("webhook_configuration");
        let place = |name, set_at| {
            places.and_then(|places| word(places, name)).map(|url| Destination { url, set_at })
        };
        Ok(Some(HealthFacts {
            status: word(&answer, "status"),
            messaging_limit: word(&answer, "whatsapp_business_manager_messaging_limit"),
            throughput: answer.get("throughput").and_then(|it| word(it, "level")),
            callback: place("phone_number", SetAt::Number)
                .or_else(|| place(OBJECT, SetAt::Account))
                .or_else(|| place("application", SetAt::App)),
        }))
    }

    async fn listeners(&self, token: &str, account: Option<&str>) -> InspectionAnswer<Vec<Listener>> {
        let Some(account) = account else { return Ok(None) };
        let answer = self.ask(&format!("{account}/subscribed_apps"), &[], token).await?;
        let entries = answer.get("data").and_then(Value::as_array);
        let entries = entries.ok_or(SendFailure::Ambiguous("a list without entries"))?;
        let listener = |entry: &Value| {
            let app = entry.get("whatsapp_business_api_data")?;
            Some(Listener { app: word(app, "id")?, name: word(app, "name") })
        };
        Ok(Some(entries.iter().filter_map(listener).collect()))
    }

    /// The app's webhook, read with the app's own token: its id, a bar and its secret.
    async fn webhook(&self, app: &str, secret: &SecretString) -> InspectionAnswer<WebhookFacts> {
        let token = format!("{app}|{}", secret.expose_secret());
        let answer = self.ask(&format!("{app}/subscriptions"), &[], &token).await?;
        let entries = answer.get("data").and_then(Value::as_array);
        let entries = entries.ok_or(SendFailure::Ambiguous("a list without entries"))?;
        let ours = |entry: &&Value| {
            word(entry, "object").as_deref() == Some(OBJECT)
                && entry.get("active").and_then(Value::as_bool) != Some(false)
        };
        Ok(Some(WebhookFacts { fields: entries.iter().find(ours).map(|entry| words(entry.get("fields"))) }))
    }

    /// Makes the handshake with our own URL, as Meta does when it is entered (facts: meta.md 4.1).
    async fn handshake(&self, question: &Question<'_>) -> Option<Handshake> {
        let (url, app) = (question.callback?, question.app?);
        let query = [
            ("hub.mode", "subscribe"),
            ("hub.challenge", CHALLENGE),
            ("hub.verify_token", app.verify_token.expose_secret()),
        ];
        let answer = call::call(self.http.get(url).query(&query).timeout(self.timeout)).await;
        Some(match answer {
            Ok(answer) if answer.status.is_success() && answer.body == CHALLENGE.as_bytes() => {
                Handshake::Answered
            }
            Ok(answer) => Handshake::Refused(answer.status.as_u16()),
            Err(_) => Handshake::Unreachable,
        })
    }
}

/// A text that is not empty.
fn word(object: &Value, field: &str) -> Option<String> {
    object.get(field).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A list of names, each a text or an object with its name.
fn words(list: Option<&Value>) -> Vec<String> {
    let entries = list.and_then(Value::as_array).into_iter().flatten();
    let name = |entry: &Value| entry.as_str().map(str::to_owned).or_else(|| word(entry, "name"));
    entries.filter_map(name).collect()
}
