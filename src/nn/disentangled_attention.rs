//! Attention by content and by distance apart (DeBERTa; He et al. 2021, arXiv:2006.03654).

use std::ops::Range;
use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp2, D, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::Pass;
use super::attention::{Attention, Head};
use super::buffers::{Buffer, slice, tensor_like, values};
use super::dropout::Mask;
use super::matmul::Target;
use super::rows::add;
use super::tile::{PAD, Product};

/// How far one token is from another, as a row of a table of distances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distances {
    /// Rows to each side of no distance at all; the table has twice as many.
    pub span: usize,
    /// Longest distance that is told from longer ones, where near ones have a row each and far ones
    /// share rows that widen with the distance; each has a row of its own when `None`.
    pub longest: Option<usize>,
}

impl Distances {
    /// Rows of the table.
    pub fn rows(&self) -> usize {
        2 * self.span
    }

    /// The row for a query that stands `distance` tokens after the key.
    pub fn row(&self, distance: isize) -> usize {
        let bucket = match self.longest {
            Some(longest) => self.bucket(distance, longest),
            None => distance,
        };
        let last = self.rows() as isize - 1;
        (bucket + self.span as isize).clamp(0, last) as usize
    }

    /// The rows that sequences of `length` tokens use.
    pub fn used(&self, length: usize) -> Range<usize> {
        let farthest = length.saturating_sub(1) as isize;
        self.row(-farthest)..self.row(farthest) + 1
    }

    /// As transformers' `make_log_bucket_position`, in single precision as there.
    fn bucket(&self, distance: isize, longest: usize) -> isize {
        let middle = self.span / 2;
        let far = distance.unsigned_abs();
        if far <= middle || middle < 2 {
            return distance;
        }
        let ratio = (far as f32 / middle as f32).ln();
        let whole = ((longest - 1) as f64 / middle as f64) as f32;
        let steps = (ratio / whole.ln() * (middle - 1) as f32).ceil();
        (steps as isize + middle as isize) * distance.signum()
    }
}

/// What a sequence looks at: content by content, and the tables of distances.
#[derive(Clone, Copy, Debug)]
pub struct DisentangledAttention {
    /// Number of heads.
    pub heads: usize,
    /// How distances become rows of the tables.
    pub distances: Distances,
    /// Dropout of the probabilities.
    pub dropout: f64,
}

/// The inputs of [`DisentangledAttention::forward`].
#[derive(Debug)]
pub struct ContentAndDistance<'a> {
    /// (queries, heads · d)
    pub query: &'a Tensor,
    /// (tokens, heads · d)
    pub key: &'a Tensor,
    /// (tokens, heads · d)
    pub value: &'a Tensor,
    /// What a query's content meets of distances (rows used, heads · d), where it does.
    pub distance_key: Option<&'a Tensor>,
    /// What a key's content meets of distances (rows used, heads · d), where it does.
    pub distance_query: Option<&'a Tensor>,
}

impl DisentangledAttention {
    /// softmax((q · kᵀ + q · dkᵀ + dq · kᵀ) / √(n d)) · v within each sequence and head, n being the
    /// number of products; dk and dq are the rows of the tables that stand for the distance from
    /// the key to the query. The tables hold the rows [`Distances::used`] by the longest sequence.
    ///
    /// Sequence i owns the tokens `offsets[i]..offsets[i + 1]`; `queries` are offsets likewise, of
    /// the first queries of each sequence. The result is (queries, heads · d).
    pub fn forward(
        &self,
        inputs: &ContentAndDistance<'_>,
        queries: &Arc<[usize]>,
        offsets: &Arc<[usize]>,
        pass: &Pass,
    ) -> Result<Tensor> {
        let op = DisentangledAttentionOp::new(self, inputs, queries, offsets, pass)?;
        let tables = [inputs.distance_key, inputs.distance_query];
        let tables: Vec<&Tensor> = tables.into_iter().flatten().collect();
        if tables.is_empty() {
            bail!("disentangled attention without a table of distances");
        }
        if !pass.has_kernels_for(inputs.query) {
            return op.composed(inputs);
        }
        // Below each other, because an operation of candle's has at most three inputs.
        let content = Tensor::cat(&[inputs.query, inputs.key, inputs.value], 0)?;
        content.apply_op2(&Tensor::cat(&tables, 0)?, op)
    }
}

/// Inputs: queries, keys and values below each other; the tables likewise.
struct DisentangledAttentionOp {
    attention: Attention,
    /// Row in the tables of each distance from key to query, from the shortest to the longest of
    /// the longest sequence.
    rows: Vec<usize>,
    /// Tokens of the longest sequence.
    longest: usize,
    /// Rows of each table.
    table_rows: usize,
    /// Whether queries meet distances, and whether keys do.
    meets: [bool; 2],
    /// heads · d
    stride: usize,
}

/// The part of a table that a head meets, with a row for each place of the key seen from the
/// query, from the farthest before it to the farthest after it.
struct HeadTable {
    /// (places, padded size)
    rows: Buffer,
    /// (size, places)
    transposed: Buffer,
}

/// The places that a head of one sequence uses of its [`HeadTable`].
#[derive(Clone, Copy)]
struct Places {
    /// The first of them.
    first: usize,
    count: usize,
    /// All places of the table.
    all: usize,
}

impl Places {
    fn wide(&self) -> usize {
        self.count.next_multiple_of(PAD)
    }
}

impl HeadTable {
    fn columns(&self, size: usize, places: Places) -> Buffer {
        let wide = places.wide();
        let mut own = Buffer::zeros(size * wide);
        let rows = own
            .chunks_exact_mut(wide)
            .zip(self.transposed.chunks_exact(places.all));
        for (own, all) in rows {
            own[..places.count].copy_from_slice(&all[places.first..][..places.count]);
        }
        own
    }

    /// contents · tableᵀ · scale, (rows, padded places), for the head's rows of `contents`.
    fn met_by(
        &self,
        head: &Head,
        contents: &[f32],
        rows: &Range<usize>,
        places: Places,
        scale: f32,
    ) -> Buffer {
        let (m, n) = (rows.len(), places.wide());
        let mut out = Buffer::any(m * n);
        Product {
            out: &mut out,
            a: &contents[rows.start * head.stride + head.column..],
            a_strides: [head.stride, 1],
            b: &self.columns(head.size, places),
            sizes: [m, head.size, n],
            scale,
        }
        .run();
        out
    }

    /// The way back of [`HeadTable::met_by`], with `d` the gradient of its result: adds the
    /// gradient of the contents to `dcontents` (rows, padded size), and returns that of the table
    /// (places used, padded size).
    fn backward(
        &self,
        head: &Head,
        d: &[f32],
        contents: &Buffer,
        dcontents: &mut [f32],
        places: Places,
        scale: f32,
    ) -> Buffer {
        let (wide, n) = (head.wide(), places.wide());
        let rows = d.len() / n;
        let mut part = Buffer::any(rows * wide);
        Product {
            out: &mut part,
            a: d,
            a_strides: [n, 1],
            b: &self.rows[places.first * wide..][..places.count * wide],
            sizes: [rows, places.count, wide],
            scale,
        }
        .run();
        add(dcontents, &part);
        let mut dtable = Buffer::any(places.count * wide);
        Product {
            out: &mut dtable,
            a: d,
            a_strides: [1, n],
            b: contents,
            sizes: [places.count, rows, wide],
            scale,
        }
        .run();
        dtable
    }
}

impl DisentangledAttentionOp {
    fn new(
        kind: &DisentangledAttention,
        inputs: &ContentAndDistance<'_>,
        queries: &Arc<[usize]>,
        offsets: &Arc<[usize]>,
        pass: &Pass,
    ) -> Result<Self> {
        let (rows, stride) = inputs.query.dims2()?;
        let lengths = offsets.windows(2).map(|pair| pair[1] - pair[0]);
        let longest = lengths.max().unwrap_or(0);
        let used = kind.distances.used(longest);
        let fits = |table: &Tensor| table.dims() == [used.len(), stride];
        let tables = [inputs.distance_key, inputs.distance_query];
        if queries.last() != Some(&rows)
            || offsets.last() != Some(&inputs.key.dim(0)?)
            || queries.len() != offsets.len()
            || !stride.is_multiple_of(kind.heads)
            || !tables.into_iter().flatten().all(fits)
        {
            bail!("disentangled attention: {rows} queries of {stride} do not fit");
        }
        let far = longest as isize - 1;
        // The key stands at -far..=far seen from the query, which is the other way round.
        let rows = (-far..=far).map(|place| kind.distances.row(-place) - used.start);
        Ok(Self {
            attention: Attention {
                queries: Arc::clone(queries),
                keys: Arc::clone(offsets),
                heads: kind.heads,
                window: None,
                mask: Mask::new(kind.dropout, pass.next_stream()),
            },
            rows: rows.collect(),
            longest,
            table_rows: used.len(),
            meets: tables.map(|table| table.is_some()),
            stride,
        })
    }

    fn scale(&self) -> f32 {
        let products = 1 + self.meets.iter().filter(|&&meets| meets).count();
        let size = self.stride / self.attention.heads;
        1.0 / ((size * products) as f32).sqrt()
    }

    /// Queries, keys and values.
    fn split_content<'a>(&self, content: &'a [f32]) -> [&'a [f32]; 3] {
        let queries = self.attention.queries.last().copied().unwrap_or(0);
        let (q, rest) = content.split_at(queries * self.stride);
        let (k, v) = rest.split_at(rest.len() / 2);
        [q, k, v]
    }

    /// The tables by heads, where they are met.
    fn head_tables(&self, tables: &[f32]) -> [Option<Vec<HeadTable>>; 2] {
        let mut tables = tables.chunks_exact(self.table_rows * self.stride);
        self.meets.map(|meets| {
            let table = if meets { tables.next() } else { None }?;
            let heads = (0..self.attention.heads).into_par_iter();
            Some(heads.map(|head| self.head_table(table, head)).collect())
        })
    }

    fn head_table(&self, table: &[f32], head: usize) -> HeadTable {
        let size = self.stride / self.attention.heads;
        let (wide, all) = (size.next_multiple_of(PAD), self.rows.len());
        let mut rows = Buffer::zeros(all * wide);
        let mut transposed = Buffer::any(size * all);
        for (place, (own, &row)) in rows.chunks_exact_mut(wide).zip(&self.rows).enumerate() {
            let values = &table[row * self.stride + head * size..][..size];
            own[..size].copy_from_slice(values);
            for (i, &value) in values.iter().enumerate() {
                transposed[i * all + place] = value;
            }
        }
        HeadTable { rows, transposed }
    }

    /// The places at which a head's queries find its keys.
    fn places(&self, head: &Head) -> Places {
        let (queries, keys) = (head.queries.len(), head.keys.len());
        Places {
            first: self.longest - queries,
            count: keys + queries - 1,
            all: self.rows.len(),
        }
    }

    fn probabilities(&self, head: &Head, q: &[f32], k: &[f32], tables: &Tables<'_>) -> Buffer {
        let (scale, places) = (self.scale(), self.places(head));
        let mut scores = head.against_keys(q, &head.transposed_keys(k), scale);
        let (queries, keys) = (head.queries.len(), head.keys.len());
        let rows = scores.chunks_exact_mut(head.wide_keys());
        if let Some(table) = tables[0] {
            let met = table.met_by(head, q, &head.queries, places, scale);
            let met = met.chunks_exact(places.wide());
            for (query, (scores, met)) in rows.zip(met).enumerate() {
                add(&mut scores[..keys], &met[queries - 1 - query..]);
            }
        }
        let rows = scores.chunks_exact_mut(head.wide_keys());
        if let Some(table) = tables[1] {
            let met = table.met_by(head, k, &head.keys, places, scale);
            let wide = places.wide();
            for (query, scores) in rows.enumerate() {
                // One place further for each key.
                let met = met[queries - 1 - query..].iter().step_by(wide + 1);
                scores[..keys]
                    .iter_mut()
                    .zip(met)
                    .for_each(|(s, m)| *s += m);
            }
        }
        head.softmax(&mut scores);
        scores
    }

    fn forward(&self, out: &mut [f32], content: &[f32], tables: &[f32]) {
        let attention = &self.attention;
        let [q, k, v] = self.split_content(content);
        let tables = self.head_tables(tables);
        let targets = attention.split(out, &attention.queries, self.stride);
        let heads = attention.all_heads(self.stride).into_par_iter();
        heads.zip(targets).for_each(|(head, out)| {
            let p = self.probabilities(&head, q, k, &of_head(&tables, &head));
            attention.mix(&head, p, v, out);
        });
    }

    /// Writes the gradients of content and tables.
    fn backward(
        &self,
        dcontent: &mut [f32],
        dtables: &mut [f32],
        content: &[f32],
        tables: &[f32],
        dout: &[f32],
    ) {
        let attention = &self.attention;
        let [q, k, v] = self.split_content(content);
        let head_tables = self.head_tables(tables);
        let (dq, rest) = dcontent.split_at_mut(q.len());
        let (dk, dv) = rest.split_at_mut(k.len());
        let targets = attention
            .split(dq, &attention.queries, self.stride)
            .into_par_iter()
            .zip(attention.split(dk, &attention.keys, self.stride))
            .zip(attention.split(dv, &attention.keys, self.stride));
        let heads = attention.all_heads(self.stride);
        let parts: Vec<[Option<Buffer>; 2]> = heads
            .par_iter()
            .zip(targets)
            .map(|(head, ((dq, dk), dv))| {
                let tables = of_head(&head_tables, head);
                self.head_backward(head, [dq, dk, dv], [q, k, v], &tables, dout)
            })
            .collect();
        let mut dtables = dtables.chunks_exact_mut(self.table_rows * self.stride);
        for (which, _) in self.meets.iter().enumerate().filter(|(_, meets)| **meets) {
            if let Some(dtable) = dtables.next() {
                self.add_table_gradients(dtable, which, &heads, &parts);
            }
        }
    }

    /// The gradients of one sequence's head; returns those of the places it used of both tables.
    fn head_backward(
        &self,
        head: &Head,
        [mut dq, mut dk, dv]: [Target<'_>; 3],
        [q, k, v]: [&[f32]; 3],
        tables: &Tables<'_>,
        dout: &[f32],
    ) -> [Option<Buffer>; 2] {
        let (scale, places, wide) = (self.scale(), self.places(head), head.wide());
        let (queries, keys) = (head.queries.len(), head.keys.len());
        let p = self.probabilities(head, q, k, tables);
        let ds = self.attention.score_gradient(head, &p, v, dout, dv);
        let (own_q, own_k) = (head.rows(q, &head.queries), head.rows(k, &head.keys));
        let mut dq_rows = head.mix_keys(&ds, &own_k, scale);
        let mut dk_rows = head.mix_queries(&ds, &own_q, scale);
        let by_query = tables[0].map(|table| {
            let mut d = Buffer::zeros(queries * places.wide());
            let rows = d.chunks_exact_mut(places.wide());
            for (query, (d, ds)) in rows.zip(ds.chunks_exact(head.wide_keys())).enumerate() {
                d[queries - 1 - query..][..keys].copy_from_slice(&ds[..keys]);
            }
            table.backward(head, &d, &own_q, &mut dq_rows, places, scale)
        });
        let by_key = tables[1].map(|table| {
            let mut d = Buffer::zeros(keys * places.wide());
            for (query, ds) in ds.chunks_exact(head.wide_keys()).enumerate() {
                let d = d[queries - 1 - query..].iter_mut();
                let d = d.step_by(places.wide() + 1);
                d.zip(&ds[..keys]).for_each(|(d, ds)| *d = *ds);
            }
            table.backward(head, &d, &own_k, &mut dk_rows, places, scale)
        });
        dq.copy_from(&dq_rows, wide);
        dk.copy_from(&dk_rows, wide);
        [by_query, by_key]
    }

    /// Adds the parts of all sequences to the gradient of a table, head by head and within it in
    /// the order of the sequences.
    fn add_table_gradients(
        &self,
        dtable: &mut [f32],
        which: usize,
        heads: &[Head],
        parts: &[[Option<Buffer>; 2]],
    ) {
        let size = self.stride / self.attention.heads;
        let columns: Vec<usize> = (0..=self.attention.heads).map(|head| head * size).collect();
        let targets = Target::dense(dtable, self.table_rows, self.stride).split_columns(&columns);
        let targets: Vec<_> = targets.enumerate().collect();
        targets.into_par_iter().for_each(|(number, mut target)| {
            let mut sums = Buffer::zeros(self.table_rows * size);
            let own = heads.iter().zip(parts).skip(number);
            for (head, part) in own.step_by(self.attention.heads) {
                let Some(part) = &part[which] else { continue };
                let rows = &self.rows[self.places(head).first..];
                for (part, &row) in part.chunks_exact(head.wide()).zip(rows) {
                    add(&mut sums[row * size..][..size], &part[..size]);
                }
            }
            target.copy_from(&sums, size);
        });
    }

    /// By candle's own differentiable operations, for devices without a kernel here.
    fn composed(&self, inputs: &ContentAndDistance<'_>) -> Result<Tensor> {
        let (heads, stride) = (self.attention.heads, self.stride);
        let size = stride / heads;
        let device = inputs.query.device();
        let by_head = |x: &Tensor| {
            let rows = x.dim(0)?;
            let x = x.reshape((rows, heads, size))?;
            x.transpose(0, 1)?.contiguous()
        };
        let mut mixed = Vec::new();
        for own in self.attention.all_heads(stride).chunks(heads) {
            let (head, places) = (&own[0], self.places(&own[0]));
            let (m, n) = (head.queries.len(), head.keys.len());
            let rows =
                |x: &Tensor, rows: &Range<usize>| by_head(&x.narrow(0, rows.start, rows.len())?);
            let q = rows(inputs.query, &head.queries)?;
            let (k, v) = (
                rows(inputs.key, &head.keys)?,
                rows(inputs.value, &head.keys)?,
            );
            let table = |table: &Tensor| {
                let rows = &self.rows[places.first..][..places.count];
                let rows: Vec<u32> = rows.iter().map(|&row| row as u32).collect();
                by_head(&table.index_select(&Tensor::new(rows, device)?, 0)?)
            };
            // The place of key j seen from query i.
            let indices = |place: &dyn Fn(usize, usize) -> usize, shape: [usize; 2]| {
                let each = 0..heads * shape[0] * shape[1];
                let each = each.map(|i| (i / shape[1] % shape[0], i % shape[1]));
                let each: Vec<u32> = each.map(|(i, j)| place(i, j) as u32).collect();
                Tensor::from_vec(each, (heads, shape[0], shape[1]), device)
            };
            let mut scores = q.matmul(&k.t()?)?;
            if let Some(keys) = inputs.distance_key {
                let met = q.matmul(&table(keys)?.t()?)?;
                let index = indices(&|i, j| j + m - 1 - i, [m, n])?;
                scores = (scores + met.gather(&index, 2)?)?;
            }
            if let Some(queries) = inputs.distance_query {
                let met = k.matmul(&table(queries)?.t()?)?;
                let index = indices(&|j, i| j + m - 1 - i, [n, m])?;
                scores = (scores + met.gather(&index, 2)?.t()?)?;
            }
            let scores = (scores * f64::from(self.scale()))?;
            let mut p = candle_nn::ops::softmax(&scores, D::Minus1)?;
            if let Some(mask) = &self.attention.mask {
                let factors: Vec<f32> = own
                    .iter()
                    .flat_map(|head| head.factors(mask).to_vec())
                    .collect();
                let factors = Tensor::from_vec(factors, p.shape(), device)?;
                p = (&p * factors.to_dtype(p.dtype())?)?;
            }
            mixed.push(p.matmul(&v)?.transpose(0, 1)?.reshape((m, stride))?);
        }
        Tensor::cat(&mixed, 0)
    }
}

/// The two tables of one head, where they are met.
type Tables<'a> = [Option<&'a HeadTable>; 2];

fn of_head<'a>(tables: &'a [Option<Vec<HeadTable>>; 2], head: &Head) -> Tables<'a> {
    let number = head.column / head.size;
    tables
        .each_ref()
        .map(|table| table.as_ref().map(|table| &table[number]))
}

impl CustomOp2 for DisentangledAttentionOp {
    fn name(&self) -> &'static str {
        "disentangled-attention"
    }

    fn cpu_fwd(
        &self,
        content: &CpuStorage,
        content_layout: &Layout,
        tables: &CpuStorage,
        tables_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let content = slice(content, content_layout)?;
        let queries = self.attention.queries.last().copied().unwrap_or(0);
        let mut out = vec![0.0; queries * self.stride];
        self.forward(&mut out, content, slice(tables, tables_layout)?);
        Ok((CpuStorage::F32(out), Shape::from((queries, self.stride))))
    }

    fn bwd(
        &self,
        content: &Tensor,
        tables: &Tensor,
        _out: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let mut dcontent = vec![0.0; content.elem_count()];
        let mut dtables = vec![0.0; tables.elem_count()];
        self.backward(
            &mut dcontent,
            &mut dtables,
            &values(content)?,
            &values(tables)?,
            &values(&grad)?,
        );
        Ok((
            Some(tensor_like(dcontent, content)?),
            Some(tensor_like(dtables, tables)?),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_distances_have_rows_of_their_own_and_far_ones_share() {
        let plain = Distances {
            span: 6,
            longest: None,
        };
        assert_eq!(
            [-9, -6, 0, 5, 9].map(|distance| plain.row(distance)),
            [0, 0, 6, 11, 11]
        );
        // As DeBERTa-v3 has it; the rows are transformers' (build_relative_position).
        let shared = Distances {
            span: 256,
            longest: Some(512),
        };
        for (distance, row) in [
            (0, 256),
            (-1, 255),
            (128, 384),
            (129, 385),
            (130, 386),
            (200, 425),
            (-200, 87),
            (300, 463),
            (511, 511),
            (600, 511),
            (-600, 0),
        ] {
            assert_eq!(shared.row(distance), row, "{distance}");
        }
        assert_eq!(shared.used(3), 254..259);
    }
}
