//! The programs that views offer: compiled here as they are written, run, and compared with the view.
//!
//! To write them anew after a change: `UPDATE_SNIPPETS=1 cargo test -p rnn-explore --test main snippets`, twice.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(clippy::pedantic, reason = "programs for readers, included as they are")]

use std::cell::RefCell;
use std::fs;

use rnn_explore::{Query, explore};

thread_local! {
    static PRINTED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// What a program prints is kept.
macro_rules! println {
    ($($words:tt)*) => { $crate::snippets::PRINTED.with(|lines| lines.borrow_mut().push(format!($($words)*))) };
}

macro_rules! snippets {
    ($($name:ident = $query:literal;)*) => {
        $(
            mod $name {
                include!(concat!("snippets/", stringify!($name), ".rs"));

                #[test]
                fn computes_what_the_view_shows() {
                    super::check(stringify!($name), $query, || super::PRINTED.with(|lines| {
                        lines.borrow_mut().clear();
                        main().map(|()| lines.take())
                    }));
                }
            }
        )*
    };
}

snippets! {
    notebook = "";
    lstm = "c=lstm&f=2&l=2&o=all&k=3&w=0.5";
    gru = "c=gru&i=orthogonal&g=0.95&task=order&t=20&s=7";
    non_normal = "a=identity&i=nonnormal&n=3&t=12&b=0";
    gaussian = "a=relu&i=gaussian&g=1.4&task=flipflop&k=2";
    identity = "a=sigmoid&i=identity&task=adding&l=3";
    critical = "i=critical&g=1.1&task=recall&o=all";
    copy = "task=copy&t=25&o=all";
    sines = "task=sines&s=12";
    truncated = "k=3&r=4&o=all&q=off&p=sgd&e=0.02&n=5";
    held = "c=lstm&z=f1&n=4&l=2&b=2&q=0.5&k=2";
    band = "m=32&r=3&task=recall&o=all&n=4&l=2&y=1";
    peephole = "c=peephole&f=1&t=6";
    coupled = "c=coupled&f=1&i=identity&t=6";
    minimal = "c=minimal&t=6&k=1";
    min_gru = "c=mingru&t=6&i=orthogonal";
    min_lstm = "c=minlstm&t=6&f=2&l=2";
    slstm = "c=slstm&t=6";
    reset_before = "c=reset-before&t=6&i=nonnormal";
    leaky = "c=leaky&a=relu&t=6";
    indrnn = "c=indrnn&a=relu&t=6&i=nonnormal&w=1.1";
    lru = "c=lru&t=6";
    residual = "c=residual&t=6&i=critical";
    antisymmetric = "c=antisymmetric&a=sigmoid&t=6";
    edited_average = "x=3:0.5,7:-1&o=all";
    edited_adding = "task=adding&x=2:5,1:-3";
    edited_recall = "task=recall&x=2:5&o=all&t=7";
}

fn check(name: &str, query: &str, run: impl FnOnce() -> Result<Vec<String>, Box<dyn std::error::Error>>) {
    let view = explore(&query.parse::<Query>().unwrap().settings).unwrap();
    let path = format!("{}/tests/main/snippets/{name}.rs", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_SNIPPETS").is_some() {
        fs::write(&path, &view.snippet).unwrap();
        return;
    }
    assert_eq!(view.snippet, fs::read_to_string(&path).unwrap(), "{name}.rs is another program");
    let mut expected = vec![format!("loss {}", view.loss)];
    for (k, layer) in view.layers.iter().enumerate() {
        for (t, (h, gradient)) in layer.hidden.iter().zip(&layer.gradient).enumerate() {
            expected.push(format!("layer {}, t = {}: |h| {h}, |dL/dh| {gradient}", k + 1, t + 1));
        }
    }
    if let Some(of) = &view.truncation {
        expected.push(format!("windows of {}: lost {}, cosine {}", of.window, of.lost, of.cosine));
    }
    if let Some(band) = &view.band {
        for t in 0..view.settings.time {
            let of = |range: &rnn_explore::Range| {
                format!("{} {} {}", range.least[t], range.median[t], range.most[t])
            };
            let (h, d) = (of(&band.hidden), of(&band.gradient));
            expected.push(format!("t = {}: |h| from {h}, |dL/dh| from {d}", t + 1));
        }
    }
    assert_eq!(run().unwrap(), expected);
}
