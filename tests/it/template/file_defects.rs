//! Defects of the bucket of files and of who fetches them.

use serde_json::{Value, json};

use super::seed::{Defect, regrant, remove, set};

const BUCKET: &str = "Resources/Files/Properties";

pub(crate) const DEFECTS: &[Defect] = &[
    ("files are private and encrypted with our key", "anybody's list", |t| {
        set(t, &format!("{BUCKET}/PublicAccessBlockConfiguration/BlockPublicAcls"), &json!(false));
    }),
    ("files are private and encrypted with our key", "S3's own key", |t| {
        remove(t, BUCKET, "BucketEncryption");
    }),
    ("files refuse plain text connections", "no policy", |t| {
        remove(t, "Resources", "FilesPolicy");
    }),
    ("files and what is left of uploads expire", "files for ever", |t| {
        set(t, &format!("{BUCKET}/LifecycleConfiguration/Rules/1/Status"), &json!("Disabled"));
    }),
    ("files and what is left of uploads expire", "parts for ever", |t| {
        set(t, &format!("{BUCKET}/LifecycleConfiguration/Rules/0/Status"), &json!("Disabled"));
    }),
    ("browsers of our origins may put files in, and no others", "any page", |t| {
        let rule = format!("{BUCKET}/CorsConfiguration/Fn::If/1/CorsRules/0/AllowedOrigins");
        set(t, &rule, &json!(["*"]));
    }),
    ("browsers of our origins may put files in, and no others", "a header that addresses want", |t| {
        let rule = format!("{BUCKET}/CorsConfiguration/Fn::If/1/CorsRules/0/AllowedHeaders");
        set(t, &rule, &json!(["content-type"]));
    }),
    ("every grant on files equals the list", "who cannot tell what is not there", |t| {
        let statements = t.pointer_mut("/Resources/Inbox/Properties/Policies/0/Statement");
        if let Some(statements) = statements.and_then(Value::as_array_mut) {
            statements.retain(|statement| statement["Sid"] != "TellFilesApart");
        }
    }),
    ("every grant on files equals the list", "a fetcher that reads", |t| {
        let actions = json!(["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]);
        regrant(t, "Fetch", "WriteFiles", "Action", &actions);
    }),
    ("every grant on files equals the list", "the bucket itself", |t| {
        let place = json!({ "Fn::GetAtt": ["Files", "Arn"] });
        regrant(t, "Fetch", "WriteFiles", "Resource", &place);
    }),
    ("who touches files is told where they are, and nobody else", "a sender without a bucket", |t| {
        remove(t, "Resources/Send/Properties/Environment/Variables", "VENTANILLA_BUCKET");
    }),
    ("files wait for their fetcher in a queue of their own", "ten large files at once", |t| {
        set(t, "Resources/FetchesToFetch/Properties/BatchSize", &json!(10));
    }),
    ("files wait for their fetcher in a queue of their own", "given to a second one meanwhile", |t| {
        set(t, "Resources/Fetches/Properties/VisibilityTimeout", &json!(300));
    }),
    ("files wait for their fetcher in a queue of their own", "nobody fetches", |t| {
        remove(t, "Resources", "FetchesToFetch");
    }),
    (
        "who hears of files is told the queue, and nobody else",
        "a webhook that leaves all to the sweep",
        |t| {
            remove(t, "Resources/Webhook/Properties/Environment/Variables", "VENTANILLA_FETCH_QUEUE_URL");
        },
    ),
];
