//! Writing a config file's tenants, keys and channels into the table.

use ventanilla::{
    assembly::SystemClock,
    config::{channel::Simulated, file::ConfigFile},
    port::{book::StoreError, clock::Clock},
    store::Table,
};

/// Writes what the file names, over what is there. What the file does not name stays.
///
/// `simulated` is what the word `sandbox` stands for, where there are simulated providers.
///
/// # Errors
/// When the store fails.
pub async fn provision(
    table: &Table,
    file: &ConfigFile,
    simulated: Option<&Simulated>,
) -> Result<(), StoreError> {
    for channel in &file.channels {
        table.put_channel(&channel.channel(simulated)).await?;
    }
    for tenant in &file.tenants {
        table.put_tenant(&tenant.tenant()).await?;
        for (hash, key) in tenant.keys.iter().filter_map(|key| key.record(&tenant.id, SystemClock.now())) {
            table.put_api_key(&hash, &key).await?;
        }
    }
    Ok(())
}
