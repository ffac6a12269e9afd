//! One curve with a pyramid of minima and maxima over it, so that any stretch of it can be drawn
//! with a bounded number of points and no peak is lost.

use egui_plot::PlotPoint;

/// Points with growing x. Appending costs a handful of comparisons; asking for a stretch costs
/// what is drawn, not what is kept.
#[derive(Clone, Debug, Default)]
pub struct Series {
    points: Vec<PlotPoint>,
    /// `levels[k]` holds one bucket per `2^(k + 1)` points.
    levels: [Vec<Bucket>; LEVELS],
}

/// Enough for a thousand buckets over sixteen thousand million points.
const LEVELS: usize = 24;

/// Where in `points` the lowest and the highest of a bucket's points are.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    low: usize,
    high: usize,
}

impl Series {
    /// Adds a point to the right. A number that is not finite is left out, because one of them
    /// would spoil the plot's bounds. A point that lies left of the last one takes the place of
    /// what was there: a resumed run writes some of its steps a second time.
    pub fn push(&mut self, x: f64, y: f64) {
        if !x.is_finite() || !y.is_finite() {
            return;
        }
        if self.points.last().is_some_and(|last| x <= last.x) {
            self.cut(x);
        }
        self.points.push(PlotPoint::new(x, y));
        self.count_last();
    }

    /// Forgets everything from `x` on.
    pub fn cut(&mut self, x: f64) {
        let keep = self.points.partition_point(|point| point.x < x);
        if keep == self.points.len() {
            return;
        }
        let mut kept = std::mem::take(&mut self.points);
        kept.truncate(keep);
        self.clear();
        for point in kept {
            self.points.push(point);
            self.count_last();
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.points.clear();
        self.levels.iter_mut().for_each(Vec::clear);
    }

    /// All points.
    pub fn points(&self) -> &[PlotPoint] {
        &self.points
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The point whose x is nearest to `x`.
    pub fn nearest(&self, x: f64) -> Option<PlotPoint> {
        let right = self.points.partition_point(|point| point.x < x);
        let before = right.checked_sub(1).and_then(|left| self.points.get(left));
        match (before, self.points.get(right)) {
            (Some(left), Some(right)) if x - left.x <= right.x - x => Some(*left),
            (Some(left), None) => Some(*left),
            (_, right) => right.copied(),
        }
    }

    /// The last point that is not right of `x`.
    pub fn at_or_before(&self, x: f64) -> Option<PlotPoint> {
        let after = self.points.partition_point(|point| point.x <= x);
        after.checked_sub(1).map(|index| self.points[index])
    }

    /// At most about `budget` points that look like all points of `range` (or all there are): the
    /// lowest and highest of every bucket, and every point once the range holds few enough. The
    /// neighbours left and right of the range come along, so that a line runs to the edges.
    pub fn visible(&self, range: Option<(f64, f64)>, budget: usize) -> Vec<PlotPoint> {
        let (start, end) = self.span(range);
        let count = end - start;
        if count <= budget.max(4) {
            return self.points[start..end].to_vec();
        }
        // Two points per bucket, and the first and last point of the range beside them.
        let buckets_wanted = (budget / 2).saturating_sub(2).max(1);
        let level = (0..LEVELS)
            .find(|level| (count >> (level + 1)) < buckets_wanted)
            .unwrap_or(LEVELS - 1);
        self.thinned(start, end, level)
    }

    fn span(&self, range: Option<(f64, f64)>) -> (usize, usize) {
        let Some((left, right)) = range else {
            return (0, self.points.len());
        };
        let start = self.points.partition_point(|point| point.x < left);
        let end = self.points.partition_point(|point| point.x <= right);
        let start = start.saturating_sub(1);
        (start, (end + 1).min(self.points.len()).max(start))
    }

    fn thinned(&self, start: usize, end: usize, level: usize) -> Vec<PlotPoint> {
        let shift = level + 1;
        let buckets = &self.levels[level][start >> shift..=(end - 1) >> shift];
        let mut drawn = Vec::with_capacity(2 * buckets.len() + 2);
        drawn.push(self.points[start]);
        for bucket in buckets {
            let (first, second) = if bucket.low <= bucket.high {
                (bucket.low, bucket.high)
            } else {
                (bucket.high, bucket.low)
            };
            for index in [first, second] {
                let point = self.points[index];
                // The outer buckets may reach beyond the range or repeat its first point.
                if index < end && drawn.last().is_none_or(|last| point.x > last.x) {
                    drawn.push(point);
                }
            }
        }
        let last = self.points[end - 1];
        if drawn.last().is_none_or(|drawn| last.x > drawn.x) {
            drawn.push(last);
        }
        drawn
    }

    /// Enters the last point into every level.
    fn count_last(&mut self) {
        let index = self.points.len() - 1;
        let y = self.points[index].y;
        for (level, buckets) in self.levels.iter_mut().enumerate() {
            match buckets.get_mut(index >> (level + 1)) {
                None => buckets.push(Bucket {
                    low: index,
                    high: index,
                }),
                Some(bucket) if y < self.points[bucket.low].y => bucket.low = index,
                Some(bucket) if y > self.points[bucket.high].y => bucket.high = index,
                Some(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noisy(count: usize) -> Series {
        let mut series = Series::default();
        for index in 0..count {
            series.push(index as f64, ((index * 7919) % 1009) as f64);
        }
        series
    }

    fn bounds(points: &[PlotPoint]) -> (f64, f64) {
        points
            .iter()
            .fold((f64::MAX, f64::MIN), |(low, high), point| {
                (low.min(point.y), high.max(point.y))
            })
    }

    #[test]
    fn few_points_are_drawn_as_they_are() {
        let series = noisy(50);
        assert_eq!(series.visible(None, 100), series.points());
        assert!(Series::default().visible(None, 100).is_empty());
        assert!(Series::default().visible(Some((0.0, 1.0)), 100).is_empty());
    }

    #[test]
    fn many_points_keep_their_peaks_their_ends_and_their_order() {
        let mut series = noisy(100_000);
        series.push(100_000.0, 5000.0);
        series.push(100_001.0, 3.0);
        let drawn = series.visible(None, 2000);
        assert!((500..=2000).contains(&drawn.len()), "{}", drawn.len());
        assert_eq!(bounds(&drawn), bounds(series.points()));
        assert_eq!(drawn.first(), series.points().first());
        assert_eq!(drawn.last(), series.points().last());
        assert!(drawn.windows(2).all(|pair| pair[0].x < pair[1].x));
    }

    #[test]
    fn every_bucket_of_every_stretch_keeps_its_extremes() {
        let series = noisy(10_000);
        for (left, right) in [(0.0, 9999.0), (17.0, 8011.0), (4000.0, 9000.0)] {
            let drawn = series.visible(Some((left, right)), 200);
            assert!(drawn.len() <= 204, "{}", drawn.len());
            let inside: Vec<_> = series
                .points()
                .iter()
                .filter(|point| (left..=right).contains(&point.x))
                .copied()
                .collect();
            let (low, high) = bounds(&drawn);
            assert!(low <= bounds(&inside).0 && high >= bounds(&inside).1);
        }
    }

    #[test]
    fn zooming_in_shows_every_point_and_one_neighbour_on_each_side() {
        let series = noisy(100_000);
        let drawn = series.visible(Some((500.5, 600.5)), 2000);
        let xs: Vec<_> = drawn.iter().map(|point| point.x).collect();
        assert_eq!(xs, (500..=601).map(f64::from).collect::<Vec<_>>());
    }

    #[test]
    fn numbers_that_cannot_be_drawn_are_left_out() {
        let mut series = Series::default();
        for y in [1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 2.0] {
            series.push(series.points().len() as f64, y);
        }
        series.push(f64::NAN, 1.0);
        assert_eq!(series.points().len(), 2);
    }

    #[test]
    fn a_repeated_stretch_replaces_the_old_one() {
        let mut series = noisy(1000);
        series.push(400.0, 7.0);
        assert_eq!(series.points().len(), 401);
        assert_eq!(series.visible(None, 100).last().map(|p| p.y), Some(7.0));
        let mut same = noisy(400);
        same.push(400.0, 7.0);
        assert_eq!(series.visible(None, 50), same.visible(None, 50));
    }

    #[test]
    fn neighbours_are_found() {
        let series = noisy(10);
        assert_eq!(series.nearest(3.4).map(|p| p.x), Some(3.0));
        assert_eq!(series.nearest(3.6).map(|p| p.x), Some(4.0));
        assert_eq!(series.nearest(-5.0).map(|p| p.x), Some(0.0));
        assert_eq!(series.nearest(50.0).map(|p| p.x), Some(9.0));
        assert_eq!(series.at_or_before(3.9).map(|p| p.x), Some(3.0));
        assert_eq!(series.at_or_before(-0.1), None);
    }
}
