//! The numbers that seeds give. They are part of what results depend on: a change here is a breaking one.

use rand::Rng;
use rnn_core::{Random, Timesteps};
use rnn_data::{CumulativeAverage, PortableRng, Task};

fn uniforms(mut rng: PortableRng) -> [f64; 4] {
    let mut out = [0.0; 4];
    rng.fill_uniform(0.0, 1.0, &mut out);
    out
}

fn normals(mut rng: PortableRng) -> [f64; 4] {
    let mut out = [0.0; 4];
    rng.fill_normal(&mut out);
    out
}

#[test]
fn portable_bits() {
    let mut rng = PortableRng::new(0);
    assert_eq!([rng.next_u64(), rng.next_u64()], [4_111_470_453_933_123_814, 925_620_805_242_919_413]);
    assert_eq!([rng.next_u32(), rng.next_u32()], [3_117_151_345, 2_460_862_291]);
    let mut bytes = [0; 4];
    rng.fill_bytes(&mut bytes);
    assert_eq!(bytes, [226, 192, 53, 73]);
}

#[test]
fn portable_uniforms() {
    let first = [
        0.222_883_259_913_212_78,
        0.050_178_004_397_107_734,
        0.194_903_719_175_087_3,
        0.910_996_585_053_616_1,
    ];
    assert_eq!(uniforms(PortableRng::new(0)), first);
    let last = [
        0.256_471_830_688_876_13,
        0.040_003_758_226_431_43,
        0.374_093_131_730_342_75,
        0.338_162_424_903_067_47,
    ];
    assert_eq!(uniforms(PortableRng::new(u64::MAX)), last);
}

#[test]
fn portable_normals() {
    let first = [
        -0.421_479_822_620_764_4,
        -0.494_041_029_246_342_4,
        -0.999_865_312_744_262_5,
        1.530_565_754_256_277_2,
    ];
    assert_eq!(normals(PortableRng::new(0)), first);
    let last = [
        -0.787_890_032_040_151_7,
        -2.090_323_192_808_553_7,
        -0.487_645_214_879_431_13,
        -0.501_348_559_679_044_6,
    ];
    assert_eq!(normals(PortableRng::new(u64::MAX)), last);
}

#[test]
fn portable_streams() {
    let rng = PortableRng::new(0);
    let seeds = [12_035_550_249_420_947_055, 627_405_149_472_732_430, 1_743_917_784_442_841_159];
    assert_eq!([rng.stream(0).seed(), rng.stream(1).seed(), rng.stream(1).stream(1).seed()], seeds);
    let child = [
        -1.448_874_505_859_618_6,
        -1.024_255_810_559_374_2,
        0.413_983_494_552_995_93,
        2.806_230_411_554_037_3,
    ];
    assert_eq!(normals(rng.stream(1)), child);
}

#[test]
fn cumulative_average() {
    let task = CumulativeAverage::new(2).unwrap();
    let batch = task.sample::<f64>(2, &mut PortableRng::new(0)).unwrap();
    assert_eq!(batch.x.as_slice().unwrap(), normals(PortableRng::new(0)));
    let y = [
        -0.421_479_822_620_764_4,
        -0.457_760_425_933_553_37,
        -0.999_865_312_744_262_5,
        0.265_350_220_756_007_34,
    ];
    assert_eq!(batch.y.as_slice().unwrap(), y);
    assert_eq!((task.baseline(Timesteps::All), task.baseline(Timesteps::Last)), (0.75, 0.5));
}
