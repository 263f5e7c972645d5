// CUDA's model of a block on the host: one fiber for each thread, resumed in turn from barrier to barrier.
//
// Barriers are exact: a thread that ends or waits alone is an error. Threads run in ascending or descending order, so
// that a missing barrier shows as a result that depends on the order.
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

struct Fiber {
  ucontext_t here;
  bool done;
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

inline void __syncthreads() { swapcontext(&emulation::fibers[threadIdx.x].here, &emulation::scheduler); }

// All threads of a block take part, which is more than CUDA asks for.
template <class T>
T __shfl_xor_sync(unsigned, T x, int lane) {
  static T given[emulation::kMost];
  given[threadIdx.x] = x;
  __syncthreads();
  const T taken = given[threadIdx.x ^ lane];
  __syncthreads();
  return taken;
}

namespace emulation {

inline void enter() {
  body();
  fibers[threadIdx.x].done = true;
}

// Returns whether all threads met at every barrier.
inline bool run_block() {
  const int threads = blockDim.x;
  for (int k = 0; k < threads; ++k) {
    getcontext(&fibers[k].here);
    fibers[k].here.uc_stack.ss_sp = fibers[k].stack;
    fibers[k].here.uc_stack.ss_size = kStack;
    fibers[k].here.uc_link = &scheduler;
    fibers[k].done = false;
    makecontext(&fibers[k].here, enter, 0);
  }
  for (;;) {
    int ended = 0;
    for (int turn = 0; turn < threads; ++turn) {
      threadIdx.x = descending ? threads - 1 - turn : turn;
      swapcontext(&scheduler, &fibers[threadIdx.x].here);
      ended += fibers[threadIdx.x].done;
    }
    if (ended == threads) return true;
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
