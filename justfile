# The commands of the house. `just` alone lists them.

_default:
    @just --list

# The local server, with a simulated WhatsApp.
run *arguments:
    cargo run -- {{arguments}}

# Everything that must hold, offline.
test:
    cargo test --workspace

# openapi.yaml and asyncapi.yaml: linters, examples, and generated clients at a local server. Needs Node.js.
documents:
    cargo build --profile test --workspace --bin ventanilla
    python3 tests/documents/check.py documents target/debug/ventanilla

# A local server against openapi.yaml: requests made up from it, right and wrong ones, and what must hold of the answers.
schema *arguments:
    cargo build --profile test --workspace --bin ventanilla
    python3 tests/documents/check.py answers target/debug/ventanilla {{arguments}}

# Formatting and lints, as CI has them.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings

# The whole gate.
check:
    .ci/run

# All pairs of troubles on the way of a message (one for those that a repeat heals alike), and a sample of
# triples; takes more than an hour.
plans:
    cargo test -p ventanilla-tests plans::all_pairs -- --ignored --nocapture

# A thousand replies, each right before its socket ends: none is lost. Takes minutes.
frames:
    cargo test -p ventanilla-tests live_frames -- --ignored

# The report card of the plans that an ordinary test run carries out.
card:
    cargo test -p ventanilla-tests plans -- --nocapture

# The long run of a fuzz target; needs a nightly compiler and cargo-fuzz.
fuzz target *arguments:
    cp Cargo.lock fuzz/Cargo.lock
    cargo +nightly fuzz run {{target}} -- {{arguments}}

# The documentation of the code.
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --open

# Measures of the sources, each with how it is counted. `just house --list` shows what was counted.
house *arguments:
    cargo run --quiet -p house -- {{arguments}}

# Known security advisories; needs the network.
advisories:
    cargo deny check advisories

# The functions for Lambda; needs cargo-lambda and the AWS SAM CLI.
build:
    sam build

# The template on a local AWS emulator; a quick start and docs/deploy.md there.
emulator:
    python3 emulator/quickstart.py

# Size and cold start of the functions' release binaries.
bench-cold-start:
    cargo build --release --bins -p reply -p send -p send-template -p sync-templates -p webhook -p inbox -p fetch -p reconcile -p worker
    python3 bench/cold_start.py target/release/reply target/release/send target/release/send-template target/release/sync-templates target/release/webhook target/release/inbox target/release/fetch target/release/reconcile target/release/worker

# What a warm reply costs the function, beside the shortest reply.
bench-warm-reply:
    cargo build --release -p ventanilla-local -p reply -p baseline
    python3 bench/warm_reply.py target/release/ventanilla target/release/reply target/release/baseline-reply

# How fast a template goes to 1,000 numbers, and in how much memory.
bench-broadcast:
    cargo build --release -p ventanilla-local -p worker
    python3 bench/broadcast.py target/release/ventanilla target/release/worker
    python3 bench/broadcast.py --folder target/release/ventanilla target/release/worker

# How soon a customer's message is heard on 1, 100 and 1,000 sockets, and in how much memory.
bench-sockets:
    cargo build --release -p ventanilla-local -p push
    python3 bench/sockets.py target/release/ventanilla target/release/push

# What a message costs the local server after 100 and after 100,000 of them, a start then, and an idle minute.
bench-local-growth:
    cargo build --release -p ventanilla-local
    python3 bench/local_growth.py target/release/ventanilla

# What lists cost at 100 and at 100,000 conversations, and how long they take.
bench-lists:
    cargo test -p ventanilla-tests lists_at_100 -- --ignored --nocapture
