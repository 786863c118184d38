use ndarray::ArrayView1;
use rnn_analysis::{norms_by_sequence, pass, scale_recurrent, truncation};
use rnn_core::{Bias, Elman, Init, Model, Mse, Timesteps};
use rnn_data::{DelayedRecall, PortableRng, Task};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = PortableRng::new(0);
    let task = DelayedRecall::new(10, 5)?.masked();
    let sequence = task.sample::<f64>(1, &mut seed.stream(0))?.counting(Timesteps::All);

    let mut rng = seed.stream(1);
    let (input, output) = (task.features(), task.outputs());
    let mut model = Model::<f64>::zeros(Elman::tanh(), input, &[4; 2], output, Bias::Single)?;
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
    let of = truncation(&scaled, &ws, sequence.x.view(), 3)?;
    println!("windows of 3: lost {}, cosine {}", of.lost / of.whole, of.cosine);
    // 31 other sequences, each with its own loss, of which the loss of the batch is the mean.
    let others = task.sample::<f64>(31, &mut seed.stream(3))?.counting(Timesteps::All);
    pass(&scaled, others.run(), others.target(), &Mse, &mut ws)?;
    let hidden = norms_by_sequence(ws.rnn.hidden(0));
    let gradient = norms_by_sequence(ws.rnn.d_hidden(0)) * 31.0;
    let range = |shown: f64, others: ArrayView1<'_, f64>| {
        let mut all: Vec<f64> = others.iter().copied().chain([shown]).collect();
        all.sort_by(f64::total_cmp);
        format!("{} {} {}", all[0], f64::midpoint(all[15], all[16]), all[31])
    };
    for t in 0..10 {
        let h = range(seen.flow.hidden_norm[[0, t]], hidden.column(t));
        let d = range(seen.flow.grad_norm[[0, t]], gradient.column(t));
        println!("t = {}: |h| from {h}, |dL/dh| from {d}", t + 1);
    }
    Ok(())
}
