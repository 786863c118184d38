use rnn_analysis::{pass, scale_recurrent};
use rnn_core::{Bias, Init, Model, Mse, SLstm, Timesteps};
use rnn_data::{CumulativeAverage, PortableRng, Task};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = PortableRng::new(0);
    let task = CumulativeAverage::new(6)?;
    let sequence = task.sample::<f64>(1, &mut seed.stream(0))?.counting(Timesteps::Last);

    let mut rng = seed.stream(1);
    let (input, output) = (task.features(), task.outputs());
    let mut model = Model::<f64>::zeros(SLstm, input, &[16; 1], output, Bias::Double)?;
    model.initialize(Init::PyTorch, &mut rng)?;

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
