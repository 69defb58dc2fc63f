//! Everything that is signed or random: access tokens, refresh tokens, API tokens.

use crate::{
    digest,
    error::{Error, Result},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use shared::{Timestamp, ids::UserId};
use uuid::Uuid;

/// Every API token starts with this, so that people and secret scanners know one when they see one.
pub const API_TOKEN_PREFIX: &str = "hs_";

/// The only header that we write and read: a token says nothing about how it is to be verified, so `none` and other
/// algorithms are no tokens of ours (RFC 8725, section 3.1). A crate for all of JWT would bring RSA with it.
const HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;

/// Seconds by which two servers' clocks may differ.
const ISSUE_SKEW: i64 = 60;

/// Keys, one a purpose, derived from the hub's one secret so that no use can be turned against another.
pub struct Keys {
    access: [u8; 32],
    chain: [u8; 32],
    device: [u8; 32],
    code: [u8; 32],
    fingerprint: String,
}

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// The user.
    pub sub: UserId,
    /// The session.
    pub sid: Uuid,
    /// Seconds since 1970.
    pub iat: i64,
    /// Seconds since 1970.
    pub exp: i64,
}

impl Keys {
    pub fn new(secret: &[u8; 32]) -> Self {
        Self {
            access: mac(secret, b"handshake access token"),
            chain: mac(secret, b"handshake refresh chain"),
            device: mac(secret, b"handshake device"),
            code: mac(secret, b"handshake set-up code"),
            fingerprint: hexadecimal(&mac(secret, b"handshake secret fingerprint")),
        }
    }

    pub fn sign(&self, claims: &Claims) -> Result<String> {
        let payload = serde_json::to_vec(claims)?;
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(payload));
        let tag = URL_SAFE_NO_PAD.encode(mac(&self.access, signed.as_bytes()));
        Ok(format!("{signed}.{tag}"))
    }

    /// The claims of a token that we signed and that is still good.
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<Claims> {
        // One that is still to be issued is from before the clock went back, and would be good for too long.
        let seconds = now.0 / 1000;
        self.verify_signature(token).filter(|claims| claims.exp > seconds && claims.iat <= seconds + ISSUE_SKEW)
    }

    /// The claims of a token that we signed, expired or not.
    pub fn verify_signature(&self, token: &str) -> Option<Claims> {
        let (signed, tag) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        if header != URL_SAFE_NO_PAD.encode(HEADER) || !is_mac(&self.access, signed.as_bytes(), &tag) {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }

    /// The one refresh token that follows `token`. That it can be computed again is the point: two tabs that exchange
    /// the same token within the grace get the same successor, so a session stays a chain in which a stolen token is
    /// always noticed, and no token is stored in the clear to be handed out twice.
    pub fn successor(&self, token: &str) -> String {
        URL_SAFE_NO_PAD.encode(mac(&self.chain, token.as_bytes()))
    }

    /// Tells one secret from another, and nothing about either.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Whether somebody typed this code, in the same time whatever they typed.
    pub fn is_code(&self, given: &str, code: &str) -> bool {
        let expected = mac(&self.code, typed(code).as_bytes());
        is_mac(&self.code, typed(given).as_bytes(), &expected)
    }

    /// A mark for a browser that signed in to the account with this address: a name, and the proof that we gave it.
    pub fn device(&self, email: &str) -> Result<String> {
        let name = random()?;
        let proof = URL_SAFE_NO_PAD.encode(mac(&self.device, format!("{name} {email}").as_bytes()));
        Ok(format!("{name}.{proof}"))
    }

    /// The name in a mark that we gave to a browser that signed in to the account with this address.
    pub fn device_name<'a>(&self, mark: &'a str, email: &str) -> Option<&'a str> {
        let (name, proof) = mark.split_once('.')?;
        let proof = URL_SAFE_NO_PAD.decode(proof).ok()?;
        let message = format!("{name} {email}");
        is_mac(&self.device, message.as_bytes(), &proof).then_some(name)
    }
}

fn keyed(key: &[u8; 32], message: &[u8]) -> Hmac<Sha256> {
    // HMAC itself fills a short key up to SHA-256's block with zeros.
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(message);
    mac
}

/// Compares in constant time.
fn is_mac(key: &[u8; 32], message: &[u8], tag: &[u8]) -> bool {
    keyed(key, message).verify_slice(tag).is_ok()
}

fn mac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    keyed(key, message).finalize().into_bytes().into()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 256 random bits in base64url.
pub fn random() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Random(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What a person reads on one screen and types on another: 100 random bits.
pub fn readable() -> Result<String> {
    // Crockford's base 32: no letter looks like a digit.
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes).map_err(|error| Error::Random(error.to_string()))?;
    let letters = bytes.map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    let groups: Vec<String> = letters.chunks(5).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// A code as it is compared: however it was typed.
fn typed(code: &str) -> String {
    let letters = code.chars().filter(|letter| !letter.is_whitespace() && *letter != '-');
    letters
        .flat_map(char::to_lowercase)
        .map(|letter| match letter {
            'o' => '0',
            'i' | 'l' => '1',
            letter => letter,
        })
        .collect()
}

/// What the database keeps of a token: SHA-256 in hexadecimal. A token is 256 random bits, so nothing slower is needed.
pub fn hash(token: &str) -> String {
    digest::sha256(token.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims { sub: UserId(Uuid::now_v7()), sid: Uuid::now_v7(), iat: 100, exp: 200 }
    }

    #[test]
    fn a_token_is_good_until_it_expires() {
        let keys = Keys::new(&[7; 32]);
        let token = keys.sign(&claims()).unwrap();
        assert!(keys.verify(&token, Timestamp(199_999)).is_some());
        assert!(keys.verify(&token, Timestamp(200_000)).is_none());
        assert!(keys.verify(&token, Timestamp(40_000)).is_some());
        assert!(keys.verify(&token, Timestamp(39_000)).is_none(), "from the future");
    }

    #[test]
    fn tokens_of_another_secret_or_algorithm_are_refused() {
        let keys = Keys::new(&[7; 32]);
        let foreign = Keys::new(&[8; 32]).sign(&claims()).unwrap();
        assert!(keys.verify(&foreign, Timestamp(150_000)).is_none());
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims()).unwrap());
        let unsigned = format!("{}.{body}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#));
        assert!(keys.verify(&unsigned, Timestamp(150_000)).is_none());
        assert!(keys.verify("", Timestamp(150_000)).is_none());
    }

    #[test]
    fn a_token_is_an_ordinary_hs256_jwt_and_nothing_else_is_read() {
        // The example of RFC 7515, appendix A.1, has another header, so the parts are checked one by one.
        let keys = Keys::new(&[7; 32]);
        let token = keys.sign(&claims()).unwrap();
        let [header, payload, tag] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
        let header_json: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
        assert_eq!(header_json, serde_json::json!({"typ": "JWT", "alg": "HS256"}));
        let good = |token: &str| keys.verify(token, Timestamp(150_000)).is_some();
        assert!(good(&token));
        let signed_with = |header: &str, payload: &[u8]| {
            let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac(&keys.access, signed.as_bytes())))
        };
        let body = serde_json::to_vec(&claims()).unwrap();
        assert!(good(&signed_with(HEADER, &body)));
        for bad in [
            // Well signed, and yet not ours.
            signed_with(r#"{"alg":"HS256","typ":"JWT"}"#, &body),
            signed_with(r#"{"typ":"JWT","alg":"none"}"#, &body),
            signed_with(r#"{"typ":"JWT","alg":"HS256","kid":"x"}"#, &body),
            signed_with(HEADER, b"{}"),
            signed_with(HEADER, b"not JSON"),
            signed_with(HEADER, br#"{"sub":"00000000-0000-0000-0000-000000000000","sid":"00000000-0000-0000-0000-000000000000","iat":100,"exp":200,"adm":true}"#),
            // Other spellings of a good one.
            format!("{token}="),
            format!("{token}."),
            format!(".{token}"),
            format!("{header}.{payload}.{}", &tag[..tag.len() - 2]),
            format!("{header}.{payload}."),
            format!("{header}.{payload}"),
            format!("{header}.{}.{tag}", payload.to_lowercase()),
            token.replace('.', ". "),
        ] {
            assert!(!good(&bad), "{bad}");
        }
    }

    #[test]
    fn a_successor_is_the_same_each_time_and_only_with_the_secret() {
        let (ours, theirs) = (Keys::new(&[7; 32]), Keys::new(&[8; 32]));
        assert_eq!(ours.successor("a"), ours.successor("a"));
        assert_ne!(ours.successor("a"), ours.successor("b"));
        assert_ne!(ours.successor("a"), theirs.successor("a"));
    }

    #[test]
    fn a_code_is_right_however_it_is_typed() {
        let keys = Keys::new(&[7; 32]);
        let code = readable().unwrap();
        assert_eq!((code.len(), code == readable().unwrap()), (23, false));
        assert!(keys.is_code(&format!(" {} ", code.to_uppercase().replace('-', " ")), &code));
        assert!(keys.is_code("OIL00-00000-00000-00000", "01100-00000-00000-00000"));
        assert!(!keys.is_code("", &code) && !keys.is_code(&code[1..], &code));
    }

    #[test]
    fn a_mark_is_for_one_account_and_cannot_be_made_up() {
        let (ours, theirs) = (Keys::new(&[7; 32]), Keys::new(&[8; 32]));
        let mark = ours.device("ada@example.org").unwrap();
        assert!(ours.device_name(&mark, "ada@example.org").is_some());
        assert_eq!(ours.device_name(&mark, "eve@example.org"), None);
        assert_eq!(theirs.device_name(&mark, "ada@example.org"), None);
        for made_up in ["", ".", "name", "name.", &mark[1..], &mark[..mark.len() - 4]] {
            assert_eq!(ours.device_name(made_up, "ada@example.org"), None, "{made_up}");
        }
    }
}
