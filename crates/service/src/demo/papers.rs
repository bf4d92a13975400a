//! What the people of a demo carry and have on file, so that its hospitals can treat them: the token that the terms ask for at
//! the counter, and, for some, a chronic or special disease of the region's list.

use books::Refusal;
use fastrand::Rng;
use serde_json::{Value, json};

use super::{Season, Someone, quiet};

/// From which age on somebody may have a chronic disease on file, and how many of those have, in a hundred.
const CHRONIC: (i16, u8) = (40, 25);

/// The token that identifies a person at the counter, where the terms ask for one; the electronic credential, if it will do.
pub(super) fn token(season: &Season) -> Result<Option<String>, Refusal> {
    let terms = season.rules.terms(season.today)?;
    let Ok(cited) = terms.get("credential.accepted") else { return Ok(None) };
    let tokens = cited.provision.record.texts("tokens");
    let electronic = tokens.iter().find(|token| **token == "e-credential");
    Ok(electronic.or(tokens.first()).map(|token| (*token).to_owned()))
}

/// Everybody's token is given out.
pub(super) fn activations(season: &Season, people: &[Someone]) -> Result<Vec<Value>, Refusal> {
    let Some(token) = token(season)? else { return Ok(Vec::new()) };
    let given = |someone: &Someone| json!({ "person": someone.number, "token": token, "channel": "演示" });
    Ok(people.iter().map(given).collect())
}

/// Applications for diseases of the region's list, each identified at the hospital that is left to be played.
pub(super) fn diseases(season: &Season, region: &str, people: &[Someone], seed: u64) -> Result<Vec<Value>, Refusal> {
    let terms = season.rules.terms(season.paid)?;
    let listed: Vec<&str> = terms.family("disease.special.").map(|(code, _)| code).collect();
    let Some(hospital) = quiet(region).into_iter().next().filter(|_| !listed.is_empty()) else {
        return Ok(Vec::new());
    };
    // Draws of its own: what else the demo draws stays as it is.
    let mut rng = Rng::with_seed(seed ^ 0x5bec_1a1d);
    let (age, share) = CHRONIC;
    let ill = people.iter().filter(|someone| season.year - someone.born.year() >= age);
    let ill: Vec<&Someone> = ill.filter(|_| rng.u8(..100) < share).collect();
    let apply = |someone: &&Someone| {
        json!({
            "person": someone.number, "kind": "special", "disease": listed[rng.usize(..listed.len())],
            "identified_on": season.paid.to_string(), "expert": "演示专家", "centre": hospital.code,
        })
    };
    Ok(ill.iter().map(apply).collect())
}
