//! The `ventanilla` command: the local server, and what an operator does with a table.

use std::{
    io::{ErrorKind, Write, stderr, stdin, stdout},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use ventanilla::{
    assembly::{self, App, SystemClock, SystemEntropy},
    config::{aws::Aws, env, file::ConfigFile},
    domain::{id::TenantId, inbound::Disposition, raw::RawOwner, time::Timestamp},
    port::clock::Clock,
    provider::http::client,
    store::Table,
    telemetry,
};
use ventanilla_local::{
    admin::{Admin, Desk, Form, Out, Progress},
    config,
    provision::provision,
    replay::{self, Replayed, Span},
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
        /// Answer with one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Take kept callbacks in again, for instance after a mistake in reading them was mended. What was
    /// taken in rightly stays as it is. Works on the table that `VENTANILLA_TABLE` names, or on `--data`.
    Replay(Replay),
    #[command(flatten)]
    Admin(Admin),
}

#[derive(Args)]
struct Replay {
    /// Callbacks that arrived at this time or later, like 2026-03-03T10:30:00Z.
    #[arg(long, value_name = "TIME")]
    from: Timestamp,
    /// Callbacks that arrived before this time; now when not given.
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// Only those of this tenant. Without it: those of every tenant and app of the config file.
    #[arg(long, value_name = "ID")]
    tenant: Option<TenantId>,
    /// The data folder of a local server that does not run now, instead of a table in AWS.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The config file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
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
        Some(Command::Admin(admin)) => return administer(&admin).await,
        None => serve(cli.serve).await,
        Some(Command::Serve(options)) => serve(options).await,
        Some(Command::Provision { config, json }) => {
            set_up(config, if json { Form::Json } else { Form::Text }).await
        }
        Some(Command::Replay(options)) => take_in_again(options).await,
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
    let mut options = Options::new(listener, data, config);
    options.settings = assembly::settings().map_err(text)?;
    let running = start(options).await.map_err(text)?;
    writeln!(stdout(), "{greeting}").map_err(text)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(text)?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(text)?,
        _ = terminated.recv() => {}
    }
    running.stop().await;
    Ok(())
}

async fn administer(admin: &Admin) -> ExitCode {
    let (mut input, mut output) = (stdin(), stdout());
    let mut out = Out { form: admin.place().form(), input: &mut input, output: &mut output };
    let ended = match Desk::open(admin.place()).await {
        Ok(desk) => Box::pin(admin.run(&desk, &mut out)).await,
        Err(failed) => Err(failed),
    };
    match ended {
        Ok(ended) => ExitCode::from(ended.exit_code()),
        Err(failed) => {
            if out.form == Form::Json {
                // As below.
                let _ = writeln!(out.output, "{}", json!({ "error": { "message": failed.to_string() } }));
            }
            let _ = writeln!(stderr(), "ventanilla: {failed}");
            ExitCode::from(failed.exit_code())
        }
    }
}

async fn set_up(path: Option<PathBuf>, form: Form) -> Result<(), String> {
    let config = config::load(path.as_deref()).map_err(text)?;
    if let Some(channel) = config.channels.iter().find(|channel| channel.is_simulated()) {
        return Err(format!("channel {} is at the sandbox, which only the local server has", channel.id));
    }
    let http = client().map_err(text)?;
    let aws = Aws::from_env().map_err(text)?;
    let name = env::required("VENTANILLA_TABLE").map_err(text)?;
    let table = Table::new(aws.dynamodb(&http), name, std::sync::Arc::new(SystemEntropy));
    let (tenants, channels) = (config.tenants.len(), config.channels.len());
    let keys: usize = config.tenants.iter().map(|tenant| tenant.keys.len()).sum();
    let progress = Progress::of(tenants + channels + keys, form);
    provision(&table, &config, None, || progress.step()).await.map_err(text)?;
    drop(progress);
    match form {
        Form::Text => writeln!(stdout(), "{tenants} tenant(s) and {channels} channel(s) are in place"),
        Form::Json => {
            writeln!(stdout(), "{}", json!({ "tenants": tenants, "channels": channels, "keys": keys }))
        }
    }
    .map_err(text)
}

async fn take_in_again(options: Replay) -> Result<(), String> {
    let config = config::load(options.config.as_deref()).map_err(text)?;
    let mut owners = replay::owners(&config);
    if let Some(tenant) = &options.tenant {
        owners.retain(|owner| matches!(owner, RawOwner::Tenant(id) if id == tenant));
        if owners.is_empty() {
            return Err(format!("the config file has no tenant {tenant}"));
        }
    }
    let span = Span { from: options.from, until: options.until.unwrap_or_else(|| SystemClock.now()) };
    // The store, where it is a local one, lives as long as the replay.
    let (app, _store) = match options.data {
        Some(folder) => {
            let (app, store) = replay::on_folder(folder, config).await.map_err(text)?;
            (app, Some(store))
        }
        None => (App::from_env().map_err(|error| format!("{error}; or name a folder with --data"))?, None),
    };
    let form = if options.json { Form::Json } else { Form::Text };
    let (mut failed, mut all) = (0, Vec::<Value>::new());
    for owner in owners {
        let name = match &owner {
            RawOwner::Tenant(id) => format!("tenant {id}"),
            RawOwner::Sender(origin) => origin.to_string(),
        };
        let bar = Progress::of(span.hours(), form);
        bar.at(name.clone());
        let progress = |hour: Timestamp, so_far: &Replayed| {
            bar.step();
            tracing::debug!(
                owner = name,
                hour = hour.hour(),
                callbacks = so_far.callbacks,
                "an hour is done"
            );
        };
        let done = replay::replay(&app, &owner, span, progress).await.map_err(text)?;
        drop(bar);
        failed += done.failed;
        match form {
            Form::Text => writeln!(stdout(), "{name}: {}", replayed(&done)).map_err(text)?,
            Form::Json => all.push(replayed_json(&name, &done)),
        }
    }
    if form == Form::Json {
        writeln!(stdout(), "{}", json!({ "owners": all, "failed": failed })).map_err(text)?;
    }
    if failed > 0 { Err(format!("{failed} callbacks failed; run it again")) } else { Ok(()) }
}

fn replayed(done: &Replayed) -> String {
    let count = |what| done.items.get(&what).copied().unwrap_or_default();
    format!(
        "callbacks {}; of their items {} told something new, {} were known, {} wait for their message, {} are \
         only kept, {} cannot be read; callbacks failed: {}",
        done.callbacks,
        count(Disposition::Stored),
        count(Disposition::Duplicate),
        count(Disposition::Parked),
        count(Disposition::Kept),
        count(Disposition::Unprocessable),
        done.failed
    )
}

fn replayed_json(owner: &str, done: &Replayed) -> Value {
    let count = |what| done.items.get(&what).copied().unwrap_or_default();
    json!({
        "owner": owner,
        "callbacks": done.callbacks,
        "failed": done.failed,
        "items": {
            "new": count(Disposition::Stored),
            "known": count(Disposition::Duplicate),
            "waiting": count(Disposition::Parked),
            "kept": count(Disposition::Kept),
            "unprocessable": count(Disposition::Unprocessable),
        },
    })
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
         \n  callbacks  {base}/webhooks/meta/<app>, {base}/webhooks/kaleyra/<channel>/<secret>\
         \n  phones     {base}/sandbox/phones\n\
         \nTry it:\n\
         \n  # A customer writes: for 24 hours from then anything can be answered, to strangers go only templates.\
         \n  curl -s {base}/sandbox/phones/+50212345678/messages -d '{{\"text\":\"Hola\"}}'\
         \n  curl -s {base}/api/whatsapp/send -H 'Authorization: Bearer {key}' \
         -d '{{\"phoneNumber\":\"+50212345678\",\"content\":\"Hello from Ventanilla!\"}}'\
         \n  curl -s {base}/sandbox/phones/+50212345678\n"
    )
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
