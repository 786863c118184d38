//! `data/*.csv`: the numbers behind the figures.

use anyhow::Result;

use super::data::{SHOWN, Sequences, TARGETS, TIME, target_name};
use super::flow::{FAMILY, FlowStudy, grad_norm, hidden_norm, mean_by_lag, sliders};
use super::training::TrainingStudy;
use super::{File, Report};

/// Every table.
pub(super) fn csv_files(report: &Report) -> Result<Vec<File>> {
    Ok(vec![
        ("data/losses.csv".into(), losses(&report.training)?),
        ("data/sequences.csv".into(), sequences(&report.data)?),
        ("data/evaluation.csv".into(), evaluation(&report.training)?),
        ("data/gradient_flow.csv".into(), gradient_flow(&report.flow)?),
        ("data/gradient_ratio.csv".into(), gradient_ratio(&report.flow)?),
        ("data/gradient_by_lag.csv".into(), gradient_by_lag(&report.flow)?),
        ("data/eigenvalues.csv".into(), eigenvalues(&report.flow)?),
    ])
}

/// Rows of `columns` that `write` adds.
fn table<const N: usize>(
    columns: [&str; N],
    write: impl FnOnce(&mut dyn FnMut([String; N]) -> csv::Result<()>) -> csv::Result<()>,
) -> Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(columns)?;
    write(&mut |row| table.write_record(row))?;
    Ok(table.into_inner()?)
}

fn losses(study: &TrainingStudy) -> Result<Vec<u8>> {
    table(["cell", "target", "layers", "batch", "loss"], |row| {
        for run in &study.runs {
            for (batch, loss) in run.losses.iter().enumerate() {
                row([
                    run.cell.into(),
                    target_name(run.over).into(),
                    run.layers.to_string(),
                    batch.to_string(),
                    loss.to_string(),
                ])?;
            }
        }
        Ok(())
    })
}

fn sequences(data: &Sequences) -> Result<Vec<u8>> {
    table(["sequence", "timestep", "x", "y"], |row| {
        for k in 0..SHOWN {
            for (t, (x, y)) in data.x(k).iter().zip(data.y(k)).enumerate() {
                row([(k + 1).to_string(), (t + 1).to_string(), x.to_string(), y.to_string()])?;
            }
        }
        Ok(())
    })
}

fn evaluation(study: &TrainingStudy) -> Result<Vec<u8>> {
    table(["cell", "target", "layers", "sequence", "timestep", "x", "y", "prediction"], |row| {
        for run in &study.runs {
            let at = TARGETS.iter().position(|(over, _)| *over == run.over).unwrap_or_default();
            let (batch, targets) = (study.evaluation[at].batch(), study.evaluation[at].targets());
            for ((k, t, _), prediction) in run.predictions.indexed_iter() {
                row([
                    run.cell.into(),
                    target_name(run.over).into(),
                    run.layers.to_string(),
                    (k + 1).to_string(),
                    (t + 1).to_string(),
                    batch.x[[k, t, 0]].to_string(),
                    targets[[k, t, 0]].to_string(),
                    prediction.to_string(),
                ])?;
            }
        }
        Ok(())
    })
}

fn gradient_flow(studies: &[FlowStudy]) -> Result<Vec<u8>> {
    let columns = [
        "cell",
        "nonlinearity",
        "target",
        "weight_scale",
        "bias_scale",
        "timestep",
        "hidden_norm",
        "grad_norm",
    ];
    table(columns, |row| {
        for study in studies {
            for loss in &study.losses {
                for point in &loss.family {
                    let norms = hidden_norm(point).into_iter().zip(grad_norm(point));
                    for (t, (hidden, grad)) in (1..=TIME).zip(norms) {
                        row([
                            study.cell.into(),
                            study.nonlinearity.unwrap_or_default().into(),
                            target_name(loss.over).into(),
                            point.weight_scale.to_string(),
                            point.bias_scale.to_string(),
                            t.to_string(),
                            format!("{hidden:e}"),
                            format!("{grad:e}"),
                        ])?;
                    }
                }
            }
        }
        Ok(())
    })
}

/// Of the loss at the last timestep.
fn gradient_ratio(studies: &[FlowStudy]) -> Result<Vec<u8>> {
    table(["cell", "nonlinearity", "weight_scale", "bias_scale", "ratio"], |row| {
        for study in studies {
            let sliders = sliders(study.map.len().isqrt());
            let grid = sliders.iter().flat_map(|bias| sliders.iter().map(move |weight| (weight, bias)));
            for ((weight, bias), ratio) in grid.zip(&study.map) {
                row([
                    study.cell.into(),
                    study.nonlinearity.unwrap_or_default().into(),
                    weight.to_string(),
                    bias.to_string(),
                    format!("{ratio:e}"),
                ])?;
            }
        }
        Ok(())
    })
}

/// Of the losses at all timesteps, each alone.
fn gradient_by_lag(studies: &[FlowStudy]) -> Result<Vec<u8>> {
    table(["cell", "nonlinearity", "weight_scale", "steps_back", "mean_grad_norm"], |row| {
        for study in studies {
            for (scale, sums) in FAMILY.iter().zip(&study.by_lag) {
                for (lag, mean) in mean_by_lag(sums).into_iter().enumerate() {
                    row([
                        study.cell.into(),
                        study.nonlinearity.unwrap_or_default().into(),
                        scale.to_string(),
                        lag.to_string(),
                        format!("{mean:e}"),
                    ])?;
                }
            }
        }
        Ok(())
    })
}

fn eigenvalues(studies: &[FlowStudy]) -> Result<Vec<u8>> {
    table(["cell", "nonlinearity", "matrix", "re", "im"], |row| {
        for study in studies {
            for (matrix, values) in &study.eigenvalues {
                for z in values {
                    row([
                        study.cell.into(),
                        study.nonlinearity.unwrap_or_default().into(),
                        matrix.replace(['{', '}'], ""),
                        z.re.to_string(),
                        z.im.to_string(),
                    ])?;
                }
            }
        }
        Ok(())
    })
}
