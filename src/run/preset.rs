//! Starting points for people who do not want to turn every knob.

use super::hyperparameters::{EvalStrategy, Hyperparameters, MethodName};

/// The number rounded to two digits, as a person would write it.
fn two_digits(number: f64) -> f64 {
    format!("{number:.1e}").parse().unwrap_or(number)
}

impl MethodName {
    /// What a learning rate that suits training all weights is multiplied by to suit the method:
    /// the fewer weights learn, the further each has to go.
    pub fn learning_rate_factor(self) -> f64 {
        match self {
            Self::Full => 1.0,
            Self::Lora => 10.0,
            Self::Head => 20.0,
        }
    }
}

/// A starting point for people who do not want to turn every knob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// One epoch: does it learn at all?
    QuickLook,
    /// Three epochs: the usual choice, and what the command line starts from.
    Balanced,
    /// Up to eight gentler epochs with early stopping.
    Thorough,
}

impl Preset {
    /// All presets, in the order of the page.
    pub const ALL: [Self; 3] = [Self::QuickLook, Self::Balanced, Self::Thorough];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::QuickLook => "quick",
            Self::Balanced => "balanced",
            Self::Thorough => "thorough",
        }
    }

    /// The preset's values with the method and the lengths that `current` has, for a model whose catalogue entry
    /// recommends `learning_rate` for training all weights.
    pub fn keeping_method(self, learning_rate: f64, current: &Hyperparameters) -> Hyperparameters {
        let suited = two_digits(learning_rate * current.method.learning_rate_factor());
        Hyperparameters {
            max_seq_length: current.max_seq_length,
            long_texts: current.long_texts,
            doc_stride: current.doc_stride,
            ..self.hyperparameters(suited).with_method_of(current)
        }
    }

    /// The preset's values for a model whose catalogue entry recommends `learning_rate`; all
    /// weights are trained.
    pub fn hyperparameters(self, learning_rate: f64) -> Hyperparameters {
        let balanced = Hyperparameters {
            learning_rate,
            num_train_epochs: 3.0,
            per_device_train_batch_size: 16,
            per_device_eval_batch_size: 64,
            warmup_steps: 0.1,
            weight_decay: 0.01,
            // Ten looks in a run: a curve to watch, and a patience that can run out.
            eval_strategy: EvalStrategy::Steps,
            eval_steps: 0.1,
            early_stopping_patience: 4,
            ..Hyperparameters::default()
        };
        match self {
            Self::QuickLook => Hyperparameters {
                num_train_epochs: 1.0,
                eval_steps: 0.2,
                early_stopping_patience: 0,
                ..balanced
            },
            Self::Balanced => balanced,
            Self::Thorough => Hyperparameters {
                learning_rate: two_digits(learning_rate * 0.6),
                num_train_epochs: 8.0,
                eval_steps: 0.05,
                early_stopping_patience: 5,
                ..balanced
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_hold_and_can_stop_early() {
        for preset in Preset::ALL {
            let h = preset.hyperparameters(1.5e-4);
            h.check().unwrap();
            // As many evaluations as this come in a run; a longer patience could never run out.
            assert!((h.early_stopping_patience as f64) < 1.0 / h.eval_steps);
        }
        assert_eq!(Preset::Thorough.hyperparameters(1.5e-4).learning_rate, 9e-5);
    }

    #[test]
    fn a_preset_keeps_the_method_and_suits_its_learning_rate() {
        let mut current = Hyperparameters::default();
        for (method, rate) in [
            (MethodName::Full, 1.5e-4),
            (MethodName::Lora, 1.5e-3),
            (MethodName::Head, 3e-3),
        ] {
            current.method = method;
            current.lora_r = 32;
            let h = Preset::Balanced.keeping_method(1.5e-4, &current);
            assert_eq!((h.method, h.lora_r, h.learning_rate), (method, 32, rate));
            h.check().unwrap();
        }
    }
}
