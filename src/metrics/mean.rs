//! A mean of means, weighted by how many each stands for.

/// A weighted mean: of losses per batch, each weighted by its number of examples or tokens.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Mean {
    sum: f64,
    count: u64,
}

impl Mean {
    /// Adds a value that is itself the mean over `count` things.
    pub fn add(&mut self, value: f64, count: u64) {
        self.sum += value * count as f64;
        self.count += count;
    }

    /// Adds what another mean has collected.
    pub fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        self.count += other.count;
    }

    /// The number of things added.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean; `None` when nothing was added, or when something added was not a finite number.
    pub fn value(&self) -> Option<f64> {
        let mean = self.sum / self.count as f64;
        (self.count > 0 && mean.is_finite()).then_some(mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_count_by_their_size() {
        let mut mean = Mean::default();
        assert_eq!(mean.value(), None);
        mean.add(1.0, 3);
        mean.add(5.0, 1);
        assert_eq!((mean.value(), mean.count()), (Some(2.0), 4));
        let mut other = Mean::default();
        other.add(8.0, 2);
        mean.merge(&other);
        assert_eq!(mean.value(), Some(4.0));
        mean.add(f64::NAN, 1);
        assert_eq!(mean.value(), None);
    }
}
