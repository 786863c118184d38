use plotters::style::RGBAColor;

/// Viridis at `t` in 0..=1: dark blue to yellow, perceptually uniform, readable in grey.
///
/// A polynomial of degree six, within 2 % of the table matplotlib ships.
pub(crate) fn sequential(t: f64) -> RGBAColor {
    const COEFFICIENTS: [[f64; 3]; 7] = [
        [0.277_727_327, 0.005_407_345, 0.334_099_805],
        [0.105_093_043, 1.404_613_530, 1.384_590_163],
        [-0.330_861_829, 0.214_847_559, 0.095_095_163],
        [-4.634_230_499, -5.799_100_973, -19.332_440_956],
        [6.228_269_936, 14.179_933_367, 56.690_552_601],
        [4.776_384_998, -13.745_145_378, -65.353_032_633],
        [-5.435_455_856, 4.645_852_612, 26.312_435_250],
    ];
    let t = t.clamp(0.0, 1.0);
    let channel = |c: usize| {
        let value = COEFFICIENTS.iter().rev().fold(0.0, |sum, row| sum * t + row[c]);
        (255.0 * value).round().clamp(0.0, 255.0) as u8
    };
    RGBAColor(channel(0), channel(1), channel(2), 1.0)
}

/// Blue through near-white to vermilion at `t` in 0..=1, lightest at 0.5.
///
/// Interpolated in Oklab, so that equal steps of `t` look equal on both arms.
pub(crate) fn diverging(t: f64) -> RGBAColor {
    const STOPS: [(u8, u8, u8); 5] =
        [(0x08, 0x2F, 0x5E), (0x2A, 0x84, 0xC0), (0xF7, 0xF7, 0xF7), (0xDE, 0x6E, 0x1C), (0x6E, 0x22, 0x00)];
    let scaled = t.clamp(0.0, 1.0) * (STOPS.len() - 1) as f64;
    let left = (scaled as usize).min(STOPS.len() - 2);
    let (a, b) = (to_oklab(STOPS[left]), to_oklab(STOPS[left + 1]));
    let weight = scaled - left as f64;
    from_oklab([0, 1, 2].map(|c| a[c] + weight * (b[c] - a[c])))
}

/// The color that takes the place of another on a dark ground: as colorful, light where that is dark. White becomes the ground
/// itself; what has a hue stays bright enough for a thin line.
pub(crate) fn in_the_dark(RGBAColor(r, g, b, alpha): RGBAColor) -> RGBAColor {
    let [lightness, a, b] = to_oklab((r, g, b));
    let least = 0.21 + 2.9 * a.hypot(b).min(0.12);
    let RGBAColor(r, g, b, _) = from_oklab([(0.95 - 0.74 * lightness * lightness).max(least), a, b]);
    RGBAColor(r, g, b, alpha)
}

/// sRGB to Oklab (Ottosson 2020, "A perceptual color space for image processing").
fn to_oklab((r, g, b): (u8, u8, u8)) -> [f64; 3] {
    let [r, g, b] = [r, g, b].map(|c| {
        let c = f64::from(c) / 255.0;
        if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    });
    let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
    let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
    let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
    [
        0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s,
        1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s,
        0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s,
    ]
}

fn from_oklab([lightness, a, b]: [f64; 3]) -> RGBAColor {
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    let [r, g, b] = [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
    ]
    .map(|c| {
        let c = if c <= 0.003_130_8 { 12.92 * c } else { 1.055 * c.powf(1.0 / 2.4) - 0.055 };
        (255.0 * c).round().clamp(0.0, 255.0) as u8
    });
    RGBAColor(r, g, b, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequential_follows_the_published_table() {
        // Rows 0, 64, 128, 191 and 255 of matplotlib's viridis.
        let table = [
            (0, [68, 1, 84]),
            (64, [59, 82, 139]),
            (128, [33, 145, 140]),
            (191, [94, 201, 98]),
            (255, [253, 231, 37]),
        ];
        for (row, expected) in table {
            let RGBAColor(r, g, b, _) = sequential(f64::from(row) / 255.0);
            for (got, want) in [r, g, b].into_iter().zip(expected) {
                assert!(i32::from(got).abs_diff(want) <= 5, "row {row}: {r} {g} {b} against {expected:?}");
            }
        }
    }

    /// Would catch: a line or a label that cannot be seen on a dark page.
    #[test]
    fn colors_in_the_dark_contrast_with_the_ground_as_they_do_with_white() {
        let luminance = |RGBAColor(r, g, b, _): RGBAColor| {
            let linear = |c: u8| {
                let c = f64::from(c) / 255.0;
                if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
        };
        let contrast = |a, b| {
            let (a, b) = (luminance(a), luminance(b));
            (f64::max(a, b) + 0.05) / (f64::min(a, b) + 0.05)
        };
        let (white, ground) = (RGBAColor(255, 255, 255, 1.0), RGBAColor(0x16, 0x18, 0x1B, 1.0));
        assert!(contrast(in_the_dark(white), ground) < 1.1);
        let shades = (0..=20).map(|k| sequential(0.92 * f64::from(k) / 20.0));
        for color in (0..8).map(crate::style::palette).chain(shades) {
            let (light, dark) = (contrast(color, white), contrast(in_the_dark(color), ground));
            assert!(dark >= f64::min(light, 3.0), "{color:?}: {light} on white, {dark} in the dark");
        }
        for color in [crate::style::INK, crate::style::GUIDE] {
            assert!(contrast(in_the_dark(color), ground) >= 4.5, "{color:?}");
        }
    }

    #[test]
    fn diverging_is_lightest_in_the_middle_and_hits_its_stops() {
        let lightness = |t| {
            let RGBAColor(r, g, b, _) = diverging(t);
            to_oklab((r, g, b))[0]
        };
        for step in 0..50 {
            let t = f64::from(step) / 100.0;
            assert!(lightness(t) < lightness(t + 0.01) && lightness(1.0 - t) < lightness(0.99 - t), "at {t}");
        }
        assert_eq!(diverging(0.5), RGBAColor(0xF7, 0xF7, 0xF7, 1.0));
        assert_eq!(diverging(-3.0), RGBAColor(0x08, 0x2F, 0x5E, 1.0));
    }
}
