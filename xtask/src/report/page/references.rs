//! What the article rests on.

use maud::{PreEscaped, html};

use super::heading;

/// A work: its name in the addresses of the page, its author and year, its title, where it appeared.
struct Work {
    id: &'static str,
    short: &'static str,
    authors: &'static str,
    title: &'static str,
    place: &'static str,
    link: Option<&'static str>,
}

const WORKS: [Work; 8] = [
    Work {
        id: "elman",
        short: "Elman 1990",
        authors: "Elman, J. L. (1990).",
        title: "Finding structure in time.",
        place: "Cognitive Science 14(2), 179–211.",
        link: None,
    },
    Work {
        id: "hochreiter",
        short: "Hochreiter & Schmidhuber 1997",
        authors: "Hochreiter, S., and Schmidhuber, J. (1997).",
        title: "Long short-term memory.",
        place: "Neural Computation 9(8), 1735–1780.",
        link: None,
    },
    Work {
        id: "gers",
        short: "Gers et al. 2000",
        authors: "Gers, F. A., Schmidhuber, J., and Cummins, F. (2000).",
        title: "Learning to forget: continual prediction with LSTM.",
        place: "Neural Computation 12(10), 2451–2471.",
        link: None,
    },
    Work {
        id: "pascanu",
        short: "Pascanu et al. 2013",
        authors: "Pascanu, R., Mikolov, T., and Bengio, Y. (2013).",
        title: "On the difficulty of training recurrent neural networks.",
        place: "Proceedings of the 30th International Conference on Machine Learning, 1310–1318.",
        link: Some("https://arxiv.org/abs/1211.5063"),
    },
    Work {
        id: "cho",
        short: "Cho et al. 2014",
        authors: "Cho, K., van Merriënboer, B., Gulcehre, C., Bahdanau, D., Bougares, F., Schwenk, H., and Bengio, Y. (2014).",
        title: "Learning phrase representations using RNN encoder–decoder for statistical machine translation.",
        place: "Proceedings of the 2014 Conference on Empirical Methods in Natural Language Processing, 1724–1734.",
        link: Some("https://arxiv.org/abs/1406.1078"),
    },
    Work {
        id: "kingma",
        short: "Kingma & Ba 2015",
        authors: "Kingma, D. P., and Ba, J. (2015).",
        title: "Adam: a method for stochastic optimization.",
        place: "International Conference on Learning Representations.",
        link: Some("https://arxiv.org/abs/1412.6980"),
    },
    Work {
        id: "karpathy",
        short: "Karpathy 2015",
        authors: "Karpathy, A. (2015).",
        title: "The unreasonable effectiveness of recurrent neural networks.",
        place: "An essay; it has the kinds of networks from one to many to many to many.",
        link: Some("https://karpathy.github.io/2015/05/21/rnn-effectiveness/"),
    },
    Work {
        id: "olah",
        short: "Olah 2015",
        authors: "Olah, C. (2015).",
        title: "Understanding LSTM networks.",
        place: "An essay; it draws the LSTM gate by gate.",
        link: Some("https://colah.github.io/posts/2015-08-Understanding-LSTMs/"),
    },
];

/// A link to a work in brackets.
pub(super) fn cite(id: &str) -> PreEscaped<String> {
    html! { "(" (work(id)) ")" }
}

/// A link to a work, its author and year.
pub(super) fn work(id: &str) -> PreEscaped<String> {
    let short = WORKS.iter().find(|work| work.id == id).map_or(id, |work| work.short);
    html! { a.cite href={ "#ref-" (id) } { (short) } }
}

pub(super) fn section() -> PreEscaped<String> {
    html! {
        section {
            (heading("references"))
            ol.references {
                @for work in &WORKS {
                    li id={ "ref-" (work.id) } {
                        (work.authors) " "
                        @match work.link {
                            Some(link) => a href=(link) { (work.title) },
                            None => cite { (work.title) },
                        }
                        " " (work.place)
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_work_is_cited_by_a_name_that_it_has() {
        for work in &WORKS {
            let link = cite(work.id).into_string();
            assert!(
                link.contains(&work.short.replace('&', "&amp;"))
                    && work.short.ends_with(|c: char| c.is_ascii_digit()),
                "{link}"
            );
            let year = &work.short[work.short.len() - 4..];
            assert!(work.authors.contains(year), "{}", work.authors);
            assert!(section().into_string().contains(&format!("id=\"ref-{}\"", work.id)));
        }
    }
}
