//! Who calls: `Authorization: Bearer vk_…` or whatever a contract's own clients send, looked up by its hash.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, header};

use super::{access::Access, request};
use crate::app::App;
use crate::common::{AuthError, Failure};
use ventanilla_core::{
    domain::caller::{Caller, KeyHash},
    ports::credentials::Freshness,
};

/// The header that Kaleyra's clients send their key in (the vendor's documents).
const API_KEY: &str = "api-key";

/// Whether a contract's own clients send API keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clients {
    /// They do, as bearer tokens.
    SendKeys,
    /// They do, in the header `api-key`; a bearer token will do as well.
    SendApiKeys,
    /// They do, as bearer tokens or as passwords of `Basic`, whose user names say nothing (facts: seed-apis.md 4.1).
    SendPasswords,
    /// They do not; the local server may assume one for them.
    SendNone,
}

impl App {
    /// The caller, if they may do what the route asks for.
    ///
    /// # Errors
    /// When there is no key, a wrong one, one without the right, or the store fails.
    pub(super) async fn caller(
        &self,
        headers: &HeaderMap,
        access: Access,
        clients: Clients,
    ) -> Result<Caller, Failure> {
        let own = if clients == Clients::SendApiKeys { single(headers, API_KEY)? } else { None };
        let caller = match (own, single(headers, header::AUTHORIZATION.as_str())?) {
            (Some(key), _) => self.known(key).await?,
            (None, Some(value)) => {
                let password = if clients == Clients::SendPasswords { password(value) } else { None };
                let key = password.as_deref().or_else(|| bearer(value));
                self.known(key.ok_or(AuthError::BadKey)?).await?
            }
            (None, None) => match (clients, &self.assumed) {
                (Clients::SendNone, Some(assumed)) => self.known_by(assumed).await?,
                _ => return Err(AuthError::NoKey.into()),
            },
        };
        request::is_of(&caller.tenant);
        match access {
            Access::Key(scope) if !caller.may(scope) => Err(AuthError::Forbidden(scope).into()),
            Access::Key(_) | Access::AnyKey | Access::Public => Ok(caller),
        }
    }

    /// The hash of a caller's key, of whom `App::caller` says that they may call.
    ///
    /// # Errors
    /// When there is no bearer token.
    pub fn key_of(headers: &HeaderMap) -> Result<KeyHash, Failure> {
        let given = single(headers, header::AUTHORIZATION.as_str())?.ok_or(AuthError::NoKey)?;
        let key = bearer(given).and_then(KeyHash::of);
        Ok(key.ok_or(AuthError::BadKey)?)
    }

    async fn known(&self, key: &str) -> Result<Caller, Failure> {
        let hash = KeyHash::of(key).ok_or(AuthError::BadKey)?;
        self.known_by(&hash).await
    }

    async fn known_by(&self, hash: &KeyHash) -> Result<Caller, Failure> {
        match self.core.ports.directory.api_key(hash, Freshness::Cached).await? {
            Some(known) if known.revoked_at.is_none() => {
                Ok(Caller { tenant: known.tenant, key: known.name, scopes: known.scopes, kind: known.kind })
            }
            _ => Err(AuthError::BadKey.into()),
        }
    }
}

/// The one value of a header. Two of them leave open which is meant.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, AuthError> {
    let mut given = headers.get_all(name).iter();
    match (given.next(), given.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| AuthError::BadKey),
        (Some(_), Some(_)) => Err(AuthError::BadKey),
    }
}

/// The credential of a `Bearer` header; the scheme's name has no case.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

/// The password of a `Basic` header (RFC 7617).
fn password(value: &str) -> Option<String> {
    let (scheme, pair) = value.split_once(' ')?;
    let pair = STANDARD.decode(pair.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (_, password) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    Some(password.to_owned())
}
