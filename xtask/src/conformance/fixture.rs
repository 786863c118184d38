//! A fixture file: its case, and its tensors with checked access.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use ndarray::{Array, Array2, ArrayD, Dimension, IxDyn};
use rnn_core::{Parameters, Real};
use safetensors::tensor::{SafeTensors, TensorView};

use crate::conformance::keys::{Keys, required};
use crate::conformance::outcome::Stop;

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// The float type of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Float {
    F32,
    F64,
}

/// A fixture. It remembers which tensors were looked at, so that none is left out in silence.
#[derive(Debug)]
pub(super) struct Fixture<'a> {
    /// What the case is.
    pub(super) case: Keys,
    /// The type of every tensor, and the type in which the network has to run.
    pub(super) float: Float,
    tensors: SafeTensors<'a>,
    looked_at: RefCell<BTreeSet<String>>,
}

/// The bytes of `file`, whatever it may be, but never more than a fixture can have.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, Stop> {
    let cannot = |error| Stop::broken(format!("cannot be read: {error}"));
    let metadata = file.metadata().map_err(cannot)?;
    if !metadata.is_file() {
        return Err(Stop::broken("is not a file; fixtures are files"));
    }
    let mut bytes = Vec::new();
    File::open(file).map_err(cannot)?.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Stop::broken("is larger than 1 GiB; make a smaller case"));
    }
    Ok(bytes)
}

impl<'a> Fixture<'a> {
    /// The fixture in these bytes. Nothing is allocated for tensors, and every tensor's shape fits its bytes.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Stop> {
        let not_one = |error| {
            Stop::broken(format!(
                "is not a safetensors file, or is damaged ({error}); copy it again or generate it again"
            ))
        };
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(not_one)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(not_one)?;
        let case = metadata.metadata().as_ref().and_then(|entries| entries.get("case"));
        let case = case.ok_or_else(|| {
            Stop::broken("has no metadata entry \"case\", so it is not a fixture; move it elsewhere")
        })?;
        let case = Keys::parse(case)?;
        let float = match required("dtype", case.text("dtype")?)? {
            "float32" => Float::F32,
            "float64" => Float::F64,
            unknown => return Err(Stop::unsupported(format!("dtype {unknown:?}"))),
        };
        Ok(Self { case, float, tensors, looked_at: RefCell::default() })
    }

    /// The family of the case.
    pub(super) fn family(&self) -> Result<&str, Stop> {
        required("family", self.case.text("family")?)
    }

    /// What every tensor's error may be. An error of 1 is as large as the tensor itself.
    pub(super) fn tolerance(&self) -> Result<f64, Stop> {
        let tolerance = required("tolerance", self.case.number("tolerance")?)?;
        if (0.0..1.0).contains(&tolerance) {
            return Ok(tolerance);
        }
        Err(Stop::broken(format!(
            "its case has tolerance = {tolerance}, which must be at least 0 and below 1"
        )))
    }

    /// Whether there is a tensor of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.tensors.tensor(name).is_ok()
    }

    /// An error unless there is a tensor of this name and shape. This is no look at its numbers.
    pub(super) fn expect_shape(&self, name: &str, shape: &[usize]) -> Result<(), Stop> {
        check_shape(name, self.find(name)?.shape(), shape)
    }

    /// The numbers of a tensor, whatever its shape is.
    pub(super) fn numbers(&self, name: &str) -> Result<ArrayD<f64>, Stop> {
        let view = self.find(name)?;
        let numbers: Vec<f64> = match (self.float, view.dtype()) {
            (Float::F64, safetensors::Dtype::F64) => {
                view.data().as_chunks::<8>().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect()
            }
            (Float::F32, safetensors::Dtype::F32) => {
                view.data().as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes).into()).collect()
            }
            (float, found) => {
                return Err(Stop::broken(format!(
                    "tensor {name:?} is {found:?}, but the case says {float:?}; generate it again"
                )));
            }
        };
        let array = ArrayD::from_shape_vec(IxDyn(view.shape()), numbers).map_err(|error| {
            Stop::broken(format!(
                "tensor {name:?} has the shape {:?}: {error}; generate it again",
                view.shape()
            ))
        })?;
        if let Some((index, value)) = array.indexed_iter().find(|(_, value)| !value.is_finite()) {
            let index = index.slice();
            return Err(Stop::broken(format!(
                "tensor {name:?} holds {value} at {index:?}; choose a case that stays finite"
            )));
        }
        self.looked_at.borrow_mut().insert(name.to_owned());
        Ok(array)
    }

    /// The tensor `lengths`: for each of `batch` sequences, how many of `time` timesteps it has.
    pub(super) fn lengths(&self, batch: usize, time: usize) -> Result<Vec<usize>, Stop> {
        let name = "lengths";
        let view = self.find(name)?;
        check_shape(name, view.shape(), &[batch])?;
        if view.dtype() != safetensors::Dtype::I64 {
            let found = view.dtype();
            return Err(Stop::broken(format!("tensor {name:?} is {found:?}, not I64; generate it again")));
        }
        self.looked_at.borrow_mut().insert(name.to_owned());
        let numbers = view.data().as_chunks::<8>().0.iter().map(|&bytes| i64::from_le_bytes(bytes));
        let length = |length: i64| match usize::try_from(length) {
            Ok(length) if (1..=time).contains(&length) => Ok(length),
            _ => Err(Stop::broken(format!(
                "tensor {name:?} holds {length}, which must be at least 1 and at most {time}; generate it again"
            ))),
        };
        numbers.map(length).collect()
    }

    /// The tensor of this name, which must have this shape, in the float type of the network.
    pub(super) fn array<F: Real, D: Dimension, const N: usize>(
        &self,
        name: &str,
        shape: [usize; N],
    ) -> Result<Array<F, D>, Stop> {
        self.expect_shape(name, &shape)?;
        let array = self.numbers(name)?.mapv(F::of);
        array.into_dimensionality().map_err(|error| Stop::broken(format!("tensor {name:?}: {error}")))
    }

    /// The whole numbers of this tensor, (batch, time), as classes.
    pub(super) fn classes(&self, name: &str, shape: [usize; 2]) -> Result<Array2<usize>, Stop> {
        self.expect_shape(name, &shape)?;
        let view = self.find(name)?;
        let found = view.dtype();
        if found != safetensors::Dtype::I64 {
            return Err(Stop::broken(format!(
                "tensor {name:?} is {found:?}, expected I64; generate it again"
            )));
        }
        let class = |(k, &bytes): (usize, &[u8; 8])| {
            let (number, at) = (i64::from_le_bytes(bytes), [k / shape[1], k % shape[1]]);
            usize::try_from(number).map_err(|_| {
                Stop::broken(format!("tensor {name:?} holds {number} at {at:?}: it must be a class"))
            })
        };
        let numbers = view.data().as_chunks::<8>().0;
        let numbers = numbers.iter().enumerate().map(class).collect::<Result<Vec<_>, _>>()?;
        let array = Array2::from_shape_vec((shape[0], shape[1]), numbers);
        self.looked_at.borrow_mut().insert(name.to_owned());
        array.map_err(|error| Stop::broken(format!("tensor {name:?}: {error}; generate it again")))
    }

    /// Copies the tensors called `prefix` and the name of a parameter into all parameters.
    pub(super) fn fill<F: Real>(&self, prefix: &str, into: &mut impl Parameters<F>) -> Result<(), Stop> {
        let shapes: Vec<_> = into.named().map(|(name, array)| (name.to_owned(), array.raw_dim())).collect();
        for (name, shape) in shapes {
            let tensor = format!("{prefix}{name}");
            self.expect_shape(&tensor, shape.slice())?;
            into.set_parameter(&name, self.numbers(&tensor)?.mapv(F::of).view())?;
        }
        Ok(())
    }

    /// An error that names the tensors nobody looked at: they hold something that was not computed.
    pub(super) fn all_tensors_looked_at(&self) -> Result<(), Stop> {
        const NAMED: usize = 5;
        let looked_at = self.looked_at.borrow();
        let mut left: Vec<&str> =
            self.tensors.names().into_iter().filter(|&name| !looked_at.contains(name)).collect();
        left.sort_unstable();
        if left.is_empty() {
            return Ok(());
        }
        let more = left.len().saturating_sub(NAMED);
        left.truncate(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Err(Stop::unsupported(format!("tensor {}{more} not compared", left.join(", "))))
    }

    fn find(&self, name: &str) -> Result<TensorView<'a>, Stop> {
        let missing = |_| Stop::broken(format!("tensor {name:?} is missing; generate it again"));
        self.tensors.tensor(name).map_err(missing)
    }
}

/// An error that names both shapes unless they are the same.
pub(super) fn check_shape(name: &str, found: &[usize], expected: &[usize]) -> Result<(), Stop> {
    if found == expected {
        return Ok(());
    }
    Err(Stop::broken(format!(
        "tensor {name:?} has the shape {found:?}, expected {expected:?}; generate it again"
    )))
}
