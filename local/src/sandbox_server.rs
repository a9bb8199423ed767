//! `ventanilla sandbox`: the simulated WhatsApp alone, for any client of the Cloud API.

use std::{fs, future::Future, io, net::SocketAddr, path::PathBuf};

use axum::{Router, middleware::from_fn_with_state};
use clap::Args;
use tokio::net::TcpListener;
use ventanilla::whatsapp::http::{HttpClientError, client};
use ventanilla_sandbox::{
    BusinessNumber, GRAPH_MOUNT, KALEYRA_MOUNT, ProviderAccount, Sandbox, SandboxConfig, Settings,
    WebhookMethod, serve::serve,
};

use crate::allowed_origins::{self, AllowedOrigins};

/// The options of the command. Without a config file there is one number at Meta.
#[derive(Debug, Args)]
pub struct SandboxOptions {
    /// The port to listen on, on 127.0.0.1 only; 0 for any free port.
    #[arg(long, value_name = "N", default_value_t = 3001)]
    pub port: u16,
    /// The URL that webhooks are posted to.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000/webhook")]
    webhook_url: String,
    /// The access token of the number.
    #[arg(long, value_name = "TEXT", default_value = "sandbox-token")]
    access_token: String,
    /// The app secret, which signs webhooks.
    #[arg(long, value_name = "TEXT", default_value = "sandbox-secret")]
    app_secret: String,
    /// The id of the number.
    #[arg(long, value_name = "ID", default_value = "100000000000001")]
    phone_number_id: String,
    /// The id of the business account.
    #[arg(long, value_name = "ID", default_value = "200000000000001")]
    waba_id: String,
    /// The number, digits only.
    #[arg(long, value_name = "DIGITS", default_value = "15550100001")]
    number: String,
    /// A JSON file with several numbers, in place of the options above: {"numbers":[…]}.
    #[arg(id = "sandbox_config", long = "config", value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Why the sandbox cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxStartError {
    /// The config file cannot be read.
    #[error("{}: {error}", file.display())]
    Read {
        /// The path of the file.
        file: PathBuf,
        /// What reading it led to.
        error: io::Error,
    },
    /// The config file is not valid.
    #[error("{}: {error}", file.display())]
    Invalid {
        /// The path of the file.
        file: PathBuf,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// TLS cannot be set up.
    #[error(transparent)]
    Http(#[from] HttpClientError),
    /// The listener has no address.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl SandboxOptions {
    /// The numbers of the config file, or the one of the options.
    ///
    /// # Errors
    /// When the config file cannot be read or is not valid.
    pub fn config(&self) -> Result<SandboxConfig, SandboxStartError> {
        let Some(file) = &self.config else { return Ok(SandboxConfig::new(vec![self.own_number()])) };
        let text = fs::read(file).map_err(|error| SandboxStartError::Read { file: file.clone(), error })?;
        serde_json::from_slice(&text)
            .map_err(|error| SandboxStartError::Invalid { file: file.clone(), error })
    }

    fn own_number(&self) -> BusinessNumber {
        BusinessNumber {
            phone_number_id: self.phone_number_id.clone(),
            waba_id: self.waba_id.clone(),
            display_phone_number: self.number.clone(),
            provider: ProviderAccount::Meta {
                access_token: self.access_token.clone(),
                app_secret: self.app_secret.clone(),
            },
            webhook_url: self.webhook_url.clone(),
            webhook_method: WebhookMethod::Post,
        }
    }
}

/// Serves a sandbox until `shutdown` resolves. Customers send files that programs can open.
///
/// # Errors
/// When TLS cannot be set up, or the listener has no address.
pub async fn serve_sandbox(
    listener: TcpListener,
    config: SandboxConfig,
    shutdown: impl Future,
) -> Result<(), SandboxStartError> {
    let sandbox = Sandbox::new(config, client()?);
    sandbox.set_settings(Settings { real_files: true, ..sandbox.settings() });
    let allowed = AllowedOrigins::new(&[]);
    let router = Router::new()
        .merge(sandbox.control_router())
        .nest(GRAPH_MOUNT, sandbox.graph_router())
        .nest(KALEYRA_MOUNT, sandbox.kaleyra_router())
        .layer(from_fn_with_state(allowed, allowed_origins::check_request));
    Ok(serve(listener, router, shutdown).await?)
}

/// The sandbox's addresses, and first commands to try. Tokens and secrets are not repeated.
#[must_use]
pub fn greeting(address: SocketAddr, config: &SandboxConfig) -> String {
    let base = format!("http://{address}");
    let number = |number: &BusinessNumber| {
        let BusinessNumber { display_phone_number, phone_number_id, waba_id, webhook_url, .. } = number;
        format!(
            "  number {display_phone_number} (id {phone_number_id}, account {waba_id}), webhooks to {webhook_url}"
        )
    };
    let numbers: Vec<String> = config.numbers.iter().map(number).collect();
    let numbers = numbers.join("\n");
    format!(
        "A simulated WhatsApp answers at {base} (Ctrl-C stops it)\n\
         \n  Cloud API  {base}{GRAPH_MOUNT}/v25.0 in place of https://graph.facebook.com/v25.0\
         \n{numbers}\n\
         \nTry it:\n\
         \n  # A customer writes, which opens the service window for 24 hours.\
         \n  curl -s {base}/sandbox/phones/+50212345678/messages -d '{{\"text\":\"Hola\"}}'\
         \n  # The next message is rejected.\
         \n  curl -s {base}/sandbox/faults -d '{{\"fault\":{{\"kind\":\"refuse\",\"code\":131056}}}}'\
         \n  curl -s {base}/sandbox/log\n"
    )
}
