//! An emulated Secrets Manager.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

/// What it has, by name and stage, and how often it was asked.
#[derive(Default)]
struct Kept {
    secrets: BTreeMap<(String, String), String>,
    down: bool,
    asked: usize,
}

/// Speaks the protocol of Secrets Manager as far as reading, putting and making secrets goes.
#[derive(Clone, Default)]
pub(crate) struct Vault(Arc<Mutex<Kept>>);

impl Vault {
    /// Keeps a secret, by its whole name.
    pub(crate) fn keep(&self, name: &str, stage: &str, secret: &Value) {
        let at = (name.to_owned(), stage.to_owned());
        self.0.lock().unwrap().secrets.insert(at, secret.to_string());
    }

    /// The current version of a secret, by its whole name.
    pub(crate) fn current(&self, name: &str) -> Option<Value> {
        let at = (name.to_owned(), "AWSCURRENT".to_owned());
        self.0.lock().unwrap().secrets.get(&at).map(|secret| serde_json::from_str(secret).unwrap())
    }

    /// How often it was asked since the last time this was.
    pub(crate) fn asked(&self) -> usize {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }

    /// It fails from now on.
    pub(crate) fn goes_down(&self) {
        self.0.lock().unwrap().down = true;
    }

    /// Answers a call of Secrets Manager.
    pub(super) fn answer(&self, target: &str, asked: &Value) -> Response {
        let mut kept = self.0.lock().unwrap();
        kept.asked += 1;
        let json = [(http::header::CONTENT_TYPE, "application/x-amz-json-1.1")];
        let named = asked["SecretId"].as_str().or(asked["Name"].as_str()).unwrap();
        let current = (named.to_owned(), "AWSCURRENT".to_owned());
        let known = kept.secrets.contains_key(&current);
        let puts = match target {
            "secretsmanager.GetSecretValue" => false,
            "secretsmanager.PutSecretValue" => known,
            "secretsmanager.CreateSecret" => !known,
            other => panic!("{other}"),
        };
        if puts && !kept.down {
            let secret = asked["SecretString"].as_str().unwrap().to_owned();
            if let Some(before) = kept.secrets.insert(current, secret) {
                kept.secrets.insert((named.to_owned(), "AWSPREVIOUS".to_owned()), before);
            }
            return (json, json!({ "Name": named }).to_string()).into_response();
        }
        if kept.down {
            let body = json!({ "__type": "InternalServiceError", "Message": "down" });
            return (StatusCode::INTERNAL_SERVER_ERROR, json, body.to_string()).into_response();
        }
        let stage = asked["VersionStage"].as_str().unwrap_or_default();
        let Some(secret) = kept.secrets.get(&(named.to_owned(), stage.to_owned())) else {
            let body = json!({ "__type": "ResourceNotFoundException", "Message": "no such secret" });
            return (StatusCode::BAD_REQUEST, json, body.to_string()).into_response();
        };
        let body = json!({ "Name": named, "SecretString": secret, "VersionStages": [stage] });
        (json, body.to_string()).into_response()
    }
}
