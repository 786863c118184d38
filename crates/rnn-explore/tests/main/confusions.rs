//! Confusions: the number of each, and that it says what the answer says.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use rnn_explore::{Piece, confusions};

use crate::lessons::{left, seeds, view, wrong};

/// The numbers of this confusion are those of the network.
fn numbers(id: &str) {
    let confusion = confusions().into_iter().find(|one| one.id == id).unwrap();
    assert!(confusion.answer.iter().any(|piece| matches!(piece, Piece::Link { .. })));
    let wrong = wrong(id, confusion.numbers);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_weight_gradient_hides_vanishing() {
    numbers("weight-gradient");
    for query in seeds("t=60") {
        let view = view(&query);
        let w_hh = view.terms.iter().find(|terms| terms.name == "weight_hh_l0").unwrap();
        assert!(view.layers[0].ratio < 1e-9 && w_hh.total > 1e-3, "{query}: {}", w_hh.total);
    }
}

#[test]
fn eigenvalues_below_one_do_not_bound_the_first_steps() {
    numbers("below-one");
    assert!(left("a=identity&b=0&n=2&i=nonnormal") > 1.0);
}

#[test]
fn a_radius_above_one_need_not_explode() {
    numbers("above-one");
    for query in seeds("w=3&t=60") {
        let view = view(&query);
        assert!(
            view.layers[0].predicted.as_ref().unwrap().radius > 1.4 && view.layers[0].ratio < 0.01,
            "{query}"
        );
    }
}

#[test]
fn relu_vanishes_too() {
    numbers("relu");
    assert!(seeds("a=relu&t=60").all(|query| left(&query) < 1e-6));
}

#[test]
fn losses_everywhere_do_not_make_a_gradient_last() {
    numbers("loss-everywhere");
}

#[test]
fn an_untrained_lstm_does_not_carry_hundreds_of_steps() {
    numbers("hundreds-of-steps");
    assert!(seeds("c=lstm&t=200").all(|query| left(&query) < 1e-20));
}

#[test]
fn the_slope_of_a_gate_is_not_on_the_way_of_c() {
    numbers("a-quarter");
    assert!(view("c=lstm&t=60&f=5").layers[0].rate.unwrap() > 0.25);
}

#[test]
fn a_forget_bias_is_a_matter_of_length() {
    numbers("forget-bias");
}

#[test]
fn the_update_gate_of_a_gru_keeps() {
    numbers("gru-gate");
}

#[test]
fn clipping_keeps_the_direction() {
    numbers("clipping");
}

#[test]
fn truncation_loses_what_long_memory_needs() {
    numbers("truncation");
}

#[test]
fn the_gradient_of_an_output_is_not_that_of_the_state() {
    numbers("retain-grad");
}

#[test]
fn it_matters_of_which_matrix_the_eigenvalues_are() {
    numbers("which-matrix");
}

#[test]
fn a_transpose_left_out_is_another_gradient() {
    numbers("transpose");
}

#[test]
fn a_skip_connection_is_no_cell_state() {
    numbers("skip");
}

#[test]
fn there_are_fifteen() {
    let mut ids: Vec<&str> = confusions().iter().map(|one| one.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 15);
}
