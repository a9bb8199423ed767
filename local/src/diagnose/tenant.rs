//! Checks of a tenant's setup.

use ventanilla::domain::{
    caller::{ApiKey, Tenant},
    channel::Channel,
    id::ChannelId,
};

use super::Severity;

/// A fault of a tenant's setup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantFinding {
    /// The default channel does not exist.
    NoDefaultChannel(ChannelId),
    /// The default channel is disabled.
    DefaultDisabled(ChannelId),
    /// The tenant has no valid API key.
    NoKey,
}

/// The faults of a tenant, its channels and its keys.
#[must_use]
pub fn of_tenant(tenant: &Tenant, channels: &[Channel], keys: &[ApiKey]) -> Vec<TenantFinding> {
    let mut found = Vec::new();
    let id = tenant.default_channel;
    match channels.iter().find(|channel| channel.tenant == tenant.id && channel.id == id) {
        None => found.push(TenantFinding::NoDefaultChannel(id)),
        Some(channel) if channel.disabled_at.is_some() => found.push(TenantFinding::DefaultDisabled(id)),
        Some(_) => {}
    }
    if keys.iter().all(|key| key.revoked_at.is_some()) {
        found.push(TenantFinding::NoKey);
    }
    found
}

impl TenantFinding {
    /// The stable machine-readable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoDefaultChannel(_) => "no_default_channel",
            Self::DefaultDisabled(_) => "default_channel_disabled",
            Self::NoKey => "no_key",
        }
    }

    /// How severe it is.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::NoDefaultChannel(_) | Self::DefaultDisabled(_) | Self::NoKey => Severity::Warning,
        }
    }

    /// What it means, as a sentence.
    #[must_use]
    pub fn meaning(self) -> String {
        match self {
            Self::NoDefaultChannel(id) => format!("The default channel {id} is not there."),
            Self::DefaultDisabled(id) => format!("The default channel {id} is disabled."),
            Self::NoKey => "The tenant has no valid API key that is on the list.".to_owned(),
        }
    }

    /// How to fix it, as a sentence.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NoDefaultChannel(_) => "ventanilla channel add, or ventanilla tenant set",
            Self::DefaultDisabled(_) => "ventanilla channel enable, or ventanilla tenant set",
            Self::NoKey => "ventanilla key create (keys of a config file: provision it once more)",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ventanilla::domain::time::Timestamp;

    #[test]
    fn a_tenant_needs_its_default_channel_and_a_key() {
        let now = Timestamp::from_millis(5);
        let tenant: Tenant = read(r#"{"id": "acme", "default_channel": 1}"#);
        let mut channels: Vec<Channel> = vec![read(
            r#"{"id": 1, "tenant": "acme", "number": "+50212345678", "provider": "meta", "app": "demo",
                "phone_number_id": "106540352242922", "graph_base_url": "https://graph.facebook.com",
                "graph_version": "v24.0"}"#,
        )];
        let key: ApiKey = read(r#"{"name": "crm", "tenant": "acme", "scopes": ["send"]}"#);
        assert_eq!(of_tenant(&tenant, &channels, std::slice::from_ref(&key)), []);
        channels[0].disabled_at = Some(now);
        let revoked = ApiKey { revoked_at: Some(now), ..key };
        let codes =
            |found: Vec<TenantFinding>| found.into_iter().map(TenantFinding::code).collect::<Vec<_>>();
        assert_eq!(codes(of_tenant(&tenant, &channels, &[revoked])), ["default_channel_disabled", "no_key"]);
        assert_eq!(codes(of_tenant(&tenant, &[], &[])), ["no_default_channel", "no_key"]);
    }

    fn read<T: serde::de::DeserializeOwned>(json: &str) -> T {
        serde_json::from_str(json).unwrap()
    }
}
