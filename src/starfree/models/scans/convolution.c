/* A short causal convolution of each channel by itself, then silu, and the backward of both, on CPU.

   Only the inputs are kept: the backward computes the convolution again. */

#include "lanes.h"

typedef struct {
    int64_t members, batch, time, channels, taps, threads;
    stream x, window, y;    /* (E, B, T, D), the K - 1 inputs before, and out */
    stream dy, dx, dwindow; /* of the backward */
    real *weight, *bias;    /* (E, K, D) and (E, D) */
    real *dweight, *dbias;  /* (E, B, K, D) and (E, B, D) */
} filter;

enum {
    USUAL = 4,   /* taps for which the weights stay in registers */
    STRETCH = 32 /* steps of one block of channels before the next block */
};

/* One block of channels of one sequence: its streams, and lanes in use. */
typedef struct {
    const real *x, *window, *dy;
    real *y, *dx, *dwindow;
    int lanes;
} block;

INLINE block block_at(const filter *f, int64_t item, int64_t d) {
    const int64_t e = item / f->batch, i = item % f->batch;
    block k = {at(&f->x, e, i) + d, at(&f->window, e, i) + d, 0, 0, 0, 0, lanes_of(f->channels, d / LANES)};
    if (f->y.data) k.y = at(&f->y, e, i) + d;
    if (f->dy.data) {
        k.dy = at(&f->dy, e, i) + d;
        k.dx = at(&f->dx, e, i) + d;
        k.dwindow = at(&f->dwindow, e, i) + d;
    }
    return k;
}

/* The inputs of step t; those before the first are in the window. */
INLINE vec input(const filter *f, const block *k, int64_t t, int taps, int lanes) {
    return load(t < 0 ? k->window + (t + taps - 1) * f->window.time : k->x + t * f->x.time, lanes);
}

/* The weights of one block as K vectors, and the bias after them. */
INLINE void gather(const filter *f, int64_t member, int64_t d, int lanes, vec *to) {
    for (int64_t k = 0; k < f->taps; k++) to[k] = load(f->weight + (member * f->taps + k) * f->channels + d, lanes);
    to[f->taps] = load(f->bias + member * f->channels + d, lanes);
}

INLINE vec weighted(const vec *w, const vec *seen, int taps) {
    vec sum = w[taps];
    for (int k = 0; k < taps; k++) sum += w[k] * seen[k];
    return sum;
}

INLINE void outputs(const filter *f, const block *k, const vec *w, vec *seen, int64_t begin, int64_t end, int taps,
                    int lanes) {
    for (int n = 1; n < taps; n++) seen[n] = input(f, k, begin - taps + n, taps, lanes);
    for (int64_t t = begin; t < end; t++) {
        for (int n = 1; n < taps; n++) seen[n - 1] = seen[n];
        seen[taps - 1] = load(k->x + t * f->x.time, lanes);
        vec sum = weighted(w, seen, taps);
        store(k->y + t * f->y.time, sum * logistic(sum), lanes);
    }
}

static void forward_one(const void *argument, int64_t item, vec *scratch) {
    const filter *f = argument;
    const int taps = (int)f->taps;
    vec *weights = scratch, *seen = scratch + taps + 1;
    for (int64_t begin = 0; begin < f->time; begin += STRETCH) {
        const int64_t end = begin + STRETCH < f->time ? begin + STRETCH : f->time;
        for (int64_t d = 0; d < f->channels; d += LANES) {
            const block k = block_at(f, item, d);
            gather(f, item / f->batch, d, k.lanes, weights);
            if (taps == USUAL && k.lanes == LANES) {
                vec w[USUAL + 1], last[USUAL];
                memcpy(w, weights, sizeof w);
                outputs(f, &k, w, last, begin, end, USUAL, LANES);
            } else
                outputs(f, &k, weights, seen, begin, end, taps, k.lanes);
        }
    }
}

/* `ring` holds the gradients of the sums at t, t + 1, ..., t + K - 1; `grad` those of the weights and the bias. */
INLINE void gradients(const filter *f, const block *k, const vec *w, vec *seen, vec *ring, vec *grad, int64_t begin,
                      int64_t end, int taps, int lanes) {
    for (int n = 0; n + 1 < taps; n++) seen[n] = input(f, k, end - taps + n + 1, taps, lanes);
    for (int64_t t = end - 1; t >= begin; t--) {
        vec slope = {0}, sum = {0};
        for (int n = taps - 1; n > 0; n--) {
            seen[n] = seen[n - 1];
            ring[n] = ring[n - 1];
        }
        if (t >= 0) {
            seen[0] = input(f, k, t - taps + 1, taps, lanes);
            vec pre = weighted(w, seen, taps), s = logistic(pre);
            slope = load(k->dy + t * f->dy.time, lanes) * s * (all(1) + pre * (all(1) - s));
            for (int n = 0; n < taps; n++) grad[n] += slope * seen[n];
            grad[taps] += slope;
        }
        ring[0] = slope;
        for (int n = 0; n < taps; n++) sum += w[taps - 1 - n] * ring[n];
        store(t < 0 ? k->dwindow + (t + taps - 1) * f->dwindow.time : k->dx + t * f->dx.time, sum, lanes);
    }
}

static void backward_one(const void *argument, int64_t item, vec *scratch) {
    const filter *f = argument;
    const int taps = (int)f->taps;
    const int64_t blocks = blocks_of(f->channels);
    vec *weights = scratch, *seen = scratch + taps + 1, *all_rings = seen + taps + 1;
    vec *all_grads = all_rings + blocks * taps;
    memset(all_rings, 0, blocks * (2 * taps + 1) * sizeof(vec));
    for (int64_t end = f->time; end > 0; end -= STRETCH) {
        const int64_t begin = end > STRETCH ? end - STRETCH : 1 - taps;
        vec *rings = all_rings, *grads = all_grads;
        for (int64_t d = 0; d < f->channels; d += LANES, rings += taps, grads += taps + 1) {
            const block k = block_at(f, item, d);
            gather(f, item / f->batch, d, k.lanes, weights);
            if (taps == USUAL && k.lanes == LANES) {
                vec w[USUAL + 1], last[USUAL], ring[USUAL], grad[USUAL + 1];
                memcpy(w, weights, sizeof w);
                memcpy(ring, rings, sizeof ring);
                memcpy(grad, grads, sizeof grad);
                gradients(f, &k, w, last, ring, grad, begin, end, USUAL, LANES);
                memcpy(rings, ring, sizeof ring);
                memcpy(grads, grad, sizeof grad);
            } else
                gradients(f, &k, weights, seen, rings, grads, begin, end, taps, k.lanes);
        }
    }
    for (int64_t d = 0; d < f->channels; d += LANES, all_grads += taps + 1) {
        const int lanes = lanes_of(f->channels, d / LANES);
        for (int k = 0; k < taps; k++) store(f->dweight + (item * taps + k) * f->channels + d, all_grads[k], lanes);
        store(f->dbias + item * f->channels + d, all_grads[taps], lanes);
    }
}

int starfree_convolve(const filter *f) {
    return run(f, forward_one, f->members * f->batch, f->threads, 2 * f->taps + 2);
}

int starfree_convolve_back(const filter *f) {
    return run(f, backward_one, f->members * f->batch, f->threads,
               2 * f->taps + 2 + blocks_of(f->channels) * (2 * f->taps + 1));
}
