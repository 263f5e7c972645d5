// Updates of parameters in place: each number is read and written once, with its state.
//
// rates holds a pair for each update, its learning rate (Adam: the corrected stride) and Adam's guard. That of update
// number *step + offset is taken, so that a recorded graph advances with *step.

enum Method { DESCENT = 0, MOMENTUM = 1, ADAM = 2 };

// Decay rates, and 1 less each: 1 - second loses digits in single precision.
struct Decay {
  Real first, rest, second, rest_of_second;
};

struct Optimiser {
  int method;
  Decay decay;
  Real rate, guard;
  Real *m, *v;

  // The parameter x of index i after its update by gradient g.
  __device__ Real moved(Index i, Real x, Real g) const {
    if (method == DESCENT) return x - rate * g;
    if (method == MOMENTUM) {
      m[i] = decay.first * m[i] + g;
      return x - rate * m[i];
    }
    m[i] = decay.first * m[i] + decay.rest * g;
    v[i] = decay.second * v[i] + decay.rest_of_second * (g * g);
    return x - rate * m[i] / (sqrt(v[i]) + guard);
  }
};

extern "C" __global__ void update(Index size, int method, Real first, Real rest, Real second, Real rest_of_second,
                                  const Real* rates, const unsigned* step, unsigned offset, const Real* gradient,
                                  Real* m, Real* v, Real* x) {
  const Real* pair = rates + 2 * Index(*step + offset);
  const Optimiser optimiser = {method, {first, rest, second, rest_of_second}, pair[0], pair[1], m, v};
  const Index stride = Index(gridDim.x) * blockDim.x;
  for (Index i = Index(blockIdx.x) * blockDim.x + threadIdx.x; i < size; i += stride)
    x[i] = optimiser.moved(i, x[i], gradient[i]);
}

// The same for unit columns of W (replicas, d, H): along the sphere, and back on it. A block takes 32 columns.
extern "C" __global__ void update_on_sphere(int d, int H, int method, Real first, Real rest, Real second,
                                            Real rest_of_second, const Real* rates, const unsigned* step,
                                            unsigned offset, const Real* gradient, Real* m, Real* v, Real* W) {
  const Real* pair = rates + 2 * Index(*step + offset);
  const Optimiser optimiser = {method, {first, rest, second, rest_of_second}, pair[0], pair[1], m, v};
  const int tiles = (H + 31) / 32, h = blockIdx.x % tiles * 32 + threadIdx.x % 32;
  const int low = threadIdx.x / 32, high = h < H ? d : 0, rows = blockDim.x / 32;
  const Index start = Index(blockIdx.x / tiles) * d * H + h;
  Real along = 0, squares = 0;
  for (int i = low; i < high; i += rows) along += gradient[start + Index(i) * H] * W[start + Index(i) * H];
  along = over_column(along);
  for (int i = low; i < high; i += rows) {
    const Index at = start + Index(i) * H;
    const Real x = optimiser.moved(at, W[at], gradient[at] - W[at] * along);
    W[at] = x;
    squares += x * x;
  }
  const Real norm = sqrt(over_column(squares));
  for (int i = low; i < high; i += rows) W[start + Index(i) * H] /= norm;
}

// *step <- *step + by, for the next replay of a graph.
extern "C" __global__ void advance(unsigned by, unsigned* step) {
  if (threadIdx.x == 0) *step += by;
}
