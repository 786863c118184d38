use super::*;

const AHEAD: Ahead = Ahead { horizon: 2, season: 4 };

fn series() -> Vec<f64> {
    (0..40).map(|t| f64::from(t * t % 17) + 0.25 * f64::from(t)).collect()
}

fn windows(values: &[f64]) -> Windows {
    Windows::new(values, Split::new(values.len(), 0.2), AHEAD, (6, false), None).unwrap()
}

/// Means, standard deviations, inputs and targets of training windows: none of them may know of later rows.
#[test]
fn training_does_not_look_past_its_part() {
    let (values, mut other) = (series(), series());
    let split = Split::new(40, 0.2);
    other[split.training.end..].iter_mut().for_each(|v| *v = 1e6 - 3.0 * *v);
    let (windows, others) = (windows(&values), windows(&other));
    assert_eq!(&windows.scales, &others.scales);
    let places: Vec<usize> = (0..windows.places(6)).collect();
    let (mut batch, mut other) = (Batch::empty(), Batch::empty());
    windows.cut(&places, 6, &mut batch);
    others.cut(&places, 6, &mut other);
    assert_eq!(batch, other);
    // And the last window does reach the last row of the part.
    let last = batch.y.values().unwrap()[[places.len() - 1, 5, 0]];
    let end = split.training.end;
    assert!((windows.scales.target.units(last) - (values[end - 1] - values[end - 3])).abs() < 1e-5);
}

/// Nothing that is read at t may depend on a row after t.
#[test]
fn inputs_do_not_know_the_future() {
    let values = series();
    let before = windows(&values);
    for row in Split::new(40, 0.2).validation {
        let mut other = values.clone();
        other[row] += 5.0;
        let after = windows(&other);
        let at = row - before.first;
        assert_eq!(before.inputs.slice(s![..at, ..]), after.inputs.slice(s![..at, ..]));
        if at < before.inputs.nrows() {
            assert_ne!(before.inputs.row(at), after.inputs.row(at), "row {row} is read when it is there");
        }
    }
}

#[test]
fn standard_units_are_those_of_the_training_part() {
    let (values, windows) = (series(), windows(&series()));
    let known = windows.indices(&windows.split.training);
    for column in windows.inputs.slice(s![known.clone(), ..]).axis_iter(Axis(1)) {
        let mean = column.mean().unwrap();
        assert!(mean.abs() < 1e-5 && (column.mapv(|x| x * x).mean().unwrap() - 1.0).abs() < 1e-5);
    }
    // By hand: the mean of y_{t+2} − y_t over t = 4 .. 21, as 24 rows train and 4 are a season.
    let mean = (4..22).map(|t| values[t + 2] - values[t]).sum::<f64>() / 18.0;
    assert!((windows.scales.target.mean - mean).abs() < 1e-12);
}

/// A network that says the truth is right in the series' own units, and about each row of the part.
#[test]
fn what_is_said_comes_back_in_units() {
    let (values, windows) = (series(), windows(&series()));
    let test = windows.split.test.clone();
    let batch = windows.about(&test);
    let said = windows.in_units(batch.y.values().unwrap(), &values, &test);
    assert_eq!(said.len(), test.len());
    assert!(said.iter().zip(&values[test.clone()]).all(|(said, truth)| (said - truth).abs() < 1e-4));
    let counted = batch.mask.unwrap();
    assert_eq!(counted.iter().filter(|&&counts| counts).count(), test.len());
    // The first that counts is about the first row of the part.
    let at = counted.iter().position(|&counts| counts).unwrap();
    assert_eq!(windows.first + at + AHEAD.horizon, test.start);
}

#[test]
fn a_trend_leaves_the_value_out() {
    let values = series();
    let new = |trend| Windows::new(&values, Split::new(40, 0.2), AHEAD, (6, trend), None).unwrap();
    assert_eq!((new(false).features(), new(true).features()), (3, 2));
    let raised: Vec<f64> = values.iter().map(|v| v + 64.0).collect();
    let raised = Windows::new(&raised, Split::new(40, 0.2), AHEAD, (6, true), None).unwrap();
    assert_eq!(raised.inputs, new(true).inputs);
}

#[test]
fn errors_say_what_is_too_short() {
    let values = series();
    let new = |history, share| {
        Windows::new(&values, Split::new(40, share), AHEAD, (history, false), None).map(|_| ())
    };
    assert_eq!(new(18, 0.2), Ok(()));
    let message = new(19, 0.2).unwrap_err().to_string();
    assert!(
        message.starts_with("40 rows are too few: the training part has 24, and --history 19"),
        "{message}"
    );
    assert!(message.contains("need 25"), "{message}");
    assert_eq!(new(1, 0.02), Err(WindowsError::NothingHeldOut { rows: 40, held_out: 1 }));
    let flat = Windows::new(&[3.0; 40], Split::new(40, 0.2), AHEAD, (6, false), None).map(|_| ());
    assert_eq!(flat, Err(WindowsError::Constant { what: "change of the series" }));
}

/// The rows after the last one: what is read ends with the last row, and what is said is about a horizon later.
#[test]
fn forecasts_go_on_after_the_last_row() {
    let (values, windows) = (series(), windows(&series()));
    let after = 40..42;
    let batch = windows.about(&after);
    let (_, time, _) = batch.x.dim();
    assert_eq!(batch.x.slice(s![0, time - 1, ..]), windows.inputs.row(windows.inputs.nrows() - 1));
    // A network that says the mean change: the last two rows, and as much more.
    let said = windows.in_units(&Array3::zeros((1, time, 1)), &values, &after);
    let mean = windows.scales.target.mean;
    assert_eq!(said, [values[38] + mean, values[39] + mean]);
}

#[test]
fn sizes_that_overflow_are_too_long_for_the_series() {
    let values = series();
    for (horizon, season, history) in
        [(usize::MAX, 4, 6), (2, usize::MAX, 6), (2, 4, usize::MAX), (1 << 63, 3, 1)]
    {
        let ahead = Ahead { horizon, season };
        let new = Windows::new(&values, Split::new(40, 0.2), ahead, (history, false), None);
        assert!(matches!(new, Err(WindowsError::TooShort { .. })), "{horizon} {season} {history}");
    }
}

#[test]
fn what_cannot_be_told_in_standard_units_is_named() {
    let mut values = series();
    values[39] = 1e100;
    let new = Windows::new(&values, Split::new(40, 0.2), AHEAD, (6, false), None).map(|_| ());
    assert_eq!(new, Err(WindowsError::TooFar { row: 40, what: "change of the series" }));
}

/// A long series is not read from its beginning for every look.
#[test]
fn what_is_read_for_a_part_does_not_grow_with_the_rows_before() {
    let values: Vec<f64> = (0..20_000).map(|t| f64::from(t * t % 17)).collect();
    let split = Split::new(values.len(), 0.1);
    let windows = Windows::new(&values, split.clone(), AHEAD, (6, false), None).unwrap();
    let batch = windows.about(&split.test);
    assert_eq!(batch.x.dim().1, split.test.len() + WARM_UP);
    let said = windows.in_units(batch.y.values().unwrap(), &values, &split.test);
    assert!(said.iter().zip(&values[split.test]).all(|(said, truth)| (said - truth).abs() < 1e-4));
}
