//! Models with cells of the caller's own.

use rnn_core::cell::{Form, Gate, Gradient, Name, Sigmoid, Squash, Tanh};
use rnn_core::{Adam, Bias, Cell, Elman, Gru, Lstm, Model, Optimizer, Real, Unit};
use rnn_io::{
    Loader, Progress, load, load_checkpoint, load_checkpoint_into, load_into, save, save_checkpoint,
};
use tempfile::tempdir;

use crate::{assert_names, flat, model};

/// h_t = tanh(w (a + u)), under a name that a test chooses.
#[derive(Clone, Copy)]
struct Scaled {
    name: &'static str,
    w: f64,
}

impl<F: Real> Unit<F> for Scaled {
    type Gates = [F; 1];
    type State = [F; 1];
    type Saved = [F; 1];
    type Own = [F; 0];
    const FORM: Form = Form::new(&[Gate::new("h")]);

    fn name(&self) -> Name {
        Name::new(self.name).with("w", self.w)
    }

    fn forward(&self, _: [F; 0], [a]: [F; 1], [u]: [F; 1], _: [F; 1]) -> ([F; 1], [F; 1]) {
        let h = rnn_core::tanh(F::of(self.w) * (a + u));
        ([h], [h])
    }

    fn backward(&self, _: [F; 0], [h]: [F; 1], _: [F; 1], [d]: [F; 1]) -> Gradient<[F; 1], [F; 1], [F; 0]> {
        let d_z = d * F::of(self.w) * (F::one() - h * h);
        Gradient { a: [d_z], u: [d_z], previous: [F::zero()], own: [] }
    }
}

const CELL: Scaled = Scaled { name: "scaled", w: 0.1 };

fn loader<F: rnn_io::Element>() -> Loader<F> {
    Loader::new().cell("scaled", |name| Ok(Scaled { name: "scaled", w: name.number("w")? }))
}

#[test]
fn a_cell_of_ones_own_comes_back_with_its_settings() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model");
    let saved = model::<f64>(CELL, Bias::Double);
    save(&path, &saved).unwrap();
    let same = loader().load(&path).unwrap();
    assert_eq!(same.rnn.layers()[0].cell.to_string(), "scaled(w=0.1)");
    assert_eq!(flat(&same), flat(&saved));
    let x = crate::noise(1, (2, 5, 2));
    assert_eq!(same.predict(x.view()).unwrap(), saved.predict(x.view()).unwrap());
    assert_names(load::<f64>(&path), &["scaled is not a built-in cell", "Loader::cell"]);
    loader::<f32>().load(&path).unwrap();
    let mut other = model::<f64>(Scaled { w: 0.2, ..CELL }, Bias::Double);
    let result = load_into(&path, &mut other, &rnn_io::LoadOptions::default());
    assert_names(result, &["the cell is scaled(w=0.1) in the file and scaled(w=0.2) in the network"]);
    save(&path, &saved.rnn).unwrap();
    assert_eq!(flat(&loader::<f64>().load_stack(&path).unwrap()), flat(&saved.rnn));
}

/// The model is there, with its cell: no loader is needed, and no other cell may take its place.
#[test]
fn a_checkpoint_goes_into_a_model_of_the_same_cell_only() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let saved = model::<f64>(CELL, Bias::Double);
    let optimizer = Some(Adam::<f64>::new(0.1).snapshot());
    let progress = Progress { step: 3, optimizer, ..Progress::default() };
    save_checkpoint(&path, &saved, &progress).unwrap();
    assert_eq!(loader().load_checkpoint(&path).unwrap().1, progress);
    assert_names(load_checkpoint::<f64>(&path), &["Loader::cell"]);
    let mut into = Model::zeros(CELL, 2, &[4, 3], 2, Bias::Double).unwrap();
    assert_eq!(load_checkpoint_into(&path, &mut into).unwrap(), progress);
    assert_eq!(flat(&into), flat(&saved));
    let mut other = model::<f64>(Scaled { w: 0.2, ..CELL }, Bias::Double);
    let before = flat(&other);
    assert_names(load_checkpoint_into(&path, &mut other), &["scaled(w=0.1) in the file and scaled(w=0.2)"]);
    assert_eq!(flat(&other), before);
}

/// A name that does not read back would make a file that nothing can load.
#[test]
fn what_has_no_name_is_not_saved() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model");
    let sine = Elman(|z: f64| (z.sin(), z.cos()));
    assert_names(
        save(&path, &model::<f64>(sine, Bias::Double)),
        &["rnn(activation=unnamed)", "Activation::name"],
    );
    for name in ["two words", "", "a,b"] {
        assert_names(save(&path, &model::<f64>(Scaled { name, w: 1.0 }, Bias::Double)), &["cannot be saved"]);
    }
    assert!(!path.exists());
}

/// A constructor that drops a setting would load another function.
#[test]
fn a_constructor_must_make_the_cell_of_the_file() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model");
    save(&path, &model::<f64>(CELL, Bias::Double)).unwrap();
    let wrong = Loader::<f64>::new().cell("scaled", |_| Ok(Elman::tanh()));
    assert_names(wrong.load(&path), &["the cell is scaled(w=0.1) in the file and rnn-tanh"]);
    let missing =
        Loader::<f64>::new().cell("scaled", |name| Ok(Scaled { name: "scaled", w: name.number("v")? }));
    assert_names(missing.load(&path), &["needs the setting \"v\""]);
}

/// z / (1 + z²)^½.
#[derive(Clone, Copy)]
struct Root;

impl<F: Real> Squash<F> for Root {
    fn name(&self) -> String {
        "root".to_owned()
    }

    fn value(&self, z: F) -> F {
        z / (F::one() + z * z).sqrt()
    }

    fn slope(&self, y: F) -> F {
        let inner = F::one() - y * y;
        inner * inner.sqrt()
    }
}

#[test]
fn a_built_in_cell_with_ones_own_activation_is_loaded_by_a_constructor() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model");
    let saved = model::<f64>(Lstm { gate: Sigmoid, candidate: Root }, Bias::Double);
    save(&path, &saved).unwrap();
    assert!(load::<f64>(&path).is_err());
    let loader = Loader::<f64>::new().cell("lstm", |name| {
        Ok(match name.get("candidate") {
            Some("root") => Cell::from(Lstm { gate: Sigmoid, candidate: Root }),
            _ => Cell::<f64>::builtin(name)?,
        })
    });
    assert_eq!(flat(&loader.load(&path).unwrap()), flat(&saved));
    save(&path, &model::<f64>(Lstm { gate: Sigmoid, candidate: Tanh }, Bias::Double)).unwrap();
    assert_eq!(loader.load(&path).unwrap().rnn.layers()[0].cell, Cell::from(Lstm));
    save(&path, &model::<f64>(Gru, Bias::Double)).unwrap();
    loader.load(&path).unwrap();
}
