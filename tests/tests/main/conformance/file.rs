//! Fixtures that can be broken.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tempfile::TempDir;
use xtask::conformance::{CaseReport, check_folder};

pub(crate) fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/cases")
}

/// A fixture that can be changed and written again.
pub(crate) struct File {
    pub(crate) header: Map<String, Value>,
    pub(crate) data: Vec<u8>,
}

impl File {
    pub(crate) fn open(name: &str) -> Self {
        let bytes = fs::read(golden().join(format!("{name}.safetensors"))).unwrap();
        let (length, rest) = bytes.split_at(8);
        let length = u64::from_le_bytes(length.try_into().unwrap()) as usize;
        let header = serde_json::from_slice(&rest[..length]).unwrap();
        Self { header, data: rest[length..].to_vec() }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let header = serde_json::to_vec(&self.header).unwrap();
        [&(header.len() as u64).to_le_bytes()[..], &header, &self.data].concat()
    }

    pub(crate) fn case(&mut self, change: impl FnOnce(&mut Map<String, Value>)) -> &mut Self {
        let text = self.header["__metadata__"]["case"].as_str().unwrap();
        let mut case = serde_json::from_str(text).unwrap();
        change(&mut case);
        self.header["__metadata__"]["case"] = Value::String(Value::Object(case).to_string());
        self
    }

    pub(crate) fn set(&mut self, key: &str, value: Value) -> &mut Self {
        self.case(|case| {
            case.insert(key.to_owned(), value);
        })
    }

    pub(crate) fn tensors(&self) -> Vec<String> {
        self.header.keys().filter(|key| *key != "__metadata__").cloned().collect()
    }

    /// Changes the last number of a float64 tensor, given that and the largest magnitude. The last one always counts, also
    /// where only the last timestep does.
    pub(crate) fn change(&mut self, tensor: &str, change: impl FnOnce(f64, f64) -> f64) -> &mut Self {
        let offset = |i: usize| self.header[tensor]["data_offsets"][i].as_u64().unwrap() as usize;
        let numbers = self.data[offset(0)..offset(1)].as_chunks_mut::<8>().0;
        let largest = numbers.iter().map(|&x| f64::from_le_bytes(x).abs()).fold(1.0, f64::max);
        let last = numbers.last_mut().unwrap();
        *last = change(f64::from_le_bytes(*last), largest).to_le_bytes();
        self
    }
}

/// Writes files and checks them together.
#[derive(Default)]
pub(crate) struct Folder(pub(crate) BTreeMap<String, Vec<u8>>);

impl Folder {
    pub(crate) fn add(&mut self, name: &str, file: &File) {
        self.0.insert(name.to_owned(), file.bytes());
    }

    pub(crate) fn write(&self) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in &self.0 {
            fs::write(dir.path().join(format!("{name}.safetensors")), bytes).unwrap();
        }
        dir
    }

    pub(crate) fn check(&self) -> Vec<CaseReport> {
        check_folder(self.write().path()).unwrap()
    }
}

pub(crate) fn check_one(file: &File) -> CaseReport {
    let mut folder = Folder::default();
    folder.add("one", file);
    folder.check().remove(0)
}
