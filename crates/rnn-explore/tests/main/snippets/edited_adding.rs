use rnn_analysis::{pass, scale_recurrent};
use rnn_core::{Bias, Elman, Init, Model, Mse, Timesteps};
use rnn_data::{AddingProblem, PortableRng, Task};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = PortableRng::new(0);
    let task = AddingProblem::new(10)?;
    let mut sequence = task.sample::<f64>(1, &mut seed.stream(0))?.counting(Timesteps::Last);
    sequence.x[[0, 0, 0]] = -3.0;
    sequence.x[[0, 1, 0]] = 5.0;
    let (x, y) = (&sequence.x, sequence.y.values_mut().expect("the targets are values"));
    for t in 0..task.time() {
        y[[0, t, 0]] = (0..task.time()).filter(|&t| x[[0, t, 1]] == 1.0).map(|t| x[[0, t, 0]]).sum();
    }

    let mut rng = seed.stream(1);
    let (input, output) = (task.features(), task.outputs());
    let mut model = Model::<f64>::zeros(Elman::tanh(), input, &[16; 1], output, Bias::Single)?;
    model.initialize(Init::Linear, &mut rng)?;

    let mut scaled = model.clone();
    scale_recurrent(&model, &mut scaled, 1.0, 1.0);
    let mut ws = scaled.workspace();
    let seen = pass(&scaled, sequence.run(), sequence.target(), &Mse, &mut ws)?;
    println!("loss {}", seen.loss);
    for ((layer, t), gradient) in seen.flow.grad_norm.indexed_iter() {
        let h = seen.flow.hidden_norm[[layer, t]];
        println!("layer {}, t = {}: |h| {h}, |dL/dh| {gradient}", layer + 1, t + 1);
    }
    Ok(())
}
