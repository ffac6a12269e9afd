//! The words of the Hyperparameters page.

/// The words of the Hyperparameters page.
pub struct HyperparametersText {
    /// A preset's name.
    pub quick: &'static str,
    /// A preset's name.
    pub balanced: &'static str,
    /// A preset's name.
    pub thorough: &'static str,
}

/// English.
pub const ENGLISH: HyperparametersText = HyperparametersText {
    quick: "Quick look",
    balanced: "Balanced",
    thorough: "Thorough",
};
