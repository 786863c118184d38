//! The explorer as a WebAssembly module, which a page computes its views with.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, GzBuilder};
use serde_json::Value;

const TARGET: &str = "wasm32-unknown-unknown";

/// What to type if the target is absent.
pub(crate) const ADVICE: &str = "rustup target add wasm32-unknown-unknown";

const PACKAGE: &str = "rnn-explore-wasm";

/// A module, as the compiler made it.
#[derive(Clone, Debug)]
pub(crate) struct Module(Vec<u8>);

impl Module {
    /// The module in a file.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let shown = file.display();
        let bytes = fs::read(file).with_context(|| format!("the module {shown} cannot be read"))?;
        ensure!(bytes.starts_with(b"\0asm"), "{shown} is not a WebAssembly module");
        Ok(Self(bytes))
    }

    /// As [`rnn_explore::page::Source::Module`] takes it: base64 of gzip, the same bytes each time.
    pub(crate) fn packed(&self) -> Result<String> {
        let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
        encoder.write_all(&self.0)?;
        Ok(STANDARD.encode(encoder.finish()?))
    }
}

/// Whether the standard library for the target is installed.
pub(crate) fn can_be_built() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let printed = Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output();
    printed.is_ok_and(|printed| {
        let folder = String::from_utf8_lossy(&printed.stdout).trim().to_owned();
        printed.status.success() && !folder.is_empty() && Path::new(&folder).is_dir()
    })
}

/// Has cargo build the module, which takes minutes the first time.
///
/// # Errors
/// If the target is absent, or the build fails.
pub(crate) fn build() -> Result<Module> {
    if !can_be_built() {
        bail!("the explorer is compiled to WebAssembly for this, and the target is not installed: {ADVICE}");
    }
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["rustc", "--package", PACKAGE, "--lib", "--crate-type", "cdylib"]);
    command.args(["--profile", "wasm", "--target", TARGET, "--message-format", "json-render-diagnostics"]);
    // Vectors of 128 bits, which every browser has had since 2023; no relaxed ones, whose bits depend on the processor.
    command.args(["--config", &format!("target.{TARGET}.rustflags = [\"-Ctarget-feature=+simd128\"]")]);
    command.arg("--manifest-path").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    // They would take the place of that one.
    command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.context("cargo, which builds the WebAssembly module, could not be started")?;
    ensure!(output.status.success(), "the WebAssembly module could not be built");
    let file = artefact(&String::from_utf8_lossy(&output.stdout));
    Module::read(&file.context("cargo has built the WebAssembly module, and does not say where it is")?)
}

/// The module among the files that cargo says it has made.
fn artefact(messages: &str) -> Option<PathBuf> {
    let made = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let of_module = made.filter(|made| {
        made["reason"] == "compiler-artifact" && made["target"]["name"] == PACKAGE.replace('-', "_")
    });
    let names = of_module.flat_map(|made| made["filenames"].as_array().cloned().unwrap_or_default());
    let mut files = names.filter_map(|name| name.as_str().map(PathBuf::from));
    files.find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Would catch: a dependency's file that is taken for the module, and a line of cargo's that is no JSON.
    #[test]
    fn the_module_is_found_among_the_files_of_a_build() {
        let messages = r#"
{"reason":"compiler-artifact","target":{"name":"serde"},"filenames":["/t/libserde.wasm"]}
not JSON
{"reason":"compiler-artifact","target":{"name":"rnn_explore_wasm"},"filenames":["/t/a.d","/t/rnn_explore_wasm.wasm"]}
{"reason":"build-finished","success":true}"#;
        assert_eq!(artefact(messages), Some(PathBuf::from("/t/rnn_explore_wasm.wasm")));
        assert_eq!(artefact(""), None);
    }

    /// Would catch: a page that is other bytes each time.
    #[test]
    fn a_packed_module_is_the_same_bytes_each_time() {
        let module = Module(b"\0asm and so on".to_vec());
        assert_eq!(module.packed().unwrap(), module.packed().unwrap());
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "<html>").unwrap();
        assert!(Module::read(file.path()).unwrap_err().to_string().contains("not a WebAssembly module"));
    }
}
