//! Any product: both factors as they lie, packed block by block where that pays.

use pulp::NullaryFnOnce;

use crate::Real;
use crate::kernel::lanes::LANES;
use crate::kernel::matrix::{Matrix, Store};
use crate::kernel::multiply::{into_columns, multiply_right};
use crate::kernel::panels::{Right, pack, packed_len};
use crate::kernel::parallel;
use crate::kernel::reduce::total;
use crate::kernel::simd;

/// How much of k is summed before the next part is packed: a panel of it fits in the first-level cache.
const K_BLOCK: usize = 256;
/// Columns of the right factor that are packed at a time, together for the second-level cache.
const N_BLOCK: usize = 512;
/// Rows of the left factor that are packed at a time.
const M_BLOCK: usize = 64;
/// A right factor of at most so many numbers is read as it lies.
const SMALL: usize = 1 << 16;
/// With fewer rows or columns than this, the other factor is not used often enough to be worth a copy.
const FEW: usize = 128;

/// Room for the packed blocks of [`product`]; grows to what the largest product needs.
#[derive(Clone, Debug, Default)]
pub struct Scratch<F>(Vec<F>);

impl<F: Real> Scratch<F> {
    /// No room yet.
    pub fn new() -> Self {
        Self(Vec::new())
    }

    /// How many numbers there is memory for.
    pub(crate) fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

/// `c = a b`, `c += a b` or `c = bias + a b`, with `c` row-major, (a.rows, b.cols), and any factors.
///
/// Large products are shared among the threads, by rows of `c`: the bits do not depend on how many there are.
///
/// # Panics
/// If the sizes do not fit.
pub fn product<F: Real>(
    c: &mut [F],
    store: Store<'_, F>,
    a: Matrix<'_, F>,
    b: Matrix<'_, F>,
    scratch: &mut Scratch<F>,
) {
    let (m, k, n) = (a.rows, a.cols, b.cols);
    assert_eq!(k, b.rows, "({m} x {k}) times ({} x {n})", b.rows);
    assert_eq!(Some(c.len()), m.checked_mul(n), "the product of ({m} x {k}) and ({k} x {n})");
    if let Store::Bias(bias) = store {
        assert_eq!(bias.len(), n, "a bias for each column");
    }
    if m == 0 || n == 0 {
        return;
    }
    if n == 1 && a.col_stride == 1 && k > 1 && b.row_stride == 1 {
        return rows_times_vector(c, store, a, b);
    }
    // A column is its own transpose in memory: let the long side run along the vector registers.
    let (m, n, a, b) = match store {
        Store::Set | Store::Add if n == 1 => (1, m, b.t(), a.t()),
        _ => (m, n, a, b),
    };
    if k.saturating_mul(n) <= SMALL
        && let Some(b) = Right::as_it_lies(b)
    {
        return multiply_right(c, store, a, b);
    }
    let tasks = parallel::tasks(m, parallel::work(&[m, k, n]), 1);
    let size = Blocks::of(m, k, n).len::<F>();
    if scratch.0.len() < tasks * size {
        scratch.0.resize(tasks * size, F::zero());
    }
    let (room, _) = scratch.0.split_at_mut(tasks * size);
    parallel::enter(tasks, || parallel::run(tasks, Blocked { c, store, a, b, room, size }));
}

/// How large the blocks of a product are.
struct Blocks {
    m: usize,
    k: usize,
    n: usize,
}

impl Blocks {
    fn of(m: usize, k: usize, n: usize) -> Self {
        Self { m: m.min(M_BLOCK), k: k.min(K_BLOCK), n: n.min(N_BLOCK) }
    }

    /// How many numbers the packed blocks take.
    fn len<F>(&self) -> usize {
        self.m * self.k + packed_len::<F>(self.k, self.n)
    }
}

/// A product or a part of its rows, and `size` numbers of room for each task that it may be cut into.
struct Blocked<'a, F> {
    c: &'a mut [F],
    store: Store<'a, F>,
    a: Matrix<'a, F>,
    b: Matrix<'a, F>,
    room: &'a mut [F],
    size: usize,
}

impl<F: Real> parallel::Rows for Blocked<'_, F> {
    fn rows(&self) -> usize {
        self.a.rows
    }

    fn split(self, row: usize, tasks: usize) -> (Self, Self) {
        let Self { c, store, a, b, room, size } = self;
        let (c0, c1) = c.split_at_mut(row * b.cols);
        let (room0, room1) = room.split_at_mut(tasks * size);
        let (a0, a1) = a.cut(row);
        (
            Self { c: c0, store, a: a0, b, room: room0, size },
            Self { c: c1, store, a: a1, b, room: room1, size },
        )
    }

    /// Goto and van de Geijn 2008, *Anatomy of high-performance matrix multiplication*, ACM TOMS 34(3), figure 8: blocks
    /// of the right factor stay in the second-level cache, a panel of it in the first, and the left factor streams by.
    fn run(self) {
        let Self { c, store, a, b, room, .. } = self;
        let (m, k, n) = (a.rows, a.cols, b.cols);
        let blocks = Blocks::of(m, k, n);
        let (left, right) = room.split_at_mut(blocks.m * blocks.k);
        for col in (0..n).step_by(N_BLOCK) {
            let cols = (n - col).min(N_BLOCK);
            let store = match store {
                Store::Bias(bias) => Store::Bias(&bias[col..][..cols]),
                other => other,
            };
            for p in (0..k.max(1)).step_by(K_BLOCK) {
                let depth = (k - p).min(K_BLOCK);
                let store = if p == 0 { store } else { Store::Add };
                let right = arrange(b.part((p, col), (depth, cols)), m, right);
                for row in (0..m).step_by(M_BLOCK) {
                    let rows = (m - row).min(M_BLOCK);
                    let a = gather(a.part((row, p), (rows, depth)), n, left);
                    into_columns(&mut c[row * n + col..], n, store, a, right);
                }
            }
        }
    }
}

/// A block of the right factor, packed unless few rows will meet it and it can be read as it lies.
fn arrange<'a, F: Real>(b: Matrix<'a, F>, m: usize, room: &'a mut [F]) -> Right<'a, F> {
    if m < FEW
        && let Some(right) = Right::as_it_lies(b)
    {
        return right;
    }
    let room = &mut room[..packed_len::<F>(b.rows, b.cols)];
    pack(b, room);
    Right::packed(room, b.rows, b.cols)
}

/// A block of the left factor, copied side by side if its columns are few numbers at large distances and will meet many
/// columns.
fn gather<'a, F: Real>(a: Matrix<'a, F>, n: usize, room: &'a mut [F]) -> Matrix<'a, F> {
    if a.row_stride != 1 || a.rows * a.cols == 0 || n < FEW {
        return a;
    }
    let room = &mut room[..a.rows * a.cols];
    for (p, to) in room.chunks_exact_mut(a.rows).enumerate() {
        to.copy_from_slice(&a.data[p * a.col_stride..][..a.rows]);
    }
    Matrix { data: room, col_stride: a.rows, ..a }
}

/// y = A x for a matrix whose rows and a vector whose numbers lie side by side.
pub(crate) fn rows_times_vector<F: Real>(
    y: &mut [F],
    store: Store<'_, F>,
    a: Matrix<'_, F>,
    x: Matrix<'_, F>,
) {
    assert!(x.cols == 1 && x.rows == a.cols && y.len() == a.rows);
    assert!(a.col_stride == 1 && x.row_stride == 1);
    simd::dispatch(RowsTimesVector { y, store, a, x: &x.data[..x.rows] });
}

/// y = A x by dot products, each in sixteen partial sums.
struct RowsTimesVector<'a, 'c, F> {
    y: &'c mut [F],
    store: Store<'a, F>,
    a: Matrix<'a, F>,
    x: &'a [F],
}

impl<F: Real> NullaryFnOnce for RowsTimesVector<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let (x_blocks, x_rest) = self.x.as_chunks::<LANES>();
        for (i, y) in self.y.iter_mut().enumerate() {
            let row = &self.a.data[i * self.a.row_stride..][..self.x.len()];
            let (blocks, rest) = row.as_chunks::<LANES>();
            let mut sums = [F::zero(); LANES];
            for (block, x) in blocks.iter().zip(x_blocks) {
                for lane in 0..LANES {
                    sums[lane] += block[lane] * x[lane];
                }
            }
            let dot = rest.iter().zip(x_rest).fold(total(sums), |sum, (&r, &x)| sum + r * x);
            *y = match self.store {
                Store::Set => dot,
                Store::Add => *y + dot,
                Store::Bias(bias) => bias[0] + dot,
            };
        }
    }
}
