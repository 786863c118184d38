//! What the user can choose.

use std::net::{IpAddr, Ipv4Addr};

/// The command line of `cargo xtask explore`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Every number on the page is computed by this program when a slider moves; nothing is fetched and no file is written. \
Only browsers of this machine reach it. To see one that runs elsewhere, bring its port here through ssh, under the same \
number.

Examples:
  The page, in the browser:
    cargo xtask explore --open
  Another port, or any that is free:
    cargo xtask explore --port 9000
    cargo xtask explore --port 0
  On another machine, in the browser of this one:
    ssh -t -L 8471:127.0.0.1:8471 me@far.example cargo xtask explore
  The numbers alone, for another program:
    curl 'http://127.0.0.1:8471/api/view?v=1&c=lstm&w=2.5'")]
pub struct Args {
    /// The port to listen on; 0 takes any free one
    #[arg(long, value_name = "N", default_value_t = 8471)]
    pub port: u16,
    /// The address to listen on: 127.0.0.1, another of this machine's own, ::1, or localhost
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = loopback)]
    pub host: IpAddr,
    /// Show the page in the browser
    #[arg(long)]
    pub open: bool,
}

/// An address that only this machine reaches.
fn loopback(text: &str) -> Result<IpAddr, String> {
    if text.eq_ignore_ascii_case("localhost") {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    match text.parse::<IpAddr>() {
        Ok(host) if host.is_loopback() => Ok(host),
        Ok(_) => Err(
            "others could reach it and make this machine compute, for nobody is asked who they are; to see \
                      the page from another machine, run there: ssh -L 8471:127.0.0.1:8471 <this machine>"
                .into(),
        ),
        Err(_) => Err("not an address, such as 127.0.0.1 or ::1".into()),
    }
}
