//! Learning rates against PyTorch's schedulers.
//!
//! ```python
//! import torch; from torch.optim import lr_scheduler as S
//! sgd = lambda: torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=.5)
//! def closed(s, n):
//!     for s.last_epoch in range(n): print(s._get_closed_form_lr()[0])
//! def run(s, n):
//!     for _ in range(n): print(s.get_last_lr()[0]); s.optimizer.step(); s.step()
//! closed(S.StepLR(sgd(), 3, .3), 10)
//! closed(S.LinearLR(sgd(), 1 / 4, total_iters=3), 3); closed(S.CosineAnnealingLR(sgd(), 7, .01), 8)
//! run(S.OneCycleLR(sgd(), .5, total_steps=12, cycle_momentum=False), 12)
//! run(S.OneCycleLR(sgd(), .5, total_steps=9, pct_start=.45, div_factor=7., final_div_factor=30., cycle_momentum=False), 9)
//! run(S.OneCycleLR(sgd(), .5, total_steps=4, pct_start=.0, cycle_momentum=False), 4)
//! ```

use proptest::prelude::*;
use rnn_core::{Cosine, OneCycle, Schedule};

/// Within two units in the last place, as cosines of two libraries may differ by one.
#[track_caller]
fn assert_rates(schedule: Schedule, want: &[f64]) {
    for (step, want) in want.iter().enumerate() {
        let found = schedule.lr(step as u64);
        assert!((found - want).abs() <= 2.0 * f64::EPSILON * want, "step {step}: {found:e}, not {want:e}");
    }
}

#[test]
fn step_decay() {
    let want = [0.5, 0.5, 0.5, 0.15, 0.15, 0.15, 0.045, 0.045, 0.045, 0.013_499_999_999_999_998];
    assert_rates(Schedule::step_decay(0.5, 3, 0.3).unwrap(), &want);
}

#[test]
fn cosine_after_a_warm_up() {
    let schedule = Schedule::cosine(Cosine { lr: 0.5, min: 0.01, warm_up: 3, total: 10 }).unwrap();
    let want = [
        0.125,
        0.25,
        0.375,
        0.5,
        0.475_737_372_636_092_67,
        0.407_755_001_455_389_73,
        0.309_517_628_819_297,
        0.200_482_371_180_703,
        0.102_244_998_544_610_29,
        0.034_262_627_363_907_34,
        0.01,
        0.01, // where PyTorch's would rise again
    ];
    assert_rates(schedule, &want);
}

#[test]
fn one_cycle() {
    let want = [
        0.020_000_000_000_000_018,
        0.174_894_827_109_791_54,
        0.439_642_579_561_064_34,
        0.497_207_717_725_455_86,
        0.466_506_484_920_705_84,
        0.405_872_826_974_881_5,
        0.323_689_498_847_551_66,
        0.231_318_551_333_487_53,
        0.141_530_499_104_349_62,
        0.066_738_765_094_415_3,
        0.017_283_493_712_697_61,
        2e-6,
        2e-6, // PyTorch's ends here
    ];
    assert_rates(Schedule::one_cycle(OneCycle::new(0.5, 12)).unwrap(), &want);
    let want = [
        0.071_428_571_428_571_4,
        0.175_401_542_533_607_62,
        0.386_423_587_791_568_6,
        0.499_715_876_403_892_26,
        0.456_129_054_189_089_3,
        0.332_568_100_396_834_65,
        0.177_313_858_995_703,
        0.050_831_566_876_200_884,
        0.002_380_952_380_952_380_7,
    ];
    let odd = OneCycle { rise: 0.45, div: 7.0, final_div: 30.0, ..OneCycle::new(0.5, 9) };
    assert_rates(Schedule::one_cycle(odd).unwrap(), &want);
    let falling = OneCycle { rise: 0.0, ..OneCycle::new(0.5, 4) };
    let want = [0.426_776_988_189_855_65, 0.250_001, 0.073_225_011_810_144_32, 2e-6];
    assert_rates(Schedule::one_cycle(falling).unwrap(), &want);
}

/// Peaks at the very first or last step divide by no step; a step of which PyTorch knows nothing is like the last one.
#[test]
fn edges() {
    let rising = Schedule::one_cycle(OneCycle { rise: 1.0, ..OneCycle::new(0.5, 4) }).unwrap();
    assert_eq!([rising.lr(3), rising.lr(u64::MAX)], [0.5, 0.5]);
    let at_once = Schedule::one_cycle(OneCycle { rise: 0.25, ..OneCycle::new(0.5, 4) }).unwrap();
    assert_eq!(at_once.lr(0), 0.5);
    let single = Schedule::one_cycle(OneCycle::new(0.5, 1)).unwrap();
    assert_eq!(single.lr(0), 0.5 / 25.0 / 1e4);
    assert_eq!(Schedule::constant(0.3).unwrap().lr(u64::MAX), 0.3);
    assert_eq!(Schedule::step_decay(0.3, 1, 0.5).unwrap().lr(u64::MAX), 0.0);
}

#[test]
fn bad_settings_are_named() {
    #[track_caller]
    fn refused(schedule: rnn_core::Result<Schedule>, start: &str) {
        let message = schedule.unwrap_err().to_string();
        assert!(message.starts_with(start), "{message}");
    }
    let (cosine, cycle) = (Cosine::new(0.1, 10), OneCycle::new(0.1, 10));
    for bad in [-0.1, f64::NAN, f64::INFINITY] {
        refused(Schedule::constant(bad), &format!("lr = {bad}:"));
        refused(Schedule::step_decay(bad, 1, 0.5), &format!("lr = {bad}:"));
        refused(Schedule::step_decay(0.1, 1, bad), &format!("gamma = {bad}:"));
        refused(Schedule::cosine(Cosine { lr: bad, ..cosine }), &format!("lr = {bad}:"));
        refused(Schedule::cosine(Cosine { min: bad, ..cosine }), &format!("min = {bad}:"));
        refused(Schedule::one_cycle(OneCycle { max_lr: bad, ..cycle }), &format!("max_lr = {bad}:"));
        refused(Schedule::one_cycle(OneCycle { rise: bad, ..cycle }), &format!("rise = {bad}:"));
        refused(Schedule::one_cycle(OneCycle { div: bad, ..cycle }), &format!("div = {bad}:"));
        refused(Schedule::one_cycle(OneCycle { final_div: bad, ..cycle }), &format!("final_div = {bad}:"));
    }
    refused(Schedule::step_decay(0.1, 0, 0.5), "every = 0:");
    refused(Schedule::step_decay(0.1, 1, 0.0), "gamma = 0:");
    refused(Schedule::cosine(Cosine { min: 0.2, ..cosine }), "min = 0.2:");
    refused(Schedule::cosine(Cosine { warm_up: 10, ..cosine }), "warm_up = 10:");
    refused(Schedule::cosine(Cosine::new(0.1, 0)), "total = 0:");
    refused(Schedule::one_cycle(OneCycle::new(0.1, 0)), "total = 0:");
}

proptest! {
    /// No setting that is allowed gives a rate that an optimizer refuses, or one above the largest.
    #[test]
    fn rates_are_rates(
        (lr, min, rise) in (0.0..10.0_f64, 0.0..=1.0_f64, 0.0..=1.0_f64),
        (total, warm_up, step) in (1..200_u64, 0..200_u64, 0..400_u64),
    ) {
        let cosine = Cosine { lr, min: lr * min, warm_up: warm_up % total, total };
        for schedule in [
            Schedule::cosine(cosine).unwrap(),
            Schedule::one_cycle(OneCycle { rise, ..OneCycle::new(lr, total) }).unwrap(),
            Schedule::step_decay(lr, total, 0.9).unwrap(),
        ] {
            let rate = schedule.lr(step);
            prop_assert!((0.0..=lr * (1.0 + 1e-15)).contains(&rate), "{rate} of {schedule:?}");
        }
    }
}
