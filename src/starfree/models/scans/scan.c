/* The selective scan and its backward on CPU.

   The forward keeps the state at the start of each chunk of steps; the backward takes the chunks from the last
   to the first, computes the states of a chunk again in scratch, and runs the adjoint over it. */

#include "lanes.h"

typedef struct {
    int64_t members, batch, time, channels, states, chunk, signs, threads;
    stream x, dt, b, c;                       /* in: (E, B, T, D) twice, (E, B, T, N) twice */
    stream dy, dx, ddt, db, dc;               /* of the backward: the gradients, same shapes */
    stream y;                                 /* out: (E, B, T, D) */
    real *a;                                  /* (E, D, N) */
    real *first, *last;                       /* states before and after, (E, B, D, N); first may be null */
    real *kept;                               /* (E * B, chunks, blocks, N, LANES), or null: keep nothing */
    real *dlast, *dfirst, *da;                /* (E, B, D, N) each; dlast may be null */
} job;

/* Transposing between (channels, N) and (N, LANES), for the block of channels that starts at `from`. */
INLINE void columns(vec *to, const real *from, int64_t states, int lanes) {
    for (int64_t n = 0; n < states; n++) {
        vec v = {0};
        for (int l = 0; l < lanes; l++) v[l] = from[l * states + n];
        to[n] = v;
    }
}

INLINE void rows(real *to, const vec *from, int64_t states, int lanes) {
    for (int64_t n = 0; n < states; n++)
        for (int l = 0; l < lanes; l++) to[l * states + n] = from[n][l];
}

/* One block of channels over the steps [begin, end). */
INLINE void advance(const job *j, const real *x, const real *dt, const real *b, const real *c, real *y,
                    const vec *a, vec *h, int64_t begin, int64_t end, int lanes, int signs) {
    const int64_t states = j->states;
    for (int64_t t = begin; t < end; t++) {
        const real *bt = b + t * j->b.time, *ct = c + t * j->c.time;
        vec step = load(dt + t * j->dt.time, lanes), u = step * load(x + t * j->x.time, lanes), sum = {0};
        for (int64_t n = 0; n < states; n++) {
            vec gate = exponential(step * a[n]);
            if (signs) gate = gate + gate - all(1);
            vec now = gate * h[n] + u * all(bt[n]);
            h[n] = now;
            sum += now * all(ct[n]);
        }
        store(y + t * j->y.time, sum, lanes);
    }
}

static void forward_one(const void *argument, int64_t item, vec *scratch) {
    const job *j = argument;
    const int64_t e = item / j->batch, i = item % j->batch, states = j->states, wide = j->channels * states;
    const int64_t blocks = blocks_of(j->channels), all_blocks = blocks * states;
    const real *x = at(&j->x, e, i), *dt = at(&j->dt, e, i), *b = at(&j->b, e, i), *c = at(&j->c, e, i);
    real *y = at(&j->y, e, i);
    vec *kept = (vec *)j->kept + (j->kept ? item * ((j->time + j->chunk - 1) / j->chunk) * all_blocks : 0);
    vec *a = scratch, *h = scratch + all_blocks;
    memset(h, 0, all_blocks * sizeof(vec));
    for (int64_t block = 0; block < blocks; block++) {
        const int64_t d = block * LANES, o = block * states;
        const int lanes = lanes_of(j->channels, block);
        columns(a + o, j->a + e * wide + d * states, states, lanes);
        if (j->first) columns(h + o, j->first + item * wide + d * states, states, lanes);
    }
    for (int64_t begin = 0; begin < j->time; begin += j->chunk, kept += all_blocks) {
        const int64_t end = begin + j->chunk < j->time ? begin + j->chunk : j->time;
        if (j->kept) memcpy(kept, h, all_blocks * sizeof(vec));
        for (int64_t block = 0; block < blocks; block++) {
            const int64_t d = block * LANES, o = block * states;
            const int lanes = lanes_of(j->channels, block);
            if (lanes == LANES && j->signs)
                advance(j, x + d, dt + d, b, c, y + d, a + o, h + o, begin, end, LANES, 1);
            else if (lanes == LANES)
                advance(j, x + d, dt + d, b, c, y + d, a + o, h + o, begin, end, LANES, 0);
            else
                advance(j, x + d, dt + d, b, c, y + d, a + o, h + o, begin, end, lanes, j->signs != 0);
        }
    }
    for (int64_t block = 0; block < blocks; block++) {
        const int64_t d = block * LANES;
        rows(j->last + item * wide + d * states, h + block * states, states, lanes_of(j->channels, block));
    }
}

/* The adjoint of one block over one chunk of steps. `carried` is the gradient that the later steps give to the
   state after this chunk; it becomes the one given to the state before. */
INLINE void retreat(const job *j, const real *x, const real *dt, const real *b, const real *c, const real *dy,
                    real *dx, real *ddt, const vec *a, vec *da, vec *carried, const vec *start, vec *h, vec *slope,
                    vec *db, vec *dc, int64_t begin, int64_t end, int lanes, int signs) {
    const int64_t states = j->states;
    memcpy(h, start, states * sizeof(vec));
    for (int64_t t = begin; t < end; t++) {
        const real *bt = b + t * j->b.time;
        const vec *before = h + (t - begin) * states;
        vec *now = h + (t - begin + 1) * states, *grow = slope + (t - begin) * states;
        vec step = load(dt + t * j->dt.time, lanes), u = step * load(x + t * j->x.time, lanes);
        for (int64_t n = 0; n < states; n++) {
            vec gate = exponential(step * a[n]);
            if (signs) gate = gate + gate; /* the derivative; the gate is one less */
            grow[n] = gate;
            if (signs) gate = gate - all(1);
            now[n] = gate * before[n] + u * all(bt[n]);
        }
    }
    for (int64_t t = end - 1; t >= begin; t--) {
        const real *bt = b + t * j->b.time, *ct = c + t * j->c.time;
        const vec *before = h + (t - begin) * states, *now = before + states;
        const vec *grow = slope + (t - begin) * states;
        vec *dbt = db + (t - begin) * states, *dct = dc + (t - begin) * states;
        vec step = load(dt + t * j->dt.time, lanes), input = load(x + t * j->x.time, lanes);
        vec out = load(dy + t * j->dy.time, lanes), u = step * input, du = {0}, dstep = {0};
        for (int64_t n = 0; n < states; n++) {
            vec adjoint = out * all(ct[n]) + carried[n];
            dct[n] += out * now[n];
            dbt[n] += u * adjoint;
            du += adjoint * all(bt[n]);
            vec along = adjoint * grow[n];
            carried[n] = signs ? along - adjoint : along;
            along *= before[n];
            dstep += along * a[n];
            da[n] += along * step;
        }
        store(dx + t * j->dx.time, du * step, lanes);
        store(ddt + t * j->ddt.time, du * input + dstep, lanes);
    }
}

INLINE void sum_lanes(real *to, const vec *from, int64_t states) {
    for (int64_t n = 0; n < states; n++) {
        real sum = 0;
        for (int l = 0; l < LANES; l++) sum += from[n][l];
        to[n] = sum;
    }
}

static void backward_one(const void *argument, int64_t item, vec *scratch) {
    const job *j = argument;
    const int64_t e = item / j->batch, i = item % j->batch, states = j->states, wide = j->channels * states;
    const int64_t blocks = blocks_of(j->channels), chunks = (j->time + j->chunk - 1) / j->chunk, all_blocks = blocks * states;
    const real *x = at(&j->x, e, i), *dt = at(&j->dt, e, i), *b = at(&j->b, e, i), *c = at(&j->c, e, i);
    const real *dy = at(&j->dy, e, i);
    real *dx = at(&j->dx, e, i), *ddt = at(&j->ddt, e, i), *db = at(&j->db, e, i), *dc = at(&j->dc, e, i);
    const vec *kept = (const vec *)j->kept + item * chunks * all_blocks;
    vec *a = scratch, *da = a + all_blocks, *carried = da + all_blocks, *h = carried + all_blocks;
    vec *slope = h + (j->chunk + 1) * states, *dbs = slope + j->chunk * states, *dcs = dbs + j->chunk * states;
    memset(da, 0, 2 * all_blocks * sizeof(vec));
    for (int64_t block = 0; block < blocks; block++) {
        const int64_t d = block * LANES;
        const int lanes = lanes_of(j->channels, block);
        columns(a + block * states, j->a + e * wide + d * states, states, lanes);
        if (j->dlast) columns(carried + block * states, j->dlast + item * wide + d * states, states, lanes);
    }
    for (int64_t chunk = chunks - 1; chunk >= 0; chunk--) {
        const int64_t begin = chunk * j->chunk, end = begin + j->chunk < j->time ? begin + j->chunk : j->time;
        memset(dbs, 0, 2 * j->chunk * states * sizeof(vec));
        for (int64_t block = 0; block < blocks; block++) {
            const int64_t d = block * LANES, o = block * states;
            const int lanes = lanes_of(j->channels, block);
            const vec *start = kept + chunk * all_blocks + o;
            if (lanes == LANES && j->signs)
                retreat(j, x + d, dt + d, b, c, dy + d, dx + d, ddt + d, a + o, da + o, carried + o, start, h, slope,
                        dbs, dcs, begin, end, LANES, 1);
            else if (lanes == LANES)
                retreat(j, x + d, dt + d, b, c, dy + d, dx + d, ddt + d, a + o, da + o, carried + o, start, h, slope,
                        dbs, dcs, begin, end, LANES, 0);
            else
                retreat(j, x + d, dt + d, b, c, dy + d, dx + d, ddt + d, a + o, da + o, carried + o, start, h, slope,
                        dbs, dcs, begin, end, lanes, j->signs != 0);
        }
        for (int64_t t = begin; t < end; t++) {
            sum_lanes(db + t * j->db.time, dbs + (t - begin) * states, states);
            sum_lanes(dc + t * j->dc.time, dcs + (t - begin) * states, states);
        }
    }
    for (int64_t block = 0; block < blocks; block++) {
        const int64_t d = block * LANES;
        const int lanes = lanes_of(j->channels, block);
        rows(j->da + item * wide + d * states, da + block * states, states, lanes);
        rows(j->dfirst + item * wide + d * states, carried + block * states, states, lanes);
    }
}

int starfree_forward(const job *j) {
    return run(j, forward_one, j->members * j->batch, j->threads, 2 * blocks_of(j->channels) * j->states + 1);
}

int starfree_backward(const job *j) {
    return run(j, backward_one, j->members * j->batch, j->threads,
               (3 * blocks_of(j->channels) + 4 * j->chunk + 1) * j->states + 1);
}

int starfree_lanes(void) { return LANES; }

/* For the tests: n numbers, a multiple of LANES. */
void starfree_exp(const real *from, real *to, int64_t n) {
    for (int64_t i = 0; i < n; i += LANES) store(to + i, exponential(load(from + i, LANES)), LANES);
}
