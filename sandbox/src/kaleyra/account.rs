//! Authenticates an account, and selects its numbers.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use subtle::ConstantTimeEq as _;

use super::error::KaleyraError;
use crate::{BusinessNumber, KaleyraApi, ProviderAccount, Sandbox};

/// The numbers of an authenticated account.
pub(super) struct Account(Vec<Arc<BusinessNumber>>);

impl Account {
    /// The account with this SID, if the request has its API key.
    pub(super) fn authenticate(
        sandbox: &Sandbox,
        sid: &str,
        headers: &HeaderMap,
    ) -> Result<Self, KaleyraError> {
        let key = headers.get("api-key").map(HeaderValue::as_bytes).unwrap_or_default();
        let mut numbers = sandbox.numbers();
        numbers.retain(|number| api_key_for(number, sid).is_some());
        let mut keys = numbers.iter().filter_map(|number| api_key_for(number, sid));
        if keys.any(|own| own.as_bytes().ct_eq(key).into()) {
            Ok(Self(numbers))
        } else {
            Err(KaleyraError::from_code("RBC001"))
        }
    }

    /// The account's number with these digits, with or without `+`.
    pub(super) fn number(&self, written: &str) -> Option<Arc<BusinessNumber>> {
        let digits = written.strip_prefix('+').unwrap_or(written);
        self.0.iter().find(|number| number.display_phone_number == digits).cloned()
    }

    /// All numbers of the account that use this API; an error if none does.
    pub(super) fn with_api(self, api: KaleyraApi) -> Result<Vec<Arc<BusinessNumber>>, KaleyraError> {
        let Self(mut numbers) = self;
        numbers.retain(|number| number.kaleyra_api() == Some(api));
        if numbers.is_empty() { Err(KaleyraError::other_version()) } else { Ok(numbers) }
    }

    /// Only the numbers of the business account; an error if there are none.
    pub(super) fn in_waba(self, waba_id: &str) -> Result<Self, KaleyraError> {
        let Self(mut numbers) = self;
        numbers.retain(|number| number.waba_id == waba_id);
        if numbers.is_empty() { Err(KaleyraError::from_code("WA401")) } else { Ok(Self(numbers)) }
    }
}

/// Rejects a number that uses the other API.
pub(super) fn check_api(number: &BusinessNumber, api: KaleyraApi) -> Result<(), KaleyraError> {
    if number.kaleyra_api() == Some(api) { Ok(()) } else { Err(KaleyraError::other_version()) }
}

/// The API key of a number, if it belongs to this account.
fn api_key_for<'a>(number: &'a BusinessNumber, account: &str) -> Option<&'a str> {
    match &number.provider {
        ProviderAccount::Kaleyra { sid, api_key, .. } if sid == account => Some(api_key.as_str()),
        ProviderAccount::Kaleyra { .. } | ProviderAccount::Meta { .. } => None,
    }
}
