//! Diagrams of networks: boxes for layers, arrows for what flows.

use std::fmt::Write as _;

use maud::{PreEscaped, html};

/// Distance of two timesteps, and of two layers.
const STEP: f64 = 84.0;
const LEVEL: f64 = 58.0;
/// Half the side of a box.
const HALF: f64 = 18.0;

/// An `svg` element that grows.
struct Diagram {
    size: (f64, f64),
    label: &'static str,
    parts: String,
}

impl Diagram {
    fn new(size: (f64, f64), label: &'static str) -> Self {
        Self { size, label, parts: String::new() }
    }

    /// A layer at a timestep.
    fn unit(&mut self, (x, y): (f64, f64), name: &str, index: &str) -> &mut Self {
        let (left, top, side) = (x - HALF, y - HALF, 2.0 * HALF);
        let _ = write!(
            self.parts,
            r#"<rect class="unit" x="{left}" y="{top}" width="{side}" height="{side}" rx="5"/>"#
        );
        self.name((x, y + 4.5), name, index, "")
    }

    /// An input or a prediction.
    fn end(&mut self, (x, y): (f64, f64), name: &str, index: &str) -> &mut Self {
        let _ = write!(self.parts, r#"<circle class="end" cx="{x}" cy="{y}" r="15"/>"#);
        self.name((x, y + 4.5), name, index, "")
    }

    /// A symbol with its subscript.
    fn name(&mut self, (x, y): (f64, f64), name: &str, index: &str, class: &str) -> &mut Self {
        let _ = write!(
            self.parts,
            r#"<text class="{class}" x="{x}" y="{y}">{name}<tspan dy="3.5" font-size="9.5">{index}</tspan></text>"#
        );
        self
    }

    /// An arrow, `class` being `wire` or `back`.
    fn arrow(&mut self, from: (f64, f64), to: (f64, f64), class: &str) -> &mut Self {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy);
        let (dx, dy) = (dx / length, dy / length);
        let at = |along: f64, across: f64| {
            format!("{:.1} {:.1}", to.0 - along * dx - across * dy, to.1 - along * dy + across * dx)
        };
        let _ = write!(
            self.parts,
            r#"<path class="{class}" d="M{} {}L{}"/><path class="head {class}" d="M{}L{}L{}Z"/>"#,
            from.0,
            from.1,
            at(6.0, 0.0),
            at(0.0, 0.0),
            at(7.0, 3.6),
            at(7.0, -3.6)
        );
        self
    }

    fn words(&mut self, (x, y): (f64, f64), text: &str) -> &mut Self {
        let _ = write!(self.parts, r#"<text class="words" x="{x}" y="{y}">{text}</text>"#);
        self
    }

    fn finish(&self) -> PreEscaped<String> {
        let (width, height) = self.size;
        PreEscaped(format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{}">{}</svg>"#,
            self.label, self.parts
        ))
    }
}

/// Which neighbours of a box an arrow joins: it starts and ends outside of them.
fn right((x, y): (f64, f64)) -> [(f64, f64); 2] {
    [(x + HALF + 2.0, y), (x + STEP - HALF - 2.0, y)]
}

/// A network folded, and the same along four timesteps.
pub(super) fn unrolled() -> PreEscaped<String> {
    let mut d = Diagram::new(
        (360.0, 214.0),
        "A recurrent network as a loop, and unrolled: at each timestep x is read, the state h goes on to the next timestep, \
         and a prediction is made",
    );
    let (top, middle, bottom) = (26.0, 100.0, 174.0);
    let x = 30.0;
    let column = |d: &mut Diagram, x: f64, t: &str| {
        d.unit((x, middle), "h", t).end((x, bottom), "x", t).end((x, top), "ŷ", t);
        d.arrow((x, bottom - 16.0), (x, middle + HALF + 2.0), "wire");
        d.arrow((x, middle - HALF - 2.0), (x, top + 16.0), "wire");
    };
    column(&mut d, x, "t");
    let (side, m) = (x + HALF, middle);
    let _ = write!(
        d.parts,
        r#"<path class="wire" d="M{} {}C{} {} {} {} {} {}"/>"#,
        side + 1.0,
        m + 8.0,
        side + 30.0,
        m + 18.0,
        side + 30.0,
        m - 24.0,
        side + 9.0,
        m - 11.0
    );
    d.arrow((side + 10.0, m - 11.5), (side + 2.0, m - 7.0), "wire");
    d.words((96.0, middle + 4.0), "=");
    for k in 0..4 {
        let at = 126.0 + 68.0 * f64::from(k);
        column(&mut d, at, &(k + 1).to_string());
        if k < 3 {
            d.arrow((at + HALF + 2.0, middle), (at + 68.0 - HALF - 2.0, middle), "wire");
        }
    }
    d.name((160.0, middle - 11.0), "W", "hh", "");
    d.name((143.0, middle + 42.0), "W", "ih", "");
    d.name((138.0, middle - 34.0), "V", "", "");
    d.words((228.0, 208.0), "time");
    html! {
        figure.diagram data-columns="1" {
            (d.finish())
            figcaption { "The loop on the left is the chain on the right: as many copies as there are timesteps, all with the same weights." }
        }
    }
}

/// Where a sequence is read and where one is written.
pub(super) fn kinds() -> PreEscaped<String> {
    let one = |label: &'static str, name: &str, example: &str, read: &[usize], written: &[usize]| {
        let mut d = Diagram::new((200.0, 176.0), label);
        let (top, middle, bottom) = (24.0, 76.0, 128.0);
        for t in 1..=3_usize {
            let x = 36.0 + 64.0 * (t as f64 - 1.0);
            let index = t.to_string();
            d.unit((x, middle), "h", &index);
            if t < 3 {
                d.arrow((x + HALF + 2.0, middle), (x + 64.0 - HALF - 2.0, middle), "wire");
            }
            if read.contains(&t) {
                d.end((x, bottom), "x", &index).arrow((x, bottom - 16.0), (x, middle + HALF + 2.0), "wire");
            }
            if written.contains(&t) {
                d.end((x, top), "ŷ", &index).arrow((x, middle - HALF - 2.0), (x, top + 16.0), "wire");
            }
        }
        d.words((100.0, 157.0), name).words((100.0, 172.0), example);
        d.finish()
    };
    html! {
        figure.diagram data-columns="2" {
            div.trio {
                (one("One to many: the first timestep reads, all write", "one to many", "a caption for an image", &[1], &[1, 2, 3]))
                (one("Many to one: all timesteps read, the last one writes", "many to one", "the mean of a sequence", &[1, 2, 3], &[3]))
                (one("Many to many: all timesteps read, and all write", "many to many", "the mean so far", &[1, 2, 3], &[1, 2, 3]))
            }
            figcaption {
                "The task here is of the second kind when the loss counts the last timestep only, and of the third when it counts all."
            }
        }
    }
}

/// Layers on top of each other, along time, and one way of a gradient back.
pub(super) fn layers() -> PreEscaped<String> {
    let mut d = Diagram::new(
        (360.0, 268.0),
        "Two layers along four timesteps. The states of the first are the inputs of the second. A gradient of the last \
         loss goes back along both, to the left and down",
    );
    let row = |layer: usize| 156.0 - (LEVEL + 20.0) * layer as f64;
    let column = |t: usize| 54.0 + STEP * t as f64;
    for t in 0..4 {
        let (x, index) = (column(t), (t + 1).to_string());
        d.end((x, 232.0), "x", &index).arrow((x, 216.0), (x, row(0) + HALF + 2.0), "wire");
        d.end((x, 18.0), "ŷ", &index).arrow((x, row(1) - HALF - 2.0), (x, 34.0), "wire");
        d.arrow((x, row(0) - HALF - 2.0), (x, row(1) + HALF + 2.0), "wire");
        for layer in 0..2 {
            d.unit((x, row(layer)), "h", &index);
            if t < 3 {
                let [from, to] = right((x, row(layer)));
                d.arrow(from, to, "wire");
            }
        }
    }
    // The way back, beside the arrows of the way there.
    let (last, below) = (column(3), 9.0);
    d.arrow((last + below, 34.0), (last + below, row(1) - HALF - 2.0), "back");
    d.arrow((last + below, row(1) + HALF + 2.0), (last + below, row(0) - HALF - 2.0), "back");
    for t in 1..4 {
        for layer in 0..2 {
            let [to, from] = right((column(t - 1), row(layer) + below));
            d.arrow(from, to, "back");
        }
    }
    d.arrow((column(0) + below, row(0) + HALF + 2.0), (column(0) + below, 216.0), "back");
    d.words((26.0, row(0) + 4.0), "1").words((26.0, row(1) + 4.0), "2");
    d.words((180.0, 264.0), "time");
    html! {
        figure.diagram data-columns="1" {
            (d.finish())
            figcaption {
                "Two layers along four timesteps. Black: what is computed. Orange: some of the ways by which the gradient of a loss \
                 at the last timestep comes back to the first input."
            }
        }
    }
}
