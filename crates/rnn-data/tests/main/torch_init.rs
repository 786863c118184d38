//! Initializations by name against what PyTorch drew: `torch.manual_seed(0); nn.init.…(torch.empty(rows, columns))`, in
//! float32, by PyTorch 2.15.0 on an x86-64 processor.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]
#![expect(clippy::unreadable_literal, reason = "they are PyTorch's output")]

use rnn_core::init::{Fan, Init, gain};
use rnn_core::{Linear, Parameters};
use rnn_data::TorchRng;

/// The weight of a linear head is one matrix, (rows, columns).
fn check(init: Init, (rows, columns): (usize, usize), within: f32, want: &[f32]) {
    let mut head = Linear::<f32>::zeros(columns, rows).unwrap();
    head.initialize(init, &mut TorchRng::new(0)).unwrap();
    let weight = head.parameter("head.weight").unwrap();
    assert_eq!(weight.len(), want.len());
    for (found, want) in weight.iter().zip(want) {
        assert!((found - want).abs() <= within, "{init:?}: {found}, PyTorch has {want}");
    }
}

/// Bit for bit: the same draws, scaled by the same operations.
#[test]
fn xavier_and_kaiming() {
    // xavier_uniform_(w, gain=calculate_gain('tanh'))
    check(
        Init::XavierUniform { gain: gain::TANH },
        (5, 4),
        0.0,
        &[
            -0.010188272,
            0.7300073,
            -1.1200227,
            -1.0014862,
            -0.52412874,
            0.36491597,
            -0.026962323,
            1.0789859,
            -0.12076535,
            0.3600921,
            -0.41125992,
            -0.26749164,
            -1.3000647,
            -0.90125185,
            -0.5609646,
            0.050409917,
            0.53798306,
            0.8165276,
            -0.922561,
            -0.59258986,
        ],
    );
    // xavier_normal_(w, gain=calculate_gain('tanh'))
    check(
        Init::XavierNormal { gain: gain::TANH },
        (5, 4),
        0.0,
        &[
            -0.8845433,
            -0.9053797,
            -0.19687313,
            -0.3408874,
            0.47049272,
            -1.2217981,
            -0.26819804,
            1.4558592,
            0.36777127,
            -0.1239106,
            1.1342466,
            0.20902817,
            1.0915892,
            1.246342,
            0.74348223,
            -0.6628551,
            0.7321121,
            0.9891711,
            1.5752615,
            0.0422197,
        ],
    );
    // kaiming_uniform_(w)
    check(
        Init::KaimingUniform { fan: Fan::In, gain: gain::RELU },
        (5, 4),
        0.0,
        &[
            -0.009169445,
            0.65700656,
            -1.0080204,
            -0.90133756,
            -0.47171584,
            0.32842436,
            -0.024266092,
            0.97108734,
            -0.10868882,
            0.32408288,
            -0.37013394,
            -0.24074246,
            -1.1700583,
            -0.81112665,
            -0.50486815,
            0.045368925,
            0.48418477,
            0.73487484,
            -0.8303049,
            -0.5333309,
        ],
    );
    // kaiming_normal_(w, mode='fan_out')
    check(
        Init::KaimingNormal { fan: Fan::Out, gain: gain::RELU },
        (5, 4),
        0.0,
        &[
            -0.71204364,
            -0.72881657,
            -0.15847981,
            -0.27440906,
            0.37873933,
            -0.9835285,
            -0.21589527,
            1.171944,
            0.29605016,
            -0.09974611,
            0.91305083,
            0.16826442,
            0.8787123,
            1.0032859,
            0.5984916,
            -0.533588,
            0.5893389,
            0.79626733,
            1.268061,
            0.0339862,
        ],
    );
}

/// The same Gaussian matrix has one Q with these signs. PyTorch factorizes in single precision, we in double.
#[test]
fn orthogonal() {
    // orthogonal_(w, gain=1.5)
    check(
        Init::Orthogonal { gain: 1.5 },
        (4, 4),
        1e-6,
        &[
            -1.1636806,
            -0.22146772,
            -0.063965045,
            -0.9179914,
            0.8772365,
            0.028780377,
            -0.55974776,
            -1.0799586,
            0.3331069,
            -1.1824677,
            0.8382312,
            -0.1953932,
            0.12386951,
            0.89548534,
            1.1090353,
            -0.45033646,
        ],
    );
    // orthogonal_(w, gain=1.5)
    check(
        Init::Orthogonal { gain: 1.5 },
        (5, 3),
        1e-6,
        &[
            1.1925302,
            0.25546506,
            -0.4178186,
            0.43989176,
            -0.7533136,
            -0.82732284,
            0.3121379,
            0.86106324,
            0.024400609,
            -0.31213534,
            -0.6515019,
            -0.3394502,
            -0.66295457,
            0.67184174,
            -1.1292222,
        ],
    );
    // orthogonal_(w, gain=1.5)
    check(
        Init::Orthogonal { gain: 1.5 },
        (3, 5),
        1e-6,
        &[
            0.78334594,
            -0.14916089,
            -1.1075602,
            0.28895485,
            -0.55130327,
            -0.80471903,
            0.31584382,
            -0.21434122,
            -0.538153,
            -1.0803331,
            -0.66137475,
            0.099390864,
            -0.06848279,
            1.3346293,
            -0.12953702,
        ],
    );
}
