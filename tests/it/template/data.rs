//! The table, the key and the secrets: what is stored survives, is encrypted, and has the keys the code uses.

use serde_json::{Value, json};
use ventanilla::domain::channel::USUAL_THROUGHPUT;

use super::{
    Assertion,
    view::{at, entries, failing, items, number, resources, target, texts},
};

pub(crate) const ASSERTIONS: &[Assertion] = &[
    ("the table refuses deletion when it is told to", refuses_deletion),
    ("rows expire by their ttl", expires_rows),
    ("the table can be restored to any point of 35 days", restores),
    ("the stream carries both images", streams),
    ("the table is encrypted with our key", table_encrypted),
    ("the table has the keys and the indexes of the code", keys_and_index),
    ("the table is paid per request and capped", capped),
    ("what holds state outlives the stack", outlives_the_stack),
    ("the key rotates", rotates),
    ("secrets are generated and encrypted with our key", secrets),
    ("a channel's secret is described in the words of every provider", channel_secrets),
    ("every parameter and output is described", described),
    ("every parameter stands in one group", grouped),
];

const TABLE: &str = "AWS::DynamoDB::Table";
const KEY: &str = "AWS::KMS::Key";
const SECRET: &str = "AWS::SecretsManager::Secret";
/// The type of a bucket.
pub(crate) const BUCKET: &str = "AWS::S3::Bucket";

fn tables(template: &Value, holds: impl Fn(&Value) -> bool, fault: &str) -> Vec<String> {
    failing(&resources(template, TABLE), |table| holds(at(table, "Properties")), fault)
}

/// Whether a value points at a KMS key of this template.
pub(crate) fn is_our_key(template: &Value, value: &Value) -> bool {
    target(value).is_some_and(|name| resources(template, KEY).iter().any(|(key, _)| *key == name))
}

/// Not from the start: a first deployment that fails could not be rolled back.
fn refuses_deletion(template: &Value) -> Vec<String> {
    let chosen = json!({ "Fn::If": ["ProtectsTable", true, false] });
    let told = at(template, "Conditions/ProtectsTable")
        == &json!({ "Fn::Equals": [{ "Ref": "ProtectTable" }, "true"] })
        && at(template, "Parameters/ProtectTable/Default") == "false";
    let holds = |table: &Value| told && at(table, "DeletionProtectionEnabled") == &chosen;
    tables(template, holds, "can be deleted for ever, or not even by a roll-back")
}

fn expires_rows(template: &Value) -> Vec<String> {
    let ttl = json!({ "AttributeName": "ttl", "Enabled": true });
    tables(template, |table| at(table, "TimeToLiveSpecification") == &ttl, "has no TTL on `ttl`")
}

fn restores(template: &Value) -> Vec<String> {
    let recovery = json!({ "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 35 });
    let holds = |table: &Value| at(table, "PointInTimeRecoverySpecification") == &recovery;
    tables(template, holds, "has no point-in-time recovery of 35 days")
}

fn streams(template: &Value) -> Vec<String> {
    let holds = |table: &Value| at(table, "StreamSpecification/StreamViewType") == "NEW_AND_OLD_IMAGES";
    tables(template, holds, "does not stream both images")
}

fn table_encrypted(template: &Value) -> Vec<String> {
    let holds = |table: &Value| {
        let encryption = at(table, "SSESpecification");
        at(encryption, "SSEEnabled") == true
            && at(encryption, "SSEType") == "KMS"
            && is_our_key(template, at(encryption, "KMSMasterKeyId"))
    };
    tables(template, holds, "is not encrypted with our key")
}

/// The indexes and their partition keys; one sort key does for all.
pub(crate) const INDEXES: [(&str, &str); 4] =
    [("lists", "g1pk"), ("by-status", "g2pk"), ("by-assignee", "g3pk"), ("unread", "g4pk")];

fn keys_and_index(template: &Value) -> Vec<String> {
    let holds = |table: &Value| {
        let indexes = items(at(table, "GlobalSecondaryIndexes"));
        let made = |(name, key): &(&str, &str)| {
            let index = indexes.iter().find(|index| at(index, "IndexName") == *name);
            index.is_some_and(|index| {
                at(index, "KeySchema") == &schema(key, "g1sk")
                    && at(index, "Projection/ProjectionType") == "ALL"
            })
        };
        at(table, "KeySchema") == &schema("pk", "sk")
            && indexes.len() == INDEXES.len()
            && INDEXES.iter().all(made)
            && items(at(table, "AttributeDefinitions")).iter().all(|key| at(key, "AttributeType") == "S")
    };
    tables(template, holds, "does not have the keys and indexes of the code")
}

fn schema(hash: &str, range: &str) -> Value {
    json!([
        { "AttributeName": hash, "KeyType": "HASH" },
        { "AttributeName": range, "KeyType": "RANGE" },
    ])
}

/// What a message takes at most in a broadcast to new numbers, and by its three statuses (bench/README.md), times what a
/// channel sends in a second.
fn units_at_full_pace() -> u64 {
    (35 + 3 * 9) * u64::from(USUAL_THROUGHPUT)
}

/// The writes of an index are not capped: one that is short of units throttles the table's own writes.
fn capped(template: &Value) -> Vec<String> {
    let most = |part: &Value, what: &str| number(template, at(part, &format!("OnDemandThroughput/{what}")));
    let reads = |part: &Value| most(part, "MaxReadRequestUnits").is_some();
    let holds = |table: &Value| {
        let indexes = items(at(table, "GlobalSecondaryIndexes"));
        at(table, "BillingMode") == "PAY_PER_REQUEST"
            && reads(table)
            && most(table, "MaxWriteRequestUnits").is_some_and(|units| units >= units_at_full_pace())
            && indexes.iter().all(|index| reads(index) && most(index, "MaxWriteRequestUnits").is_none())
    };
    tables(template, holds, "is not on demand with a cap that lets a channel keep its pace")
}

/// What a first deployment made that then failed goes: the secrets' names would keep the second one from coming to be.
fn outlives_the_stack(template: &Value) -> Vec<String> {
    let stateful: Vec<_> =
        [TABLE, KEY, SECRET, BUCKET].iter().flat_map(|kind| resources(template, kind)).collect();
    let holds = |resource: &Value| {
        at(resource, "DeletionPolicy") == "RetainExceptOnCreate"
            && at(resource, "UpdateReplacePolicy") == "Retain"
    };
    failing(&stateful, holds, "is not retained, or is by a stack that never came to be")
}

fn rotates(template: &Value) -> Vec<String> {
    let holds = |key: &Value| at(key, "Properties/EnableKeyRotation") == true;
    failing(&resources(template, KEY), holds, "does not rotate")
}

fn secrets(template: &Value) -> Vec<String> {
    let holds = |secret: &Value| {
        let secret = at(secret, "Properties");
        at(secret, "SecretString").is_null()
            && at(secret, "GenerateSecretString/SecretStringTemplate") == "{}"
            && is_our_key(template, at(secret, "KmsKeyId"))
    };
    failing(&resources(template, SECRET), holds, "holds a literal or uses another key")
}

/// The fields that a channel's secret may have; the code rejects one that lacks those of its provider.
const CHANNEL_FIELDS: [&str; 6] =
    ["access_token", "sid", "api_key", "callback_secret", "previous_callback_secret", "callback_header"];

/// Who fills a secret in has only its description to go by.
fn channel_secrets(template: &Value) -> Vec<String> {
    let of_channel = |(_, secret): &(&str, &Value)| {
        at(secret, "Properties/Name/Fn::Sub").as_str().is_some_and(|name| name.contains("}channel/"))
    };
    let found: Vec<_> = resources(template, SECRET).into_iter().filter(of_channel).collect();
    let holds = |secret: &Value| {
        let description = at(secret, "Properties/Description").as_str().unwrap_or("");
        let words: Vec<_> = description.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        CHANNEL_FIELDS.iter().all(|field| words.contains(field))
    };
    failing(&found, holds, "does not tell its fields")
}

fn described(template: &Value) -> Vec<String> {
    let all: Vec<_> = ["Parameters", "Outputs"].iter().flat_map(|part| entries(at(template, part))).collect();
    failing(&all, |entry| at(entry, "Description").is_string(), "has no description")
}

fn grouped(template: &Value) -> Vec<String> {
    let groups = at(template, "Metadata/AWS::CloudFormation::Interface/ParameterGroups");
    let mut shown: Vec<_> = items(groups).iter().flat_map(|group| texts(at(group, "Parameters"))).collect();
    let mut given: Vec<_> = entries(at(template, "Parameters")).map(|(name, _)| name).collect();
    shown.sort_unstable();
    given.sort_unstable();
    if !given.is_empty() && shown == given {
        Vec::new()
    } else {
        vec![format!("the groups show {shown:?}, the parameters are {given:?}")]
    }
}
