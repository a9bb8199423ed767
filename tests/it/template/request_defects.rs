//! Defects of the API and of what is stored.

use serde_json::json;

use super::seed::{Defect, remove, set};

const FIRST_GROUP: &str = "Metadata/AWS::CloudFormation::Interface/ParameterGroups/0/Parameters";

const CORS: &str = "Resources/HttpApi/Properties/CorsConfiguration/Fn::If/1";

const THROTTLED: &str = "every route is throttled, and callbacks have their own limit";
const COUNTED: &str = "routes are counted one by one only on request";
const NAMED: &str = "the API may have a name of its own";

const LOG_FORMAT: &str = "Resources/HttpApi/Properties/AccessLogSettings/Format";

pub(crate) const DEFECTS: &[Defect] = &[
    ("every route is open on purpose or authenticates in code", "a route nobody decided on", |t| {
        let route = json!({ "Type": "HttpApi", "Properties": { "Method": "GET", "Path": "/v1/all" } });
        set(t, "Resources/Inbox/Properties/Events/All", &route);
    }),
    ("every route is open on purpose or authenticates in code", "a route that moved", |t| {
        set(t, "Resources/Send/Properties/Events/SendToNumber/Properties/Path", &json!("/send"));
    }),
    ("every route is open on purpose or authenticates in code", "callbacks by one method only", |t| {
        set(t, "Resources/Webhook/Properties/Events/ReceiveChannelWebhook/Properties/Method", &json!("POST"));
    }),
    ("every route is open on purpose or authenticates in code", "callbacks without a secret", |t| {
        let path = json!("/webhooks/kaleyra/{channel}");
        set(t, "Resources/Webhook/Properties/Events/ReceiveChannelWebhook/Properties/Path", &path);
    }),
    ("every route is open on purpose or authenticates in code", "templates sent by another path", |t| {
        let path = json!("/api/whatsapp/templates/send");
        set(t, "Resources/SendTemplate/Properties/Events/SendTemplate/Properties/Path", &path);
    }),
    ("every route is open on purpose or authenticates in code", "a list that no client gets", |t| {
        remove(t, "Resources/SyncTemplates/Properties/Events", "ListTemplates");
    }),
    ("every route is open on purpose or authenticates in code", "an opt-out that cannot be ended", |t| {
        remove(t, "Resources/SendTemplate/Properties/Events", "Unsuppress");
    }),
    ("every route is open on purpose or authenticates in code", "a broadcast that cannot be ended", |t| {
        remove(t, "Resources/SendTemplate/Properties/Events", "CancelBroadcast");
    }),
    ("every route is open on purpose or authenticates in code", "a broadcast that nobody can look up", |t| {
        remove(t, "Resources/SendTemplate/Properties/Events", "GetBroadcast");
    }),
    ("every route is open on purpose or authenticates in code", "a log that nobody can ask for", |t| {
        remove(t, "Resources/Inbox/Properties/Events", "ListEvents");
    }),
    ("every route is open on purpose or authenticates in code", "no way to a ticket", |t| {
        remove(t, "Resources/Inbox/Properties/Events", "MakeSocketTicket");
    }),
    ("browser origins are exact", "a wildcard origin", |t| {
        set(t, "Resources/HttpApi/Properties/CorsConfiguration/Fn::If/1/AllowOrigins", &json!(["*"]));
    }),
    ("browser origins are exact", "CORS for all by the short form", |t| {
        set(t, "Resources/HttpApi/Properties/CorsConfiguration", &json!(true));
    }),
    ("browser origins are exact", "a parameter that takes a wildcard", |t| {
        set(t, "Parameters/CorsOrigins/AllowedPattern", &json!("^https://.*$"));
    }),
    ("browsers may send the headers that a caller chooses, and no other", "no choice of policy", |t| {
        headers(t, &["authorization", "content-type", "idempotency-key", "prefer"]);
    }),
    ("browsers may send the headers that a caller chooses, and no other", "no way not to wait", |t| {
        headers(t, &["authorization", "content-type", "delivery-policy", "idempotency-key"]);
    }),
    ("browsers may send the headers that a caller chooses, and no other", "any header", |t| {
        headers(t, &["*"]);
    }),
    ("browsers may read what answers say besides their body", "a place that no page learns of", |t| {
        let all = ["age", "idempotent-replayed", "preference-applied", "retry-after", "x-request-id"];
        set(t, &format!("{CORS}/ExposeHeaders"), &json!(all));
    }),
    ("browsers may read what answers say besides their body", "whatever an answer says", |t| {
        set(t, &format!("{CORS}/ExposeHeaders"), &json!(["*"]));
    }),
    ("browsers may use the methods of the callers' routes, and no other", "no way to opt anybody out", |t| {
        methods(t, &["GET", "POST", "OPTIONS"]);
    }),
    ("browsers may use the methods of the callers' routes, and no other", "any method", |t| {
        methods(t, &["*"]);
    }),
    (THROTTLED, "no default throttle", |t| {
        remove(t, "Resources/HttpApi/Properties", "DefaultRouteSettings");
    }),
    (THROTTLED, "callbacks under the default", |t| {
        remove(t, "Resources/Webhook/Properties/Events/ReceiveAppWebhook/Properties", "RouteSettings");
    }),
    (THROTTLED, "Kaleyra's under the default", |t| {
        remove(t, "Resources/Webhook/Properties/Events/ReceiveChannelWebhook/Properties", "RouteSettings");
    }),
    (THROTTLED, "a channel that cannot keep its pace", |t| {
        set(t, "Parameters/RouteRateLimit/Default", &json!(50));
    }),
    (THROTTLED, "statuses that are turned away", |t| {
        set(t, "Parameters/CallbackRateLimit/Default", &json!(100));
    }),
    (COUNTED, "a month's bill for every route", |t| {
        set(t, "Parameters/DetailedRouteMetrics/Default", &json!("true"));
    }),
    (COUNTED, "sockets that are counted in any case", |t| {
        let settings = "Resources/SocketStage/Properties/DefaultRouteSettings";
        set(t, &format!("{settings}/DetailedMetricsEnabled"), &json!(true));
    }),
    (NAMED, "a name without a mapping", |t| remove(t, "Resources", "ApiDomainMapping")),
    (NAMED, "a name for browsers of long ago", |t| {
        let served = "Resources/ApiDomain/Properties/DomainNameConfigurations/0";
        set(t, &format!("{served}/SecurityPolicy"), &json!("TLS_1_0"));
    }),
    (NAMED, "a name that nobody is told", |t| {
        let plain = json!({ "Fn::Sub": "https://${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}" });
        set(t, "Outputs/ApiUrl/Value", &plain);
    }),
    (NAMED, "a name that the gateway turns away for want of a certificate", |t| {
        remove(t, "Rules", "HasApiDomain");
    }),
    (NAMED, "a name that everybody must have", |t| {
        remove(t, "Resources/ApiDomain", "Condition");
    }),
    ("the access log names neither path, query, header nor body", "the path in the log", |t| {
        set(t, LOG_FORMAT, &json!("$context.requestId $context.path"));
    }),
    ("the access log names neither path, query, header nor body", "the path beside all else", |t| {
        let sound = t.pointer(&format!("/{LOG_FORMAT}")).and_then(serde_json::Value::as_str);
        let more = format!("{} $context.path", sound.unwrap_or_default());
        set(t, LOG_FORMAT, &json!(more));
    }),
    ("the access log names neither path, query, header nor body", "no access log", |t| {
        remove(t, "Resources/HttpApi/Properties", "AccessLogSettings");
    }),
    ("time-outs nest", "a function that outlives its route", |t| {
        set(t, "Resources/Reply/Properties/Timeout", &json!(60));
    }),
    ("time-outs nest", "a route at the gateway's own limit", |t| {
        remove(t, "Resources/Inbox/Properties/Events/GetMessage/Properties", "TimeoutInMillis");
    }),
    ("time-outs nest", "callers who wait for events cut off", |t| {
        set(t, "Resources/Inbox/Properties/Timeout", &json!(20));
    }),
    ("time-outs nest", "a sweep longer than a minute", |t| {
        set(t, "Resources/Reconcile/Properties/Timeout", &json!(120));
    }),
    ("time-outs nest", "a sweep too short to send again", |t| {
        set(t, "Resources/Reconcile/Properties/Timeout", &json!(28));
    }),
    ("time-outs nest", "a sync that outlives its route", |t| {
        set(t, "Resources/SyncTemplates/Properties/Timeout", &json!(60));
    }),
    ("time-outs nest", "a sync that may begin before the one before ends", |t| {
        let schedule = "Resources/SyncTemplates/Properties/Events/Scheduled/Properties/ScheduleExpression";
        set(t, schedule, &json!("cron(* * * * ? *)"));
    }),
    ("time-outs nest", "a sync at times that nobody can tell", |t| {
        remove(t, "Parameters/TemplateSyncSchedule", "AllowedValues");
    }),
    ("every route speaks payload format 2.0", "an old payload format", |t| {
        set(
            t,
            "Resources/Send/Properties/Events/SendToNumber/Properties/PayloadFormatVersion",
            &json!("1.0"),
        );
    }),
    ("the table refuses deletion when it is told to", "no deletion protection", |t| {
        set(t, "Resources/Table/Properties/DeletionProtectionEnabled", &json!(false));
    }),
    ("the table refuses deletion when it is told to", "a first deployment that cannot be rolled back", |t| {
        set(t, "Parameters/ProtectTable/Default", &json!("true"));
    }),
    ("rows expire by their ttl", "TTL removed", |t| {
        remove(t, "Resources/Table/Properties", "TimeToLiveSpecification");
    }),
    ("rows expire by their ttl", "TTL on another attribute", |t| {
        set(t, "Resources/Table/Properties/TimeToLiveSpecification/AttributeName", &json!("expires"));
    }),
    ("the table can be restored to any point of 35 days", "recovery off", |t| {
        let off = json!({ "PointInTimeRecoveryEnabled": false });
        set(t, "Resources/Table/Properties/PointInTimeRecoverySpecification", &off);
    }),
    ("the stream carries both images", "only new images", |t| {
        set(t, "Resources/Table/Properties/StreamSpecification/StreamViewType", &json!("NEW_IMAGE"));
    }),
    ("the table is encrypted with our key", "the default key", |t| {
        remove(t, "Resources/Table/Properties/SSESpecification", "KMSMasterKeyId");
    }),
    ("the table has the keys and the indexes of the code", "an index renamed", |t| {
        set(t, "Resources/Table/Properties/GlobalSecondaryIndexes/0/IndexName", &json!("gsi1"));
    }),
    ("the table has the keys and the indexes of the code", "a list that is kept in another order", |t| {
        let key = "Resources/Table/Properties/GlobalSecondaryIndexes/3/KeySchema/1/AttributeName";
        set(t, key, &json!("sk"));
    }),
    ("the table has the keys and the indexes of the code", "a key renamed", |t| {
        set(t, "Resources/Table/Properties/KeySchema/0/AttributeName", &json!("PK"));
    }),
    ("the table is paid per request and capped", "no cap on the index", |t| {
        remove(t, "Resources/Table/Properties/GlobalSecondaryIndexes/0", "OnDemandThroughput");
    }),
    ("the table is paid per request and capped", "an index that holds the table up", |t| {
        let index = "Resources/Table/Properties/GlobalSecondaryIndexes/0/OnDemandThroughput";
        set(t, &format!("{index}/MaxWriteRequestUnits"), &json!({ "Ref": "MaxWriteUnits" }));
    }),
    ("the table is paid per request and capped", "a cap below a channel's pace", |t| {
        set(t, "Parameters/MaxWriteUnits/Default", &json!(2_000));
    }),
    ("what holds state outlives the stack", "a table that goes with the stack", |t| {
        remove(t, "Resources/Table", "DeletionPolicy");
    }),
    ("what holds state outlives the stack", "a secret that a failed deployment leaves behind", |t| {
        set(t, "Resources/AppSecret/DeletionPolicy", &json!("Retain"));
    }),
    ("what holds state outlives the stack", "a secret that goes when replaced", |t| {
        set(t, "Resources/AppSecret/UpdateReplacePolicy", &json!("Delete"));
    }),
    ("the key rotates", "no rotation", |t| {
        set(t, "Resources/Key/Properties/EnableKeyRotation", &json!(false));
    }),
    ("secrets are generated and encrypted with our key", "an empty app secret", |t| {
        let empty = json!(r#"{"app_secret":""}"#);
        set(t, "Resources/AppSecret/Properties/GenerateSecretString/SecretStringTemplate", &empty);
    }),
    ("a channel's secret is described in the words of every provider", "only Meta's", |t| {
        set(t, "Resources/ChannelSecret/Properties/Description", &json!("JSON with access_token"));
    }),
    ("a channel's secret is described in the words of every provider", "no word of a rotation", |t| {
        let all = json!("access_token, or sid, api_key, callback_secret, callback_header");
        set(t, "Resources/ChannelSecret/Properties/Description", &all);
    }),
    ("every parameter and output is described", "a bare parameter", |t| {
        remove(t, "Parameters/LogLevel", "Description");
    }),
    ("every parameter stands in one group", "a parameter that no group shows", |t| {
        set(t, FIRST_GROUP, &json!(["Architecture"]));
    }),
    ("every parameter stands in one group", "a parameter in two groups", |t| {
        set(t, FIRST_GROUP, &json!(["Architecture", "LogLevel", "RawDays"]));
    }),
];

fn methods(template: &mut serde_json::Value, allowed: &[&str]) {
    set(template, &format!("{CORS}/AllowMethods"), &json!(allowed));
}

fn headers(template: &mut serde_json::Value, allowed: &[&str]) {
    set(template, &format!("{CORS}/AllowHeaders"), &json!(allowed));
}
