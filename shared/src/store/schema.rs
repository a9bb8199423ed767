//! Making the table where no template does: locally and in tests. `template.yaml` is the original; a
//! test compares the two.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
};

use super::{Table, keys, table::unavailable};
use crate::port::book::StoreError;

impl Table {
    /// Makes the table unless it is there.
    ///
    /// # Errors
    /// When the store cannot be reached or refuses.
    pub async fn create_if_missing(&self) -> Result<(), StoreError> {
        let attributes =
            [keys::PK, keys::SK, keys::G1PK, keys::G1SK].into_iter().map(text).collect::<Result<_, _>>()?;
        let index = GlobalSecondaryIndex::builder()
            .index_name(keys::LISTS)
            .set_key_schema(Some(schema(keys::G1PK, keys::G1SK)?))
            .projection(Projection::builder().projection_type(ProjectionType::All).build())
            .build()
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
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
            .global_secondary_indexes(index)
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
