// Sums and maxima over the threads of a block. Every thread gets the same value, summed in the same order.
//
// Real is float or double, set when this is compiled. A block has a multiple of 32 and at most 1024 threads.

typedef long long Index;

struct Sum {
  template <class T>
  __device__ T operator()(T x, T y) const { return x + y; }
};

struct Largest {
  template <class T>
  __device__ T operator()(T x, T y) const { return x < y ? y : x; }
};

template <class T, class Join>
__device__ T over_block(T x, Join join) {
  __shared__ T parts[32];
  for (int lane = 16; lane > 0; lane /= 2) x = join(x, __shfl_xor_sync(0xffffffffu, x, lane));
  const int warps = blockDim.x / 32;
  if (warps == 1) return x;
  __syncthreads();  // what an earlier call left has been read
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = x;
  __syncthreads();
  x = parts[0];
  for (int w = 1; w < warps; ++w) x = join(x, parts[w]);
  return x;
}

// The sum over the threads of the same column, where threads 32 w + c take column c.
__device__ Real over_column(Real x) {
  __shared__ Real parts[1024];
  __syncthreads();  // what an earlier call left has been read
  parts[threadIdx.x] = x;
  __syncthreads();
  Real total = 0;
  for (int k = threadIdx.x % 32; k < blockDim.x; k += 32) total += parts[k];
  return total;
}

__device__ Real modulus(Real x) { return x < 0 ? -x : x; }

// 0 and NaN are their own sign: a diverged run must not look healthy.
__device__ Real sign(Real x) { return x > 0 ? Real(1) : x < 0 ? Real(-1) : x; }
