//! Writing a config file's tenants, keys and channels into the table.

use ventanilla::{
    aws::dynamodb::{ChannelError, Table},
    config::file::ConfigFile,
    domain::{
        caller::{ApiKey, KeyHash},
        channel::Channel,
    },
    ports::{clock::Clock, credentials::Freshness, directory::Directory, store::StoreError},
    system::SystemClock,
    whatsapp::channel_config::Simulated,
};

/// Writes the tenants, keys and channels of the file over the existing ones. Others stay, and so do disabled channels
/// and revoked keys.
///
/// `simulated` has the base URLs for the word `sandbox`, where there are simulated providers. `done` is called after
/// each record.
///
/// # Errors
/// When the id or inbound address of a channel belongs to another tenant, or the store fails. Records before that stay
/// written.
pub async fn provision(
    table: &Table,
    file: &ConfigFile,
    simulated: Option<&Simulated>,
    mut done: impl FnMut(),
) -> Result<(), ChannelError> {
    for entry in &file.channels {
        let channel = entry.channel(simulated);
        let known = table.channel(&channel.tenant, channel.id).await?;
        let disabled_at = known.and_then(|known| known.disabled_at);
        table.put_channel(&Channel { disabled_at, ..channel }).await?;
        done();
    }
    for tenant in &file.tenants {
        table.put_tenant(&tenant.tenant()).await?;
        done();
        for (hash, key) in tenant.keys.iter().filter_map(|key| key.record(&tenant.id, SystemClock.now())) {
            table.put_api_key(&hash, &merge_known_key(table, &hash, key).await?).await?;
            done();
        }
    }
    Ok(())
}

/// The key with the dates of the stored one.
async fn merge_known_key(table: &Table, hash: &KeyHash, key: ApiKey) -> Result<ApiKey, StoreError> {
    let Some(known) = table.api_key(hash, Freshness::Refreshed).await? else { return Ok(key) };
    Ok(ApiKey {
        created_at: known.created_at.or(key.created_at),
        revoked_at: known.revoked_at.or(key.revoked_at),
        ..key
    })
}
