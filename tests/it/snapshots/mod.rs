//! Every kind of row, event, queue body and socket frame, byte by byte, as they are kept below `tests/snapshots/`: so that
//! nothing that lies in a table, waits in a queue or goes over a socket changes unseen. `VENTANILLA_SNAPSHOTS=write` writes
//! the files anew.
//!
//! The functions' own handlers run on an embedded table, at a time that stands still, with random numbers that are
//! counted, and with everything else that they call (WhatsApp, SQS, S3, API Gateway) in one server of the test. So ids,
//! times and hashes are the same in each run and are kept as they are. `rows.rs` says what little is not.

mod complete;
mod kept;
mod outside;
mod records;
mod rows;
mod sending;
mod sockets;
mod stage;
mod webhooks;

use serde_json::Value;

const ANA: &str = "+50212345678";
const BOB: &str = "+50287654321";
const EVA: &str = "+50255566677";

/// An object with the fields of another one added.
fn joined(mut object: Value, more: Value) -> Value {
    let (Value::Object(fields), Value::Object(more)) = (&mut object, more) else { panic!("no objects") };
    fields.extend(more);
    object
}
