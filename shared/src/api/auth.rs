//! Who calls: `Authorization: Bearer vk_…`, looked up by its hash.

use http::{HeaderMap, header};

use crate::{
    assembly::App,
    contract::{AuthError, Failure},
    domain::caller::{Caller, KeyHash, Scope},
};

/// Whether a contract's own clients send API keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clients {
    /// They do.
    SendKeys,
    /// They do not; the local server may assume one for them.
    SendNone,
}

impl App {
    /// The caller, if they may do what needs `scope`.
    ///
    /// # Errors
    /// When there is no key, a wrong one, one without the right, or the store fails.
    pub async fn caller(
        &self,
        headers: &HeaderMap,
        scope: Scope,
        clients: Clients,
    ) -> Result<Caller, Failure> {
        let mut given = headers.get_all(header::AUTHORIZATION).iter();
        let caller = match (given.next(), given.next()) {
            (None, _) => match (clients, &self.assumed) {
                (Clients::SendNone, Some(assumed)) => assumed.clone(),
                _ => return Err(AuthError::NoKey.into()),
            },
            (Some(value), None) => {
                let key = value.to_str().ok().and_then(bearer).ok_or(AuthError::BadKey)?;
                self.known(key).await?
            }
            (Some(_), Some(_)) => return Err(AuthError::BadKey.into()),
        };
        if caller.may(scope) { Ok(caller) } else { Err(AuthError::Forbidden.into()) }
    }

    async fn known(&self, key: &str) -> Result<Caller, Failure> {
        let hash = KeyHash::of(key).ok_or(AuthError::BadKey)?;
        match self.core.directory.api_key(&hash).await? {
            Some(known) if known.revoked_at.is_none() => {
                Ok(Caller { tenant: known.tenant, scopes: known.scopes })
            }
            _ => Err(AuthError::BadKey.into()),
        }
    }
}

/// The credential of a `Bearer` header; the scheme's name has no case.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}
