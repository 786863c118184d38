//! Points on the complex plane: eigenvalues beside the unit circle.

use std::f64::consts::TAU;

use crate::axis::Kind;
use crate::axis::scale::Scale;
use crate::error::Error;
use crate::legend::{Entry, Key};
use crate::line_plot::line::Marker;
use crate::recorder::Pen;
use crate::scene::{Layer, Mark, Scene, View};
use crate::style::{GUIDE, GUIDE_WIDTH, MARKER_RADIUS, SPINE, palette};
use plotters::style::Color as _;

const POINT_ALPHA: f64 = 0.75;
/// Farthest point over the half width of the panel.
const MARGIN: f64 = 1.12;
const CIRCLE_STEPS: u32 = 360;

/// A panel of complex numbers, as eigenvalues of a recurrent matrix, with the unit circle.
///
/// The axes have equal scales and are centered on zero. They reach the unit circle and the farthest
/// finite point, unless [`limit`](Self::limit) says otherwise. Points that are not finite are left
/// out, and a panel in which none remains says so.
///
/// ```
/// use rnn_plot::{ComplexPlane, Figure};
/// let plane = ComplexPlane::new("Eigenvalues of W_{hh}", [(0.3, 0.8), (0.3, -0.8), (1.1, 0.0)])
///     .label("at the start")
///     .points("trained", [(0.2, 0.9), (0.2, -0.9), (0.95, 0.0)]);
/// let png = Figure::untitled().panel_size(460, 400).panel(plane).png()?;
/// # assert_eq!(&png[1..4], b"PNG");
/// # Ok::<(), rnn_plot::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ComplexPlane {
    title: String,
    sets: Vec<(String, Vec<(f64, f64)>)>,
    circles: Vec<(String, f64)>,
    limit: Option<f64>,
}

impl ComplexPlane {
    /// A panel of `points`, pairs of real and imaginary parts; they are copied and have no label yet.
    ///
    /// Drawing fails with [`Error::NoPoints`] if a set is empty.
    pub fn new(title: impl Into<String>, points: impl AsRef<[(f64, f64)]>) -> Self {
        let first = (String::new(), points.as_ref().to_vec());
        Self { title: title.into(), sets: vec![first], circles: Vec::new(), limit: None }
    }

    /// Names the set added last in the legend.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        if let Some((name, _)) = self.sets.last_mut() {
            *name = label.into();
        }
        self
    }

    /// Adds a set of points in the next color and marker, in front of those before it.
    pub fn points(mut self, label: impl Into<String>, points: impl AsRef<[(f64, f64)]>) -> Self {
        self.sets.push((label.into(), points.as_ref().to_vec()));
        self
    }

    /// Adds a dotted circle around zero, as a theory may predict for the radius of a spectrum.
    ///
    /// Drawing fails with [`Error::Value`] unless the radius is positive and finite.
    pub fn circle(mut self, label: impl Into<String>, radius: f64) -> Self {
        self.circles.push((label.into(), radius));
        self
    }

    /// Shows real and imaginary parts from `-limit` to `limit`; what lies outside is cut off.
    ///
    /// Drawing fails with [`Error::Value`] unless the limit is positive and finite.
    pub fn limit(mut self, limit: f64) -> Self {
        self.limit = Some(limit);
        self
    }

    pub(crate) fn scene(&self) -> Result<Scene<'_>, Error> {
        self.check()?;
        let finite = || {
            let all = self.sets.iter().flat_map(|(_, points)| points);
            all.filter(|(re, im)| re.is_finite() && im.is_finite())
        };
        let radii = self.circles.iter().map(|(_, radius)| *radius);
        let farthest = finite().map(|(re, im)| re.abs().max(im.abs())).chain(radii).fold(1.0, f64::max);
        let half = self.limit.unwrap_or(MARGIN * farthest.min(1e300));
        let scale = Scale::exact(Kind::Linear, -half, half).ok_or_else(|| self.bad_value("limit", half))?;

        let guide = Pen { color: GUIDE, width: GUIDE_WIDTH, dash: &[] };
        let cross = Pen { color: SPINE.mix(0.5), width: 0.8, dash: &[] };
        let mut layers = vec![
            Layer::Points { x: vec![-half, half], y: vec![0.0; 2], pen: Some(cross), marker: None },
            Layer::Points { x: vec![0.0; 2], y: vec![-half, half], pen: Some(cross), marker: None },
        ];
        let mut legend = Vec::new();
        let unit = ("|λ| = 1".to_owned(), 1.0);
        for (i, (label, radius)) in std::iter::once(&unit).chain(&self.circles).enumerate() {
            let pen = if i == 0 { guide } else { Pen { dash: &[1.4, 2.0], ..guide } };
            let angles = || (0..=CIRCLE_STEPS).map(|i| TAU * f64::from(i) / f64::from(CIRCLE_STEPS));
            let x = angles().map(|a| radius * a.cos()).collect();
            let y = angles().map(|a| radius * a.sin()).collect();
            layers.push(Layer::Points { x, y, pen: Some(pen), marker: None });
            legend.push(Entry { label: label.clone(), key: Key::Line { pen: Some(pen), mark: None } });
        }
        for (i, (label, points)) in self.sets.iter().enumerate() {
            let markers = [Marker::Circle, Marker::Diamond, Marker::Triangle, Marker::Square];
            let color = palette(i).mix(POINT_ALPHA);
            let mark = Mark { marker: markers[i % markers.len()], color, radius: MARKER_RADIUS };
            let (x, y) = points.iter().copied().unzip();
            layers.push(Layer::Points { x, y, pen: None, marker: Some(mark) });
            if !label.is_empty() {
                legend.push(Entry { label: label.clone(), key: Key::Line { pen: None, mark: Some(mark) } });
            }
        }
        Ok(Scene {
            title: &self.title,
            x: View { label: "Re λ", scale },
            y: View { label: "Im λ", scale },
            square: true,
            grid: true,
            layers,
            guides: Vec::new(),
            legend,
            color_bar: None,
            readings: Vec::new(),
            notice: finite().next().is_none().then_some("no finite values"),
        })
    }

    fn check(&self) -> Result<(), Error> {
        if let Some((label, _)) = self.sets.iter().find(|(_, points)| points.is_empty()) {
            return Err(Error::NoPoints { panel: self.title.clone(), label: label.clone() });
        }
        let possible = |radius: f64| radius > 0.0 && radius <= 1e300;
        if let Some((label, radius)) = self.circles.iter().find(|(_, radius)| !possible(*radius)) {
            return Err(self.bad_value(&format!("radius of the circle \"{label}\""), *radius));
        }
        match self.limit {
            Some(limit) if !possible(limit) => Err(self.bad_value("limit", limit)),
            _ => Ok(()),
        }
    }

    fn bad_value(&self, what: &str, value: f64) -> Error {
        Error::Value { panel: self.title.clone(), what: what.to_owned(), value }
    }
}
