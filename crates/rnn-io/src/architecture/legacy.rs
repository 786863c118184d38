//! Descriptions of version 1, in which projections and layer normalization were cells.

use super::Architecture;

/// The ε that a name without a number stood for.
const USUAL_EPS: f64 = 1e-5;

impl Architecture {
    /// Makes a cell and options of a name like `lstm-projected:4` or `rnn-tanh-layer-norm:0.001`. Any other name stays as
    /// it is.
    pub(super) fn translate(&mut self) {
        let (name, number) = match self.cell.split_once(':') {
            Some((name, number)) => (name, Some(number)),
            None => (self.cell.as_str(), None),
        };
        let number: Option<f64> = match number.map(str::parse) {
            Some(Err(_)) => return,
            Some(Ok(number)) => Some(number),
            None => None,
        };
        let base = if name == "lstm-projected" {
            // The number was written as a whole `f64`; without one, the size was 1.
            let size = number.unwrap_or(1.0);
            if !(size >= 1.0 && size.fract() == 0.0) {
                return;
            }
            self.projection = Some(size as usize);
            "lstm"
        } else if let Some(base @ ("rnn-tanh" | "lstm" | "gru")) = name.strip_suffix("-layer-norm") {
            self.layer_norm = Some(number.unwrap_or(USUAL_EPS));
            base
        } else {
            return;
        };
        self.cell = base.to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cell: &str) -> Architecture {
        let text = format!(
            r#"{{"cell":"{cell}","input":1,"hidden":[8],"bias":"double","bidirectional":false,"learned_initial":false,
            "dropout":0.0,"recurrent_dropout":0.0,"zoneout_hidden":0.0,"zoneout_cell":0.0,"prefix":"","head":"head."}}"#
        );
        let mut model: Architecture = serde_json::from_str(&text).expect("a description of version 1");
        model.translate();
        model
    }

    /// Without this, files of the first release would name cells that do not exist any more.
    #[test]
    fn names_of_version_1_become_cells_and_options() {
        let found = |cell| {
            let model = read(cell);
            let options = model.options();
            (model.cell, options.projection, options.layer_norm)
        };
        assert_eq!(found("lstm-projected:4"), ("lstm".to_owned(), Some(4), None));
        assert_eq!(found("lstm-layer-norm"), ("lstm".to_owned(), None, Some(1e-5)));
        assert_eq!(found("rnn-tanh-layer-norm:0.001"), ("rnn-tanh".to_owned(), None, Some(0.001)));
        assert_eq!(found("gru-layer-norm"), ("gru".to_owned(), None, Some(1e-5)));
        for same in ["lstm", "gru-reset-before", "lstm-projected:x", "lstm-projected:0.5", "lstm-layer-norms"]
        {
            assert_eq!(found(same), (same.to_owned(), None, None));
        }
        assert!(read("lstm").head_bias, "every head of version 1 had a bias");
    }
}
