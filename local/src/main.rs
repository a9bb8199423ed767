//! The `ventanilla` command: the local server, and setting up a table from a config file.

use std::{
    io::{ErrorKind, Write, stderr, stdout},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use secrecy::ExposeSecret;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use ventanilla::{
    assembly::SystemEntropy,
    config::{aws::Aws, env, file::ConfigFile},
    provider::http::client,
    store::Table,
    telemetry,
};
use ventanilla_local::{
    config,
    provision::provision,
    server::{Options, start},
    store::Data,
};

/// A company's own WhatsApp messaging backend.
#[derive(Parser)]
#[command(name = "ventanilla", args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything on this machine, with a simulated WhatsApp (the default).
    Serve(Serve),
    /// Write the tenants, keys and channels of a config file into the table that `VENTANILLA_TABLE`
    /// names; credentials of AWS come from the environment.
    Provision {
        /// The config file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

#[derive(Args)]
struct Serve {
    /// The port to answer on, on 127.0.0.1 only.
    #[arg(long, value_name = "N", default_value_t = 3000)]
    port: u16,
    /// The folder to keep data in.
    #[arg(long, value_name = "DIR", default_value = ".ventanilla", conflicts_with = "memory")]
    data: PathBuf,
    /// Keep no data: it goes with the process.
    #[arg(long)]
    memory: bool,
    /// The config file; ./ventanilla.toml or the built-in demo when not named.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    telemetry::plain();
    let cli = Cli::parse();
    let ended = match cli.command {
        None => serve(cli.serve).await,
        Some(Command::Serve(options)) => serve(options).await,
        Some(Command::Provision { config }) => set_up(config).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // Where even standard error is closed there is nobody left to tell.
            let _ = writeln!(stderr(), "ventanilla: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Serve) -> Result<(), String> {
    let config = config::load(options.config.as_deref()).map_err(text)?;
    let listener =
        TcpListener::bind(("127.0.0.1", options.port)).await.map_err(|error| match error.kind() {
            ErrorKind::AddrInUse => format!("port {} is in use; choose another with --port", options.port),
            _ => format!("port {} cannot be used: {error}", options.port),
        })?;
    let data = if options.memory { Data::Memory } else { Data::Folder(options.data) };
    let greeting = greeting(listener.local_addr().map_err(text)?, &config, &data);
    let running = start(Options::new(listener, data, config)).await.map_err(text)?;
    writeln!(stdout(), "{greeting}").map_err(text)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(text)?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(text)?,
        _ = terminated.recv() => {}
    }
    running.stop().await;
    Ok(())
}

async fn set_up(path: Option<PathBuf>) -> Result<(), String> {
    let config = config::load(path.as_deref()).map_err(text)?;
    let http = client().map_err(text)?;
    let aws = Aws::from_env().map_err(text)?;
    let name = env::required("VENTANILLA_TABLE").map_err(text)?;
    let table = Table::new(aws.dynamodb(&http), name, std::sync::Arc::new(SystemEntropy));
    provision(&table, &config, None).await.map_err(text)?;
    let (tenants, channels) = (config.tenants.len(), config.channels.len());
    writeln!(stdout(), "{tenants} tenant(s) and {channels} channel(s) are in place").map_err(text)
}

/// Where everything is, and a first thing to try.
fn greeting(address: SocketAddr, config: &ConfigFile, data: &Data) -> String {
    let base = format!("http://{address}");
    let kept = match data {
        Data::Folder(folder) => format!("kept in {}", folder.display()),
        Data::Memory => "not kept".to_owned(),
        Data::Endpoint(url) => format!("kept at {url}"),
    };
    let key = config.tenants.iter().flat_map(|tenant| &tenant.keys).next();
    let key = key.map_or("(none in the config file)", |key| key.key.expose_secret());
    format!(
        "Ventanilla answers at {base} (data {kept}; Ctrl-C stops it)\n\
         \n  API key    {key}\
         \n  callbacks  {base}/webhooks/meta/<app>\
         \n  phones     {base}/sandbox/phones\n\
         \nTry it:\n\
         \n  curl -s {base}/api/whatsapp/send -H 'Authorization: Bearer {key}' \
         -d '{{\"phoneNumber\":\"+50212345678\",\"content\":\"Hello from Ventanilla!\"}}'\
         \n  curl -s {base}/sandbox/phones/+50212345678\n"
    )
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
