//! Whether a system of linear inequalities has a solution.

/// Inequalities c + r · y ≥ 0 in nonnegative numbers y.
#[derive(Clone, Debug)]
pub(super) struct Inequalities {
    unknowns: usize,
    /// c, and then r; each row is scaled so that the largest entry of r is 1.
    rows: Vec<Vec<f64>>,
}

/// A row counts as violated below this, and an entry as positive above [`PIVOT`].
const SLACK: f64 = -1e-9;
const PIVOT: f64 = 1e-11;

impl Inequalities {
    pub(super) fn new(unknowns: usize) -> Self {
        Self { unknowns, rows: Vec::new() }
    }

    pub(super) fn push(&mut self, constant: f64, row: impl Iterator<Item = f64>) {
        let mut all = Vec::with_capacity(self.unknowns + 1);
        all.push(constant);
        all.extend(row);
        debug_assert_eq!(all.len(), self.unknowns + 1);
        let largest = all[1..].iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        // A row of zeros is its constant alone.
        let scale = if largest > 0.0 { largest } else { all[0].abs().max(1.0) };
        all.iter_mut().for_each(|x| *x /= scale);
        self.rows.push(all);
    }

    /// c + r · y = 0.
    pub(super) fn push_equal(&mut self, constant: f64, row: impl Iterator<Item = f64> + Clone) {
        self.push(constant, row.clone());
        self.push(-constant, row.map(|x| -x));
    }

    pub(super) fn unknowns(&self) -> usize {
        self.unknowns
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.rows.truncate(len);
    }

    /// `false` only if there is no solution, but for rounding. A system that is hard to decide counts as one that has a solution.
    ///
    /// The dual simplex method with nothing to minimize: each slack s = c + r · y is a function of the numbers that are 0. A negative
    /// one is exchanged with a number that would raise it; if there is none, no y ≥ 0 can.
    pub(super) fn may_hold(&self) -> bool {
        let mut table = self.rows.clone();
        for _ in 0..20 * (self.unknowns + table.len()) {
            let worst = (0..table.len()).min_by(|&a, &b| table[a][0].total_cmp(&table[b][0]));
            let Some(row) = worst.filter(|&row| table[row][0] < SLACK) else { return true };
            let best = (1..=self.unknowns).max_by(|&a, &b| table[row][a].total_cmp(&table[row][b]));
            let Some(column) = best.filter(|&column| table[row][column] > PIVOT) else { return false };
            exchange(&mut table, row, column);
        }
        true
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
        rows.iter().for_each(|row| system.push(row[0], row[1..].iter().copied()));
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
