//! Which business numbers a bearer token may use.

use std::sync::Arc;

use http::{HeaderMap, header};
use subtle::ConstantTimeEq as _;

use super::error::GraphError;
use crate::{BusinessNumber, ProviderAccount, Sandbox, health::app_of, sandbox::State as SandboxState};

/// The numbers of the token in the request; never an empty list. Rejects an expired token.
pub(super) fn numbers(
    sandbox: &Sandbox,
    headers: &HeaderMap,
) -> Result<Vec<Arc<BusinessNumber>>, GraphError> {
    let token = bearer(headers)
        .ok_or_else(|| GraphError::token("An access token is required to request this resource."))?;
    let mut numbers = sandbox.numbers();
    numbers.retain(|number| opens(number, token));
    if numbers.is_empty() {
        return Err(GraphError::token("Invalid OAuth access token - Cannot parse access token"));
    }
    let now = sandbox.clock().unix_now();
    if numbers.iter().any(|number| sandbox.account_health(&number.phone_number_id).has_expired(now)) {
        return Err(GraphError::token("Error validating access token: Session has expired."));
    }
    Ok(numbers)
}

/// The number with this id, if the token may use it.
pub(super) fn number(
    sandbox: &Sandbox,
    headers: &HeaderMap,
    phone_number_id: &str,
) -> Result<Arc<BusinessNumber>, GraphError> {
    numbers(sandbox, headers)?
        .into_iter()
        .find(|number| number.phone_number_id == phone_number_id)
        .ok_or_else(|| GraphError::no_such_object(phone_number_id))
}

/// The numbers of this business account, if the token may use any; never an empty list. Counts the call (facts: meta.md
/// 8.6).
pub(super) fn account(
    sandbox: &Sandbox,
    headers: &HeaderMap,
    waba_id: &str,
) -> Result<Vec<Arc<BusinessNumber>>, GraphError> {
    let mut numbers = numbers(sandbox, headers)?;
    numbers.retain(|number| number.waba_id == waba_id);
    let number = numbers.first().ok_or_else(|| GraphError::no_such_object(waba_id))?;
    let (app, now) = (app_of(number).unwrap_or_default(), sandbox.clock().unix_now());
    let mut state = sandbox.state();
    let SandboxState { usage, settings, .. } = &mut *state;
    usage.try_manage(&settings.limits, &app, waba_id, now)?;
    Ok(numbers)
}

/// A number of the app with this id, if the request has the app's own token.
pub(super) fn app(
    sandbox: &Sandbox,
    headers: &HeaderMap,
    id: &str,
) -> Result<Arc<BusinessNumber>, GraphError> {
    let wrong = || GraphError::token("Invalid OAuth access token signature.");
    let (named, secret) = bearer(headers).and_then(|token| token.split_once('|')).ok_or_else(wrong)?;
    let own = |number: &Arc<BusinessNumber>| match &number.provider {
        ProviderAccount::Meta { app_secret, .. } => {
            app_of(number).as_deref() == Some(id)
                && named == id
                && bool::from(secret.as_bytes().ct_eq(app_secret.as_bytes()))
        }
        ProviderAccount::Kaleyra { .. } => false,
    };
    sandbox.numbers().into_iter().find(own).ok_or_else(wrong)
}

/// Whether this is the token of the number; a number of Kaleyra's has none.
fn opens(number: &BusinessNumber, token: &str) -> bool {
    match &number.provider {
        ProviderAccount::Meta { access_token, .. } => token.as_bytes().ct_eq(access_token.as_bytes()).into(),
        ProviderAccount::Kaleyra { .. } => false,
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
