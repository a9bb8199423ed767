//! The commands for API keys.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};
use ventanilla::domain::{
    caller::{ApiKey, KEY_NAME, KeyHash, KeyKind, Scope, is_key_name},
    id::TenantId,
};

use super::{CommandError, Environment, ExitStatus, Output, environment::store_error, json};

/// Commands for API keys.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:\n  ventanilla key create --tenant acme --name crm --scope send,read\n  \
                        ventanilla key create --tenant acme --name bot --scope send,read --kind bot\n  \
                        ventanilla key list --tenant acme\n  ventanilla key revoke crm --tenant acme")]
pub enum KeyCommand {
    /// Create a key. It is shown once, and stored as a hash only.
    Create {
        /// The tenant of the key.
        #[arg(long, value_name = "ID")]
        tenant: TenantId,
        /// A short name, unique among the tenant's valid keys.
        #[arg(long)]
        name: String,
        /// The scopes of the key.
        #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', required = true)]
        scopes: Vec<ScopeArg>,
        /// Who uses the key. Messages with a bot's key do not take waiting customers out of the queue.
        #[arg(long, value_name = "KIND", default_value = "person")]
        kind: KindArg,
    },
    /// List the keys of a tenant, without their secrets.
    List {
        /// The tenant of the keys.
        #[arg(long, value_name = "ID")]
        tenant: TenantId,
    },
    /// Revoke a key. Its sockets are closed at once; functions may cache it for a minute.
    Revoke {
        /// The name of the key, or its id from the list.
        key: String,
        /// The tenant of the key.
        #[arg(long, value_name = "ID")]
        tenant: TenantId,
    },
}

/// A scope on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScopeArg {
    /// Send messages to customers.
    Send,
    /// Read conversations and messages.
    Read,
    /// Administer the tenant's settings.
    Admin,
}

impl From<ScopeArg> for Scope {
    fn from(scope: ScopeArg) -> Self {
        match scope {
            ScopeArg::Send => Self::Send,
            ScopeArg::Read => Self::Read,
            ScopeArg::Admin => Self::Admin,
        }
    }
}

/// The kind of a key's user, on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindArg {
    /// People, through any system.
    Person,
    /// A bot that answers by itself.
    Bot,
}

impl From<KindArg> for KeyKind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Person => Self::Person,
            KindArg::Bot => Self::Bot,
        }
    }
}

/// The key to create.
struct NewKey<'a> {
    tenant: &'a TenantId,
    name: &'a str,
    scopes: &'a [ScopeArg],
    kind: KindArg,
}

impl KeyCommand {
    pub(super) async fn run(
        &self,
        environment: &Environment,
        out: &mut Output<'_>,
    ) -> Result<ExitStatus, CommandError> {
        match self {
            Self::Create { tenant, name, scopes, kind } => {
                create(environment, out, NewKey { tenant, name, scopes, kind: *kind }).await
            }
            Self::List { tenant } => list(environment, out, tenant).await,
            Self::Revoke { tenant, key } => revoke(environment, out, tenant, key).await,
        }
    }
}

async fn create(
    environment: &Environment,
    out: &mut Output<'_>,
    new_key: NewKey<'_>,
) -> Result<ExitStatus, CommandError> {
    let NewKey { tenant, name, scopes, kind } = new_key;
    if !is_key_name(name) {
        return Err(CommandError::usage(format!(
            "--name must be 1 to {KEY_NAME} characters, none of them a control character"
        )));
    }
    let mut owner = environment.tenant(tenant).await?;
    let known = environment.table.api_keys(tenant).await.map_err(store_error)?;
    if known.iter().any(|(_, key)| key.name == name && key.revoked_at.is_none()) {
        return Err(CommandError::other(format!("tenant {tenant} already has a valid key named {name}")));
    }
    let mut granted: Vec<Scope> = Vec::new();
    for scope in scopes.iter().copied().map(Scope::from) {
        if !granted.contains(&scope) {
            granted.push(scope);
        }
    }
    let text = generate_key(environment);
    let hash = KeyHash::of(&text).ok_or_else(|| CommandError::other("the key could not be generated"))?;
    let created_at = Some(environment.ports.ctx.ids.now());
    let key = ApiKey {
        name: name.to_owned(),
        tenant: tenant.clone(),
        scopes: granted,
        kind: kind.into(),
        created_at,
        revoked_at: None,
    };
    environment.table.put_api_key(&hash, &key).await.map_err(store_error)?;
    if kind == KindArg::Bot && !owner.bot {
        owner.bot = true;
        environment.table.put_tenant(&owner).await.map_err(store_error)?;
    }
    let mut view = json::key(&hash, &key);
    if let Some(view) = view.as_object_mut() {
        view.insert("key".to_owned(), text.as_str().into());
    }
    out.write(&format!("{text}\nThis is key {name}. It is not shown again."), &json!({ "key": view }))?;
    Ok(ExitStatus::Success)
}

/// A new key: `vk_` and 32 random bytes.
fn generate_key(environment: &Environment) -> String {
    let bytes: Vec<u8> = (0..4).flat_map(|_| environment.ports.ctx.ids.chance().to_be_bytes()).collect();
    format!("vk_{}", URL_SAFE_NO_PAD.encode(bytes))
}

async fn list(
    environment: &Environment,
    out: &mut Output<'_>,
    tenant: &TenantId,
) -> Result<ExitStatus, CommandError> {
    environment.tenant(tenant).await?;
    let keys = environment.table.api_keys(tenant).await.map_err(store_error)?;
    let mut text = String::new();
    for (hash, key) in &keys {
        let scopes: Vec<String> = key.scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
        let (created, revoked) =
            (json::instant_or_dash(key.created_at), json::instant_or_dash(key.revoked_at));
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
    out.write(&text, &json!({ "keys": all }))?;
    Ok(ExitStatus::Success)
}

async fn revoke(
    environment: &Environment,
    out: &mut Output<'_>,
    tenant: &TenantId,
    named: &str,
) -> Result<ExitStatus, CommandError> {
    environment.tenant(tenant).await?;
    let keys = environment.table.api_keys(tenant).await.map_err(store_error)?;
    let meant: Vec<_> = keys
        .into_iter()
        .filter(|(hash, key)| json::key_id(hash) == named || key.name == named)
        .filter(|(hash, key)| key.revoked_at.is_none() || json::key_id(hash) == named)
        .collect();
    let (hash, mut key) = match <[_; 1]>::try_from(meant) {
        Ok([one]) => one,
        Err(none) if none.is_empty() => {
            return Err(CommandError::other(format!("tenant {tenant} has no valid key {named}")));
        }
        Err(_) => {
            return Err(CommandError::other(format!("several keys are named {named}; use the id of one")));
        }
    };
    key.revoked_at = key.revoked_at.or(Some(environment.ports.ctx.ids.now()));
    environment.table.put_api_key(&hash, &key).await.map_err(store_error)?;
    let text = format!("key {} ({}) is revoked", key.name, json::key_id(&hash));
    out.write(&text, &json!({ "key": json::key(&hash, &key) }))?;
    Ok(ExitStatus::Success)
}
