//! Defects of the way to a restored table.

use serde_json::{Value, json};

use super::seed::{Defect, regrant, remove, set};

const PLACE: &str = "a restored table takes the place of our own wherever that is named";
const TOLD: &str = "functions work on our own table, or on the restored one";
const BOTH: &str = "a table is restored only when both its names are given";

fn own() -> Value {
    json!({ "Fn::GetAtt": ["Table", "Arn"] })
}

pub(crate) const DEFECTS: &[Defect] = &[
    (PLACE, "a grant that stays with our own table", |t| regrant(t, "Reply", "ReadRows", "Resource", &own())),
    (PLACE, "an index that stays with our own table", |t| {
        let index = json!([{ "Fn::Sub": "${Table.Arn}/index/lists" }]);
        regrant(t, "Inbox", "TenantLists", "Resource", &index);
    }),
    (PLACE, "another index of the restored table", |t| {
        let index = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${RestoredTable}/index/unread";
        let other = json!({ "Fn::If": ["Restored", { "Fn::Sub": index }, { "Fn::Sub": "${Table.Arn}/index/lists" }] });
        regrant(t, "SyncTemplates", "AllChannels", "Resource", &other);
    }),
    (PLACE, "a follower of our own table", |t| {
        let stream = json!({ "Fn::GetAtt": ["Table", "StreamArn"] });
        set(t, "Resources/TableToSockets/Properties/EventSourceArn", &stream);
    }),
    (PLACE, "every table in the place of the restored one", |t| {
        let any = json!({ "Fn::If": ["Restored", "*", own()] });
        regrant(t, "Webhook", "WriteRows", "Resource", &any);
    }),
    (PLACE, "a restored table that needs no keys", |t| {
        let bound = json!({ "Fn::If": ["Restored", { "Ref": "AWS::NoValue" },
            { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["T#*"] } }] });
        regrant(t, "Reply", "ListRows", "Condition", &bound);
    }),
    (PLACE, "a template without a table", |t| remove(t, "Outputs", "TableName")),
    (TOLD, "functions that write to the old table", |t| {
        set(t, "Globals/Function/Environment/Variables/VENTANILLA_TABLE", &json!({ "Ref": "Table" }));
    }),
    (TOLD, "one function that writes to the old table", |t| {
        let variables = "Resources/Worker/Properties/Environment/Variables";
        set(t, &format!("{variables}/VENTANILLA_TABLE"), &json!({ "Ref": "Table" }));
    }),
    (TOLD, "commands for the old table", |t| {
        set(t, "Outputs/TableName/Value", &json!({ "Ref": "Table" }));
    }),
    (TOLD, "the wrong way round", |t| {
        let other = json!({ "Fn::If": ["Restored", { "Ref": "Table" }, { "Ref": "RestoredTable" }] });
        set(t, "Globals/Function/Environment/Variables/VENTANILLA_TABLE", &other);
    }),
    (BOTH, "a table from the start", |t| set(t, "Parameters/RestoredTable/Default", &json!("ventanilla-r"))),
    (BOTH, "an ARN for a name", |t| remove(t, "Parameters/RestoredTable", "AllowedPattern")),
    (BOTH, "an ARN for a label", |t| {
        set(t, "Parameters/RestoredStreamLabel/AllowedPattern", &json!("^(.+)?$"));
    }),
    (BOTH, "a table without its stream", |t| remove(t, "Rules", "RestoresTable")),
    (BOTH, "always restored", |t| {
        set(t, "Conditions/Restored", &json!({ "Fn::Equals": [{ "Ref": "RestoredTable" }, ""] }));
    }),
];
