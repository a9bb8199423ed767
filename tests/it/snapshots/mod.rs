//! Every kind of row, event, queue body and socket frame, byte by byte, as stored below `tests/snapshots/`:
//! so that nothing in a table, in a queue or on a socket changes unseen. `VENTANILLA_SNAPSHOTS=write`
//! rewrites the files.
//!
//! The functions' own handlers run on an embedded table, with a frozen clock, with counted random numbers,
//! and with everything else that they call (WhatsApp, SQS, S3, API Gateway) in one server of the test. So
//! ids, times and hashes are the same in each run and are stored as they are. `rows.rs` names the few
//! exceptions.

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
