//! Models with cells of the caller's own.

use rnn_core::cell::{
    Activation, AnySquash, Clip, Form, Gate, Gradient, InputProduct, Name, Sigmoid, Squash, Tanh,
};
use rnn_core::{Adam, Bias, Cell, Elman, Gru, Lstm, Model, Optimizer, Parameters, Real, Unit};
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
    let fixed = Loader::<f64>::new().cell("scaled", |_| Ok(Scaled { name: "scaled", w: 0.2 }));
    assert_names(fixed.load(&path), &["the cell is scaled(w=0.1) in the file and scaled(w=0.2)"]);
    // Only what the float type of the network rounds may differ.
    let rounds = |name: &Name| Ok(Scaled { name: "scaled", w: f64::from(name.number("w")? as f32) });
    assert_names(Loader::<f64>::new().cell("scaled", rounds).load(&path), &["scaled(w=0.1"]);
    Loader::<f32>::new().cell("scaled", rounds).load(&path).unwrap();
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

/// An activation under another name.
#[derive(Clone, Copy)]
struct Named<A>(A, &'static str);

impl<A: Activation<f64>> Activation<f64> for Named<A> {
    fn name(&self) -> String {
        self.1.to_owned()
    }

    fn eval(&self, z: f64) -> (f64, f64) {
        self.0.eval(z)
    }
}

/// A file with the name of a built-in cell would load as that cell, without a word.
#[test]
fn a_cell_with_the_name_of_another_one_is_not_saved() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model");
    let says = ["does not compute what the built-in cell of this name does"];
    let refused = |cell: Cell<f64>| {
        let mut model = model::<f64>(cell, Bias::Double);
        assert_names(save(&path, &model), &says);
        assert_names(save_checkpoint(&path, &model, &Progress::default()), &says);
        assert_names(rnn_io::export_onnx(&path, &model), &says);
        save(&path, &self::model::<f64>(Gru, Bias::Double)).unwrap();
        assert!(load_into(&path, &mut model, &rnn_io::LoadOptions::default()).is_err());
        std::fs::remove_file(&path).unwrap();
    };
    // Another function, and one that differs only far out.
    refused(Elman(Named(|z: f64| (z.sin(), z.cos()), "tanh")).into());
    refused(Elman(Named(Clip { of: AnySquash::Tanh, limit: 5.0 }, "tanh")).into());
    // The same function, with another gradient.
    refused(Elman(Named(|z: f64| (rnn_core::tanh(z), 1.0), "tanh")).into());
    // The same products, and others.
    save(&path, &model::<f64>(Scaled { name: "rnn-tanh", w: 0.5 }, Bias::Double)).unwrap();
    std::fs::remove_file(&path).unwrap();
    refused(Plain("rnn-tanh").into());
    refused(Plain("lstm").into());
    // What computes the same is the same.
    save(&path, &model::<f64>(Elman(Named(Tanh, "tanh")), Bias::Double)).unwrap();
    load::<f64>(&path).unwrap();
}

/// h_t = tanh(2 (a + u)), under a name without settings.
#[derive(Clone, Copy)]
struct Plain(&'static str);

impl<F: Real> Unit<F> for Plain {
    type Gates = [F; 1];
    type State = [F; 1];
    type Saved = [F; 1];
    type Own = [F; 0];
    const FORM: Form = Form::new(&[Gate::new("h")]).ignores_h();

    fn name(&self) -> Name {
        Name::new(self.0)
    }

    fn forward(&self, own: [F; 0], a: [F; 1], u: [F; 1], h: [F; 1]) -> ([F; 1], [F; 1]) {
        Scaled { name: self.0, w: 2.0 }.forward(own, a, u, h)
    }

    fn backward(&self, own: [F; 0], saved: [F; 1], h: [F; 1], d: [F; 1]) -> Gradient<[F; 1], [F; 1], [F; 0]> {
        Scaled { name: self.0, w: 2.0 }.backward(own, saved, h, d)
    }
}

/// Would catch: built-in cells with run-time activations, or those of types of their own, that are taken for others.
#[test]
fn every_built_in_cell_with_every_activation_is_saved() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model");
    let saved = |cell: Cell<f64>| {
        save(&path, &model::<f64>(cell.clone(), Bias::Double)).unwrap();
        assert_eq!(load::<f64>(&path).unwrap().rnn.layers()[0].cell, cell);
    };
    for activation in ["tanh", "relu", "sigmoid", "identity", "softsign", "hard-sigmoid", "hard-tanh"] {
        for text in [activation.to_owned(), format!("clip(of={activation}, limit=1.5)")] {
            saved(format!("rnn(activation={text})").parse().unwrap());
            saved(format!("gru(gate=hard-sigmoid, candidate={text})").parse().unwrap());
            saved(format!("leaky(alpha=0.5, activation={text})").parse().unwrap());
        }
    }
    saved(Lstm { gate: rnn_core::cell::HardSigmoid, candidate: rnn_core::cell::Softsign }.into());
    saved(Elman(Clip { of: Tanh, limit: 0.5 }).into());
    saved(rnn_core::GruResetBefore { gate: Sigmoid, candidate: Clip { of: Tanh, limit: 0.5 } }.into());
}

/// h_t = tanh(x_t + u_t): a unit without W_ih.
#[derive(Clone, Copy)]
struct Direct;

impl<F: Real> Unit<F> for Direct {
    type Gates = [F; 1];
    type State = [F; 1];
    type Saved = [F; 1];
    type Own = [F; 0];
    const FORM: Form = Form::new(&[Gate::new("h")]).ignores_h().input(InputProduct::Identity);

    fn name(&self) -> Name {
        Name::new("direct")
    }

    fn forward(&self, own: [F; 0], a: [F; 1], u: [F; 1], h: [F; 1]) -> ([F; 1], [F; 1]) {
        Scaled { name: "direct", w: 1.0 }.forward(own, a, u, h)
    }

    fn backward(&self, own: [F; 0], saved: [F; 1], h: [F; 1], d: [F; 1]) -> Gradient<[F; 1], [F; 1], [F; 0]> {
        Scaled { name: "direct", w: 1.0 }.backward(own, saved, h, d)
    }
}

/// Would catch: shapes that are read off a small network of another number of inputs than units, which there is not.
#[test]
fn a_cell_without_input_weights_comes_back() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model");
    let loader = Loader::<f64>::new().cell("direct", |_| Ok(Direct));
    for bias in [Bias::None, Bias::Single, Bias::Double] {
        for learned in [false, true] {
            let options = rnn_core::Options::from(bias).learned_initial(learned);
            let mut saved = Model::<f64>::zeros(Direct, 4, &[4, 4], 2, options).unwrap();
            for (k, block) in saved.blocks_mut().enumerate() {
                block
                    .as_mut_slice()
                    .iter_mut()
                    .zip(1..)
                    .for_each(|(w, n)| *w = 0.01 * f64::from(n) + k as f64);
            }
            save(&path, &saved).unwrap();
            let same = loader.load(&path).unwrap();
            assert_eq!(flat(&same), flat(&saved));
            assert_eq!(*same.rnn.options(), options);
            save(&path, &saved.rnn).unwrap();
            assert_eq!(flat(&loader.load_stack(&path).unwrap()), flat(&saved.rnn));
        }
    }
}
