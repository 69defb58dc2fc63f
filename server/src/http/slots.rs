//! How many connections are open: in all, and from one address.
//!
//! One client must not take the connections of all others. Peers on this machine are exempt from the bound per address,
//! since a proxy on it carries everybody, and some connections are only for them: health checks are answered also while
//! the hub is full.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// Connections that only peers on this machine get, or a quarter of all where that is less.
const RESERVED: usize = 16;
/// Connections beyond the bounds that are told so at the same time.
pub const TOLD_AT_ONCE: usize = 32;
/// Descriptors for files, logs and what else a process needs.
const DESCRIPTORS: usize = 64 + TOLD_AT_ONCE;
/// A database connection of SQLite holds the file, its log and its index.
const DESCRIPTORS_PER_DATABASE_CONNECTION: usize = 4;
/// Fewer connections than this are of no use.
const LEAST: usize = 32;

/// Counts connections and says who gets one more.
#[derive(Clone)]
pub struct Slots(Arc<Shared>);

struct Shared {
    most: usize,
    most_per_address: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One open connection; gives its slot back when dropped.
pub struct Slot {
    slots: Slots,
    address: IpAddr,
}

/// Which bound refused a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    Hub,
    Address,
}

impl Slots {
    /// `most_per_address` 0 means no bound.
    #[must_use]
    pub fn new(most: usize, most_per_address: usize) -> Self {
        Self(Arc::new(Shared { most, most_per_address, open: Mutex::default() }))
    }

    /// A slot for a peer, or which bound it met.
    pub fn take(&self, peer: IpAddr) -> Result<Slot, Full> {
        let address = one_client(peer);
        let local = address.is_loopback();
        let most = if local { self.0.most } else { self.0.most - RESERVED.min(self.0.most / 4) };
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.all >= most {
            return Err(Full::Hub);
        }
        let of_address = open.by_address.entry(address).or_default();
        if !local && self.0.most_per_address > 0 && *of_address >= self.0.most_per_address {
            return Err(Full::Address);
        }
        *of_address += 1;
        open.all += 1;
        Ok(Slot { slots: self.clone(), address })
    }

    /// Connections that are open now.
    #[must_use]
    pub fn open(&self) -> usize {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner).all
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.slots.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        if let Some(count) = open.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

/// What counts as one client: an IPv4 address, or the 64 bits of an IPv6 address that one network is given.
fn one_client(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            let network = u128::from(address) >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from(network))
        }
        address => address,
    }
}

/// Raises the process's soft limit of descriptors to its hard limit.
pub fn raise_descriptor_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files can't be raised");
    }
}

/// How many connections the process's descriptors allow, and at most `wanted`.
#[must_use]
pub fn affordable(wanted: usize, database_connections: u32) -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let affordable = within(limit, wanted, database_connections);
    if affordable < wanted {
        tracing::warn!(
            connections = affordable,
            wanted,
            open_files = limit,
            "the limit of open files allows fewer connections than max-connections"
        );
    }
    affordable
}

fn within(descriptors: usize, wanted: usize, database_connections: u32) -> usize {
    let database = usize::try_from(database_connections).unwrap_or(usize::MAX);
    let others = DESCRIPTORS.saturating_add(database.saturating_mul(DESCRIPTORS_PER_DATABASE_CONNECTION));
    descriptors.saturating_sub(others).max(LEAST).min(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(slots: &Slots, peer: &str) -> Result<Slot, Full> {
        slots.take(peer.parse().unwrap())
    }

    #[test]
    fn one_address_cannot_take_all_connections() {
        let slots = Slots::new(100, 2);
        let first = take(&slots, "192.0.2.1").unwrap();
        let _second = take(&slots, "::ffff:192.0.2.1").unwrap();
        assert_eq!(take(&slots, "192.0.2.1").err(), Some(Full::Address), "however the address is written");
        let _other = take(&slots, "192.0.2.2").unwrap();
        drop(first);
        let _again = take(&slots, "192.0.2.1").unwrap();
        assert_eq!(slots.open(), 3);
    }

    #[test]
    fn one_network_of_ipv6_is_one_client() {
        let slots = Slots::new(100, 1);
        let _first = take(&slots, "2001:db8:0:1::1").unwrap();
        assert_eq!(take(&slots, "2001:db8:0:1:ffff::2").err(), Some(Full::Address));
        let _other = take(&slots, "2001:db8:0:2::1").unwrap();
    }

    #[test]
    fn a_proxy_on_this_machine_carries_everybody() {
        let slots = Slots::new(100, 1);
        let taken: Vec<_> =
            ["127.0.0.1", "127.0.0.1", "::1", "::1"].iter().map(|peer| take(&slots, peer).unwrap()).collect();
        assert_eq!(slots.open(), taken.len());
    }

    #[test]
    fn the_last_connections_are_for_this_machine() {
        for (most, others) in [(4 * RESERVED, 3 * RESERVED), (8, 6), (1, 1)] {
            let slots = Slots::new(most, 0);
            let taken: Vec<_> = (0..others).map(|_| take(&slots, "192.0.2.1").unwrap()).collect();
            assert_eq!(take(&slots, "192.0.2.2").err(), Some(Full::Hub), "{most}");
            let checks: Vec<_> = (others..most).map(|_| take(&slots, "127.0.0.1").unwrap()).collect();
            assert_eq!(take(&slots, "127.0.0.1").err(), Some(Full::Hub), "{most}");
            drop((taken, checks));
            assert_eq!(slots.open(), 0);
        }
    }

    #[test]
    fn connections_leave_descriptors_for_the_rest() {
        for (descriptors, wanted, expected) in
            [(256, 4096, 120), (1024, 4096, 888), (1_048_576, 4096, 4096), (1024, 100, 100), (64, 4096, LEAST)]
        {
            assert_eq!(within(descriptors, wanted, 10), expected, "{descriptors} {wanted}");
        }
    }
}
