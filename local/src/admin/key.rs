//! API keys.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};
use ventanilla::domain::{
    caller::{ApiKey, KEY_NAME, KeyHash, KeyKind, Scope, is_key_name},
    id::TenantId,
};

use super::{Desk, Ended, Failed, Out, environment::failed, json};

/// What is done with API keys.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:\n  ventanilla key create --tenant acme --name crm --scope send,read\n  \
                        ventanilla key create --tenant acme --name bot --scope send,read --kind bot\n  \
                        ventanilla key list --tenant acme\n  ventanilla key revoke crm --tenant acme")]
pub enum Key {
    /// Create a key. It is shown this once and kept nowhere.
    Create {
        /// Whose it is.
        #[arg(long, value_name = "ID")]
        tenant: TenantId,
        /// A short name for lists; no other key of the tenant that is valid may have it.
        #[arg(long)]
        name: String,
        /// What it may do.
        #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', required = true)]
        scopes: Vec<Right>,
        /// Who uses it. What a bot's key sends takes no waiting customer from the queue.
        #[arg(long, value_name = "KIND", default_value = "person")]
        kind: Kind,
    },
    /// List the keys of a tenant, never the keys themselves.
    List {
        /// Whose.
        #[arg(long, value_name = "ID")]
        tenant: TenantId,
    },
    /// Revoke a key. Its sockets are closed at once; functions may remember it for a minute.
    Revoke {
        /// Its name, or its id in the list.
        key: String,
        /// Whose it is.
        #[arg(long, value_name = "ID")]
        tenant: TenantId,
    },
}

/// A right, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Right {
    /// Send messages.
    Send,
    /// Read conversations and messages.
    Read,
    /// Administer the tenant.
    Admin,
}

impl From<Right> for Scope {
    fn from(right: Right) -> Self {
        match right {
            Right::Send => Self::Send,
            Right::Read => Self::Read,
            Right::Admin => Self::Admin,
        }
    }
}

/// Who uses a key, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// People, through whatever system.
    Person,
    /// A program that answers by itself.
    Bot,
}

impl From<Kind> for KeyKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Person => Self::Person,
            Kind::Bot => Self::Bot,
        }
    }
}

/// A key to be made.
struct Wanted<'a> {
    tenant: &'a TenantId,
    name: &'a str,
    rights: &'a [Right],
    kind: Kind,
}

impl Key {
    pub(super) async fn run(&self, desk: &Desk, out: &mut Out<'_>) -> Result<Ended, Failed> {
        match self {
            Self::Create { tenant, name, scopes, kind } => {
                create(desk, out, Wanted { tenant, name, rights: scopes, kind: *kind }).await
            }
            Self::List { tenant } => list(desk, out, tenant).await,
            Self::Revoke { tenant, key } => revoke(desk, out, tenant, key).await,
        }
    }
}

async fn create(desk: &Desk, out: &mut Out<'_>, wanted: Wanted<'_>) -> Result<Ended, Failed> {
    let Wanted { tenant, name, rights, kind } = wanted;
    if !is_key_name(name) {
        return Err(Failed::usage(format!(
            "--name must be 1 to {KEY_NAME} characters, none of them a control character"
        )));
    }
    let mut owner = desk.tenant(tenant).await?;
    let known = desk.table.api_keys(tenant).await.map_err(failed)?;
    if known.iter().any(|(_, key)| key.name == name && key.revoked_at.is_none()) {
        return Err(Failed::other(format!("tenant {tenant} has a valid key of the name {name}")));
    }
    let mut scopes: Vec<Scope> = Vec::new();
    for scope in rights.iter().copied().map(Scope::from) {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    let text = fresh(desk);
    let hash = KeyHash::of(&text).ok_or_else(|| Failed::other("a key could not be made"))?;
    let created_at = Some(desk.app.core.mint.now());
    let key = ApiKey {
        name: name.to_owned(),
        tenant: tenant.clone(),
        scopes,
        kind: kind.into(),
        created_at,
        revoked_at: None,
    };
    desk.table.put_api_key(&hash, &key).await.map_err(failed)?;
    if kind == Kind::Bot && !owner.bot {
        owner.bot = true;
        desk.table.put_tenant(&owner).await.map_err(failed)?;
    }
    let mut view = json::key(&hash, &key);
    if let Some(view) = view.as_object_mut() {
        view.insert("key".to_owned(), text.as_str().into());
    }
    out.say(&format!("{text}\nThis is key {name}. It is not shown again."), &json!({ "key": view }))?;
    Ok(Ended::Fine)
}

/// `vk_` and 32 random bytes.
fn fresh(desk: &Desk) -> String {
    let bytes: Vec<u8> = (0..4).flat_map(|_| desk.app.core.mint.chance().to_be_bytes()).collect();
    format!("vk_{}", URL_SAFE_NO_PAD.encode(bytes))
}

async fn list(desk: &Desk, out: &mut Out<'_>, tenant: &TenantId) -> Result<Ended, Failed> {
    desk.tenant(tenant).await?;
    let keys = desk.table.api_keys(tenant).await.map_err(failed)?;
    let mut text = String::new();
    for (hash, key) in &keys {
        let scopes: Vec<String> = key.scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
        let (created, revoked) = (json::shown(key.created_at), json::shown(key.revoked_at));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}  {}  {}  created {created}  revoked {revoked}",
            json::key_id(hash),
            key.name,
            scopes.join(",")
        );
    }
    if keys.is_empty() {
        text.push_str("there are no keys");
    }
    let all: Vec<Value> = keys.iter().map(|(hash, key)| json::key(hash, key)).collect();
    out.say(&text, &json!({ "keys": all }))?;
    Ok(Ended::Fine)
}

async fn revoke(desk: &Desk, out: &mut Out<'_>, tenant: &TenantId, named: &str) -> Result<Ended, Failed> {
    desk.tenant(tenant).await?;
    let keys = desk.table.api_keys(tenant).await.map_err(failed)?;
    let meant: Vec<_> = keys
        .into_iter()
        .filter(|(hash, key)| json::key_id(hash) == named || key.name == named)
        .filter(|(hash, key)| key.revoked_at.is_none() || json::key_id(hash) == named)
        .collect();
    let (hash, mut key) = match <[_; 1]>::try_from(meant) {
        Ok([one]) => one,
        Err(none) if none.is_empty() => {
            return Err(Failed::other(format!("tenant {tenant} has no valid key {named}")));
        }
        Err(_) => {
            return Err(Failed::other(format!("several keys are called {named}; name one by its id")));
        }
    };
    key.revoked_at = key.revoked_at.or(Some(desk.app.core.mint.now()));
    desk.table.put_api_key(&hash, &key).await.map_err(failed)?;
    let text = format!("key {} ({}) is revoked", key.name, json::key_id(&hash));
    out.say(&text, &json!({ "key": json::key(&hash, &key) }))?;
    Ok(Ended::Fine)
}
