//! Defects of the queue of jobs and of who works at it.

use serde_json::json;

use super::{
    function_defects::{secret, via},
    seed::{Defect, leading, regrant, remove, set},
};

const QUEUE: &str = "Resources/Jobs/Properties";

const MAPPING: &str = "Resources/JobsToWorker/Properties";

const ALARM: &str = "Resources/JobsOldest/Properties";

pub(crate) const DEFECTS: &[Defect] = &[
    ("every crate under functions/ is exactly one function", "broadcasts that nobody carries out", |t| {
        remove(t, "Resources", "Worker");
    }),
    ("every function has a role of its own", "every queue of the account by an event's policy", |t| {
        let event = json!({ "Type": "SQS", "Properties": { "Queue": { "Fn::GetAtt": ["Jobs", "Arn"] } } });
        set(t, "Resources/Worker/Properties/Events", &json!({ "Jobs": event }));
    }),
    ("jobs wait in one queue, in turn and each on its own", "jobs in any order", |t| {
        remove(t, QUEUE, "FifoQueue");
    }),
    ("jobs wait in one queue, in turn and each on its own", "two rounds of a piece taken for one", |t| {
        set(t, &format!("{QUEUE}/ContentBasedDeduplication"), &json!(true));
    }),
    ("jobs wait in one queue, in turn and each on its own", "nobody takes them", |t| {
        remove(t, "Resources", "JobsToWorker");
    }),
    ("jobs wait in one queue, in turn and each on its own", "a second queue", |t| {
        let mapping = json!({
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": { "EventSourceArn": { "Fn::GetAtt": ["JobsDlq", "Arn"] } },
        });
        set(t, "Resources/DlqToWorker", &mapping);
    }),
    ("a job is given to nobody else while a worker may be at it", "as long as SQS hides by default", |t| {
        remove(t, QUEUE, "VisibilityTimeout");
    }),
    ("a job is given to nobody else while a worker may be at it", "a worker that takes longer", |t| {
        set(t, "Resources/Worker/Properties/Timeout", &json!(120));
    }),
    ("a job outlasts the day in which it can be begun", "jobs forgotten within a day", |t| {
        set(t, &format!("{QUEUE}/MessageRetentionPeriod"), &json!(43_200));
    }),
    ("a job that comes again and again is put aside", "a job that comes for ever", |t| {
        remove(t, QUEUE, "RedrivePolicy");
    }),
    ("a job that comes again and again is put aside", "one accident is one too many", |t| {
        set(t, &format!("{QUEUE}/RedrivePolicy/maxReceiveCount"), &json!(1));
    }),
    ("a job that comes again and again is put aside", "a tenant held up for hours", |t| {
        set(t, &format!("{QUEUE}/RedrivePolicy/maxReceiveCount"), &json!(100));
    }),
    ("a job that comes again and again is put aside", "among the failures of others", |t| {
        let other = json!({ "Fn::GetAtt": ["ReconcileDlq", "Arn"] });
        set(t, &format!("{QUEUE}/RedrivePolicy/deadLetterTargetArn"), &other);
    }),
    ("a job that comes again and again is put aside", "aside for four days only", |t| {
        remove(t, "Resources/JobsDlq/Properties", "MessageRetentionPeriod");
    }),
    ("jobs are taken ten at a time and fail one by one", "one failure brings all back", |t| {
        remove(t, MAPPING, "FunctionResponseTypes");
    }),
    ("jobs are taken ten at a time and fail one by one", "a call for each job", |t| {
        set(t, &format!("{MAPPING}/BatchSize"), &json!(1));
    }),
    ("jobs are taken ten at a time and fail one by one", "a queue switched off", |t| {
        set(t, &format!("{MAPPING}/Enabled"), &json!(false));
    }),
    ("no more workers are called than may run", "as many as Lambda likes", |t| {
        remove(t, MAPPING, "ScalingConfig");
    }),
    ("no more workers are called than may run", "more than the share", |t| {
        let other = json!({ "Ref": "WebhookConcurrency" });
        set(t, &format!("{MAPPING}/ScalingConfig/MaximumConcurrency"), &other);
    }),
    ("no more workers are called than may run", "a number that Lambda does not take", |t| {
        set(t, "Parameters/WorkerConcurrency/MinValue", &json!(0));
    }),
    ("a new account has room for what the queues call", "workers that leave nothing", |t| {
        set(t, "Parameters/WorkerConcurrency/Default", &json!(5));
    }),
    ("a new account has room for what the queues call", "shares of what is not there", |t| {
        set(t, "Parameters/ReserveConcurrency/Default", &json!("true"));
    }),
    ("a worker may put jobs back for as long as they are good", "a loop that Lambda ends", |t| {
        remove(t, "Resources/Worker/Properties", "RecursiveLoop");
    }),
    ("a worker may put jobs back for as long as they are good", "loops of everybody", |t| {
        set(t, "Globals/Function/RecursiveLoop", &json!("Allow"));
    }),
    ("who puts jobs into the queue is told where it is, and nobody else", "a sweep that cannot", |t| {
        remove(t, "Resources/Reconcile/Properties/Environment/Variables", "VENTANILLA_QUEUE_URL");
    }),
    ("who puts jobs into the queue is told where it is, and nobody else", "where failures are kept", |t| {
        let other = json!({ "Ref": "JobsDlq" });
        set(t, "Resources/SendTemplate/Properties/Environment/Variables/VENTANILLA_QUEUE_URL", &other);
    }),
    ("who puts jobs into the queue is told where it is, and nobody else", "everybody is told", |t| {
        let queue = json!({ "Ref": "Jobs" });
        set(t, "Globals/Function/Environment/Variables/VENTANILLA_QUEUE_URL", &queue);
    }),
    ("every grant on a queue equals the list", "a worker that cannot take jobs off", |t| {
        let some = json!(["sqs:ReceiveMessage", "sqs:GetQueueAttributes"]);
        regrant(t, "Worker", "TakeJobs", "Action", &some);
    }),
    ("every grant on a queue equals the list", "jobs that no caller may put in", |t| {
        regrant(t, "SendTemplate", "PutJobs", "Effect", &json!("Deny"));
    }),
    ("every grant on a queue equals the list", "a sweep that may empty the queue", |t| {
        regrant(t, "Reconcile", "PutJobs", "Action", &json!(["sqs:SendMessage", "sqs:PurgeQueue"]));
    }),
    ("every grant on a queue equals the list", "a worker that hides failures", |t| {
        let queue = json!({ "Fn::GetAtt": ["JobsDlq", "Arn"] });
        regrant(t, "Worker", "TakeJobs", "Resource", &queue);
    }),
    ("a queue that does not move rings", "a standstill unheard", |t| {
        remove(t, "Resources", "JobsOldest");
    }),
    ("a queue that does not move rings", "told when the day is over", |t| {
        set(t, &format!("{ALARM}/Threshold"), &json!(86_400));
    }),
    ("a queue that does not move rings", "told of what one killed worker holds up", |t| {
        set(t, &format!("{ALARM}/Threshold"), &json!(600));
    }),
    ("a queue that does not move rings", "an alarm on the queue of failures", |t| {
        let other = json!([{ "Name": "QueueName", "Value": { "Fn::GetAtt": ["JobsDlq", "QueueName"] } }]);
        set(t, &format!("{ALARM}/Dimensions"), &other);
    }),
    ("queues are encrypted and refuse plain text connections", "jobs in the clear", |t| {
        remove(t, QUEUE, "KmsMasterKeyId");
    }),
    ("queues are encrypted and refuse plain text connections", "jobs over plain text connections", |t| {
        remove(t, "Resources", "JobsPolicy");
    }),
    ("every function can have a share of the concurrency", "workers without a share", |t| {
        remove(t, "Resources/Worker/Properties", "ReservedConcurrentExecutions");
    }),
    ("every function's grants on the table equal the list", "a worker that may read API keys", |t| {
        leading(t, "Worker", "ReadAndWriteRows", &["T#*", "R#W#*", "R#K#*"]);
    }),
    ("every function's grants on the table equal the list", "a worker that no status finds", |t| {
        leading(t, "Worker", "ReadAndWriteRows", &["T#*"]);
    }),
    ("every function reads its kinds of secrets and no other", "broadcasts without a token", |t| {
        regrant(t, "Worker", "ReadSecrets", "Effect", &json!("Deny"));
    }),
    ("every function reads its kinds of secrets and no other", "broadcasts with an app's secret", |t| {
        regrant(t, "Worker", "ReadSecrets", "Resource", &secret("app"));
    }),
    ("the services that the key is used through equal the list", "jobs that nobody can open", |t| {
        via(t, "Worker", &["dynamodb", "secretsmanager"]);
    }),
    ("the services that the key is used through equal the list", "jobs that nobody can seal", |t| {
        via(t, "SendTemplate", &["dynamodb", "secretsmanager"]);
    }),
];
