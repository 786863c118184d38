//! What the numbers were measured on.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use pulp::{Arch, Simd, WithSimd};
use serde::Serialize;

/// The processor, and how much of it is used.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Machine {
    pub(super) processor: String,
    pub(super) cores: usize,
    pub(super) instruction_set: String,
    pub(super) threads: usize,
}

impl Machine {
    /// This machine, and the threads of the global pool.
    pub(super) fn this() -> Self {
        Self {
            processor: processor(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            instruction_set: Arch::new().dispatch(InstructionSet),
            threads: rayon::current_num_threads(),
        }
    }
}

/// Which program was measured, and when.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Program {
    version: &'static str,
    /// Of the working copy, with `-dirty` where it was changed.
    git_revision: Option<String>,
    /// The compiler that is installed now.
    rustc: Option<String>,
    /// UTC.
    date: String,
}

impl Program {
    /// This program, now.
    pub(super) fn this() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            git_revision: first_line("git", &["describe", "--always", "--dirty", "--exclude=*"]),
            rustc: first_line("rustc", &["--version"]),
            date: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        }
    }
}

/// What a program says, where the sources are.
fn first_line(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().ok()?;
    let line = String::from_utf8(output.stdout).ok()?.lines().next()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}

/// The processor's own name, or at least its family.
fn processor() -> String {
    let linux = || {
        let info = std::fs::read_to_string(Path::new("/proc/cpuinfo")).ok()?;
        let line = info.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let mac = || first_line("sysctl", &["-n", "machdep.cpu.brand_string"]);
    linux().or_else(mac).unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

/// The name of the widest instruction set that is used.
struct InstructionSet;

impl WithSimd for InstructionSet {
    type Output = String;

    fn with_simd<S: Simd>(self, _: S) -> String {
        let name = std::any::type_name::<S>();
        match name.rsplit("::").next().unwrap_or(name) {
            "V4" => "x86-64-v4 (AVX-512)".to_owned(),
            "V3" => "x86-64-v3 (AVX2, FMA)".to_owned(),
            other => other.to_owned(),
        }
    }
}
