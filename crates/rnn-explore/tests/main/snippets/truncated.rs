use rnn_analysis::{pass, scale_recurrent, truncation};
use rnn_core::{Bias, Elman, Init, Model, Mse, Sgd, Tbptt, Timesteps, Training, train};
use rnn_data::{CumulativeAverage, PortableRng, Task};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = PortableRng::new(0);
    let task = CumulativeAverage::new(10)?;
    let sequence = task.sample::<f64>(1, &mut seed.stream(0))?.counting(Timesteps::All);

    let mut rng = seed.stream(1);
    let (input, output) = (task.features(), task.outputs());
    let mut model = Model::<f64>::zeros(Elman::tanh(), input, &[5; 1], output, Bias::Single)?;
    model.initialize(Init::Linear, &mut rng)?;

    let mut rng = seed.stream(2);
    let batches = task.batches(32, 3, &mut rng)?.counting(Timesteps::All);
    let training = Training::new(Mse).truncated(Tbptt::every(4));
    train(&mut model, batches, &training, &mut Sgd::new(0.02), |_, _| std::ops::ControlFlow::Continue(()))?;

    let mut scaled = model.clone();
    scale_recurrent(&model, &mut scaled, 1.0, 1.0);
    let mut ws = scaled.workspace();
    let seen = pass(&scaled, sequence.run(), sequence.target(), &Mse, &mut ws)?;
    println!("loss {}", seen.loss);
    for ((layer, t), gradient) in seen.flow.grad_norm.indexed_iter() {
        let h = seen.flow.hidden_norm[[layer, t]];
        println!("layer {}, t = {}: |h| {h}, |dL/dh| {gradient}", layer + 1, t + 1);
    }
    let of = truncation(&scaled, &ws, sequence.x.view(), 4)?;
    println!("windows of 4: lost {}, cosine {}", of.lost / of.whole, of.cosine);
    Ok(())
}
