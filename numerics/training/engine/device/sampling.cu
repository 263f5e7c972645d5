// Training data, drawn where they are used: number by number from a counter, so that nothing is carried over.
//
// The counter of four numbers is (quadruple of coordinates, observation, update, what is drawn); each replica has a
// key of its own, so that its data depend neither on the other replicas nor on the shape of the launch.
// Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (2011): Philox 4x32, 10 rounds.

enum Drawn { SUPPORT = 0, AMPLITUDE = 1, NOISE = 2, LABEL = 3 };

struct Words {
  unsigned word[4];
};

__device__ Words philox(Words c, unsigned long long key) {
  unsigned low = (unsigned)key, high = (unsigned)(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const unsigned long long even = 0xD2511F53ull * c.word[0], odd = 0xCD9E8D57ull * c.word[2];
    c = {{(unsigned)(odd >> 32) ^ c.word[1] ^ low, (unsigned)odd, (unsigned)(even >> 32) ^ c.word[3] ^ high,
          (unsigned)even}};
    low += 0x9E3779B9u;
    high += 0xBB67AE85u;
  }
  return c;
}

// A uniform number in (0, 1] from 32 bits, never 0.
__device__ Real uniform(unsigned word) { return (Real(word) + Real(0.5)) * Real(1.0 / 4294967296.0); }

// Four normal numbers by Box and Muller; none exceeds sqrt(66 log 2) = 6.77.
__device__ void normals(Words w, Real* four) {
  for (int k = 0; k < 2; ++k) {
    const Real radius = sqrt(Real(-2) * log(uniform(w.word[2 * k])));
    const Real angle = Real(6.283185307179586) * uniform(w.word[2 * k + 1]);
    four[2 * k] = radius * cos(angle);
    four[2 * k + 1] = radius * sin(angle);
  }
}

// One word decides support and sign: probabilities are exact to 2^-32.
__device__ Real signed_support(unsigned word, unsigned long long threshold) {
  return word < threshold / 2 ? Real(-1) : word < threshold ? Real(1) : Real(0);
}

// X <- features and y <- theta . x + tau eta, for X (replicas, n, d); active with probability threshold / 2^32, of
// amplitude low or, for a positive width, uniform on [low, low + width]. Adds sigma xi to X once y has been taken.
extern "C" __global__ void draw(int n, int d, unsigned long long threshold, Real low, Real width, Real sigma, Real tau,
                                const Real* theta, const unsigned long long* keys, const unsigned* step,
                                unsigned offset, Real* X, Real* y) {
  const Index row = blockIdx.x;
  const unsigned i = unsigned(row % n), t = *step + offset;
  const unsigned long long key = keys[row / n];
  Real f = 0;
  for (int q = threadIdx.x; 4 * q < d; q += blockDim.x) {
    const Words support = philox({{unsigned(q), i, t, SUPPORT}}, key);
    Words amplitude = support;
    if (width > 0) amplitude = philox({{unsigned(q), i, t, AMPLITUDE}}, key);
    Real noise[4] = {0, 0, 0, 0};
    if (sigma > 0) normals(philox({{unsigned(q), i, t, NOISE}}, key), noise);
    for (int k = 0; k < 4 && 4 * q + k < d; ++k) {
      const int j = 4 * q + k;
      const Real x = signed_support(support.word[k], threshold) * (low + width * uniform(amplitude.word[k]));
      f += theta[j] * x;
      X[row * d + j] = x + sigma * noise[k];
    }
  }
  f = over_block(f, Sum());
  if (threadIdx.x != 0) return;
  Real eta[4] = {0, 0, 0, 0};
  if (tau > 0) normals(philox({{0, i, t, LABEL}}, key), eta);
  y[row] = f + tau * eta[0];
}

// Z <- Z + sigma xi, for observations through a dictionary: the same noise as `draw` would have added.
extern "C" __global__ void add_noise(int n, int d, Real sigma, const unsigned long long* keys, const unsigned* step,
                                     unsigned offset, Real* Z) {
  const Index row = blockIdx.x;
  for (int q = threadIdx.x; 4 * q < d; q += blockDim.x) {
    Real noise[4];
    normals(philox({{unsigned(q), unsigned(row % n), *step + offset, NOISE}}, keys[row / n]), noise);
    for (int k = 0; k < 4 && 4 * q + k < d; ++k) Z[row * d + 4 * q + k] += sigma * noise[k];
  }
}
