//! The registry of providers.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde_json::{Map, Value};

use crate::{
    channel_config::{ChannelConfig, ConfigError, Configured, Setting, SettingKind, Simulated},
    kaleyra, meta,
    webhook_registry::RegisteredWebhooks,
};
use ventanilla_core::{
    domain::channel::Access,
    ports::{credentials::ChannelSecret, health_check::Inspector, provider::Provider},
};

/// Makes a client of health checks, with this HTTP client.
pub type MakeInspector = fn(reqwest::Client) -> Arc<dyn Inspector>;

/// The lists of providers. There are three, so that a function's binary holds only the parts it uses: a
/// list is linked with everything that it names.
macro_rules! register {
    ($($provider:ident),+) => {
        const PROVIDERS: &[&Registration] = &[$(&$provider::REGISTRATION),+];
        pub(crate) const WEBHOOKS: &[RegisteredWebhooks] =
            &[$(RegisteredWebhooks { provider: &$provider::REGISTRATION, webhooks: $provider::WEBHOOKS }),+];
        pub(crate) const INSPECTORS: &[(&Registration, MakeInspector)] =
            &[$((&$provider::REGISTRATION, $provider::INSPECTOR)),+];
    };
}

// The providers, in the order of their lists. To add one: its folder, and its name here.
register!(meta, kaleyra);

/// A provider, as every function knows it.
pub struct Registration {
    /// Its name in rows, the configuration file, the operator's commands and webhook URLs.
    pub name: &'static str,
    /// Makes the provider's client for messages, media and templates.
    pub client: fn(reqwest::Client) -> Arc<dyn Provider>,
    /// The fields of its channels in the configuration file, besides those of every channel.
    pub settings: &'static [Setting],
    /// Parses the provider's own fields.
    pub configure: fn(&mut ChannelConfig) -> Result<Configured, ConfigError>,
    /// Replaces the word `sandbox` by the simulated provider's URL; returns whether that word was there.
    pub simulate: fn(&mut Access, &Simulated) -> bool,
    /// The fields of a channel's secret that identify this provider.
    pub secret_marks: &'static [&'static str],
    /// Parses a channel's secret; `None` where a field is missing or not safe.
    pub secret: fn(&Value) -> Option<ChannelSecret>,
    /// Whether a secret is of this provider's type.
    pub is_own: fn(&ChannelSecret) -> bool,
}

impl Registration {
    /// The names of the credentials of its channels.
    pub fn secrets(&self) -> impl Iterator<Item = &'static str> {
        self.settings.iter().filter(|it| it.kind == SettingKind::Secret).map(|it| it.name)
    }

    /// The settings of a channel, as commands show them: all of them, without credentials.
    #[must_use]
    pub fn shown(&self, access: &Access) -> Map<String, Value> {
        let row = serde_json::to_value(access).unwrap_or_default();
        let value = |setting: &Setting| {
            let kept =
                [Some(&row), row.get("settings")].into_iter().flatten().find_map(|at| at.get(setting.name));
            kept.cloned().unwrap_or(if setting.kind == SettingKind::Switch {
                false.into()
            } else {
                Value::Null
            })
        };
        let open = self.settings.iter().filter(|setting| setting.kind != SettingKind::Secret);
        open.map(|setting| (setting.name.to_owned(), value(setting))).collect()
    }

    /// The switches of a channel, with their current values.
    #[must_use]
    pub fn switches(&self, access: &Access) -> BTreeMap<String, bool> {
        self.shown(access).into_iter().filter_map(|(name, value)| Some((name, value.as_bool()?))).collect()
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Registration").field(&self.name).finish()
    }
}

/// The providers that channels can name.
#[derive(Debug, Clone)]
pub struct Registry(Vec<&'static Registration>);

impl Default for Registry {
    fn default() -> Self {
        Self(PROVIDERS.to_vec())
    }
}

impl FromIterator<&'static Registration> for Registry {
    fn from_iter<I: IntoIterator<Item = &'static Registration>>(providers: I) -> Self {
        Self(providers.into_iter().collect())
    }
}

impl Registry {
    /// The same registry with one more provider.
    #[must_use]
    pub fn with(mut self, provider: &'static Registration) -> Self {
        self.0.push(provider);
        self
    }

    /// Every registered provider, in order.
    pub fn iter(&self) -> impl Iterator<Item = &'static Registration> {
        self.0.iter().copied()
    }

    /// The provider with this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&'static Registration> {
        self.iter().find(|provider| provider.name == name)
    }

    /// Parses the JSON of a channel's secret. JSON with the fields of two providers is ambiguous: it counts
    /// as none, as does JSON with missing fields.
    #[must_use]
    pub fn secret(&self, json: &str) -> Option<ChannelSecret> {
        let (provider, fields) = self.meant(json)?;
        (provider.secret)(&fields)
    }

    /// Whether this spelling of a channel's secret can be used with this access.
    #[must_use]
    pub fn can_use(&self, access: &Access, json: &str) -> bool {
        self.meant(json).is_some_and(|(provider, fields)| {
            provider.name == access.provider() && (provider.secret)(&fields).is_some()
        })
    }

    /// The only provider that this secret fits.
    fn meant(&self, json: &str) -> Option<(&'static Registration, Value)> {
        let fields: Map<String, Value> = serde_json::from_str(json).ok()?;
        let is_given = |name: &&str| fields.get(*name).is_some_and(|value| value.as_str() != Some(""));
        let mut meant = self.iter().filter(|provider| provider.secret_marks.iter().any(&is_given));
        match (meant.next(), meant.next()) {
            (Some(provider), None) => Some((provider, fields.into())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_provider_has_a_name_and_marks_of_its_own() {
        let all: Vec<_> = Registry::default().iter().collect();
        let names: BTreeSet<_> = all.iter().map(|it| it.name).collect();
        let marks: BTreeSet<_> = all.iter().flat_map(|it| it.secret_marks).collect();
        assert_eq!(names.len(), all.len());
        assert_eq!(marks.len(), all.iter().map(|it| it.secret_marks.len()).sum::<usize>());
        for provider in all {
            assert!(provider.secret_marks.iter().all(|mark| provider.secrets().any(|own| own == *mark)));
        }
    }

    #[test]
    fn a_secret_with_the_fields_of_two_providers_is_rejected() {
        let registry = Registry::default();
        let meta = r#"{"access_token":"t"}"#;
        let kaleyra = r#"{"sid":"s","api_key":"k","callback_secret":"callback-secret-1"}"#;
        assert_eq!(registry.secret(meta).map(|it| (meta::REGISTRATION.is_own)(&it)), Some(true));
        assert_eq!(registry.secret(kaleyra).map(|it| (kaleyra::REGISTRATION.is_own)(&it)), Some(true));
        for neither in [
            r#"{"access_token":"t","sid":"s","api_key":"k","callback_secret":"callback-secret-1"}"#,
            r#"{"access_token":"t","sid":"s"}"#,
            r#"{"access_token":5}"#,
            r#"{"access_token":""}"#,
            r#"{"sid":"s","api_key":"k","callback_secret":"short"}"#,
            r#"{"sid":"s","api_key":"k"}"#,
            "{}",
            "[]",
        ] {
            assert!(registry.secret(neither).is_none(), "{neither}");
        }
    }
}
