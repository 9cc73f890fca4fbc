/* What the kernels share: vectors of neighbouring channels, exp, and threads that take a sequence at a time.

   For one type of number: float, or double with -DDOUBLE. A vector holds LANES channels, and all operations
   are vertical. Nothing depends on which thread takes which sequence. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__AVX512F__)
#define BYTES 64
#elif defined(__AVX__)
#define BYTES 32
#else
#define BYTES 16
#endif

#ifdef DOUBLE
typedef double real;
typedef int64_t whole;
#else
typedef float real;
typedef int32_t whole;
#endif

#define LANES ((int)(BYTES / sizeof(real)))
#define INLINE static inline __attribute__((always_inline))
typedef real vec __attribute__((vector_size(BYTES)));
typedef whole ivec __attribute__((vector_size(BYTES)));

/* A tensor (sequences, T, width): where it starts, and steps in numbers of `real`. Channels are neighbours. */
typedef struct {
    real *data;
    int64_t member, sequence, time;
} stream;

INLINE real *at(const stream *s, int64_t member, int64_t sequence) {
    return s->data + member * s->member + sequence * s->sequence;
}

/* How many vectors a row of channels fills; the last may be in part. */
INLINE int64_t blocks_of(int64_t channels) { return (channels + LANES - 1) / LANES; }

INLINE int lanes_of(int64_t channels, int64_t block) {
    const int64_t left = channels - block * LANES;
    return left < LANES ? (int)left : LANES;
}

INLINE vec all(real value) { return value - (vec){0}; }

INLINE vec load(const real *from, int lanes) {
    vec v = {0};
    memcpy(&v, from, lanes * sizeof(real));
    return v;
}

INLINE void store(real *to, vec v, int lanes) { memcpy(to, &v, lanes * sizeof(real)); }

INLINE vec pick(ivec mask, vec yes, vec no) { return (vec)((mask & (ivec)yes) | (~mask & (ivec)no)); }

/* exp: x = k ln 2 + r with |r| <= ln 2 / 2, a polynomial of least greatest relative error in r, and k added to
   the exponent. Results under the least normal number are 0, those over the greatest are infinite. */
INLINE vec exponential(vec x) {
#ifdef DOUBLE
    const real magic = 0x1.8p52, high = 0x1.62e42fefa3p-1, low = 0x9.ef35793c7673p-45;
    const real least = -708.0, greatest = 709.4, infinite = __builtin_inf();
    const int shift = 52;
    static const real p[] = {2.4994293345730463606e-8, 2.7632308224452544435e-7, 2.7557622652024488477e-6,
                             2.4801486481283498188e-5, 1.9841269432434438281e-4, 1.388888895126120425e-3,
                             8.3333333335594517973e-3, 4.1666666666492628989e-2, 0.16666666666666168167,
                             0.50000000000000177032,   1.0000000000000000304,    1.0};
#else
    const real magic = 0x1.8p23f, high = 0x1.62e4p-1f, low = 0x1.7f7d1cp-20f;
    const real least = -87.3f, greatest = 88.3f, infinite = __builtin_inff();
    const int shift = 23;
    static const real p[] = {1.3836835742475305589e-3f, 8.3748240505893823123e-3f, 4.1668226189294490556e-2f,
                             0.16666420072125316461f,   0.49999992075088730455f,   1.0000000363447210654f, 1.0f};
#endif
    vec turns = x * all(1.4426950408889634074) + all(magic);
    vec k = turns - all(magic);
    vec r = x - k * all(high) - k * all(low);
    vec sum = all(p[0]);
    for (int i = 1; i < (int)(sizeof p / sizeof *p); i++) sum = sum * r + all(p[i]);
    vec scaled = (vec)((ivec)sum + ((ivec)turns << shift));
    scaled = pick(x < all(least), all(0), scaled);
    return pick(x > all(greatest), all(infinite), scaled);
}

INLINE vec logistic(vec v) { return all(1) / (all(1) + exponential(-v)); }

/* Threads take the next sequence until none is left. */
typedef struct {
    const void *job;
    void (*one)(const void *, int64_t, vec *);
    size_t scratch;
    long items;
    atomic_long next, failed;
} crew;

static void *work(void *argument) {
    crew *team = argument;
    vec *scratch = aligned_alloc(BYTES, team->scratch * sizeof(vec));
    if (!scratch) {
        atomic_store(&team->failed, 1);
        return NULL;
    }
    for (long item; (item = atomic_fetch_add(&team->next, 1)) < team->items;) team->one(team->job, item, scratch);
    free(scratch);
    return NULL;
}

static inline int run(const void *job, void (*one)(const void *, int64_t, vec *), int64_t items, int64_t wanted,
                      size_t scratch) {
    crew team = {job, one, scratch, (long)items, 0, 0};
    if (wanted > items) wanted = items;
    pthread_t *threads = wanted > 1 ? malloc((wanted - 1) * sizeof(pthread_t)) : NULL;
    int64_t started = 0;
    if (threads)
        while (started < wanted - 1 && !pthread_create(threads + started, NULL, work, &team)) started++;
    work(&team);
    for (int64_t k = 0; k < started; k++) pthread_join(threads[k], NULL);
    free(threads);
    /* a thread without memory leaves its sequences to the others; only if all had none is work left */
    return atomic_load(&team.failed) && atomic_load(&team.next) < items;
}
