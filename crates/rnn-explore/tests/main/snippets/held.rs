use ndarray::Axis;
use rnn_analysis::{pass, scale_recurrent};
use rnn_core::{Adam, Bias, Init, Lstm, Model, Mse, Timesteps, Training, train};
use rnn_data::{CumulativeAverage, PortableRng, Task};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = PortableRng::new(0);
    let task = CumulativeAverage::new(10)?;
    let sequence = task.sample::<f64>(1, &mut seed.stream(0))?.counting(Timesteps::Last);

    let mut rng = seed.stream(1);
    let (input, output) = (task.features(), task.outputs());
    let mut model = Model::<f64>::zeros(Lstm, input, &[4; 2], output, Bias::Double)?;
    model.initialize(Init::PyTorch, &mut rng)?;

    let mut rng = seed.stream(2);
    let batches = task.batches(32, 2, &mut rng)?.counting(Timesteps::Last);
    let training = Training::new(Mse).clip(0.5);
    train(&mut model, batches, &training, &mut Adam::new(0.005), |_, _| std::ops::ControlFlow::Continue(()))?;

    let mut scaled = model.clone();
    scale_recurrent(&model, &mut scaled, 1.0, 2.0);
    // The forget gate is held at 1: no weights, and a bias of 1000.
    for (name, mut array) in scaled.rnn.params_mut().iter_mut() {
        if array.len_of(Axis(0)) == 16 {
            let value = if name.starts_with("bias_ih") { 1000.0 } else { 0.0 };
            array.slice_axis_mut(Axis(0), (4..8).into()).fill(value);
        }
    }
    let mut ws = scaled.workspace();
    let seen = pass(&scaled, sequence.run(), sequence.target(), &Mse, &mut ws)?;
    println!("loss {}", seen.loss);
    for ((layer, t), gradient) in seen.flow.grad_norm.indexed_iter() {
        let h = seen.flow.hidden_norm[[layer, t]];
        println!("layer {}, t = {}: |h| {h}, |dL/dh| {gradient}", layer + 1, t + 1);
    }
    Ok(())
}
