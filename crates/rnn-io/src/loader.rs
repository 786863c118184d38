//! Models built from their files.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rnn_core::cell::{Name, NameError};
use rnn_core::{Cell, Linear, Model, Stack};

use crate::architecture::{About, Architecture, cell_name};
use crate::archive::Archive;
use crate::checkpoint::{self, Progress};
use crate::element::Element;
use crate::error::{Fault, Result};
use crate::model::described;
use crate::tensors::{Names, Shapes};

/// Loads files whose models have cells of the caller's own.
///
/// A file holds the name of its cell and the settings in that name. The loader knows the built-in cells, and calls the
/// given constructors for others:
///
/// ```
/// use rnn_core::cell::{Form, Gate, Gradient, Name};
/// use rnn_core::{Bias, Model, Unit};
/// use rnn_io::Loader;
///
/// /// h_t = sin(w (a + u)).
/// #[derive(Clone, Copy)]
/// struct Sine { w: f64 }
///
/// impl Unit<f64> for Sine {
///     type Gates = [f64; 1];
///     type State = [f64; 1];
///     type Saved = [f64; 1];
///     type Own = [f64; 0];
///     const FORM: Form = Form::new(&[Gate::new("h")]).ignores_h();
///
///     fn name(&self) -> Name {
///         Name::new("sine").with("w", self.w)
///     }
///
///     fn forward(&self, _: [f64; 0], [a]: [f64; 1], [u]: [f64; 1], _: [f64; 1]) -> ([f64; 1], [f64; 1]) {
///         let z = self.w * (a + u);
///         ([z.sin()], [self.w * z.cos()])
///     }
///
///     fn backward(
///         &self,
///         _: [f64; 0],
///         [slope]: [f64; 1],
///         _: [f64; 1],
///         [d]: [f64; 1],
///     ) -> Gradient<[f64; 1], [f64; 1], [f64; 0]> {
///         Gradient { a: [d * slope], u: [d * slope], previous: [0.0], own: [] }
///     }
/// }
///
/// let path = tempfile::tempdir()?.keep().join("model.safetensors");
/// let model = Model::<f64>::zeros(Sine { w: 2.0 }, 1, &[3], 1, Bias::Double)?;
/// rnn_io::save(&path, &model)?;
/// let same = Loader::new().cell("sine", |name| Ok(Sine { w: name.number("w")? })).load(&path)?;
/// assert_eq!(same.rnn.layers()[0].cell.to_string(), "sine(w=2)");
/// # std::fs::remove_dir_all(path.parent().unwrap())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Loader<F: Element> {
    cells: Vec<(String, Constructor<F>)>,
}

type Constructor<F> = Arc<dyn Fn(&Name) -> std::result::Result<Cell<F>, NameError> + Send + Sync>;

impl<F: Element> Default for Loader<F> {
    fn default() -> Self {
        Self { cells: Vec::new() }
    }
}

impl<F: Element> fmt::Debug for Loader<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.cells.iter().map(|(base, _)| base).collect();
        f.debug_struct("Loader").field("cells", &names).finish()
    }
}

impl<F: Element> Loader<F> {
    /// A loader that knows the built-in cells.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the constructor of the cells whose name, without its settings, is `base`. It comes before a built-in cell and
    /// before an earlier constructor for the same name.
    #[must_use]
    pub fn cell<C: Into<Cell<F>>>(
        mut self,
        base: impl Into<String>,
        make: impl Fn(&Name) -> std::result::Result<C, NameError> + Send + Sync + 'static,
    ) -> Self {
        self.cells.push((base.into(), Arc::new(move |name| make(name).map(Into::into))));
        self
    }

    /// Loads a [`Model`], as [`load`] does.
    ///
    /// # Errors
    /// As [`load`], and what the constructor of the cell returns.
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Model<F>> {
        let path = path.as_ref();
        let read = || -> std::result::Result<_, Fault> {
            let mut archive = Archive::open(path)?;
            let about = About::of(&archive)?.ok_or(Fault::NoArchitecture)?;
            self.read_model(&mut archive, &about)
        };
        read().map_err(|fault| fault.at(path))
    }

    /// Loads a [`Stack`], as [`load_stack`] does.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_stack(&self, path: impl AsRef<Path>) -> Result<Stack<F>> {
        let path = path.as_ref();
        let read = || -> std::result::Result<_, Fault> {
            let mut archive = Archive::open(path)?;
            let about = About::of(&archive)?.ok_or(Fault::NoArchitecture)?;
            if about.model.output.is_some() {
                return Err(Fault::Kind { expected: STACK, found: MODEL });
            }
            let (mut rnn, names) = self.stack(&archive, &about.model)?;
            described(&mut archive, &about, &rnn, None, &names)?.set(&mut rnn)?;
            Ok(rnn)
        };
        read().map_err(|fault| fault.at(path))
    }

    /// Loads a checkpoint, as [`load_checkpoint`](crate::load_checkpoint) does.
    ///
    /// # Errors
    /// As [`load_checkpoint`](crate::load_checkpoint), and what the constructor of the cell returns.
    pub fn load_checkpoint(&self, path: impl AsRef<Path>) -> Result<(Model<F>, Progress<F>)> {
        let path = path.as_ref();
        checkpoint::read(path, self).map_err(|fault| fault.at(path))
    }

    /// The model that a file describes. The other tensors of a checkpoint are not read.
    pub(crate) fn read_model(
        &self,
        archive: &mut Archive,
        about: &About,
    ) -> std::result::Result<Model<F>, Fault> {
        let output = about.model.output.ok_or(Fault::Kind { expected: MODEL, found: STACK })?;
        let (rnn, names) = self.stack(archive, &about.model)?;
        // The file must have the head's tensors before memory is allocated for as many outputs.
        archive.expect_shape(&format!("{}weight", names.head), &[output, rnn.output()])?;
        let head = if about.model.head_bias {
            archive.expect_shape(&format!("{}bias", names.head), &[output])?;
            Linear::zeros(rnn.output(), output)?
        } else {
            Linear::zeros_without_bias(rnn.output(), output)?
        };
        let mut model = Model::from_parts(rnn, head)?.with_readout(about.model.readout());
        described(archive, about, &model.rnn, Some(&model.head), &names)?.set(&mut model)?;
        Ok(model)
    }

    /// A stack of zeros as the file describes it, and the names of its parameters.
    fn stack(
        &self,
        archive: &Archive,
        model: &Architecture,
    ) -> std::result::Result<(Stack<F>, Names), Fault> {
        let cell = self.make(&model.cell)?;
        let names = Names::of_one(model.prefix.clone(), model.head.clone());
        let options = model.options();
        Shapes::of(&cell, options)?.check(
            archive,
            model.input,
            &model.hidden,
            |parameter, level, suffix| names.recurrent(parameter, level, suffix),
        )?;
        Ok((Stack::zeros(cell, model.input, &model.hidden, options)?, names))
    }

    fn make(&self, text: &str) -> std::result::Result<Cell<F>, Fault> {
        let name = cell_name(text)?;
        let own = self.cells.iter().rev().find(|(base, _)| base == name.base());
        let cell = match own {
            Some((_, make)) => make(&name)?,
            None => F::builtin(&name)?,
        };
        let made: Name = cell.to_string().parse()?;
        if !same::<F>(&made, &name) {
            let (what, expected, found) = ("the cell", made.to_string(), name.to_string());
            return Err(Fault::OtherNetwork { what, expected, found });
        }
        Ok(cell)
    }
}

/// Whether two names are the same. Numbers may differ as far as the float type of the network rounds them.
fn same<F: Element>(made: &Name, found: &Name) -> bool {
    let value = |made: &str, found: &str| {
        if let (Ok(made), Ok(found)) = (made.parse::<f64>(), found.parse::<f64>()) {
            return made == found || F::rounded(made) == F::rounded(found);
        }
        matches!((made.parse(), found.parse()), (Ok(made), Ok(found)) if same::<F>(&made, &found))
    };
    made.base() == found.base()
        && made.settings().count() == found.settings().count()
        && made.settings().zip(found.settings()).all(|((k, a), (l, b))| k == l && value(a, b))
}

const STACK: &str = "recurrent layers without a head";
const MODEL: &str = "recurrent layers with a head";

/// Loads a [`Model`] that [`save`](crate::save) wrote, or that of a checkpoint, if its cell is built in. [`Loader`] loads
/// models with cells of the caller's own.
///
/// Every tensor must be there, in its shape and finite, and there must be no others. Other float types than `F` are
/// converted, as [`Element`] describes.
///
/// # Errors
/// Every [`Fault`] that a file can have, with the tensor, what was expected and what was found. No file makes this panic, or
/// take more memory than a few times the size of the file.
pub fn load<F: Element>(path: impl AsRef<Path>) -> Result<Model<F>> {
    Loader::new().load(path)
}

/// Loads a [`Stack`] that [`save`](crate::save) wrote, as [`load`].
///
/// # Errors
/// As [`load`].
pub fn load_stack<F: Element>(path: impl AsRef<Path>) -> Result<Stack<F>> {
    Loader::new().load_stack(path)
}
