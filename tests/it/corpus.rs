//! The fuzz targets over the inputs kept in `fuzz/corpus` and over simple changes of these, the same ones
//! in every run. The long run is `fuzz/`.

use std::{
    fs, panic,
    path::{Path, PathBuf},
};

use ventanilla_fuzz_targets::ALL;

/// How often an input is changed at most.
const CHANGES: usize = 200;

/// How many bytes all changes of an input make together, about: long inputs are changed less often.
const CHANGED_BYTES: usize = 80_000;

/// What readers of JSON, TOML and UTF-8 stumble over.
const STUMBLING_BLOCKS: [&[u8]; 28] = [
    b"\0",
    b"\x1e",
    b"\x7f",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
    b"\xf0\x9f\x91\x8b",
    b"\n",
    b"\r",
    b"\"",
    b"\"\"\"",
    b"'",
    b"\\",
    b"\\u0000",
    b"\\ud83d",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"=",
    b"null",
    b"-1",
    b"1e309",
    b"18446744073709551616",
];

struct Input {
    name: String,
    bytes: Vec<u8>,
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("fuzz/corpus")
}

/// The inputs kept for a target. Those without an extension are the long run's own.
fn inputs(target: &str) -> Vec<Input> {
    let entries = fs::read_dir(corpus().join(target)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some());
    paths.sort();
    let input = |path: &PathBuf| Input {
        name: format!("{target}/{}", path.file_name().unwrap().display()),
        bytes: fs::read(path).unwrap(),
    };
    paths.iter().map(input).collect()
}

/// Runs a target; a panic in it is reported with the input that caused it.
fn run(target: fn(&[u8]), bytes: &[u8], name: &str) {
    if let Err(cause) = panic::catch_unwind(|| target(bytes)) {
        let text = cause.downcast_ref::<String>().map(String::as_str);
        let said = text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("no words");
        panic!("{name}: {said}\nthe input: {}", bytes.escape_ascii());
    }
}

/// Throws that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    /// The dice for one change of one input: other inputs and changes have no influence.
    fn of(name: &str, change: usize) -> Self {
        let bytes = name.bytes().chain(change.to_le_bytes());
        let mixed = bytes.fold(0xcbf2_9ce4_8422_2325, |mixed: u64, byte| {
            (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        // Zero is the one state that xorshift never leaves.
        Self(mixed | 1)
    }

    /// A number from 0 to below `sides`; 0 when there are none.
    fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let sides = u64::try_from(sides.max(1)).unwrap();
        usize::try_from((self.0 >> 16) % sides).unwrap()
    }

    /// A stretch of some bytes, at most 64 long.
    fn stretch<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (_, rest) = bytes.split_at(self.throw(bytes.len() + 1));
        &rest[..self.throw(rest.len().min(64) + 1)]
    }
}

/// An input with one to three things done to it.
fn changed(input: &[u8], another: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=dice.throw(3) {
        let at = dice.throw(bytes.len() + 1);
        match dice.throw(6) {
            0 => bytes.truncate(at),
            1 => {
                let length = dice.stretch(&bytes[at..]).len();
                bytes.drain(at..at + length);
            }
            2 => {
                let piece = dice.stretch(&bytes).to_vec();
                bytes.splice(at..at, piece);
            }
            3 => {
                let (_, end) = another.split_at(dice.throw(another.len() + 1));
                bytes.truncate(at);
                bytes.extend_from_slice(end);
            }
            4 => {
                let piece = STUMBLING_BLOCKS[dice.throw(STUMBLING_BLOCKS.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1_u8 << dice.throw(8);
                }
            }
        }
    }
    bytes
}

#[test]
fn every_target_has_a_corpus_and_every_corpus_a_target() {
    let mut folders: Vec<String> = fs::read_dir(corpus())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let mut targets: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
    targets.sort_unstable();
    assert_eq!(folders, targets);
    for target in targets {
        assert!(!inputs(target).is_empty(), "{target} has no input");
    }
}

#[test]
fn every_kept_input_is_handled() {
    for (target, function) in ALL {
        for input in inputs(target) {
            run(*function, &input.bytes, &input.name);
        }
    }
}

#[test]
fn simple_changes_of_every_kept_input_are_handled() {
    for (target, function) in ALL {
        let inputs = inputs(target);
        for input in &inputs {
            let changes = (CHANGED_BYTES / input.bytes.len().max(1)).clamp(10, CHANGES);
            for change in 0..changes {
                let mut dice = Dice::of(&input.name, change);
                let another = &inputs[dice.throw(inputs.len())];
                let bytes = changed(&input.bytes, &another.bytes, &mut dice);
                run(*function, &bytes, &format!("{}, change {change}", input.name));
            }
        }
    }
}
