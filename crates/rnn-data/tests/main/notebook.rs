//! The random numbers of a whole training run in PyTorch: seed 0, two models, 5,000 batches for each, an evaluation batch,
//! and all of it again.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use rnn_core::{Batch, BatchSource, Bias, Elman, Init, Model, Parameters};
use rnn_data::{CumulativeAverage, Task, TorchRng};
use safetensors::SafeTensors;

const HIDDEN: usize = 32;
const BATCHES: usize = 5000;

fn numbers(file: &SafeTensors<'_>, name: &str) -> Vec<f32> {
    let bytes = file.tensor(name).unwrap().data();
    bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
}

#[test]
fn every_number_of_the_run_is_drawn() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/notebook/trace_seed0.safetensors");
    let bytes = std::fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut rng = TorchRng::new(0);
    let task = CumulativeAverage::new(10).unwrap();

    for mode in ["all", "last"] {
        for (layers, count) in [(1, 5), (2, 8)] {
            let hidden = vec![HIDDEN; layers];
            let mut model = Model::<f32>::zeros(Elman::tanh(), 1, &hidden, 1, Bias::Single).unwrap();
            model.initialize(Init::Linear, &mut rng).unwrap();
            let mut checked = 0;
            for (name, array) in model.named() {
                let got: Vec<_> = array.iter().copied().collect();
                assert_eq!(
                    got,
                    numbers(&file, &format!("{mode}.{layers}.init.{name}")),
                    "{mode} {layers} {name}"
                );
                checked += 1;
            }
            assert_eq!(checked, count);
        }

        for layers in [1, 2] {
            let mut source = task.batches(32, BATCHES, &mut rng).unwrap();
            let mut batch = Batch::<f32>::empty();
            assert!(source.next_batch(&mut batch).unwrap());
            assert_eq!(batch.x.as_slice().unwrap(), numbers(&file, &format!("{mode}.{layers}.x0")));
            while source.next_batch(&mut batch).unwrap() {}
        }

        let batch = task.sample::<f32>(4, &mut rng).unwrap();
        assert_eq!(batch.x.as_slice().unwrap(), numbers(&file, &format!("{mode}.eval.x")));
        assert_eq!(batch.y.values().unwrap().as_slice().unwrap(), numbers(&file, &format!("{mode}.eval.y")));
    }
}
