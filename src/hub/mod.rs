//! Stand-in until the catalogue lands.
pub mod catalogue {
    /// A model of the catalogue.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Entry {
        /// The name on the command line.
        pub name: String,
    }
}
