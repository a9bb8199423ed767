//! Shows what a new record needs, with a throwaway one: a module for each file that a real one touches.

use std::sync::Arc;

use ventanilla_core::{
    domain::time::Timestamp,
    ports::store::{Commit, StoreError},
    system::SystemEntropy,
};
use ventanilla_local::store::{Data, open};
use ventanilla_whatsapp::http::client;

use self::{
    domain::Note,
    port::{NoteReads, Record, Removal, Write},
    records::operation,
};
use super::{Table, transaction::Transaction};

/// `core/src/domain/`: the type of the record.
mod domain {
    use serde::{Deserialize, Serialize};
    use ventanilla_core::domain::{id::TenantId, time::Timestamp};

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub(super) struct Note {
        pub(super) tenant: TenantId,
        pub(super) name: String,
        pub(super) text: String,
        pub(super) forgotten_at: Timestamp,
        pub(super) rev: u64,
    }
}

/// `core/src/ports/store.rs`: its writes and its reads.
mod port {
    use async_trait::async_trait;
    use ventanilla_core::{domain::id::TenantId, ports::store::StoreError};

    use super::domain::Note;

    pub(super) enum Write {
        Put(Record),
        Delete(Removal),
        Check(Note),
    }

    pub(super) enum Record {
        Note(Note),
    }

    pub(super) enum Removal {
        Note(Note),
    }

    #[async_trait]
    pub(super) trait NoteReads: Send + Sync {
        async fn note(&self, tenant: &TenantId, name: &str) -> Result<Option<Note>, StoreError>;
        async fn notes(&self, tenant: &TenantId) -> Result<Vec<Note>, StoreError>;
    }
}

/// What `aws/src/dynamodb/records/note.rs` would hold: key, reads and time to live.
mod note {
    use async_trait::async_trait;
    use ventanilla_core::{
        domain::{id::TenantId, time::Timestamp},
        ports::store::StoreError,
    };

    use super::{domain::Note, port::NoteReads};
    use crate::dynamodb::{
        Table,
        index::List,
        keys::{Key, hash, of},
        record::{Condition, Indexes, StoredRecord, readable},
    };

    fn key(tenant: &TenantId, name: &str) -> Key {
        Key::only(format!("{}ZZ#{}", of(tenant), hash(&[name])))
    }

    fn list(tenant: &TenantId) -> String {
        format!("{}ZZ", of(tenant))
    }

    impl StoredRecord for Note {
        const KIND: &'static str = "note";

        fn key(&self) -> Key {
            key(&self.tenant, &self.name)
        }

        fn condition(&self) -> Condition {
            Condition::unchanged(self.rev)
        }

        fn delete_condition(&self) -> Condition {
            Condition::Rev(self.rev)
        }

        fn indexes(&self) -> Indexes {
            Indexes::list(list(&self.tenant), self.name.clone())
        }

        fn ttl(&self) -> Option<Timestamp> {
            Some(self.forgotten_at)
        }
    }

    #[async_trait]
    impl NoteReads for Table {
        async fn note(&self, tenant: &TenantId, name: &str) -> Result<Option<Note>, StoreError> {
            self.get_as(key(tenant, name)).await
        }

        async fn notes(&self, tenant: &TenantId) -> Result<Vec<Note>, StoreError> {
            Ok(readable(Some(List::of(list(tenant)).all(self).await?)))
        }
    }
}

/// `aws/src/dynamodb/records/mod.rs`: its lines in the tables of records.
mod records {
    use ventanilla_core::ports::store::StoreError;

    use super::port::{Record, Removal, Write};
    use crate::dynamodb::record::{Operation, StoredRecord as _};

    pub(super) fn operation(write: &Write, writer: u64) -> Result<Operation, StoreError> {
        match write {
            Write::Put(Record::Note(it)) => it.put(writer),
            Write::Delete(Removal::Note(it)) => Ok(it.delete()),
            Write::Check(it) => Ok(it.check()),
        }
    }
}

async fn commit(table: &Table, writes: &[Write]) -> Commit {
    let transaction = Transaction::new(table);
    let operations = || {
        writes.iter().map(|write| operation(write, transaction.mark)).collect::<Result<Vec<_>, StoreError>>()
    };
    transaction.commit(operations).await.unwrap()
}

fn put(note: &Note) -> Write {
    Write::Put(Record::Note(note.clone()))
}

fn delete(note: &Note) -> Write {
    Write::Delete(Removal::Note(note.clone()))
}

#[tokio::test]
async fn a_new_record_is_written_read_refused_and_taken_away() {
    let store = open(&Data::Memory).await.unwrap();
    let table = Table::new(store.client(&client().unwrap()), "notes".to_owned(), Arc::new(SystemEntropy));
    table.create_if_missing().await.unwrap();
    let new = Note {
        tenant: "acme".parse().unwrap(),
        name: "n1".to_owned(),
        text: "first".to_owned(),
        forgotten_at: Timestamp::from_millis(1_772_533_800_123),
        rev: 0,
    };
    let other = Note { name: "n2".to_owned(), ..new.clone() };
    let read = async |note: &Note| table.note(&note.tenant, &note.name).await.unwrap();

    assert_eq!(commit(&table, &[put(&new)]).await, Commit::Committed);
    let first = read(&new).await.unwrap();
    assert_eq!(first, Note { rev: 1, ..new.clone() });
    assert_eq!(table.notes(&new.tenant).await.unwrap(), std::slice::from_ref(&first));

    // It exists already: a writer who did not read it conflicts.
    assert_eq!(commit(&table, &[put(&new)]).await, Commit::Conflict);
    let changed = Note { text: "second".to_owned(), ..first.clone() };
    assert_eq!(commit(&table, &[put(&changed)]).await, Commit::Committed);
    let second = read(&new).await.unwrap();
    assert_eq!((second.text.as_str(), second.rev), ("second", 2));

    // So does a writer who read it before that, and what they write beside it.
    assert_eq!(commit(&table, &[put(&changed)]).await, Commit::Conflict);
    assert_eq!(commit(&table, &[Write::Check(first.clone()), put(&other)]).await, Commit::Conflict);
    assert_eq!(read(&other).await, None);
    assert_eq!(commit(&table, &[delete(&first)]).await, Commit::Conflict);

    assert_eq!(commit(&table, &[Write::Check(second.clone()), put(&other)]).await, Commit::Committed);
    assert!(read(&other).await.is_some());
    assert_eq!(commit(&table, &[delete(&second)]).await, Commit::Committed);
    assert_eq!(read(&new).await, None);
}
