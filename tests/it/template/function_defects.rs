//! Defects of the functions and their grants.

use serde_json::json;

use super::seed::{Defect, remove, set};

const WEBHOOK_SECRETS: &str = "Resources/Webhook/Properties/Policies/0/Statement/5/Resource";

/// Where the prefixes of a statement are.
const LEADING: &str = "Condition/ForAllValues:StringLike/dynamodb:LeadingKeys";

pub(crate) const DEFECTS: &[Defect] = &[
    ("every crate under functions/ is exactly one function", "a crate without a function", |t| {
        remove(t, "Resources", "Inbox");
    }),
    ("every crate under functions/ is exactly one function", "a crate deployed twice", |t| {
        set(t, "Resources/Send/Properties/CodeUri", &json!("functions/reply"));
    }),
    ("every crate under functions/ is exactly one function", "templates that nobody can send", |t| {
        remove(t, "Resources", "SendTemplate");
    }),
    ("functions are built for arm64 unless told otherwise", "x86_64 by default", |t| {
        set(t, "Parameters/Architecture/Default", &json!("x86_64"));
    }),
    ("functions are built for arm64 unless told otherwise", "one function on its own", |t| {
        set(t, "Resources/Send/Properties/Architectures", &json!(["x86_64"]));
    }),
    ("functions are built by cargo-lambda for provided.al2023", "another function's binary", |t| {
        set(t, "Resources/Send/Metadata/BuildProperties/Binary", &json!("reply"));
    }),
    ("every function has a role of its own", "a shared role", |t| {
        set(t, "Resources/Send/Properties/Role", &json!({ "Fn::GetAtt": ["ReplyRole", "Arn"] }));
    }),
    ("every function has a role of its own", "a managed policy beside its own", |t| {
        let own = json!({ "Statement": [{ "Effect": "Allow", "Action": "sqs:SendMessage" }] });
        set(t, "Resources/Send/Properties/Policies", &json!([own, "AmazonDynamoDBFullAccess"]));
    }),
    ("every function can have a share of the concurrency", "no reserve", |t| {
        remove(t, "Resources/Webhook/Properties", "ReservedConcurrentExecutions");
    }),
    ("no secret stands in the environment", "a token under a telling name", |t| {
        set(t, "Globals/Function/Environment/Variables/META_TOKEN", &json!("abc"));
    }),
    ("no secret stands in the environment", "a long hex value", |t| {
        let value = json!("0123456789abcdef0123456789abcdef");
        set(t, "Globals/Function/Environment/Variables/META_APP", &value);
    }),
    ("no secret stands in the environment", "an environment under the default key", |t| {
        remove(t, "Globals/Function", "KmsKeyArn");
    }),
    ("every function is traced", "tracing off", |t| {
        set(t, "Resources/Reply/Properties/Tracing", &json!("PassThrough"));
    }),
    ("every function has a log of its own", "a shared log", |t| {
        set(t, "Resources/Send/Properties/LoggingConfig/LogGroup", &json!({ "Ref": "ReplyLogs" }));
    }),
    ("every function has a log of its own", "the log Lambda would make", |t| {
        remove(t, "Resources/Send/Properties", "LoggingConfig");
    }),
    ("every function is told the settings, within the limits of the code", "nobody is told", |t| {
        remove(t, "Globals/Function/Environment/Variables", "VENTANILLA_RAW_DAYS");
    }),
    ("every function is told the settings, within the limits of the code", "one is told another", |t| {
        let own = json!({ "Variables": { "VENTANILLA_SILENT_AFTER_MINUTES": "60" } });
        set(t, "Resources/Reconcile/Properties/Environment", &own);
    }),
    ("every function is told the settings, within the limits of the code", "another default", |t| {
        set(t, "Parameters/RawDays/Default", &json!(7));
    }),
    ("every function is told the settings, within the limits of the code", "nought days", |t| {
        set(t, "Parameters/RawDays/MinValue", &json!(0));
    }),
    ("every function is told the settings, within the limits of the code", "no upper limit", |t| {
        remove(t, "Parameters/SilentAfterMinutes", "MaxValue");
    }),
    ("webhook alone is told the stop words, which may be none", "who listens is not told", |t| {
        remove(t, "Resources/Webhook/Properties/Environment/Variables", "VENTANILLA_STOP_WORDS");
    }),
    ("webhook alone is told the stop words, which may be none", "all are told", |t| {
        let words = json!({ "Ref": "StopWords" });
        set(t, "Globals/Function/Environment/Variables/VENTANILLA_STOP_WORDS", &words);
    }),
    ("webhook alone is told the stop words, which may be none", "another default", |t| {
        set(t, "Parameters/StopWords/Default", &json!("stop"));
    }),
    ("webhook alone is told the stop words, which may be none", "one word at least", |t| {
        set(t, "Parameters/StopWords/MinLength", &json!(1));
    }),
    ("webhook alone is told the stop words, which may be none", "a pattern that empty does not match", |t| {
        set(t, "Parameters/StopWords/AllowedPattern", &json!("^[^,]+(,[^,]+)*$"));
    }),
    ("webhook alone is told the start words, which may be none", "who listens is not told", |t| {
        remove(t, "Resources/Webhook/Properties/Environment/Variables", "VENTANILLA_START_WORDS");
    }),
    ("item access is bound to key prefixes", "LeadingKeys dropped", |t| {
        remove(t, "Resources/Reply/Properties/Policies/0/Statement/0", "Condition");
    }),
    ("item access is bound to key prefixes", "a prefix that also matches another", |t| {
        leading(t, &json!(["T*"]));
    }),
    ("item access is bound to key prefixes", "a list and whatever begins like it", |t| {
        all_channels(t, &json!(["R#CH*"]));
    }),
    ("item access is bound to key prefixes", "a list of anything", |t| {
        all_channels(t, &json!(["R#?H"]));
    }),
    ("item access is bound to key prefixes", "every row without a tenant", |t| {
        all_channels(t, &json!(["R#*"]));
    }),
    ("every function's grants on the table equal the list", "webhook may read due work", |t| {
        all_channels(t, &json!(["R#CH", "R#DUE#*"]));
    }),
    ("every function's grants on the table equal the list", "webhook cannot tell whose templates", |t| {
        all_channels(t, &json!(["R#N#*"]));
    }),
    ("every function's grants on the table equal the list", "no way to compare the copy with a list", |t| {
        let action = "Resources/SendTemplate/Properties/Policies/0/Statement/0/Action";
        set(t, action, &json!(["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"]));
    }),
    ("every function's grants on the table equal the list", "sync may write API keys", |t| {
        let action = "Resources/SyncTemplates/Properties/Policies/0/Statement/2/Action";
        set(t, action, &json!(["dynamodb:GetItem", "dynamodb:PutItem"]));
    }),
    ("every function's grants on the table equal the list", "calls for lists that cannot be counted", |t| {
        let action = "Resources/SyncTemplates/Properties/Policies/0/Statement/3/Action";
        set(t, action, &json!("dynamodb:GetItem"));
    }),
    ("every function's grants on the table equal the list", "reply may write API keys", |t| {
        set(t, "Resources/Reply/Properties/Policies/0/Statement/1/Action", &json!("dynamodb:PutItem"));
    }),
    ("every function's grants on the table equal the list", "inbox may read routing", |t| {
        set(
            t,
            "Resources/Inbox/Properties/Policies/0/Statement/0/Condition",
            &json!({
                "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["T#*", "R#N#*"] }
            }),
        );
    }),
    ("every function's grants on the table equal the list", "another index", |t| {
        let index = json!({ "Fn::Sub": "${Table.Arn}/index/*" });
        set(t, "Resources/Inbox/Properties/Policies/0/Statement/1/Resource", &index);
    }),
    ("nothing can scan", "Scan granted", |t| {
        set(t, "Resources/Inbox/Properties/Policies/0/Statement/0/Action", &json!(["dynamodb:Scan"]));
    }),
    ("nothing can scan", "PartiQL granted", |t| {
        let action = json!("dynamodb:PartiQLSelect");
        set(t, "Resources/Inbox/Properties/Policies/0/Statement/0/Action", &action);
    }),
    ("no grant has a wildcard", "every action of a service", |t| {
        set(t, "Resources/Reply/Properties/Policies/0/Statement/0/Action", &json!("dynamodb:*"));
    }),
    ("no grant has a wildcard", "every resource", |t| {
        set(t, "Resources/Reply/Properties/Policies/0/Statement/3/Resource", &json!("*"));
    }),
    ("no grant has a wildcard", "a schedule that may run anything", |t| {
        let resource =
            "Resources/ReconcileScheduleRole/Properties/Policies/0/PolicyDocument/Statement/0/Resource";
        set(t, resource, &json!("*"));
    }),
    ("every function reads its kinds of secrets and no other", "inbox reads secrets of no channel", |t| {
        set(
            t,
            "Resources/Inbox/Properties/Policies/0/Statement/2/Action",
            &json!("secretsmanager:GetSecretValue"),
        );
    }),
    ("every function reads its kinds of secrets and no other", "reply reads every secret", |t| {
        let all = json!({ "Fn::Sub": "arn:aws:secretsmanager:eu-west-1:1:secret:${SecretPrefix}*" });
        set(t, "Resources/Reply/Properties/Policies/0/Statement/3/Resource", &all);
    }),
    ("every function reads its kinds of secrets and no other", "reconcile reads app secrets too", |t| {
        let both = json!([secret("channel"), secret("app")]);
        set(t, "Resources/Reconcile/Properties/Policies/0/Statement/3/Resource", &both);
    }),
    ("every function reads its kinds of secrets and no other", "nothing to know Kaleyra's calls by", |t| {
        set(t, WEBHOOK_SECRETS, &secret("app"));
    }),
    ("every function reads its kinds of secrets and no other", "nothing to know Meta's calls by", |t| {
        set(t, WEBHOOK_SECRETS, &json!([secret("channel")]));
    }),
    ("every function reads its kinds of secrets and no other", "two kinds by one wide name", |t| {
        let all = json!({ "Fn::Sub": "arn:aws:secretsmanager:eu-west-1:1:secret:${SecretPrefix}*" });
        set(t, WEBHOOK_SECRETS, &all);
    }),
    ("every function reads its kinds of secrets and no other", "no token to ask for templates with", |t| {
        set(t, "Resources/SyncTemplates/Properties/Policies/0/Statement/4/Effect", &json!("Deny"));
    }),
    ("every function reads its kinds of secrets and no other", "templates sent with an app's secret", |t| {
        set(t, "Resources/SendTemplate/Properties/Policies/0/Statement/4/Resource", &secret("app"));
    }),
    ("every function reads its kinds of secrets and no other", "reconcile has no token to send with", |t| {
        set(t, "Resources/Reconcile/Properties/Policies/0/Statement/3/Effect", &json!("Deny"));
    }),
    ("functions use the key through services only", "the key without a service", |t| {
        remove(t, "Resources/Reply/Properties/Policies/0/Statement/6", "Condition");
    }),
    ("the services that the key is used through equal the list", "secrets that stay sealed", |t| {
        via(t, "Reconcile/Properties/Policies/0/Statement/7", &["dynamodb", "sqs", "s3"]);
    }),
    ("the services that the key is used through equal the list", "callbacks that nobody can check", |t| {
        via(t, "Webhook/Properties/Policies/0/Statement/7", &["dynamodb", "sqs"]);
    }),
    ("the services that the key is used through equal the list", "failed syncs that cannot be kept", |t| {
        via(t, "SyncTemplates/Properties/Policies/0/Statement/5", &["dynamodb", "secretsmanager"]);
    }),
    ("the services that the key is used through equal the list", "a service too many", |t| {
        via(t, "Inbox/Properties/Policies/0/Statement/6", &["dynamodb", "s3", "secretsmanager", "sqs"]);
    }),
];

/// The name of every secret of a kind.
pub(crate) fn secret(kind: &str) -> serde_json::Value {
    let name = format!("arn:aws:secretsmanager:eu-west-1:1:secret:${{SecretPrefix}}{kind}/*");
    json!({ "Fn::Sub": name })
}

fn leading(template: &mut serde_json::Value, prefixes: &serde_json::Value) {
    set(template, &format!("Resources/Reply/Properties/Policies/0/Statement/0/{LEADING}"), prefixes);
}

/// What webhook may read of the lists.
fn all_channels(template: &mut serde_json::Value, prefixes: &serde_json::Value) {
    set(template, &format!("Resources/Webhook/Properties/Policies/0/Statement/2/{LEADING}"), prefixes);
}

/// Lets a statement use the key through these services.
pub(crate) fn via(template: &mut serde_json::Value, statement: &str, services: &[&str]) {
    let name = |service: &&str| json!({ "Fn::Sub": format!("{service}.${{AWS::Region}}.amazonaws.com") });
    let names: Vec<_> = services.iter().map(name).collect();
    set(template, &format!("Resources/{statement}/Condition/StringEquals/kms:ViaService"), &json!(names));
}
