//! Weight normalization: w = g v / ‖v‖, row by row, of which a state dict holds g and v.
//!
//! Salimans and Kingma 2016, *Weight normalization*, arXiv:1602.07868; `torch.nn.utils.weight_norm` and
//! `torch.nn.utils.parametrizations.weight_norm`, with their default `dim=0`.

use crate::archive::Archive;

/// Puts w in the place of every g and v.
pub(super) fn compose(archive: &mut Archive) {
    let triples: Vec<_> =
        archive.names().filter_map(|v| triple(v).map(|(w, g)| (w, g, v.to_owned()))).collect();
    for (w, g, v) in triples {
        if !archive.has(&w) {
            archive.compose(&w, &g, &v);
        }
    }
}

/// The names of w and g for the name of a v.
fn triple(v: &str) -> Option<(String, String)> {
    // torch.nn.utils.weight_norm
    if let Some(w) = v.strip_suffix("_v") {
        return Some((w.to_owned(), format!("{w}_g")));
    }
    // torch.nn.utils.parametrizations.weight_norm
    let parametrization = v.strip_suffix(".original1")?;
    let (module, parameter) = parametrization.rsplit_once("parametrizations.")?;
    Some((format!("{module}{parameter}"), format!("{parametrization}.original0")))
}
