//! Creates the table where no template does: locally and in tests. `template.yaml` is the original; a test
//! compares the two.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
};

use super::{Table, keys, table::unavailable};
use ventanilla_core::ports::store::StoreError;

/// The indexes and their partition keys; all share one sort key.
const INDEXES: [(&str, &str); 4] = [
    (keys::LISTS, keys::G1PK),
    (keys::BY_STATUS, keys::G2PK),
    (keys::BY_ASSIGNEE, keys::G3PK),
    (keys::UNREAD, keys::G4PK),
];

impl Table {
    /// Creates the table unless it exists.
    ///
    /// # Errors
    /// When the store cannot be reached or rejects the call.
    pub async fn create_if_missing(&self) -> Result<(), StoreError> {
        let named = [keys::PK, keys::SK, keys::G1PK, keys::G1SK, keys::G2PK, keys::G3PK, keys::G4PK];
        let attributes = named.into_iter().map(text).collect::<Result<_, _>>()?;
        let indexes = INDEXES.into_iter().map(index).collect::<Result<_, _>>()?;
        let stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::NewAndOldImages)
            .build()
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let made = self
            .client
            .create_table()
            .table_name(&self.name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(attributes))
            .set_key_schema(Some(schema(keys::PK, keys::SK)?))
            .set_global_secondary_indexes(Some(indexes))
            .stream_specification(stream)
            .send()
            .await;
        match made {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(
                    aws_sdk_dynamodb::operation::create_table::CreateTableError::is_resource_in_use_exception,
                ) =>
            {
                Ok(())
            }
            Err(error) => Err(unavailable("CreateTable", &error)),
        }
    }
}

fn index((name, key): (&str, &str)) -> Result<GlobalSecondaryIndex, StoreError> {
    GlobalSecondaryIndex::builder()
        .index_name(name)
        .set_key_schema(Some(schema(key, keys::G1SK)?))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
        .map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn text(name: &str) -> Result<AttributeDefinition, StoreError> {
    AttributeDefinition::builder()
        .attribute_name(name)
        .attribute_type(ScalarAttributeType::S)
        .build()
        .map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn schema(hash: &str, range: &str) -> Result<Vec<KeySchemaElement>, StoreError> {
    [(hash, KeyType::Hash), (range, KeyType::Range)]
        .into_iter()
        .map(|(name, kind)| {
            KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(kind)
                .build()
                .map_err(|error| StoreError::Corrupt(error.to_string()))
        })
        .collect()
}
