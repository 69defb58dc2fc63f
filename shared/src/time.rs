//! Points in time: RFC 3339 in UTC on the wire, milliseconds since the Unix epoch inside.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime, examples("2026-11-22T21:58:16.123Z")))]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Milliseconds from `earlier` to `self`; negative when `earlier` is later.
    #[must_use]
    pub fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// `None` outside of 1970 to 9999. Such a time comes only from a damaged row.
    fn system_time(self) -> Option<SystemTime> {
        /// 9999-12-31T23:59:59.999Z, the last one that RFC 3339 can write.
        const LAST: u64 = 253_402_300_799_999;
        let ms = u64::try_from(self.0).ok().filter(|ms| *ms <= LAST)?;
        Some(UNIX_EPOCH + Duration::from_millis(ms))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.system_time() {
            Some(time) => humantime::format_rfc3339_millis(time).fmt(f),
            None => write!(f, "{} ms", self.0),
        }
    }
}

impl std::str::FromStr for Timestamp {
    type Err = humantime::TimestampError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let since = humantime::parse_rfc3339(text)?.duration_since(UNIX_EPOCH);
        // The parser starts at 1970.
        let ms = since.map_err(|_| humantime::TimestampError::OutOfRange)?.as_millis();
        i64::try_from(ms).map(Self).map_err(|_| humantime::TimestampError::OutOfRange)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;
    use proptest::prelude::*;

    #[test]
    fn writes_utc() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_795_384_696_123, "2026-11-22T21:58:16.123Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (253_402_300_800_000, "253402300800000 ms"),
            (-1, "-1 ms"),
        ] {
            assert_eq!(Timestamp(ms).to_string(), text);
        }
    }

    #[test]
    fn refuses_what_is_no_time_in_utc() {
        for text in ["", "2026-11-22", "2026-13-22T21:58:16Z", "2026-11-22T21:58:16", "2026-11-22T21:58:16+01:00", "7"]
        {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn survives_the_wire(ms in 0_i64..4_102_444_800_000) {
            let text = Timestamp(ms).to_string();
            prop_assert_eq!(text.parse::<Timestamp>().unwrap(), Timestamp(ms));
        }
    }
}
