//! Defects of the functions and their grants.

use serde_json::json;

use super::seed::{Defect, leading, regrant, remove, set, statement};

const WAITS: &str = "inbox alone is told how long callers may wait, which is not at all in a new account";
const CLIENTS: &str = "who is told where a further service is has its client, and nobody else";
const TOGETHER: &str = "an action on the table stands in one statement";

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
    ("no secret stands in the environment", "an environment that no role may open", |t| {
        set(t, "Globals/Function/KmsKeyArn", &json!({ "Fn::GetAtt": ["Key", "Arn"] }));
    }),
    ("no secret stands in the environment", "one function's environment that its role may not open", |t| {
        set(t, "Resources/Send/Properties/KmsKeyArn", &json!({ "Fn::GetAtt": ["Key", "Arn"] }));
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
    (WAITS, "long polls in a new account", |t| {
        set(t, "Parameters/EventWaitSeconds/Default", &json!(20));
    }),
    (WAITS, "waits that the code refuses", |t| set(t, "Parameters/EventWaitSeconds/MaxValue", &json!(25))),
    (WAITS, "as long as the code likes", |t| {
        remove(t, "Resources/Inbox/Properties/Environment/Variables", "VENTANILLA_EVENT_WAIT_SECONDS");
    }),
    (WAITS, "all are told", |t| {
        let seconds = json!({ "Ref": "EventWaitSeconds" });
        set(t, "Globals/Function/Environment/Variables/VENTANILLA_EVENT_WAIT_SECONDS", &seconds);
    }),
    (CLIENTS, "a queue without a client", |t| {
        let queue = json!({ "Ref": "Jobs" });
        set(t, "Resources/Reply/Properties/Environment/Variables/VENTANILLA_QUEUE_URL", &queue);
    }),
    (CLIENTS, "a client without a queue", |t| {
        remove(t, "Resources/Webhook/Properties/Environment/Variables", "VENTANILLA_FETCH_QUEUE_URL");
    }),
    (CLIENTS, "a sender without a bucket", |t| {
        remove(t, "Resources/Worker/Properties/Environment/Variables", "VENTANILLA_BUCKET");
    }),
    (CLIENTS, "sockets that nobody can reach", |t| {
        remove(t, "Resources/Push/Properties/Environment/Variables", "VENTANILLA_SOCKET_URL");
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
        let rows = statement(t, "Reply", "ReadRows");
        remove(t, &rows, "Condition");
    }),
    ("item access is bound to key prefixes", "a prefix that also matches another", |t| {
        leading(t, "Reply", "ReadRows", &["T*"]);
    }),
    ("item access is bound to key prefixes", "a list and whatever begins like it", |t| {
        leading(t, "Webhook", "AllChannels", &["R#CH*"]);
    }),
    ("item access is bound to key prefixes", "a list of anything", |t| {
        leading(t, "Webhook", "AllChannels", &["R#?H"]);
    }),
    ("item access is bound to key prefixes", "every row without a tenant", |t| {
        leading(t, "Webhook", "AllChannels", &["R#*"]);
    }),
    ("every function's grants on the table equal the list", "webhook may read due work", |t| {
        leading(t, "Webhook", "AllChannels", &["R#CH", "R#DUE#*"]);
    }),
    ("every function's grants on the table equal the list", "webhook cannot tell whose templates", |t| {
        leading(t, "Webhook", "AllChannels", &["R#N#*"]);
    }),
    ("every function's grants on the table equal the list", "no way to compare the copy with a list", |t| {
        regrant(t, "SendTemplate", "ListRows", "Action", &json!("dynamodb:BatchGetItem"));
    }),
    ("every function's grants on the table equal the list", "sync may write API keys", |t| {
        leading(t, "SyncTemplates", "WriteRows", &["T#*", "R#B#*", "R#K#*"]);
    }),
    ("every function's grants on the table equal the list", "calls for lists that cannot be counted", |t| {
        leading(t, "SyncTemplates", "WriteRows", &["T#*"]);
    }),
    ("every function's grants on the table equal the list", "reply may write API keys", |t| {
        leading(t, "Reply", "WriteRows", &["T#*", "R#K#*", "R#W#*"]);
    }),
    ("every function's grants on the table equal the list", "inbox may read routing", |t| {
        leading(t, "Inbox", "ReadRows", &["T#*", "R#K#*", "R#N#*"]);
    }),
    ("every function's grants on the table equal the list", "another index", |t| {
        let index = json!({ "Fn::Sub": "${Table.Arn}/index/*" });
        regrant(t, "Inbox", "TenantLists", "Resource", &index);
    }),
    (TOGETHER, "a pointer beside its message, by a grant of its own", |t| {
        leading(t, "Webhook", "WriteRows", &["T#*", "R#U#*"]);
        let own = json!({
            "Sid": "Pointers",
            "Effect": "Allow",
            "Action": ["dynamodb:PutItem", "dynamodb:BatchGetItem"],
            "Resource": { "Fn::GetAtt": ["Table", "Arn"] },
            "Condition": { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["R#W#*"] } },
        });
        let rows = statement(t, "Webhook", "ReadManyRows");
        set(t, &rows, &own);
    }),
    ("nothing can scan", "Scan granted", |t| {
        regrant(t, "Inbox", "ReadRows", "Action", &json!(["dynamodb:Scan"]));
    }),
    ("nothing can scan", "PartiQL granted", |t| {
        regrant(t, "Inbox", "ReadRows", "Action", &json!("dynamodb:PartiQLSelect"));
    }),
    ("no grant has a wildcard", "every action of a service", |t| {
        regrant(t, "Reply", "ReadRows", "Action", &json!("dynamodb:*"));
    }),
    ("no grant has a wildcard", "every resource", |t| {
        regrant(t, "Reply", "ReadSecrets", "Resource", &json!("*"));
    }),
    ("no grant has a wildcard", "a schedule that may run anything", |t| {
        let resource =
            "Resources/ReconcileScheduleRole/Properties/Policies/0/PolicyDocument/Statement/0/Resource";
        set(t, resource, &json!("*"));
    }),
    ("every function reads its kinds of secrets and no other", "inbox reads secrets of no channel", |t| {
        regrant(t, "Inbox", "ListRows", "Action", &json!("secretsmanager:GetSecretValue"));
    }),
    ("every function reads its kinds of secrets and no other", "reply reads every secret", |t| {
        let all = json!({ "Fn::Sub": "arn:aws:secretsmanager:eu-west-1:1:secret:${SecretPrefix}*" });
        regrant(t, "Reply", "ReadSecrets", "Resource", &all);
    }),
    ("every function reads its kinds of secrets and no other", "reconcile reads app secrets too", |t| {
        let both = json!([secret("channel"), secret("app")]);
        regrant(t, "Reconcile", "ReadSecrets", "Resource", &both);
    }),
    ("every function reads its kinds of secrets and no other", "nothing to know Kaleyra's calls by", |t| {
        regrant(t, "Webhook", "ReadSecrets", "Resource", &secret("app"));
    }),
    ("every function reads its kinds of secrets and no other", "nothing to know Meta's calls by", |t| {
        regrant(t, "Webhook", "ReadSecrets", "Resource", &json!([secret("channel")]));
    }),
    ("every function reads its kinds of secrets and no other", "two kinds by one wide name", |t| {
        let all = json!({ "Fn::Sub": "arn:aws:secretsmanager:eu-west-1:1:secret:${SecretPrefix}*" });
        regrant(t, "Webhook", "ReadSecrets", "Resource", &all);
    }),
    ("every function reads its kinds of secrets and no other", "no token to ask for templates with", |t| {
        regrant(t, "SyncTemplates", "ReadSecrets", "Effect", &json!("Deny"));
    }),
    ("every function reads its kinds of secrets and no other", "templates sent with an app's secret", |t| {
        regrant(t, "SendTemplate", "ReadSecrets", "Resource", &secret("app"));
    }),
    ("every function reads its kinds of secrets and no other", "reconcile has no token to send with", |t| {
        regrant(t, "Reconcile", "ReadSecrets", "Effect", &json!("Deny"));
    }),
    ("functions use the key through services only", "the key without a service", |t| {
        let key = statement(t, "Reply", "UseKeyThroughServices");
        remove(t, &key, "Condition");
    }),
    ("the services that the key is used through equal the list", "secrets that stay sealed", |t| {
        via(t, "Reconcile", &["dynamodb", "sqs", "s3"]);
    }),
    ("the services that the key is used through equal the list", "callbacks that nobody can check", |t| {
        via(t, "Webhook", &["dynamodb", "sqs"]);
    }),
    ("the services that the key is used through equal the list", "failed syncs that cannot be kept", |t| {
        via(t, "SyncTemplates", &["dynamodb", "secretsmanager"]);
    }),
    ("the services that the key is used through equal the list", "a service too many", |t| {
        via(t, "Inbox", &["dynamodb", "s3", "secretsmanager", "sqs"]);
    }),
];

/// The name of every secret of a kind.
pub(crate) fn secret(kind: &str) -> serde_json::Value {
    let name = format!("arn:aws:secretsmanager:eu-west-1:1:secret:${{SecretPrefix}}{kind}/*");
    json!({ "Fn::Sub": name })
}

/// Lets a function use the key through these services.
pub(crate) fn via(template: &mut serde_json::Value, function: &str, services: &[&str]) {
    let name = |service: &&str| json!({ "Fn::Sub": format!("{service}.${{AWS::Region}}.amazonaws.com") });
    let names: Vec<_> = services.iter().map(name).collect();
    let part = "Condition/StringEquals/kms:ViaService";
    regrant(template, function, "UseKeyThroughServices", part, &json!(names));
}
