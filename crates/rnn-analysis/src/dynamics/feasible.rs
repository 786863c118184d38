//! Whether a system of linear inequalities has a solution.

/// Inequalities c + r · y ≥ 0 in nonnegative numbers y, of which more and more are added.
///
/// With a slack s = c + r · y for each of them, all of y and s are to be nonnegative. The table writes some of these numbers as
/// functions of the others, which are as many as there are unknowns, and which are 0. [`may_hold`](Self::may_hold) exchanges numbers until
/// those that are not 0 are nonnegative too, and what is added later starts from there.
#[derive(Clone, Debug)]
pub(super) struct Inequalities {
    /// Where the numbers that are 0 stand among y and then s, in the order of the table's columns.
    zero: Vec<usize>,
    /// Where those of the rows stand.
    other: Vec<usize>,
    /// A constant, and then a factor for each number that is 0.
    table: Vec<Vec<f64>>,
    unknowns: usize,
    slacks: usize,
}

/// A slack counts as negative below this, and a factor as positive above [`PIVOT`], if the largest factor of an inequality is 1.
const SLACK: f64 = -1e-9;
const PIVOT: f64 = 1e-11;

/// The most exchanges for one decision: few are needed after an inequality was added, unless they go round in a circle.
const EXCHANGES: usize = 60;

impl Inequalities {
    pub(super) fn new(unknowns: usize) -> Self {
        Self { zero: (0..unknowns).collect(), other: Vec::new(), table: Vec::new(), unknowns, slacks: 0 }
    }

    pub(super) fn unknowns(&self) -> usize {
        self.unknowns
    }

    pub(super) fn rows(&self) -> usize {
        self.table.len()
    }

    /// c + r · y ≥ 0.
    pub(super) fn push(&mut self, constant: f64, row: impl Iterator<Item = f64>) {
        let mut row: Vec<f64> = row.collect();
        debug_assert_eq!(row.len(), self.unknowns);
        let largest = row.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        // A row of zeros is its constant alone.
        let scale = if largest > 0.0 { largest } else { constant.abs().max(1.0) };
        for x in &mut row {
            *x /= scale;
        }
        let mut written = vec![0.0; self.unknowns + 1];
        written[0] = constant / scale;
        for (column, &at) in self.zero.iter().enumerate() {
            if let Some(factor) = row.get(at) {
                written[column + 1] += factor;
            }
        }
        for (known, &at) in self.table.iter().zip(&self.other) {
            if let Some(&factor) = row.get(at).filter(|factor| **factor != 0.0) {
                written.iter_mut().zip(known).for_each(|(to, x)| *to += factor * x);
            }
        }
        self.table.push(written);
        self.other.push(self.unknowns + self.slacks);
        self.slacks += 1;
    }

    /// c + r · y = 0.
    pub(super) fn push_equal(&mut self, constant: f64, row: impl Iterator<Item = f64> + Clone) {
        self.push(constant, row.clone());
        self.push(-constant, row.map(|x| -x));
    }

    /// `false` only if there is no solution, but for rounding. A system that is hard to decide counts as one that has a solution.
    ///
    /// The dual simplex method with nothing to minimize: a negative number is exchanged with one that is 0 and would raise it; if there is
    /// none, no choice of nonnegative numbers can.
    pub(super) fn may_hold(&mut self) -> bool {
        self.forget();
        let table = &mut self.table;
        for _ in 0..EXCHANGES {
            let worst = (0..table.len()).min_by(|&a, &b| table[a][0].total_cmp(&table[b][0]));
            let Some(row) = worst.filter(|&row| table[row][0] < SLACK) else { return true };
            let best = (1..=self.unknowns).max_by(|&a, &b| table[row][a].total_cmp(&table[row][b]));
            let Some(column) = best.filter(|&column| table[row][column] > PIVOT) else { return false };
            exchange(table, row, column);
            std::mem::swap(&mut self.other[row], &mut self.zero[column - 1]);
        }
        true
    }
}

impl Inequalities {
    /// Leaves out inequalities that hold for all nonnegative numbers.
    fn forget(&mut self) {
        let needed = |(row, &at): (&Vec<f64>, &usize)| at < self.unknowns || row.iter().any(|&x| x < 0.0);
        let keep: Vec<bool> = self.table.iter().zip(&self.other).map(needed).collect();
        if keep.contains(&false) {
            let mut kept = keep.iter();
            self.table.retain(|_| kept.next() == Some(&true));
            let mut kept = keep.iter();
            self.other.retain(|_| kept.next() == Some(&true));
        }
    }
}

/// Solves `row` for the number of `column`, and puts it into all others.
fn exchange(table: &mut [Vec<f64>], row: usize, column: usize) {
    let pivot = table[row][column];
    for x in &mut table[row] {
        *x = -*x / pivot;
    }
    table[row][column] = 1.0 / pivot;
    let solved = table[row].clone();
    for (at, other) in table.iter_mut().enumerate() {
        let factor = other[column];
        if at == row || factor == 0.0 {
            continue;
        }
        for (k, (x, solved)) in other.iter_mut().zip(&solved).enumerate() {
            *x = if k == column { factor * solved } else { *x + factor * solved };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(rows: &[[f64; 3]]) -> bool {
        let mut system = Inequalities::new(2);
        for row in rows {
            system.push(row[0], row[1..].iter().copied());
        }
        system.may_hold()
    }

    #[test]
    fn small_systems_are_decided() {
        assert!(holds(&[]));
        // x ≥ 1 and y ≥ 2 and x + y ≤ 3.1; not 2.9.
        assert!(holds(&[[-1.0, 1.0, 0.0], [-2.0, 0.0, 1.0], [3.1, -1.0, -1.0]]));
        assert!(!holds(&[[-1.0, 1.0, 0.0], [-2.0, 0.0, 1.0], [2.9, -1.0, -1.0]]));
        // x ≤ −1 has no solution, nor does −1 ≥ 0.
        assert!(!holds(&[[-1.0, -1.0, 0.0]]));
        assert!(!holds(&[[-1.0, 0.0, 0.0]]));
        // x − y ≥ 1 and y − x ≥ 1.
        assert!(!holds(&[[-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]]));
        // x = 2 y, x + y = 3 as four inequalities.
        let equal = [[0.0, 1.0, -2.0], [0.0, -1.0, 2.0], [-3.0, 1.0, 1.0], [3.0, -1.0, -1.0]];
        assert!(holds(&equal));
    }
}
