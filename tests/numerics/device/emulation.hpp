// CUDA's model of a block on the host: one fiber for each thread, resumed in turn from barrier to barrier.
//
// Barriers are exact: a thread that ends or waits alone is an error. A warp runs to its next barrier of the block before
// another warp starts, in ascending or descending order: where a barrier is missing, warps overtake each other as far as
// they ever can, and results depend on the order.
#include <math.h>
#include <ucontext.h>

#include <cstddef>
#include <functional>
#include <utility>

#define __global__
#define __device__
#define __shared__ static

namespace emulation {

constexpr int kMost = 1024;
constexpr std::size_t kStack = 1 << 16;

enum State { AT_WARP, AT_BLOCK, DONE };

struct Fiber {
  ucontext_t here;
  State state;
  alignas(64) char stack[kStack];
};

inline Fiber fibers[kMost];
inline ucontext_t scheduler;
inline std::function<void()> body;
inline bool descending = false;

struct Place {
  unsigned x;
};

}  // namespace emulation

inline emulation::Place threadIdx, blockIdx, blockDim, gridDim;

namespace emulation {

inline void wait(State state) {
  fibers[threadIdx.x].state = state;
  swapcontext(&fibers[threadIdx.x].here, &scheduler);
}

}  // namespace emulation

inline void __syncthreads() { emulation::wait(emulation::AT_BLOCK); }

// All threads of a warp take part.
template <class T>
T __shfl_xor_sync(unsigned, T x, int lane) {
  static T given[emulation::kMost];
  given[threadIdx.x] = x;
  emulation::wait(emulation::AT_WARP);
  const T taken = given[threadIdx.x ^ lane];
  emulation::wait(emulation::AT_WARP);
  return taken;
}

namespace emulation {

inline void enter() {
  body();
  fibers[threadIdx.x].state = DONE;
}

// Where the threads of a warp meet next: at a barrier of the block, or at their end. -1: some here, some there.
inline int run_warp(int first) {
  for (;;) {
    for (int turn = 0; turn < 32; ++turn) {
      threadIdx.x = first + (descending ? 31 - turn : turn);
      swapcontext(&scheduler, &fibers[threadIdx.x].here);
    }
    for (int k = 1; k < 32; ++k)
      if (fibers[first + k].state != fibers[first].state) return -1;
    if (fibers[first].state != AT_WARP) return fibers[first].state;
  }
}

// Returns whether all threads met at every barrier.
inline bool run_block() {
  const int threads = blockDim.x, warps = threads / 32;
  for (int k = 0; k < threads; ++k) {
    getcontext(&fibers[k].here);
    fibers[k].here.uc_stack.ss_sp = fibers[k].stack;
    fibers[k].here.uc_stack.ss_size = kStack;
    fibers[k].here.uc_link = &scheduler;
    makecontext(&fibers[k].here, enter, 0);
  }
  for (;;) {
    int ended = 0;
    for (int turn = 0; turn < warps; ++turn) {
      const int met = run_warp(32 * (descending ? warps - 1 - turn : turn));
      if (met < 0) return false;
      ended += met == DONE;
    }
    if (ended == warps) return true;
    if (ended > 0) return false;
  }
}

template <class... A, std::size_t... I>
int launch(void (*kernel)(A...), unsigned blocks, unsigned threads, void** arguments, std::index_sequence<I...>) {
  gridDim.x = blocks;
  blockDim.x = threads;
  body = [=] { kernel(*static_cast<A*>(arguments[I])...); };
  for (blockIdx.x = 0; blockIdx.x < blocks; ++blockIdx.x)
    if (!run_block()) return 1;
  return 0;
}

template <class... A>
int launch(void (*kernel)(A...), unsigned blocks, unsigned threads, void** arguments) {
  return launch(kernel, blocks, threads, arguments, std::index_sequence_for<A...>());
}

}  // namespace emulation

extern "C" void set_descending(int descending) { emulation::descending = descending; }

#define EMULATED(kernel)                                                                  \
  extern "C" int launch_##kernel(unsigned blocks, unsigned threads, void** arguments) { \
    return emulation::launch(kernel, blocks, threads, arguments);                         \
  }
