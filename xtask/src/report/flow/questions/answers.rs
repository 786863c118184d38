//! One answer each.

use rnn_explore::{number, percent};

use super::{Network, list};
use crate::report::data::TIME;
use crate::report::flow::{SLIDER, grad_norm, mean_by_lag};

/// Where along the weight scales the first gradient becomes the longer one.
pub(super) fn scales(networks: &[Network<'_>]) -> String {
    let (_, high) = SLIDER;
    let (cross, stay): (Vec<&Network<'_>>, Vec<_>) =
        networks.iter().partition(|one| one.crossing().is_some());
    let crossing = |one: &&Network<'_>| {
        one.crossing().map_or(String::new(), |scale| format!("at s = {scale} for {}", one.name()))
    };
    let mut sentences = vec![format!(
        "Small ones make it vanish: at s = 0.25 the gradient of the last loss is at timestep 1 at most {} times as long as at \
         timestep {TIME}, in all of these networks.",
        number(networks.iter().map(|one| one.at(0.25)).fold(0.0, f64::max))
    )];
    if !cross.is_empty() {
        sentences.push(format!(
            "As s grows, it is first longer at timestep 1 {}.",
            list(&cross.iter().map(crossing).collect::<Vec<_>>())
        ));
    }
    if !stay.is_empty() {
        let names: Vec<String> = stay.iter().map(|one| one.name()).collect();
        sentences.push(format!("It is so at no scale up to {high} for {}.", list(&names)));
    }
    let largest = networks.iter().max_by(|a, b| a.at(high).total_cmp(&b.at(high)));
    if let Some(largest) = largest.filter(|one| one.at(high) > 1.0) {
        sentences.push(format!(
            "At s = {high} it is {} times as long for {}.",
            number(largest.at(high)),
            largest.name()
        ));
    }
    sentences.join(" ")
}

/// What a spectral radius of 1 is worth after nine steps.
pub(super) fn radius(networks: &[Network<'_>]) -> String {
    let rnns: Vec<&Network<'_>> = networks.iter().filter(|one| one.0.radius.is_some()).collect();
    let Some(radius) = rnns.first().and_then(|one| one.0.radius) else { return String::new() };
    let border = 1.0 / radius;
    if border > SLIDER.1 {
        return format!("Here ρ(W_hh) = {}, and no scale on the slider makes it 1.", number(radius));
    }
    let said = |one: &&Network<'_>| {
        let (_, ratio) = one.near(border);
        let crossing =
            one.crossing().map_or("never passes 1".to_owned(), |scale| format!("passes 1 at s = {scale}"));
        format!("for {} it is {} there and {crossing}", one.name(), number(ratio))
    };
    let (scale, _) = rnns[0].near(border);
    format!(
        "Nearly, and only for many steps. The RNNs share a matrix with ρ(W_hh) = {}, so that s · W_hh has the radius 1 at s = {scale}. \
         With as many timesteps as one likes that is where the powers of the matrix turn from shrinking to growing. The ratio over {} \
         steps is another number: {}. Slopes below 1 come in between, and the gradient needs some steps to turn into the direction \
         of the largest eigenvalue.",
        number(radius),
        TIME - 1,
        list(&rnns.iter().map(said).collect::<Vec<_>>())
    )
}

/// Whether the ratio knows of the bias.
pub(super) fn bias(networks: &[Network<'_>]) -> String {
    let (low, high) = SLIDER;
    let said = |one: &Network<'_>| {
        let (least, most) = one.over_bias();
        if most <= least * (1.0 + 1e-9) {
            format!("{} throughout for {}", number(least), one.name())
        } else {
            format!("from {} to {} for {}", number(least), number(most), one.name())
        }
    };
    format!(
        "It moves the units along their activation, which changes slopes and gates, and through them the steps back. At weight scale 1 and bias \
         scales from {} to {high} the ratio of the first to the last gradient is {}. The linear network has no slopes to change.",
        number(low),
        list(&networks.iter().map(said).collect::<Vec<_>>())
    )
}

/// Two slopes that are at most 1.
pub(super) fn nonlinearities(networks: &[Network<'_>]) -> String {
    let of = |name: &str| networks.iter().find(|one| one.0.nonlinearity == Some(name));
    let (Some(relu), Some(tanh)) = (of("relu"), of("tanh")) else { return String::new() };
    format!(
        "Neither lengthens a gradient by itself, since both slopes are at most 1; the weights do. The slope of relu stays 1 however \
         large a unit grows, that of tanh falls with it and takes back what the weights give. At s = 3 the gradient at timestep 1 is \
         {} times as long as at timestep {TIME} with relu and {} times with tanh; over both sliders it is the longer one in {} of \
         the settings with relu, and in {} with tanh.",
        number(relu.at(3.0)),
        number(tanh.at(3.0)),
        percent(relu.longer()),
        percent(tanh.longer())
    )
}

/// A sum over losses hides what each of them sends.
pub(super) fn losses(networks: &[Network<'_>]) -> String {
    let Some(tanh) = networks.iter().find(|one| one.0.nonlinearity == Some("tanh")) else {
        return String::new();
    };
    let unscaled = super::FAMILY.iter().position(|&scale| scale == 1.0).unwrap_or_default();
    let all = grad_norm(&tanh.0.losses[0].family[unscaled]);
    let by_lag = mean_by_lag(&tanh.0.by_lag[unscaled]);
    let (of_all, of_last) = (all[0] / all[TIME - 1], tanh.at(1.0));
    format!(
        "{} For {} and the unscaled weights ‖dL/dh_1‖ is {} times ‖dL/dh_{TIME}‖ when every timestep has a loss, and {} times \
         when only the last one has. But a state near the start now has losses near it; what the far ones send is not longer than \
         before, for the steps back are the same. A single loss sends on average {} of what its own timestep gets to the state {} \
         steps before.",
        if of_all > of_last { "It hides it." } else { "No." },
        tanh.name(),
        number(of_all),
        number(of_last),
        percent(by_lag[TIME - 1] / by_lag[0]),
        TIME - 1
    )
}

/// Whether gated cells keep more.
pub(super) fn gates(networks: &[Network<'_>]) -> String {
    let unscaled = |one: &&Network<'_>| format!("{} for {}", number(one.at(1.0)), one.name());
    let mut sorted: Vec<&Network<'_>> = networks.iter().collect();
    sorted.sort_by(|a, b| b.at(1.0).total_cmp(&a.at(1.0)));
    let longer: Vec<String> =
        networks.iter().rev().map(|one| format!("{} with {}", percent(one.longer()), one.name())).collect();
    format!(
        "They open a second way back, on which a state is multiplied by a gate and by no matrix. Over {} steps with the unscaled \
         weights the ratio is, from the largest down, {}. And a gate is at most 1, whatever the scale: of all settings of both sliders the \
         gradient is longer at timestep 1 than at timestep {TIME} in {}.",
        TIME - 1,
        list(&sorted.iter().map(unscaled).collect::<Vec<_>>()),
        list(&longer)
    )
}
