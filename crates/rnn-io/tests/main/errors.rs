//! What the errors say when a reporter prints them with their sources.

use std::error::Error;

use rnn_core::{Bias, Gru};
use rnn_io::{load, load_state_dict, save};
use tempfile::tempdir;

/// An error that contains the text of its source is printed twice by anyhow, eyre and the like.
#[test]
fn no_error_repeats_its_source() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model");
    let mut errors = vec![
        load::<f32>(&path).unwrap_err(),
        load::<f32>(folder.path()).unwrap_err(),
        load_state_dict::<f32>(&path, Gru, &rnn_io::LoadOptions::default()).unwrap_err(),
    ];
    for bytes in
        [&b""[..], b"12345678", b"\x02\0\0\0\0\0\0\0{}", b"\x02\0\0\0\0\0\0\0[]", b"PK\x03\x04\x14\0\0\0"]
    {
        std::fs::write(&path, bytes).unwrap();
        errors.push(load::<f32>(&path).unwrap_err());
    }
    let mut bad = crate::model::<f32>(Gru, Bias::Double);
    bad.rnn.params_mut().get_mut("bias_hh_l0").unwrap()[[0]] = f32::NAN;
    errors.push(save(&path, &bad).unwrap_err());
    for error in &errors {
        let mut above: &dyn Error = error;
        while let Some(source) = above.source() {
            assert!(!above.to_string().contains(&source.to_string()), "{above} / {source}");
            above = source;
        }
        let fault: &dyn Error = &error.fault;
        if let Some(source) = fault.source() {
            assert!(!fault.to_string().contains(&source.to_string()), "{fault} / {source}");
        }
        assert!(error.to_string().contains(&error.fault.to_string()));
    }
}
