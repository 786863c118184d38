//! What a server is called.

use std::net::SocketAddr;

/// The names of this server, as browsers write them into `Host`.
///
/// A page of another site can have its own name lead to 127.0.0.1 and then read whatever is served there (DNS rebinding).
/// Its requests still carry that name, by which they are known.
#[derive(Debug)]
pub(crate) struct Names(Vec<String>);

impl Names {
    pub(crate) fn of(address: SocketAddr) -> Self {
        let port = address.port();
        let own = match address {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        };
        let hosts = [&own, "127.0.0.1", "localhost", "[::1]"];
        let mut names: Vec<_> = hosts.iter().map(|host| format!("{host}:{port}")).collect();
        if port == 80 {
            names.extend(hosts.map(str::to_owned));
        }
        Self(names)
    }

    pub(crate) fn contain(&self, authority: &str) -> bool {
        self.0.iter().any(|name| name.eq_ignore_ascii_case(authority))
    }

    /// The one to recommend.
    pub(crate) fn first(&self) -> &str {
        &self.0[0]
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    fn of(address: &str) -> Names {
        Names::of(address.parse().unwrap())
    }

    #[test]
    fn the_port_is_part_of_a_name_unless_it_is_80() {
        let names = of("127.0.0.7:8471");
        for name in ["127.0.0.7:8471", "127.0.0.1:8471", "localhost:8471", "LocalHost:8471", "[::1]:8471"] {
            assert!(names.contain(name), "{name}");
        }
        for name in ["", "127.0.0.7", "localhost", "localhost:8472", "localhost:08471", "me@localhost:8471"] {
            assert!(!names.contain(name), "{name}");
        }
        assert!(of("[::1]:80").contain("localhost") && of("[::1]:80").contain("[::1]:80"));
    }

    #[test]
    fn a_name_that_only_begins_or_ends_like_one_of_them_is_none() {
        let names = of("127.0.0.1:8471");
        for name in
            ["localhost:8471.evil.example", "evil-localhost:8471", "127.0.0.1.evil.example:8471", "::1:8471"]
        {
            assert!(!names.contain(name), "{name}");
        }
    }
}
