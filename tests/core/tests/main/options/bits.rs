//! The same numbers with all options on: in any workspace, from `infer`, in f32, on any number of threads.

use ndarray::Array3;
use rnn_core::gradcheck::{Case, every_cell};
use rnn_core::{Cell, Elman, Gru, Lstm, Model, Noise, Options, Real, Run, Stack, State, Workspace};

use super::{NETWORKS, assert_close, normal, numbers, stack, state, suited};

/// Every number of a pass, as f64, which holds each f32 exactly.
fn results<F: Real>(ws: &Workspace<F>) -> Vec<f64> {
    let mut all = Vec::new();
    for layer in 0..ws.layers() {
        for view in [ws.hidden(layer), ws.cell(layer), ws.d_hidden(layer), ws.d_cell(layer)] {
            all.extend(view.iter().copied());
        }
    }
    all.extend(ws.d_input().iter().copied());
    all.extend([ws.final_state(), ws.d_initial()].iter().flat_map(numbers));
    all.extend_from_slice(ws.gradients().as_slice());
    all.into_iter().map(|x| x.to_f64().expect("a number")).collect()
}

fn run<'a, F: Real>(case: &'a Case, x: &'a Array3<F>, given: &'a State<F>) -> Run<'a, F> {
    let mut run = Run::over(x.view());
    if let Some(lengths) = &case.lengths {
        run = run.lengths(lengths);
    }
    if let Some(noise) = case.noise {
        run = run.noise(noise);
    }
    if case.from_state { run.from_state(given) } else { run }
}

/// Forward and backward.
fn pass<F: Real>(rnn: &Stack<F>, case: &Case, ws: &mut Workspace<F>) -> Vec<f64> {
    let x = normal((case.batch, case.time, case.input), case.seed ^ 2);
    let d_output = normal((case.batch, case.time, rnn.output()), case.seed ^ 3);
    let (given, d_final) = (state(rnn, case.batch, case.seed ^ 4), state(rnn, case.batch, case.seed ^ 5));
    rnn.forward(run(case, &x, &given), ws).expect("finite");
    rnn.backward(d_output.view(), Some(&d_final), ws).expect("finite");
    results(ws)
}

fn to_bits(numbers: &[f64]) -> Vec<u64> {
    super::bits(numbers)
}

/// What other runs left in a workspace, of other sizes, lengths and masks, must not show.
#[test]
fn any_workspace_gives_the_same_bits() {
    for (name, check) in every_cell() {
        for seed in 0..NETWORKS / 5 {
            let network = suited(check.cell(), seed, |_| {});
            let rnn = stack::<f64>(check.cell().clone(), &network);
            let mut used = rnn.workspace();
            for seed in 0..60 {
                let (input, hidden, options) = (network.input, network.hidden.clone(), network.options);
                let case = Case { input, hidden, options, ..suited(check.cell(), seed, |_| {}) };
                let fresh = pass(&rnn, &case, &mut rnn.workspace());
                assert_eq!(to_bits(&pass(&rnn, &case, &mut used)), to_bits(&fresh), "{name}: {case}");
            }
        }
    }
}

#[test]
fn infer_has_the_bits_of_forward() {
    for (name, check) in every_cell() {
        for seed in 0..NETWORKS {
            let case = suited(check.cell(), seed, |_| {});
            let rnn = stack::<f64>(check.cell().clone(), &case);
            let x = normal((case.batch, case.time, case.input), seed ^ 2);
            let given = state(&rnn, case.batch, seed ^ 4);
            let (mut all, mut states) = (rnn.workspace(), rnn.workspace());
            rnn.forward(run(&case, &x, &given), &mut all).expect("finite");
            rnn.infer(run(&case, &x, &given), &mut states).expect("finite");
            for layer in 0..case.hidden.len() {
                assert_eq!(all.hidden(layer), states.hidden(layer), "{name}: {case}");
                assert_eq!(all.cell(layer), states.cell(layer), "{name}: {case}");
            }
            assert_eq!(all.final_state(), states.final_state(), "{name}: {case}");
        }
    }
}

/// f32 takes other kernels; the masks are drawn as in f64.
#[test]
fn f32_follows_f64() {
    fn compare(name: &str) {
        let cell: Cell<f64> = name.parse().expect("a name");
        let cell_single: Cell<f32> = name.parse().expect("a name");
        for seed in 0..NETWORKS {
            // What is normalized is divided by a deviation that may be small, which f32 shows.
            let case = suited(&cell, seed, |case| case.options.layer_norm = None);
            let single = stack::<f32>(cell_single.clone(), &case);
            let mut double = stack::<f64>(cell.clone(), &case);
            // The same numbers, so that none is rounded.
            let to = double.params_mut().as_mut_slice().iter_mut();
            to.zip(single.params().as_slice()).for_each(|(to, &from)| *to = f64::from(from));
            let (a, b) = (
                pass(&single, &case, &mut single.workspace()),
                pass(&double, &case, &mut double.workspace()),
            );
            assert_close(&a, &b, 2e-5, &format!("{name}: {case}"));
        }
    }
    compare("rnn-tanh");
    compare("lstm");
    compare("gru");
}

/// Sizes at which the work is shared; towards the end fewer sequences are left than there are threads.
#[test]
fn the_number_of_threads_changes_no_bit() {
    fn on(cell: &Cell<f32>, lengths: &[usize], threads: usize) -> Vec<u64> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let mut case = Case { batch: 64, time: 12, input: 5, hidden: vec![144, 112], ..Case::random(0) };
            let options = Options::default().bidirectional(true).learned_initial(true).dropout(0.2);
            case.options = options.recurrent_dropout(0.1).zoneout(0.1, 0.2);
            let lengths = Some(lengths.to_vec());
            let case = Case { lengths, noise: Some(Noise { seed: 1, step: 2 }), from_state: false, ..case };
            let mut rnn = stack::<f32>(cell.clone(), &case);
            rnn.params_mut().as_mut_slice().iter_mut().for_each(|p| *p *= 0.1);
            to_bits(&pass(&rnn, &case, &mut rnn.workspace()))
        })
    }
    fn check(cell: &Cell<f32>) {
        let falling: Vec<usize> = (0..64usize).map(|b| if b < 3 { 12 } else { 9 - b / 8 }).collect();
        let mixed: Vec<usize> = (0..64).map(|b| 1 + (b * 7) % 11).collect();
        for lengths in [falling, mixed] {
            let want = on(cell, &lengths, 1);
            for threads in [2, 3, 8] {
                assert!(on(cell, &lengths, threads) == want, "{threads} threads");
            }
        }
    }
    check(&Elman::tanh().into());
    check(&Lstm.into());
    check(&Gru.into());
}

/// The head reads both directions, under every option, as the bare stack leaves them.
#[test]
fn a_model_runs_its_stack() {
    for seed in 0..NETWORKS {
        let case = suited(&Lstm.into(), seed, |_| {});
        let mut rng = <rand_pcg::Pcg64Dxsm as rand::SeedableRng>::seed_from_u64(seed);
        let model = Model::<f64>::new(Lstm, case.input, &case.hidden, case.outputs, case.options, &mut rng)
            .expect("sizes");
        let x = normal((case.batch, case.time, case.input), seed ^ 2);
        let given = state(&model.rnn, case.batch, seed ^ 4);
        let (mut ws, mut bare) = (model.workspace(), model.rnn.workspace());
        model.forward(run(&case, &x, &given), &mut ws).expect("finite");
        model.rnn.forward(run(&case, &x, &given), &mut bare).expect("finite");
        assert_eq!(ws.rnn.output(), bare.output());
        let (weight, bias) = (model.head.params().get("head.weight"), model.head.params().get("head.bias"));
        let weight = weight.expect("W").into_dimensionality::<ndarray::Ix2>().expect("a matrix");
        let bias = bias.expect("b").into_dimensionality::<ndarray::Ix1>().expect("a vector");
        for (h, y) in bare.output().rows().into_iter().zip(ws.prediction().rows()) {
            assert_close(y, &(weight.dot(&h) + bias), 1e-13, "prediction");
        }
        assert_eq!(model.predict(run(&case, &x, &given)).expect("finite"), ws.prediction());
    }
}
