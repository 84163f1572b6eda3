//! What an interview asks of the device that it is held on.

use std::sync::Arc;

use questionnaire::expr::Moment;
use questionnaire::form::Background;
use questionnaire::interview::Environment;

use crate::device::Identity;
use crate::env::{Env, dice};

/// The device around an interview.
pub(super) struct Surroundings {
    env: Arc<dyn Env + Send + Sync>,
    identity: Identity,
}

impl Surroundings {
    pub(super) fn new(env: Arc<dyn Env + Send + Sync>, identity: Identity) -> Surroundings {
        Surroundings { env, identity }
    }

    /// Minutes that local time is ahead of UTC.
    pub(super) fn offset(&self) -> i32 {
        self.env.utc_offset_minutes()
    }
}

impl Environment for Surroundings {
    fn now(&self) -> Moment {
        Moment { unix_ms: self.env.now_ms(), offset_min: self.offset() }
    }

    fn random_bits(&self) -> u128 {
        u128::from_be_bytes(dice(self.env.as_ref()))
    }

    fn background(&self, what: Background) -> Option<String> {
        match what {
            Background::Username => Some(self.identity.user_name.clone()),
            Background::DeviceId => Some(self.identity.device.to_string()),
            _ => None,
        }
    }
}
