//! The rows in which the embedded store keeps its stream. By default every write scans all of them for the last number,
//! and none is ever deleted; so writes would get slower with every write (facts: local-tools.md 6). A second connection to
//! the same database fixes this when it is opened: an index for the two queries on these rows, and a trigger that deletes
//! processed rows. The trigger runs in the store's own transaction, so nobody ever waits for a lock.

use dynoxide::{Database, DynoxideError, actions::create_table::CreateTableRequest};
use rusqlite::Connection;
use serde_json::json;

use super::POSITIONS_TABLE;
use crate::server::TABLE;

/// The name of the index on stream rows.
const INDEX: &str = "ventanilla_stream_order";

/// Why the stream of a database cannot be prepared.
#[derive(Debug, thiserror::Error)]
pub(super) enum PrepareError {
    /// The table of positions cannot be created.
    #[error("the table of stream positions cannot be created: {0}")]
    Positions(#[from] DynoxideError),
    /// The request to create it is invalid.
    #[error("the table of stream positions cannot be created: {0}")]
    Request(#[from] serde_json::Error),
    /// The stream rows have an unknown format. Without the index, writes would get slower every day.
    #[error("its stream has an unknown format: {0}")]
    Rows(#[from] rusqlite::Error),
}

/// Prepares the stream of an open database for long use. Idempotent.
pub(super) fn prepare(database: &Database, name: &str) -> Result<(), PrepareError> {
    create_positions_table(database)?;
    let mut connection = Connection::open(name)?;
    create_index_and_trigger(&mut connection)?;
    Ok(())
}

/// Creates the table with the follower's position, if it is missing.
fn create_positions_table(database: &Database) -> Result<(), PrepareError> {
    let request: CreateTableRequest = serde_json::from_value(json!({
        "TableName": POSITIONS_TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
    }))?;
    match database.create_table(request) {
        Ok(_) | Err(DynoxideError::ResourceInUseException(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Creates the index, and the trigger that deletes the rows before a committed position. The last row stays, because
/// the next number depends on it. A position has 21 digits, the first of which is a one; any other value deletes
/// nothing.
fn create_index_and_trigger(connection: &mut Connection) -> rusqlite::Result<()> {
    let place = "json_extract(NEW.item_json, '$.place.S')";
    let number = "CAST(sequence_number AS INTEGER)";
    let transaction = connection.transaction()?;
    transaction.execute_batch(&format!(
        "CREATE INDEX IF NOT EXISTS {INDEX} ON _stream_records (table_name, {number});
         DROP TRIGGER IF EXISTS ventanilla_stream_trim;
         CREATE TRIGGER ventanilla_stream_trim AFTER INSERT ON \"{POSITIONS_TABLE}\"
         WHEN length({place}) = 21 AND {place} GLOB '1*' AND {place} NOT GLOB '*[^0-9]*'
         BEGIN
             DELETE FROM _stream_records
             WHERE table_name = '{TABLE}'
               AND {number} <= CAST(substr({place}, 2) AS INTEGER)
               AND {number} < (SELECT MAX({number}) FROM _stream_records WHERE table_name = '{TABLE}');
         END;"
    ))?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::store::{Data, open_database};

    /// The queries of the store: at every write, and for the follower.
    const QUESTIONS: [&str; 2] = [
        "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 'x'",
        "SELECT keys_json, new_image FROM _stream_records WHERE table_name = 'x' AND shard_id = 'y' \
         AND CAST(sequence_number AS INTEGER) > 7 ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT 100",
    ];

    /// A folder of this test's own, which goes with it.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("ventanilla-{}-{name}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn plan(connection: &Connection, question: &str) -> String {
        let mut asked = connection.prepare(&format!("EXPLAIN QUERY PLAN {question}")).unwrap();
        let steps = asked.query_map([], |row| row.get::<_, String>(3)).unwrap();
        steps.collect::<rusqlite::Result<Vec<_>>>().unwrap().join("; ")
    }

    fn questions_are_answered_by_the_index(data: &Data) {
        let (name, _database) = open_database(data).unwrap();
        let connection = Connection::open(&name).unwrap();
        for question in QUESTIONS {
            let plan = plan(&connection, question);
            assert!(plan.contains(INDEX) && !plan.contains("B-TREE") && !plan.contains("SCAN"), "{plan}");
        }
    }

    #[test]
    fn the_index_answers_what_every_write_asks_in_memory_and_in_a_folder() {
        questions_are_answered_by_the_index(&Data::Memory);
        let folder = Folder::new("plans");
        let data = Data::Folder(folder.0.clone());
        questions_are_answered_by_the_index(&data);
        // And when it is opened again.
        questions_are_answered_by_the_index(&data);
    }

    #[test]
    fn two_stores_in_memory_are_two() {
        let (one, _one) = open_database(&Data::Memory).unwrap();
        let (two, _two) = open_database(&Data::Memory).unwrap();
        assert_ne!(one, two);
    }

    /// The numbers of the rows that are left of this many when a place was put down.
    fn left(rows: i64, place: &str) -> Vec<i64> {
        let (name, database) = open_database(&Data::Memory).unwrap();
        let connection = Connection::open(&name).unwrap();
        for number in 1..=rows {
            let row = "INSERT INTO _stream_records \
                       (table_name, event_name, keys_json, sequence_number, shard_id, created_at) \
                       VALUES (?1, 'INSERT', '{}', ?2, 'x', 0)";
            connection.execute(row, (TABLE, number.to_string())).unwrap();
            connection.execute(row, ("another-table", number.to_string())).unwrap();
        }
        let item =
            json!({ "TableName": POSITIONS_TABLE, "Item": { "pk": { "S": "x" }, "place": { "S": place } } });
        database.put_item(serde_json::from_value(item).unwrap()).unwrap();
        let mut asked = connection
            .prepare("SELECT CAST(sequence_number AS INTEGER) FROM _stream_records WHERE table_name = ?1 ORDER BY 1")
            .unwrap();
        let mut of = |table: &str| {
            let found = asked.query_map([table], |row| row.get(0)).unwrap();
            found.collect::<rusqlite::Result<Vec<i64>>>().unwrap()
        };
        assert_eq!(of("another-table").len(), usize::try_from(rows).unwrap());
        of(TABLE)
    }

    #[test]
    fn processed_rows_are_deleted_except_the_last_one() {
        assert_eq!(left(12, "100000000000000000009"), [10, 11, 12]);
        assert_eq!(left(12, "100000000000000000012"), [12]);
        assert_eq!(left(12, "100000000000000000099"), [12]);
        assert_eq!(left(0, "100000000000000000099"), [0; 0]);
    }

    #[test]
    fn an_invalid_position_deletes_nothing() {
        for wrong in ["9", "", "1000000000000000000099", "10000000000000000000x9", "900000000000000000009"] {
            assert_eq!(left(3, wrong), [1, 2, 3], "{wrong}");
        }
    }

    #[test]
    fn a_store_with_an_unknown_stream_format_is_not_opened() {
        let folder = Folder::new("otherwise");
        let data = Data::Folder(folder.0.clone());
        let (name, first) = open_database(&data).unwrap();
        drop(first);
        let changed = "DROP INDEX ventanilla_stream_order; \
                       ALTER TABLE _stream_records RENAME COLUMN sequence_number TO place";
        let connection = Connection::open(&name).unwrap();
        connection.execute_batch("DROP TRIGGER ventanilla_stream_trim").unwrap();
        connection.execute_batch(changed).unwrap();
        let refused = open_database(&data).err().unwrap().to_string();
        assert!(refused.contains("its stream has an unknown format"), "{refused}");
        assert!(refused.contains("sequence_number"), "{refused}");
    }
}
