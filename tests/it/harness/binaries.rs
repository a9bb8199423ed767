//! The binaries of this repository, as they are deployed and run.

use std::path::{Path, PathBuf};

use tokio::{process::Command, sync::OnceCell};

/// The folder of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Where the binaries are, which are built once, with the cargo and the features that built this test.
pub(crate) async fn binaries() -> PathBuf {
    static BUILT: OnceCell<PathBuf> = OnceCell::const_new();
    BUILT
        .get_or_init(|| async {
            let mut cargo = Command::new(env!("CARGO"));
            // The variables that Cargo sets for a test's package count as a change for the build script of
            // `ring`: every crate that uses TLS would be rebuilt, now and once more with the next build.
            let told = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
            for name in std::env::vars().map(|(name, _)| name).filter(|name| told(name)) {
                cargo.env_remove(name);
            }
            let built = cargo
                .args(["build", "--workspace", "--bins", "--offline", "--quiet", "--profile", "test"])
                .current_dir(root())
                .status()
                .await
                .unwrap();
            assert!(built.success());
            // This test lies in `deps` of the same folder.
            std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned()
        })
        .await
        .clone()
}
