//! Scores: pure accumulators that count first and divide at the end.
//!
//! Definitions are scikit-learn's, with `labels` set to all label ids and `zero_division` to 0;
//! the tests compare with it. A score that cannot be told is `None`, never NaN.

mod bootstrap;
mod confusion;
mod mean;
mod roc;
mod scores;

pub use bootstrap::{Interval, Intervals, bootstrap};
pub use confusion::{Confusion, LabelScores};
pub use mean::Mean;
pub use roc::roc_auc;
pub use scores::{Scores, higher_is_better, names};
