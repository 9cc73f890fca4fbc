/* What follows a scan: (y + skip * x) * silu(z), and its backward, on CPU. Only y, x and z are kept. */

#include "lanes.h"

typedef struct {
    int64_t members, batch, time, channels, threads;
    stream y, x, z, out;        /* (E, B, T, D) each */
    stream dout, dy, dx, dz;    /* of the backward */
    real *skip, *dskip;         /* (E, D) and (E, B, D) */
} valve;

INLINE void pass(const real *y, const real *x, const real *z, const real *skip, real *out, int lanes) {
    vec w = load(z, lanes);
    store(out, (load(y, lanes) + load(skip, lanes) * load(x, lanes)) * w * logistic(w), lanes);
}

static void forward_one(const void *argument, int64_t item, vec *scratch) {
    const valve *v = argument;
    const int64_t e = item / v->batch, i = item % v->batch, full = v->channels - v->channels % LANES;
    const real *y = at(&v->y, e, i), *x = at(&v->x, e, i), *z = at(&v->z, e, i);
    const real *skip = v->skip + e * v->channels;
    real *out = at(&v->out, e, i);
    (void)scratch;
    for (int64_t t = 0; t < v->time; t++, y += v->y.time, x += v->x.time, z += v->z.time, out += v->out.time) {
        for (int64_t d = 0; d < full; d += LANES) pass(y + d, x + d, z + d, skip + d, out + d, LANES);
        if (full < v->channels)
            pass(y + full, x + full, z + full, skip + full, out + full, (int)(v->channels - full));
    }
}

INLINE void pass_back(const real *dout, const real *y, const real *x, const real *z, const real *skip, real *dy,
                      real *dx, real *dz, vec *dskip, int lanes) {
    vec out = load(dout, lanes), input = load(x, lanes), factor = load(skip, lanes), w = load(z, lanes);
    vec s = logistic(w), inside = load(y, lanes) + factor * input, down = out * w * s;
    store(dy, down, lanes);
    store(dx, down * factor, lanes);
    store(dz, out * inside * s * (all(1) + w * (all(1) - s)), lanes);
    *dskip += down * input;
}

static void backward_one(const void *argument, int64_t item, vec *scratch) {
    const valve *v = argument;
    const int64_t e = item / v->batch, i = item % v->batch, full = v->channels - v->channels % LANES;
    const real *dout = at(&v->dout, e, i), *y = at(&v->y, e, i), *x = at(&v->x, e, i), *z = at(&v->z, e, i);
    const real *skip = v->skip + e * v->channels;
    real *dy = at(&v->dy, e, i), *dx = at(&v->dx, e, i), *dz = at(&v->dz, e, i);
    memset(scratch, 0, blocks_of(v->channels) * sizeof(vec));
    for (int64_t t = 0; t < v->time; t++) {
        for (int64_t d = 0; d < full; d += LANES)
            pass_back(dout + d, y + d, x + d, z + d, skip + d, dy + d, dx + d, dz + d, scratch + d / LANES, LANES);
        if (full < v->channels)
            pass_back(dout + full, y + full, x + full, z + full, skip + full, dy + full, dx + full, dz + full,
                      scratch + full / LANES, (int)(v->channels - full));
        dout += v->dout.time, y += v->y.time, x += v->x.time, z += v->z.time;
        dy += v->dy.time, dx += v->dx.time, dz += v->dz.time;
    }
    for (int64_t d = 0; d < v->channels; d += LANES)
        store(v->dskip + item * v->channels + d, scratch[d / LANES], lanes_of(v->channels, d / LANES));
}

int starfree_gate(const valve *v) { return run(v, forward_one, v->members * v->batch, v->threads, 1); }

int starfree_gate_back(const valve *v) {
    return run(v, backward_one, v->members * v->batch, v->threads, blocks_of(v->channels));
}
