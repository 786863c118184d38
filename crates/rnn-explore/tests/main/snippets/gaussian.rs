use rnn_analysis::{pass, scale_recurrent};
use rnn_core::{Adam, Bias, Elman, Fan, Init, Model, Mse, Timesteps, Training, Weights, train};
use rnn_data::{FlipFlop, PortableRng, Task};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = PortableRng::new(0);
    let task = FlipFlop::new(10, 3, 0.25)?;
    let sequence = task.sample::<f64>(1, &mut seed.stream(0))?.counting(Timesteps::Last);

    let mut rng = seed.stream(1);
    let (input, output) = (task.features(), task.outputs());
    let mut model = Model::<f64>::zeros(Elman::relu(), input, &[16; 1], output, Bias::Single)?;
    model.initialize(Init::Linear, &mut rng)?;
    let gaussian = Init::KaimingNormal { fan: Fan::In, gain: 1.4 };
    model.rnn.initialize_weights(Weights::Recurrent, gaussian, &mut rng)?;

    let mut rng = seed.stream(2);
    let batches = task.batches(32, 2, &mut rng)?.counting(Timesteps::Last);
    let training = Training::new(Mse).clip(1.0);
    train(&mut model, batches, &training, &mut Adam::new(0.005), |_, _| std::ops::ControlFlow::Continue(()))?;

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
