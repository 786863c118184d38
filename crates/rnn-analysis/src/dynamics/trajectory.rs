//! The step Jacobians of a run of any length, in constant memory.

use ndarray::{Array3, ArrayView2, Axis, Slice};
use rnn_core::{Error as NetworkError, Place, Real, Run, Stack, State};

use crate::error::Result;

/// Steps that are recorded at a time.
const CHUNK: usize = 128;

/// The input of a network.
#[derive(Clone, Copy, Debug)]
pub(super) enum Input<'x, F> {
    /// Zeros at every step.
    Zeros,
    /// (time, features), of at least as many steps as are taken.
    Given(ArrayView2<'x, F>),
}

/// Runs one sequence from `initial`, or from zeros: first `skip` steps, then `steps` more. At each of the latter, `visit` is
/// called for every layer, with its index and its step Jacobian. Timesteps in errors are counted from the first step.
pub(super) fn follow<F: Real>(
    stack: &Stack<F>,
    input: Input<'_, F>,
    initial: Option<&State<F>>,
    [skip, steps]: [usize; 2],
    mut visit: impl FnMut(usize, ArrayView2<'_, F>),
) -> Result<()> {
    if stack.options().bidirectional {
        return Err(NetworkError::NoStream.into());
    }
    // The same states, with slopes that do not round to 0.
    let stack = &stack.with_fine_slopes();
    let zeros = Array3::zeros((1, CHUNK, stack.input()));
    let mut ws = stack.workspace();
    let mut state = initial.cloned();
    let mut done = 0;
    let all = skip.saturating_add(steps);
    while done < all {
        let until = if done < skip { skip } else { all };
        let until = until.min(done.saturating_add(CHUNK));
        let x = match input {
            Input::Zeros => zeros.slice_axis(Axis(1), Slice::from(..until - done)),
            Input::Given(x) => x.slice_axis_move(Axis(0), Slice::from(done..until)).insert_axis(Axis(0)),
        };
        let later = |error| shifted(error, done);
        let run = state.as_ref().map_or(Run::over(x), |state| Run::over(x).from_state(state));
        if done < skip {
            stack.infer(run, &mut ws).map_err(later)?;
        } else {
            stack.forward(run, &mut ws).map_err(later)?;
            for layer in 0..ws.layers() {
                let mut jacobians = stack.step_jacobians(&ws, layer, 0)?;
                for t in 1..=until - done {
                    visit(layer, jacobians.at(t).map_err(later)?);
                }
            }
        }
        state = Some(ws.final_state());
        done = until;
    }
    Ok(())
}

/// The error of a run that started after `done` steps, with timesteps counted from the first step.
fn shifted(mut error: NetworkError, done: usize) -> NetworkError {
    if let NetworkError::NonFinite { place, .. } = &mut error {
        match place {
            Place::HiddenState { timestep, .. }
            | Place::CellState { timestep, .. }
            | Place::StepJacobian { timestep, .. } => *timestep += done,
            Place::Given { array: "x", index } => index[1] += done,
            _ => {}
        }
    }
    error
}
