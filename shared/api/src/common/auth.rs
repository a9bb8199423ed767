//! Authentication: `Authorization: Bearer vk_…`, or the header that a contract's own clients send, looked up
//! by its hash.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, header};

use super::{access::RouteAccess, request};
use crate::app::App;
use crate::common::{AuthError, Failure};
use ventanilla_core::{
    domain::caller::{Caller, KeyHash},
    ports::credentials::Freshness,
};

/// The header that Kaleyra's clients send their key in (the vendor's documents).
const API_KEY: &str = "api-key";

/// How a contract's own clients send API keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clients {
    /// As bearer tokens, `Authorization: Bearer <key>`.
    SendKeys,
    /// In the header `api-key`; a bearer token is accepted as well.
    SendApiKeys,
    /// As bearer tokens, or as passwords of `Basic`, whose user names are ignored (facts: seed-apis.md 4.1).
    SendPasswords,
    /// They send none; the local server may assume one for them.
    SendNone,
}

impl App {
    /// The caller, if they have the access that the route requires.
    ///
    /// # Errors
    /// When there is no key, an invalid one, one without the scope, or the store fails.
    pub(super) async fn caller(
        &self,
        headers: &HeaderMap,
        access: RouteAccess,
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
            RouteAccess::Key(scope) if !caller.has_scope(scope) => Err(AuthError::Forbidden(scope).into()),
            RouteAccess::Key(_) | RouteAccess::AnyKey | RouteAccess::Public => Ok(caller),
        }
    }

    /// The hash of the key of a caller whom `App::caller` has authenticated.
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

/// The only value of a header. Two of them would be ambiguous.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, AuthError> {
    let mut given = headers.get_all(name).iter();
    match (given.next(), given.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| AuthError::BadKey),
        (Some(_), Some(_)) => Err(AuthError::BadKey),
    }
}

/// The token of a `Bearer` header; the name of the scheme is case-insensitive.
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
