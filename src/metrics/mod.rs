//! Scores: pure accumulators that count first and divide at the end.
//!
//! Definitions are scikit-learn's, with `labels` set to all label ids and `zero_division` to 0;
//! the tests compare with it. A score that cannot be told is `None`, never NaN.

mod bootstrap;
mod confusion;
mod correlation;
mod entities;
mod mean;
mod multi_label;
mod roc;
mod scores;
mod squad;
mod thresholds;

pub use bootstrap::{Interval, bootstrap};
pub use confusion::{Confusion, LabelScores};
pub use correlation::{mean_scores, pearson, regression_scores, spearman};
pub use entities::{EntityCounts, EntityErrors};
pub use mean::Mean;
pub use multi_label::{Counts, LabelCounts};
pub use roc::roc_auc;
pub use scores::{Scores, higher_is_better, names};
pub use squad::{AnswerScores, score_answer};
pub use thresholds::best_thresholds;
