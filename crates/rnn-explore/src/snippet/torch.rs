//! A PyTorch program that computes what a view shows.

mod literal;

use rnn_core::{Model, Parameters};

use self::literal::{Numbers, shape};
use crate::network::Network;
use crate::settings::{CellKind, LossOver, Nonlinearity, Settings, limits};
use crate::task::edited;

/// Parameters beyond this many are read from a file.
const EMBEDDED: usize = 1500;

/// The program. It prints what the Rust program prints, but for the band of sequences, to twelve digits.
pub(crate) fn write(settings: &Settings, network: &Network) -> String {
    let Some(cells) = cells(settings) else {
        return format!(
            "# torch.nn has no cell of the kind “{}”, so there is no program here.\n\
             # The Rust program computes the numbers of the view.\n",
            settings.cell.title()
        );
    };
    let mut imports = String::from("import base64\nimport math\n\nimport torch\n");
    let parameters = parameters(&network.model, &mut imports);
    format!(
        "\
# The view with PyTorch, in double precision. Sums are taken in another order than in Rust, so the last digits differ.
{imports}
torch.set_default_dtype(torch.float64)


def numbers(given, *shape):
    \"\"\"An array from a list of numbers, or from the bytes of little-endian doubles in base64.\"\"\"
    if isinstance(given, str):
        given = torch.frombuffer(bytearray(base64.b64decode(given)), dtype=torch.float64)
    return torch.as_tensor(given, dtype=torch.float64).reshape(shape)


def norm(vector):
    return 0.0 if vector is None else math.hypot(*vector.flatten().tolist())


{sequence}
LAYERS, HIDDEN = {layers}, {hidden}
{parameters}
weight_scale, bias_scale = {weight_scale:?}, {bias_scale:?}
p = {{name: (weight_scale if name.startswith(\"weight\") else bias_scale) * of for name, of in parameters.items()}}
{hold}head = [head_weight.requires_grad_(), head_bias.requires_grad_()]
{cells}

def run(start_at=0):
    \"\"\"The prediction and every h, [layer][t]. No gradient goes back past timestep `start_at`.\"\"\"
    inputs, states = list(x.split(1)), []
    for k in range(LAYERS):
        state = start()
        outputs = []
        for t, x_t in enumerate(inputs):
            if t == start_at:
                state = tuple(part.detach() for part in state)
            state = step(k, x_t, state)
            state[0].retain_grad()
            outputs.append(state[0])
        states.append(outputs)
        inputs = outputs
    return torch.cat(inputs) @ head[0].T + head[1], states


def loss_at(timesteps, prediction):
    return {loss}


# The gradient of h_t through all that follows is in h.grad. That of the outputs of torch.nn.{module} would not be: its
# states are not the tensors that it returns.
prediction, states = run()
loss = loss_at(counted, prediction)
loss.backward()
print(f\"loss {{loss.item():.12g}}\")
for k, outputs in enumerate(states):
    for t, h in enumerate(outputs):
        print(f\"layer {{k + 1}}, t = {{t + 1}}: |h| {{norm(h):.12g}}, |dL/dh| {{norm(h.grad):.12g}}\")
{truncation}",
        sequence = sequence(settings, network),
        layers = settings.layers,
        hidden = settings.hidden,
        weight_scale = settings.weight_scale,
        bias_scale = settings.bias_scale,
        hold = hold(settings),
        loss = loss(network),
        module = match settings.cell.name() {
            "lstm" => "LSTM",
            "gru" => "GRU",
            _ => "RNN",
        },
        truncation = truncation(settings),
    )
}

/// The definitions of `start`, `step` and `all_parameters`, if torch.nn has the cell.
fn cells(settings: &Settings) -> Option<String> {
    let module = match settings.cell {
        CellKind::Rnn => {
            let phi = match settings.nonlinearity {
                Nonlinearity::Identity => ["", ""],
                Nonlinearity::Tanh => ["torch.tanh(", ")"],
                Nonlinearity::Relu => ["torch.relu(", ")"],
                Nonlinearity::Sigmoid => ["torch.sigmoid(", ")"],
            };
            let [open, close] = phi;
            return Some(format!(
                "p = {{name: of.requires_grad_() for name, of in p.items()}}
all_parameters = [*p.values(), *head]


def start():
    return (torch.zeros(1, HIDDEN),)


def step(k, x_t, state):
    return ({open}x_t @ p[f\"weight_ih_l{{k}}\"].T + p[f\"bias_l{{k}}\"] + state[0] @ p[f\"weight_hh_l{{k}}\"].T{close},)

"
            ));
        }
        CellKind::Lstm => "LSTMCell",
        CellKind::Gru => "GRUCell",
        #[allow(unreachable_patterns, reason = "cells that torch.nn lacks")]
        _ => return None,
    };
    let (zeros, arguments, result) = match settings.cell {
        CellKind::Lstm => {
            ("(torch.zeros(1, HIDDEN), torch.zeros(1, HIDDEN))", "state", "cells[k](x_t, state)")
        }
        _ => ("(torch.zeros(1, HIDDEN),)", "state", "(cells[k](x_t, state[0]),)"),
    };
    Some(format!(
        "cells = [torch.nn.{module}(p[f\"weight_ih_l{{k}}\"].shape[1], HIDDEN) for k in range(LAYERS)]
for k, cell in enumerate(cells):
    cell.load_state_dict({{name: p[f\"{{name}}_l{{k}}\"] for name in cell.state_dict()}})
all_parameters = [of for cell in cells for of in cell.parameters()] + head


def start():
    return {zeros}


def step(k, x_t, {arguments}):
    return {result}

"
    ))
}

/// `x`, `y` and `counted`.
fn sequence(settings: &Settings, network: &Network) -> String {
    let batch = edited(settings, network.sequence.clone());
    let (_, time, features) = batch.x.dim();
    let x = Numbers(batch.x.iter().copied().collect());
    let y = match (batch.y.values(), batch.y.classes()) {
        (Some(y), _) => {
            let outputs = y.dim().2;
            format!("numbers({}, {time}, {outputs})", Numbers(y.iter().copied().collect()))
        }
        (_, classes) => {
            let classes = classes.into_iter().flatten().copied();
            format!("torch.tensor({:?})", classes.collect::<Vec<_>>())
        }
    };
    let counted: Vec<usize> = match settings.loss {
        LossOver::Last => vec![time - 1],
        LossOver::All => (0..time).filter(|&t| batch.mask.as_ref().is_none_or(|mask| mask[[0, t]])).collect(),
    };
    let counted = match counted[..] {
        [first, .., last] if last - first + 1 == counted.len() => {
            format!("list(range({first}, {}))", last + 1)
        }
        _ => format!("{counted:?}"),
    };
    format!("x = numbers({x}, {time}, {features})\ny = {y}\ncounted = {counted}  # timesteps, from 0\n")
}

/// `parameters`, `head_weight` and `head_bias`.
fn parameters(model: &Model<f64>, imports: &mut String) -> String {
    let count: usize = model.blocks().map(rnn_core::Params::len).sum();
    if count > EMBEDDED {
        *imports += "from safetensors.torch import load_file\n";
        return format!(
            "# The {count} parameters before the scales are read from a file. In the Rust program, after any training,
#     rnn_io::save(\"network.safetensors\", &model)?;
# writes it.
tensors = load_file(\"network.safetensors\")
parameters = {{name[4:]: of for name, of in tensors.items() if name.startswith(\"rnn.\")}}
head_weight, head_bias = tensors[\"head.weight\"], tensors[\"head.bias\"]
"
        );
    }
    let array = |of: ndarray::ArrayViewD<'_, f64>| {
        format!("numbers({}, {})", Numbers(of.iter().copied().collect()), shape(of.shape()))
    };
    let lines = |params: &rnn_core::Params<f64>, line: &dyn Fn(&str, String) -> String| {
        params.iter().map(|(name, of)| line(name, array(of))).collect::<Vec<_>>().concat()
    };
    let list = lines(model.rnn.params(), &|name, of| format!("    \"{name}\": {of},\n"));
    let head = lines(model.head.params(), &|name, of| format!("{} = {of}\n", name.replace('.', "_")));
    format!("# Before the scales.\nparameters = {{\n{list}}}\n{head}")
}

/// The statements that hold a gate.
fn hold(settings: &Settings) -> String {
    let Some(clamp) = settings.clamp else { return String::new() };
    let Some((gate, _)) = clamp.place(settings.cell) else { return String::new() };
    let (first, end) = (gate * settings.hidden, (gate + 1) * settings.hidden);
    format!(
        "# The {title} is held at {value}.
for name, of in p.items():
    of[{first}:{end}] = {bias:?} if name.startswith(\"bias_ih\") else 0.0
",
        title = clamp.title(),
        value = u8::from(clamp.open),
        bias = clamp.bias(),
    )
}

fn loss(network: &Network) -> &'static str {
    if network.sequence.y.values().is_some() {
        "torch.nn.functional.mse_loss(prediction[timesteps], y[timesteps])"
    } else {
        "torch.nn.functional.cross_entropy(prediction[timesteps], y[timesteps])"
    }
}

/// What truncated back-propagation loses.
fn truncation(settings: &Settings) -> String {
    let window = settings.truncation;
    let band = if settings.batch == limits::BAND {
        "\n# The Rust program also prints the norms of other sequences.\n"
    } else {
        ""
    };
    if window == 0 {
        return band.to_owned();
    }
    format!(
        "

def gradient(window):
    for of in all_parameters:
        of.grad = None
    for first in range(0, len(x), window):
        end = min(first + window, len(x))
        new = [t for t in counted if first <= t < end]
        if new:
            (loss_at(new, run(max(0, end - window))[0]) * len(new) / len(counted)).backward()
    return torch.cat([(torch.zeros_like(of) if of.grad is None else of.grad).flatten() for of in all_parameters])


whole, part = gradient(len(x)), gradient({window})
lost, cosine = norm(whole - part) / norm(whole), (whole / norm(whole) @ (part / norm(part))).item()
print(f\"windows of {window}: lost {{lost:.12g}}, cosine {{cosine:.12g}}\")
{band}"
    )
}
