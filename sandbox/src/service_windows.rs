//! Persists the customers' last messages in a file, so that service windows survive a restart.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use crate::phone::{Phone, WINDOW};

/// A customer's last message to a business number, with the phone as it was then. One line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastInbound {
    /// The number of the phone, or its BSUID if it shows only that.
    pub(crate) phone: String,
    pub(crate) wa_id: Option<String>,
    pub(crate) user_id: String,
    pub(crate) name: String,
    pub(crate) username: Option<String>,
    /// Meta's id of the business number.
    pub(crate) to: String,
    /// When the customer wrote, in Unix seconds.
    pub(crate) at: i64,
}

impl LastInbound {
    /// The line for a phone; `None` if its customer never wrote to this number.
    fn of(phone: &Phone, to: &str) -> Option<Self> {
        Some(Self {
            phone: phone.number.clone().unwrap_or_else(|| phone.user_id.clone()),
            wa_id: phone.wa_id.clone(),
            user_id: phone.user_id.clone(),
            name: phone.name.clone(),
            username: phone.username.clone(),
            to: to.to_owned(),
            at: *phone.last_inbound_at.get(to)?,
        })
    }
}

/// The file, to which lines are appended; `None` persists nothing.
#[derive(Debug, Default)]
pub(crate) struct ServiceWindows(Option<Mutex<File>>);

impl ServiceWindows {
    /// Opens the file, and returns the windows in it that are still open. A file that cannot be opened causes a warning
    /// only: the sandbox works without it.
    pub(crate) fn open(path: Option<&Path>, now: i64) -> (Self, Vec<LastInbound>) {
        let Some(path) = path else { return Default::default() };
        match reopen(path, now) {
            Ok((file, last_inbounds)) => (Self(Some(Mutex::new(file))), last_inbounds),
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "service windows will not survive a restart");
                Default::default()
            }
        }
    }

    /// Appends that the customer of this phone wrote to this business number.
    pub(crate) fn record(&self, phone: &Phone, to: &str) {
        let (Some(file), Some(wrote)) = (&self.0, LastInbound::of(phone, to)) else { return };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = line(&wrote).and_then(|line| file.write_all(line.as_bytes())) {
            tracing::warn!(%error, "a service window will not survive a restart");
        }
    }
}

fn line(wrote: &LastInbound) -> io::Result<String> {
    Ok(serde_json::to_string(wrote)? + "\n")
}

/// Reads the file, and rewrites it with the windows that are still open.
fn reopen(path: &Path, now: i64) -> io::Result<(File, Vec<LastInbound>)> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        read => read?,
    };
    let mut latest = BTreeMap::new();
    // The end of the process may have truncated the last line.
    let lines =
        text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<LastInbound>(line).ok());
    for wrote in lines.filter(|wrote| now - wrote.at < WINDOW) {
        latest.insert((wrote.phone.clone(), wrote.to.clone()), wrote);
    }
    let last_inbounds: Vec<LastInbound> = latest.into_values().collect();
    fs::write(path, last_inbounds.iter().map(line).collect::<io::Result<String>>()?)?;
    Ok((OpenOptions::new().append(true).open(path)?, last_inbounds))
}

#[cfg(test)]
mod tests {
    use std::{error::Error, fs, path::PathBuf, process};

    use super::ServiceWindows;
    use crate::{address::Address, phone::Phone};

    /// A file of a test's own, which goes with it.
    struct Scratch(PathBuf);

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    #[test]
    fn open_windows_are_there_after_a_restart_and_closed_ones_are_not() -> Result<(), Box<dyn Error>> {
        let scratch = Scratch(std::env::temp_dir().join(format!("sandbox-windows-{}", process::id())));
        let path = Some(scratch.0.as_path());
        let (windows, last_inbounds) = ServiceWindows::open(path, 1_000_000);
        assert_eq!(last_inbounds, []);
        let mut ana = Phone::new(&Address::Number("50212345678".to_owned()));
        ana.name = "Ana".to_owned();
        for at in [1_000_000, 1_000_500] {
            ana.record_inbound("1001", at);
            windows.record(&ana, "1001");
        }
        windows.record(&ana, "1002");
        let mut bob = Phone::new(&Address::UserId("GT.7".to_owned()));
        bob.record_inbound("1001", 1_000_100);
        windows.record(&bob, "1001");
        fs::write(&scratch.0, [fs::read(&scratch.0)?, b"{\"phone\":\"5021".to_vec()].concat())?;
        for _ in 0..2 {
            let (_, last_inbounds) = ServiceWindows::open(path, 1_086_600);
            let [only] = last_inbounds.as_slice() else { return Err(format!("{last_inbounds:?}").into()) };
            assert_eq!((only.phone.as_str(), only.name.as_str(), only.at), ("50212345678", "Ana", 1_000_500));
        }
        Ok(())
    }
}
