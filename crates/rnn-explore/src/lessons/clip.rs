//! Stub.

use super::{Form, Source};

pub(super) const LESSON: Source = Source {
    id: "clip",
    title: "clip",
    query: "c=gru&t=60",
    question: &[],
    prediction: Form::Curve { least: -12, most: 2 },
    reveal: "",
    explanation: &[],
    table: None,
    tries: &[],
    references: &[],
    numbers: &[],
};
