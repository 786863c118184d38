//! The same numbers in give the same bits out: twice, in any workspace, from any memory layout.

use ndarray::{Array3, ArrayView3, s};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::{
    Adam, Bias, Cell, Elman, Gru, Init, Lstm, Model, ModelWorkspace, Mse, Options, Parameters, Params,
    Random, Real, Run, Target, Trainer, Training,
};

fn model<F: Real>(cell: impl Into<Cell<F>>, seed: u64) -> Model<F> {
    model_with(cell, Bias::Double, seed)
}

fn model_with<F: Real>(cell: impl Into<Cell<F>>, options: impl Into<Options>, seed: u64) -> Model<F> {
    let mut rng = Pcg64Dxsm::seed_from_u64(seed);
    Model::new(cell, 2, &[17, 5], 3, options, &mut rng).expect("no size is 0")
}

fn noise<F: Real>(shape: (usize, usize, usize), seed: u64) -> Array3<F> {
    let mut array = Array3::zeros(shape);
    Pcg64Dxsm::seed_from_u64(seed).fill_normal(array.as_slice_mut().expect("contiguous"));
    array
}

/// Loss, predictions, states, all gradients: every number of a pass, in f64, which holds each f32 exactly.
fn results<F: Real>(
    model: &Model<F>,
    x: ArrayView3<'_, F>,
    y: ArrayView3<'_, F>,
    ws: &mut ModelWorkspace<F>,
) -> Vec<u64> {
    let loss = model.loss_and_gradients(x, y, &Mse, ws).expect("finite");
    let mut all = vec![loss];
    for view in [ws.prediction(), ws.d_prediction()] {
        all.extend(view.iter());
    }
    for layer in 0..ws.rnn.layers() {
        for view in [ws.rnn.hidden(layer), ws.rnn.cell(layer), ws.rnn.d_hidden(layer), ws.rnn.d_cell(layer)] {
            all.extend(view.iter());
        }
    }
    for state in [ws.rnn.final_state(), ws.rnn.d_initial()] {
        for layer in state.layers {
            all.extend(layer.h.iter().chain(layer.c.iter().flatten()));
        }
    }
    all.extend(ws.blocks().flat_map(Params::as_slice));
    all.into_iter().map(|value| value.to_f64().expect("a number").to_bits()).collect()
}

/// Parameters after some steps of training.
fn trained<F: Real>(cell: impl Into<Cell<F>>) -> Vec<F> {
    let mut model = model(cell, 1);
    let (mut adam, mut trainer) = (Adam::new(0.01), Trainer::new(&model, Training::new(Mse).clip(0.1)));
    for step in 0..5 {
        let (x, y) = (noise((4, 6, 2), step), noise((4, 6, 3), 100 + step));
        trainer.step(&mut model, x.view(), Target::values(y.view()).last(), &mut adam).expect("finite");
    }
    model.blocks().flat_map(|block| block.as_slice().iter().copied()).collect()
}

#[test]
fn a_seed_fixes_the_training() {
    assert_eq!(trained::<f32>(Elman::tanh()), trained(Elman::tanh()));
    assert_eq!(trained::<f64>(Lstm), trained(Lstm));
    assert_eq!(trained::<f32>(Gru), trained(Gru));
}

/// What longer and wider runs left in a workspace must not show in shorter ones, nor the other way round.
fn any_workspace_will_do<F: Real>(cell: impl Into<Cell<F>>, options: impl Into<Options>) {
    let model = model_with(cell, options, 2);
    let mut used = model.workspace();
    for (batch, time) in [(2, 3), (4, 9), (1, 9), (7, 1), (3, 5), (3, 5)] {
        let (x, y) = (noise((batch, time, 2), 3), noise((batch, time, 3), 4));
        let reused = results(&model, x.view(), y.view(), &mut used);
        let fresh = results(&model, x.view(), y.view(), &mut model.workspace());
        assert_eq!(reused, fresh, "batch {batch}, time {time}");
    }
    // Neither must another set of parameters, nor a run from another state.
    let x = noise((3, 5, 2), 3);
    let mut state = model.rnn.zero_state(3);
    state.layers.iter_mut().for_each(|layer| layer.h.fill(F::one()));
    model.rnn.forward(Run::over(x.view()).from_state(&state), &mut used.rnn).expect("finite");
    let y = noise((3, 5, 3), 4);
    let fresh = results(&model, x.view(), y.view(), &mut model.workspace());
    assert_eq!(results(&model, x.view(), y.view(), &mut used), fresh);
}

#[test]
fn any_workspace_gives_the_same_bits() {
    any_workspace_will_do::<f32>(Elman::tanh(), Bias::Double);
    any_workspace_will_do::<f64>(Lstm, Bias::Double);
    any_workspace_will_do::<f32>(Gru, Bias::Double);
    any_workspace_will_do::<f64>(Lstm, Options::from(Bias::Double).layer_norm(1e-5));
    any_workspace_will_do::<f64>(Lstm, Options::from(Bias::Double).projection(3));
    for cell in Cell::<f32>::all() {
        any_workspace_will_do(cell, Bias::Double);
    }
    for cell in Cell::<f64>::all() {
        any_workspace_will_do(cell, Bias::Double);
    }
}

/// A gradient of the input that a bare backward pass wrote must be of that pass.
#[test]
fn backward_twice_is_the_same() {
    let rnn = model::<f64>(Gru, 2).rnn;
    let mut ws = rnn.workspace();
    let (x, d) = (noise((3, 4, 2), 5), noise((3, 4, 5), 6));
    let mut pass =
        || rnn.backward(d.view(), None, &mut ws).map(|()| (ws.d_input().to_owned(), ws.gradients().clone()));
    pass().expect_err("no forward pass yet");
    rnn.forward(x.view(), &mut ws).expect("finite");
    let mut pass =
        || rnn.backward(d.view(), None, &mut ws).map(|()| (ws.d_input().to_owned(), ws.gradients().clone()));
    assert_eq!(pass().expect("finite"), pass().expect("finite"), "gradients are written, not added");
}

/// Transposed, reversed, sliced and broadcast arrays are read by index, not by memory.
#[test]
fn layouts() {
    let model = model::<f64>(Lstm, 2);
    let (x, y) = (noise((3, 4, 2), 5), noise((3, 4, 3), 6));
    let mut ws = model.workspace();
    let mut same = |x: ArrayView3<'_, f64>, y: ArrayView3<'_, f64>| {
        let (x_owned, y_owned) = (x.as_standard_layout(), y.as_standard_layout());
        let want = results(&model, x_owned.view(), y_owned.view(), &mut model.workspace());
        assert_eq!(results(&model, x, y, &mut ws), want);
    };
    let (x_fortran, y_fortran) =
        (x.t().as_standard_layout().into_owned(), y.t().as_standard_layout().into_owned());
    same(x_fortran.t(), y_fortran.t());
    same(x.view().permuted_axes([1, 0, 2]), y.view().permuted_axes([1, 0, 2]));
    same(x.slice(s![..;-1, ..;-1, ..;-1]), y.slice(s![..;-1, ..;-1, ..;-1]));
    same(x.slice(s![1.., ..;2, ..]), y.slice(s![1.., ..;2, ..]));
    let (one_x, one_y) = (noise((1, 1, 2), 7), noise((1, 4, 1), 8));
    same(one_x.broadcast((3, 4, 2)).expect("it fits"), one_y.broadcast((3, 4, 3)).expect("it fits"));
}

/// Sequences of a batch do not see each other, and time runs one way.
#[test]
fn sequences_are_independent_and_causal() {
    let model = model::<f64>(Gru, 2);
    let x = noise((3, 6, 2), 5);
    let whole = model.predict(x.view()).expect("finite");
    for b in 0..3 {
        let alone = model.predict(x.slice(s![b..=b, .., ..])).expect("finite");
        assert!((&alone - &whole.slice(s![b..=b, .., ..])).iter().all(|d: &f64| d.abs() < 1e-14));
    }
    let beginning = model.predict(x.slice(s![.., ..4, ..])).expect("finite");
    assert!((&beginning - &whole.slice(s![.., ..4, ..])).iter().all(|d: &f64| d.abs() < 1e-14));
}

/// A run can be cut in two and carried on from its final state.
#[test]
fn a_run_in_two_pieces() {
    let rnn = model::<f64>(Lstm, 2).rnn;
    let x = noise((3, 6, 2), 5);
    let (mut whole, mut piece) = (rnn.workspace(), rnn.workspace());
    rnn.forward(x.view(), &mut whole).expect("finite");
    rnn.forward(x.slice(s![.., ..2, ..]), &mut piece).expect("finite");
    let state = piece.final_state();
    rnn.forward(Run::over(x.slice(s![.., 2.., ..])).from_state(&state), &mut piece).expect("finite");
    let rest = whole.output().slice_move(s![.., 2.., ..]);
    assert!((&piece.output() - &rest).iter().all(|d: &f64| d.abs() < 1e-14));
}

/// Initial parameters: within their bounds, spread over them, and drawn in a fixed order.
#[test]
fn initial_parameters() {
    let mut rng = Pcg64Dxsm::seed_from_u64(9);
    let mut model = Model::<f64>::new(Gru, 4, &[25], 3, Bias::Double, &mut rng).expect("no size is 0");
    for (init, bounds) in [
        (Init::PyTorch, [0.2, 0.2, 0.2, 0.2, 0.2, 0.2]), // all by the hidden size: 1/√25
        (Init::Linear, [0.5, 0.2, 0.5, 0.2, 0.2, 0.2]),  // from the input of each part: 1/√4, 1/√25
    ] {
        model.initialize(init, &mut rng).expect("finite");
        for ((name, array), bound) in model.named().zip(bounds) {
            let largest = array.iter().fold(0.0f64, |most, x| most.max(x.abs()));
            // Of three numbers, head.bias, one could lie low; of more, not all.
            assert!(
                largest <= bound && (array.len() < 20 || largest > 0.8 * bound),
                "{init:?}: {name} {largest}"
            );
        }
    }
    model.initialize(Init::Constant(0.25), &mut rng).expect("finite");
    assert!(model.named().all(|(_, array)| array.iter().all(|&x| x == 0.25)));
    model.initialize(Init::Zeros, &mut rng).expect("finite");
    assert!(model.named().all(|(_, array)| array.iter().all(|&x| x == 0.0)));

    // Drawn in double precision, so that f32 starts from the same numbers, rounded.
    let (single, double) = (self::model::<f32>(Gru, 3), self::model::<f64>(Gru, 3));
    for (single, double) in single.blocks().zip(double.blocks()) {
        assert!(single.as_slice().iter().zip(double.as_slice()).all(|(&s, &d)| s == d as f32));
    }
}

/// Sizes at which the work is shared, in each of its parts.
#[test]
fn the_number_of_threads_changes_no_bit() {
    fn on(cell: &Cell<f32>, options: Options, threads: usize) -> Vec<u64> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let mut rng = Pcg64Dxsm::seed_from_u64(3);
            let mut model = Model::new(cell.clone(), 5, &[192, 208], 2, options, &mut rng).expect("sizes");
            let (mut adam, mut ws) = (Adam::new(0.01), model.workspace());
            let mut trainer = Trainer::new(&model, Training::new(Mse).clip(0.1));
            let (x, y) = (noise((64, 12, 5), 1), noise((64, 12, 2), 2));
            for _ in 0..2 {
                trainer.step(&mut model, x.view(), y.view(), &mut adam).expect("finite");
            }
            results(&model, x.view(), y.view(), &mut ws)
        })
    }
    fn check(name: &str, options: impl Into<Options>) {
        let (cell, options) = (name.parse().expect("a name"), options.into());
        let want = on(&cell, options, 1);
        for threads in [2, 3, 8] {
            assert!(on(&cell, options, threads) == want, "{name}, {threads} threads");
        }
    }
    for name in ["rnn-tanh", "lstm", "gru", "lstm-peephole", "gru-reset-before", "minimal-gated"] {
        check(name, Bias::Double);
    }
    check("lstm", Options::from(Bias::Double).layer_norm(1e-5));
    check("lstm", Options::from(Bias::Double).projection(176));
}
