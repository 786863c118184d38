//! The PyTorch programs: valid Python, with the numbers of the network to the bit, and run where Python has PyTorch.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::Write;
use std::process::{Command, Stdio};

use rnn_explore::{Query, View, explore};

const QUERIES: &[&str] = &[
    "",
    "n=2&t=4",
    "c=lstm&f=2&l=2&n=4&o=all&k=3&w=0.5&r=4",
    "c=gru&i=orthogonal&g=0.95&task=order&t=20&s=7&z=z1&n=5",
    "a=relu&i=gaussian&g=1.4&task=flipflop&k=2&m=32",
    "a=identity&i=nonnormal&n=3&t=12&b=0&r=5",
    "a=sigmoid&task=copy&t=25&o=all&n=6",
    "task=recall&o=all&b=-2&n=3&l=3",
    "n=64&t=10",
];

fn view(query: &str) -> View {
    explore(&query.parse::<Query>().unwrap().settings).unwrap()
}

/// What Python says to this program on its standard input; `None` without Python.
fn python(program: &str, input: &str) -> Option<(bool, String)> {
    let mut child = Command::new(std::env::var_os("RNN_PYTHON").unwrap_or("python3".into()))
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Some((output.status.success(), text))
}

/// Would catch: a program that is no Python.
#[test]
fn every_program_is_python() {
    for query in QUERIES {
        let compile = "import sys; compile(sys.stdin.read(), 'view.py', 'exec')";
        let Some((valid, text)) = python(compile, &view(query).torch) else { return };
        assert!(valid, "{query}: {text}");
    }
}

/// Reads the numbers of a program as it does itself, without PyTorch, and gives their bits.
const READ: &str = "
import ast, base64, struct, sys
for node in ast.walk(ast.parse(sys.stdin.read())):
    if isinstance(node, ast.Call) and getattr(node.func, 'id', '') == 'numbers':
        given, *shape = [ast.literal_eval(of) for of in node.args]
        if isinstance(given, str):
            data = base64.b64decode(given)
            given = struct.unpack(f'<{len(data) // 8}d', data)
        count = 1
        for size in shape: count *= size
        assert len(given) == count, shape
        print(*[struct.pack('>d', x).hex() for x in given])
";

/// Would catch: digits that get lost, padding, an array that is left out. The parameters are those that the Rust program of
/// the same view has, whose first layer's are drawn here.
#[test]
fn numbers_are_read_back_to_the_bit() {
    use rnn_core::{Bias, Elman, Init, Model, Parameters};
    use rnn_data::{CumulativeAverage, PortableRng, Task};

    for (query, hidden, time) in [("", 16, 10), ("n=2&t=4", 2, 4), ("n=1&t=2", 1, 2)] {
        let Some((valid, text)) = python(READ, &view(query).torch) else { return };
        assert!(valid, "{query}: {text}");
        let root = PortableRng::new(0);
        let batch = CumulativeAverage::new(time).unwrap().sample::<f64>(1, &mut root.stream(0)).unwrap();
        let mut model = Model::<f64>::zeros(Elman::tanh(), 1, &[hidden], 1, Bias::Single).unwrap();
        model.initialize(Init::Linear, &mut root.stream(1)).unwrap();
        let mut expected: Vec<f64> = batch.x.iter().chain(batch.y.values().unwrap()).copied().collect();
        expected.extend(model.blocks().flat_map(|block| block.as_slice().to_vec()));
        let expected: Vec<String> = expected.iter().map(|x| format!("{:016x}", x.to_bits())).collect();
        // The call within the definition of `numbers` is none.
        let mut read: Vec<&str> = text.split_whitespace().collect();
        let mut sorted: Vec<&str> = expected.iter().map(String::as_str).collect();
        read.sort_unstable();
        sorted.sort_unstable();
        assert_eq!(read, sorted, "{query}");
    }
}

/// Where Python has PyTorch: the digits of the view.
#[test]
fn programs_print_what_the_view_shows() {
    if !python("import torch", "").is_some_and(|(there, _)| there) {
        return;
    }
    for query in QUERIES.iter().filter(|query| !query.contains("n=64")) {
        let view = view(query);
        let (valid, text) = python("import sys; exec(sys.stdin.read(), {})", &view.torch).unwrap();
        assert!(valid, "{query}: {text}");
        let mut expected = vec![view.loss];
        for layer in &view.layers {
            expected.extend(layer.hidden.iter().zip(&layer.gradient).flat_map(|(&h, &d)| [h, d]));
        }
        expected.extend(view.truncation.iter().flat_map(|of| [of.lost, of.cosine]));
        let read: Vec<f64> = text
            .lines()
            .flat_map(|line| line.rsplit_once(": ").map_or(line, |(_, rest)| rest).split(", "))
            .filter_map(|part| part.rsplit(' ').next()?.parse().ok())
            .collect();
        assert_eq!(read.len(), expected.len(), "{query}: {text}");
        for (read, expected) in read.iter().zip(&expected) {
            assert!((read - expected).abs() <= 1e-9 * expected.abs() + 1e-300, "{query}: {read} {expected}");
        }
    }
}

/// A large network is read from a file, and the program says how to write it.
#[test]
fn a_large_network_is_read_from_a_file() {
    let program = view("n=64&t=10").torch;
    assert!(program.contains("rnn_io::save(\"network.safetensors\", &model)?;") && program.len() < 6000);
}
