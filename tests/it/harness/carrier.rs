//! The providers that a test can run over.

use ventanilla::{
    config::file::ConfigFile,
    domain::content::{Content, MediaSource},
};

use super::stand::CONFIG;

/// The API key of the channel at Kaleyra.
pub(crate) const KALEYRA_KEY: &str = "key-of-kaleyra-1";
/// The secret in its webhook URL.
pub(crate) const CALLBACK_SECRET: &str = "callback-secret-1";
/// The secret of Kaleyra's webhook URL before the last rotation.
pub(crate) const PREVIOUS_CALLBACK_SECRET: &str = "callback-secret-0";
/// The account's id at Kaleyra.
pub(crate) const SID: &str = "HXTEST0000000001IN";

/// Channel 1 of [`CONFIG`] as it is at Meta.
const AT_META: &str = r#"provider = "meta"
app = "demo"
phone_number_id = "1001"
waba_id = "2001"
number = "+15550100001"
access_token = "token-1"
graph_base_url = "sandbox""#;

/// Who carries the messages of channel 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    Meta,
    KaleyraV2,
    KaleyraV1,
}

/// What one provider can do and another cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feature {
    Quotes,
    /// Places, reactions, buttons, files by id.
    Objects,
    /// Customers who show no number.
    UserIds,
}

impl Carrier {
    /// The config of every stand, with channel 1 at this provider.
    pub(crate) fn config(self) -> ConfigFile {
        let api = match self {
            Self::Meta => return ConfigFile::parse(CONFIG).unwrap(),
            Self::KaleyraV2 => "v2",
            Self::KaleyraV1 => "v1",
        };
        let at_kaleyra = format!(
            "provider = \"kaleyra\"\napi = \"{api}\"\nwaba_id = \"2001\"\nnumber = \"+15550100001\"\n\
             sid = \"{SID}\"\napi_key = \"{KALEYRA_KEY}\"\ncallback_secret = \"{CALLBACK_SECRET}\"\n\
             previous_callback_secret = \"{PREVIOUS_CALLBACK_SECRET}\"\nbase_url = \"sandbox\""
        );
        assert!(CONFIG.contains(AT_META));
        ConfigFile::parse(&CONFIG.replace(AT_META, &at_kaleyra)).unwrap()
    }

    /// The sandbox's name for the number of channel 1.
    pub(crate) fn number(self) -> &'static str {
        match self {
            Self::Meta => "1001",
            Self::KaleyraV2 | Self::KaleyraV1 => "15550100001",
        }
    }

    /// Where the webhooks of channel 1 go.
    pub(crate) fn callback_path(self) -> String {
        match self {
            Self::Meta => "/webhooks/meta/demo".to_owned(),
            Self::KaleyraV2 | Self::KaleyraV1 => format!("/webhooks/kaleyra/1/{CALLBACK_SECRET}"),
        }
    }

    pub(crate) fn has(self, feature: Feature) -> bool {
        match (self, feature) {
            (Self::Meta, _) | (Self::KaleyraV2, Feature::Quotes | Feature::Objects) => true,
            (Self::KaleyraV2, Feature::UserIds) | (Self::KaleyraV1, _) => false,
        }
    }

    pub(crate) fn takes(self, content: &Content) -> bool {
        let objects = match content {
            Content::Location(_) | Content::Reaction { .. } | Content::Interactive { .. } => true,
            Content::Media(media) => matches!(media.source, MediaSource::Id(_)),
            Content::Text { .. } | Content::Template(_) | Content::Contacts { .. } => false,
        };
        !objects || self.has(Feature::Objects)
    }
}
