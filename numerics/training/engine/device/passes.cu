// The passes of a training step between its matrix products. A block takes one observation, or 32 nodes.

enum Norm { L1 = 0, L2 = 1, LINF = 2 };

// V <- 1{|v| >= b} a_h: rows that give the gradient of f when multiplied by W^T. V is (replicas, n, H).
extern "C" __global__ void weigh_gates(int n, int H, Real b, const Real* a, Real* V) {
  const Index row = blockIdx.x;
  Real* v = V + row * H;
  const Real* head = a + row / n * H;
  for (int h = threadIdx.x; h < H; h += blockDim.x) v[h] = modulus(v[h]) >= b ? head[h] : Real(0);
}

// The steepest ascent of a linear function with gradient g in a unit ball, coordinate by coordinate.
struct Steepest {
  int norm, first;
  Real size, length;

  __device__ Steepest(int norm, int d, const Real* g, Real size) : norm(norm), first(d), size(size), length(1) {
    if (norm == L1) {
      int before = 0;  // d - (first coordinate of largest modulus); none where g is NaN
      for (int j = threadIdx.x; j < d; j += blockDim.x)
        if (modulus(g[j]) == size && d - j > before) before = d - j;
      first = d - over_block(before, Largest());
    }
    if (norm == L2) {
      if (size == 0) this->size = 1;
      Real squares = 0;  // of a scaled gradient: they do not underflow
      for (int j = threadIdx.x; j < d; j += blockDim.x) {
        const Real scaled = g[j] / this->size;
        squares += scaled * scaled;
      }
      squares = over_block(squares, Sum());
      length = squares == 0 ? Real(1) : sqrt(squares);
    }
  }

  __device__ Real at(int j, Real g) const {
    if (norm == L2) return g / size / length;
    return norm == LINF || j == first ? sign(g) : Real(0);
  }
};

// The level that projects x on the l1 ball: raised to that of the entries above it until none drops out.
// Michelot, A finite algorithm for finding the projection of a point onto the canonical simplex (1986).
__device__ Real soft_threshold(Real eps, int d, const Real* x) {
  Real level = 0;
  for (int above = d + 1;;) {
    Real total = 0;
    int kept = 0;
    for (int j = threadIdx.x; j < d; j += blockDim.x) {
      const Real size = modulus(x[j]);
      if (size > level) {
        total += size;
        ++kept;
      }
    }
    total = over_block(total, Sum());
    kept = over_block(kept, Sum());
    if (kept == 0 || kept == above || total - kept * level <= eps) return level;
    level = (total - eps) / kept;
    above = kept;
  }
}

// x <- the nearest point of the ball of radius eps. A thread reads and writes its own coordinates only.
__device__ void project(int norm, Real eps, int d, Real* x) {
  if (norm == LINF) {
    for (int j = threadIdx.x; j < d; j += blockDim.x) x[j] = x[j] > eps ? eps : x[j] < -eps ? -eps : x[j];
  } else if (norm == L1) {
    const Real level = soft_threshold(eps, d, x);
    for (int j = threadIdx.x; j < d; j += blockDim.x) {
      const Real rest = modulus(x[j]) - level;
      x[j] = sign(x[j]) * (rest < 0 ? Real(0) : rest);
    }
  } else {
    Real size = 0;
    for (int j = threadIdx.x; j < d; j += blockDim.x) size = Largest()(size, modulus(x[j]));
    size = over_block(size, Largest());
    const Steepest outward(norm, d, x, size);
    if (size * outward.length > eps)
      for (int j = threadIdx.x; j < d; j += blockDim.x) x[j] = eps * outward.at(j, x[j]);
  }
}

// One attack step from z + delta (from z in the first): G <- the points that it leads to, and the errors f - y before
// the first, for f = grad f . z (claim P1). A single step goes to the sphere and leaves delta alone.
extern "C" __global__ void attack_step(int d, int norm, int first, int single, Real eps, Real stride, const Real* Z,
                                 const Real* y, Real* G, Real* delta, Real* errors) {
  const Index row = blockIdx.x;
  const Real* z = Z + row * d;
  Real* g = G + row * d;
  Real* moved = single ? nullptr : delta + row * d;
  Real f = 0, size = 0;
  for (int j = threadIdx.x; j < d; j += blockDim.x) {
    f += g[j] * (first ? z[j] : z[j] + moved[j]);
    size = Largest()(size, modulus(g[j]));
  }
  const Real error = over_block(f, Sum()) - y[row];
  if (first && threadIdx.x == 0) errors[row] = error;
  const Steepest ascent(norm, d, g, over_block(size, Largest()));
  const Real signed_stride = error >= 0 ? stride : -stride;  // a perfect fit is attacked too (claim P2)
  if (single) {
    for (int j = threadIdx.x; j < d; j += blockDim.x) g[j] = z[j] + signed_stride * ascent.at(j, g[j]);
    return;
  }
  for (int j = threadIdx.x; j < d; j += blockDim.x)
    moved[j] = (first ? Real(0) : moved[j]) + signed_stride * ascent.at(j, g[j]);
  project(norm, eps, d, moved);
  for (int j = threadIdx.x; j < d; j += blockDim.x) g[j] = z[j] + moved[j];
}

// errors <- f - y and V <- scale (f - y) 1{|v| >= b}: rows that give the gradient in W when multiplied by Z^T.
// Closed gates multiply, so that NaN and infinity reach the error as they do in the portable step.
extern "C" __global__ void read_out(int n, int H, Real b, Real scale, const Real* a, const Real* y, Real* V,
                                    Real* errors) {
  const Index row = blockIdx.x;
  Real* v = V + row * H;
  const Real* head = a + row / n * H;
  Real f = 0;
  for (int h = threadIdx.x; h < H; h += blockDim.x) f += head[h] * (v[h] * (modulus(v[h]) >= b ? Real(1) : Real(0)));
  const Real error = over_block(f, Sum()) - y[row];
  if (threadIdx.x == 0) errors[row] = error;
  for (int h = threadIdx.x; h < H; h += blockDim.x) v[h] = modulus(v[h]) >= b ? scale * error : Real(0);
}

// da_h <- w_h . P_h and P_h <- a_h P_h: the gradients in a and W. P and W are (replicas, d, H).
extern "C" __global__ void finish_gradients(int d, int H, const Real* W, const Real* a, Real* P, Real* da) {
  const int tiles = (H + 31) / 32, h = blockIdx.x % tiles * 32 + threadIdx.x % 32;
  const Index replica = blockIdx.x / tiles;
  const Index start = replica * d * H + h;
  const Real head = h < H ? a[replica * H + h] : Real(0);
  Real sum = 0;
  for (int i = threadIdx.x / 32; h < H && i < d; i += blockDim.x / 32) {
    const Index at = start + Index(i) * H;
    const Real p = P[at];
    sum += W[at] * p;
    P[at] = head * p;
  }
  sum = over_column(sum);
  if (h < H && threadIdx.x < 32) da[replica * H + h] = sum;
}

// losses <- the means of n squares, one for each block.
extern "C" __global__ void mean_squares(int n, const Real* errors, Real* losses) {
  const Real* e = errors + Index(blockIdx.x) * n;
  Real sum = 0;
  for (int i = threadIdx.x; i < n; i += blockDim.x) sum += e[i] * e[i];
  sum = over_block(sum, Sum());
  if (threadIdx.x == 0) losses[blockIdx.x] = sum / n;
}
