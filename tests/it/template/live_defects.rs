//! Defects of what follows the table, and of the sockets' API.

use serde_json::{Value, json};

use super::{
    function_defects::{secret, via},
    seed::{Defect, leading, regrant, remove, set, statement},
};

const MAPPING: &str = "Resources/TableToPush/Properties";

const STAGE: &str = "Resources/SocketStage/Properties";

const FILTER: &str =
    "push hears of new events and revoked keys, of sockets that have to catch up, and of nothing else";
const ORDER: &str = "the table is followed from its beginning, at once and in order";
const KEPT: &str = "what cannot be told comes again for most of a day and is put aside in time";
const FOLLOWS: &str = "only push follows the table";
const LATE: &str = "events that are told late ring";
const ROUTES: &str = "all routes of the sockets lead to one function, which decides who may come in";
const IN_TIME: &str = "the sockets' function ends before the gateway does";
const DEPLOYED: &str = "only our sockets' stage calls the function, and by itself has every route";
const LOGGED: &str = "no log tells the addresses or the frames of sockets";
const ROLE: &str = "the gateway has a role to write the sockets' log with";
const REACH: &str = "who tells sockets may do that and nothing more, at our API only";
const WHERE: &str = "who tells sockets is told where they are, and nobody else";
const CLIENTS: &str = "clients are told where sockets are opened";
const GRANTS: &str = "every function's grants on the table equal the list";

pub(crate) const DEFECTS: &[Defect] = &[
    ("every crate under functions/ is exactly one function", "events that nobody numbers", |t| {
        remove(t, "Resources", "Push");
    }),
    ("every function has a role of its own", "every stream of the account by an event's policy", |t| {
        let stream = json!({ "Fn::GetAtt": ["Table", "StreamArn"] });
        let event = json!({ "Type": "DynamoDB", "Properties": { "Stream": stream } });
        set(t, "Resources/Push/Properties/Events", &json!({ "Table": event }));
    }),
    (FILTER, "called for every write", |t| remove(t, MAPPING, "FilterCriteria")),
    (FILTER, "called when an event gets its number", |t| {
        filter(t, r#"{"dynamodb":{"NewImage":{"row":{"S":["event"]}}}}"#);
    }),
    (FILTER, "sockets that catch up beside the events", |t| {
        filter(t, r#"{"eventName":["INSERT"],"dynamodb":{"NewImage":{"row":{"S":["event","connection"]}}}}"#);
    }),
    (FILTER, "sockets that wait for what they missed", |t| remove(t, "Resources", "TableToSockets")),
    (FILTER, "sockets that never look at the offline queue again", |t| {
        remove(t, "Resources/TableToSockets/Properties/FilterCriteria/Filters/1", "Pattern");
    }),
    (ORDER, "sockets that catch up with another function", |t| {
        set(t, "Resources/PushToSockets/Properties/FunctionName", &json!({ "Ref": "Worker" }));
    }),
    (ORDER, "sockets that catch up with an old version", |t| {
        set(t, "Resources/PushToSockets/Properties/FunctionVersion", &json!("1"));
    }),
    (FILTER, "a pattern that is none", |t| filter(t, r#"{"eventName":["INSERT"]"#)),
    (FILTER, "revoked keys whose sockets stay open", |t| {
        remove(t, &format!("{MAPPING}/FilterCriteria/Filters/1"), "Pattern");
    }),
    (FILTER, "a second way in", |t| {
        let all = json!([{ "Pattern": "{}" }, { "Pattern": "{}" }]);
        set(t, &format!("{MAPPING}/FilterCriteria/Filters"), &all);
    }),
    (ORDER, "two batches of a shard at a time", |t| {
        set(t, &format!("{MAPPING}/ParallelizationFactor"), &json!(2));
    }),
    (ORDER, "only what is written from now on", |t| {
        set(t, &format!("{MAPPING}/StartingPosition"), &json!("LATEST"));
    }),
    (ORDER, "told when a batch is full", |t| {
        set(t, &format!("{MAPPING}/MaximumBatchingWindowInSeconds"), &json!(30));
    }),
    (ORDER, "a batch that no call gets done", |t| set(t, &format!("{MAPPING}/BatchSize"), &json!(10_000))),
    (ORDER, "nobody is told", |t| set(t, &format!("{MAPPING}/Enabled"), &json!(false))),
    (ORDER, "another function is called", |t| {
        set(t, &format!("{MAPPING}/FunctionName"), &json!({ "Ref": "Worker" }));
    }),
    (FILTER, "nobody follows the table", |t| remove(t, "Resources", "TableToPush")),
    (KEPT, "one record that kills holds up its batch", |t| {
        set(t, &format!("{MAPPING}/BisectBatchOnFunctionError"), &json!(false));
    }),
    (KEPT, "one failure brings all back", |t| remove(t, MAPPING, "FunctionResponseTypes")),
    (KEPT, "tries without end", |t| remove(t, MAPPING, "MaximumRetryAttempts")),
    (KEPT, "events lost in an outage of minutes", |t| {
        set(t, &format!("{MAPPING}/MaximumRetryAttempts"), &json!(5));
    }),
    (KEPT, "events lost in an outage of an hour", |t| {
        set(t, &format!("{MAPPING}/MaximumRecordAgeInSeconds"), &json!(3_600));
    }),
    (KEPT, "put aside when the stream has forgotten it", |t| {
        set(t, &format!("{MAPPING}/MaximumRecordAgeInSeconds"), &json!(86_400));
    }),
    (KEPT, "as old as it gets", |t| remove(t, MAPPING, "MaximumRecordAgeInSeconds")),
    (KEPT, "what fails is gone", |t| remove(t, MAPPING, "DestinationConfig")),
    (KEPT, "a queue that a stream does not take", |t| {
        let queue = json!({ "Fn::GetAtt": ["JobsDlq", "Arn"] });
        set(t, &format!("{MAPPING}/DestinationConfig/OnFailure/Destination"), &queue);
    }),
    (KEPT, "put aside for four days only", |t| {
        remove(t, "Resources/PushDlq/Properties", "MessageRetentionPeriod");
    }),
    ("queues are encrypted and refuse plain text connections", "failures told in the clear", |t| {
        remove(t, "Resources", "PushDlqPolicy");
    }),
    ("queues are encrypted and refuse plain text connections", "failures under the default key", |t| {
        remove(t, "Resources/PushDlq/Properties", "KmsMasterKeyId");
    }),
    ("every grant on a queue equals the list", "failures that cannot be put aside", |t| {
        regrant(t, "Push", "KeepFailures", "Effect", &json!("Deny"));
    }),
    (FOLLOWS, "a stream that cannot be followed", |t| {
        regrant(
            t,
            "Push",
            "FollowTable",
            "Action",
            &json!(["dynamodb:DescribeStream", "dynamodb:GetRecords"]),
        );
    }),
    (FOLLOWS, "a second follower", |t| {
        let table = json!({ "Fn::GetAtt": ["Table", "StreamArn"] });
        regrant(t, "Socket", "ReadRows", "Resource", &table);
        regrant(t, "Socket", "ReadRows", "Action", &json!("dynamodb:GetRecords"));
    }),
    ("item access is bound to key prefixes", "rows read by the right to the stream", |t| {
        regrant(t, "Push", "FollowTable", "Action", &json!(["dynamodb:GetRecords", "dynamodb:GetItem"]));
    }),
    ("item access is bound to key prefixes", "a right to the stream that is for the table too", |t| {
        regrant(t, "Push", "FollowTable", "Resource", &json!([{ "Fn::GetAtt": ["Table", "Arn"] }]));
    }),
    (LATE, "told late in silence", |t| remove(t, "Resources", "PushIteratorAge")),
    (LATE, "told when an hour late", |t| {
        set(t, "Resources/PushIteratorAge/Properties/Threshold", &json!(3_600_000));
    }),
    (LATE, "lateness of another function", |t| {
        let other = json!([{ "Name": "FunctionName", "Value": { "Ref": "Worker" } }]);
        set(t, "Resources/PushIteratorAge/Properties/Dimensions", &other);
    }),
    (ROUTES, "nobody is told that a socket is gone", |t| remove(t, "Resources", "SocketDisconnectRoute")),
    (ROUTES, "frames that the gateway answers", |t| {
        set(t, "Resources/SocketDefaultRoute/Properties/RouteKey", &json!("whatsapp_reply"));
    }),
    (ROUTES, "an authorizer that knows no ticket", |t| {
        set(t, "Resources/SocketConnectRoute/Properties/AuthorizationType", &json!("AWS_IAM"));
    }),
    (ROUTES, "another function", |t| {
        let uri = json!({ "Fn::Sub": "arn:aws:apigateway:functions/${Send.Arn}/invocations" });
        set(t, "Resources/SocketIntegration/Properties/IntegrationUri", &uri);
    }),
    (ROUTES, "routes by something else in the frame", |t| {
        set(t, "Resources/WebSocketApi/Properties/RouteSelectionExpression", &json!("$request.body.action"));
    }),
    (IN_TIME, "a function that outlives the gateway", |t| {
        set(t, "Resources/Socket/Properties/Timeout", &json!(29));
    }),
    (IN_TIME, "a gateway that waits longer than it can", |t| {
        set(t, "Resources/SocketIntegration/Properties/TimeoutInMillis", &json!(30_000));
    }),
    (DEPLOYED, "routes that stay as they were", |t| remove(t, STAGE, "AutoDeploy")),
    (DEPLOYED, "a stage before its routes", |t| {
        set(t, "Resources/SocketStage/DependsOn", &json!(["GatewayAccount"]));
    }),
    (DEPLOYED, "a gateway that may not call", |t| remove(t, "Resources", "SocketPermission")),
    (DEPLOYED, "any API of the account", |t| {
        let any =
            json!({ "Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:*" });
        set(t, "Resources/SocketPermission/Properties/SourceArn", &any);
    }),
    ("sockets are throttled", "as many frames as they like", |t| {
        remove(t, &format!("{STAGE}/DefaultRouteSettings"), "ThrottlingRateLimit");
    }),
    ("sockets are throttled", "a limit that has no default", |t| {
        remove(t, "Parameters/RouteBurstLimit", "Default");
    }),
    (LOGGED, "keys in the log", |t| {
        log(t, "$context.requestId $context.querystring");
    }),
    (LOGGED, "frames in the log", |t| log(t, "$context.requestId $input.body")),
    (LOGGED, "no access log", |t| remove(t, STAGE, "AccessLogSettings")),
    (LOGGED, "whole requests in the gateway's own log", |t| {
        set(t, &format!("{STAGE}/DefaultRouteSettings/LoggingLevel"), &json!("INFO"));
    }),
    (LOGGED, "whole frames in the gateway's own log", |t| {
        set(t, &format!("{STAGE}/DefaultRouteSettings/DataTraceEnabled"), &json!(true));
    }),
    (LOGGED, "one route that tells all", |t| {
        let telling = json!({ "$connect": { "LoggingLevel": "INFO" } });
        set(t, &format!("{STAGE}/RouteSettings"), &telling);
    }),
    (ROLE, "a stage that cannot be made", |t| remove(t, "Resources", "GatewayAccount")),
    (ROLE, "a stage that is made too early", |t| {
        let routes = json!(["SocketConnectRoute", "SocketDisconnectRoute", "SocketDefaultRoute"]);
        set(t, "Resources/SocketStage/DependsOn", &routes);
    }),
    (ROLE, "a role that others miss when the stack is gone", |t| {
        set(t, "Resources/GatewayLogRole/DeletionPolicy", &json!("Delete"));
    }),
    (ROLE, "the account's role put aside in any case", |t| {
        let made = json!({ "Fn::GetAtt": ["GatewayLogRole", "Arn"] });
        set(t, "Resources/GatewayAccount/Properties/CloudWatchRoleArn", &made);
    }),
    (ROLE, "a role for somebody else", |t| {
        let path = "Resources/GatewayLogRole/Properties/AssumeRolePolicyDocument/Statement/0/Principal";
        set(t, path, &json!({ "AWS": "*" }));
    }),
    (REACH, "every API of the account", |t| {
        let any = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:*/@connections/*";
        regrant(t, "Push", "ReachSockets", "Resource", &json!({ "Fn::Sub": any }));
    }),
    (REACH, "a stage that is not there", |t| set(t, &format!("{STAGE}/StageName"), &json!("other"))),
    (REACH, "sockets that nobody can close", |t| {
        let sockets = statement(t, "Socket", "ReachSockets");
        let post = t.pointer(&format!("/{sockets}/Resource/0")).cloned().unwrap_or_default();
        regrant(t, "Socket", "ReachSockets", "Resource", &post);
    }),
    (REACH, "a push that reaches nobody", |t| regrant(t, "Push", "ReachSockets", "Effect", &json!("Deny"))),
    (REACH, "frames of one's own making", |t| {
        let both = json!(["execute-api:ManageConnections", "execute-api:Invoke"]);
        regrant(t, "Push", "ReachSockets", "Action", &both);
    }),
    (REACH, "an inbox that tells sockets", |t| {
        let sockets = statement(t, "Push", "ReachSockets");
        let grant = t.pointer(&format!("/{sockets}")).cloned().unwrap_or_default();
        let files = statement(t, "Inbox", "ReadFiles");
        set(t, &files, &grant);
    }),
    ("no grant has a wildcard", "any stage and any socket", |t| {
        let any = "arn:${AWS::Partition}:execute-api:${AWS::Region}:1:${WebSocketApi}/*/POST/@connections/*";
        regrant(t, "Push", "ReachSockets", "Resource", &json!({ "Fn::Sub": any }));
    }),
    (WHERE, "a push that knows no sockets", |t| {
        remove(t, "Resources/Push/Properties/Environment/Variables", "VENTANILLA_SOCKET_URL");
    }),
    (WHERE, "another stage", |t| {
        let other = "https://${WebSocketApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/other";
        let path = "Resources/Socket/Properties/Environment/Variables/VENTANILLA_SOCKET_URL";
        set(t, path, &json!({ "Fn::Sub": other }));
    }),
    (WHERE, "everybody is told", |t| {
        let path = "Resources/Push/Properties/Environment/Variables/VENTANILLA_SOCKET_URL";
        let address = t.pointer(&format!("/{path}")).cloned().unwrap_or_default();
        set(t, "Globals/Function/Environment/Variables/VENTANILLA_SOCKET_URL", &address);
    }),
    (CLIENTS, "no way in", |t| remove(t, "Outputs", "WebSocketUrl")),
    (CLIENTS, "a name that has no mapping", |t| remove(t, "Resources", "SocketDomainMapping")),
    (CLIENTS, "a name that leads to the HTTP API", |t| {
        set(t, "Resources/SocketDomainMapping/Properties/ApiId", &json!({ "Ref": "HttpApi" }));
    }),
    (CLIENTS, "the management's address", |t| {
        let path = "Resources/Push/Properties/Environment/Variables/VENTANILLA_SOCKET_URL";
        let address = t.pointer(&format!("/{path}")).cloned().unwrap_or_default();
        set(t, "Outputs/WebSocketUrl/Value/Fn::If/2", &address);
    }),
    (GRANTS, "a push that may read keys", |t| {
        leading(t, "Push", "ReadRows", &["T#*", "R#S#*", "R#K#*"]);
    }),
    (GRANTS, "a push that may open sockets", |t| {
        leading(t, "Push", "ChangeRows", &["T#*", "R#S#*"]);
    }),
    (GRANTS, "what sockets left goes out whatever became of its key", |t| {
        leading(t, "Reconcile", "ReadRows", &["T#*", "R#S#*", "R#W#*"]);
    }),
    (GRANTS, "tickets good for ever", |t| {
        leading(t, "Socket", "WriteRows", &["T#*", "R#S#*", "R#W#*"]);
    }),
    (GRANTS, "an inbox that may read tickets", |t| {
        leading(t, "Inbox", "ReadRows", &["T#*", "R#K#*", "R#T#*"]);
    }),
    (GRANTS, "an inbox that may write keys", |t| {
        leading(t, "Inbox", "WriteRows", &["T#*", "R#T#*", "R#K#*"]);
    }),
    (GRANTS, "a sweep that leaves everything lying", |t| {
        let some = json!(["dynamodb:BatchGetItem", "dynamodb:Query"]);
        regrant(t, "Reconcile", "ListAndDeleteRows", "Action", &some);
    }),
    (GRANTS, "rows of the stream's name", |t| {
        regrant(t, "Push", "ChangeRows", "Resource", &json!({ "Fn::GetAtt": ["Table", "StreamArn"] }));
    }),
    ("every function reads its kinds of secrets and no other", "a push with a token", |t| {
        regrant(t, "Push", "KeepFailures", "Action", &json!("secretsmanager:GetSecretValue"));
        regrant(t, "Push", "KeepFailures", "Resource", &secret("channel"));
    }),
    ("every function reads its kinds of secrets and no other", "replies without a token", |t| {
        regrant(t, "Socket", "ReadSecrets", "Effect", &json!("Deny"));
    }),
    ("the services that the key is used through equal the list", "failures that nobody can seal", |t| {
        via(t, "Push", &["dynamodb"]);
    }),
    ("the services that the key is used through equal the list", "tokens that stay sealed", |t| {
        via(t, "Socket", &["dynamodb", "s3"]);
    }),
];

fn filter(template: &mut Value, pattern: &str) {
    set(template, &format!("{MAPPING}/FilterCriteria/Filters/0/Pattern"), &json!(pattern));
}

fn log(template: &mut Value, format: &str) {
    set(template, &format!("{STAGE}/AccessLogSettings/Format"), &json!(format));
}
