// The calls of cuBLAS that the suite makes, by their definition: matrices are stored column after column.
#include <cstddef>

namespace products {

inline int mode = -1;


template <class T>
int multiply(int turn_a, int turn_b, int m, int n, int k, const T* alpha, const T* A, int lda, long long stride_a,
             const T* B, int ldb, long long stride_b, const T* beta, T* C, int ldc, long long stride_c, int batch) {

  if (m < 0 || n < 0 || k < 0 || lda < (turn_a ? k : m) || ldb < (turn_b ? n : k) || ldc < m) return 7;  // CUBLAS_STATUS_INVALID_VALUE
  for (int r = 0; r < batch; ++r, A += stride_a, B += stride_b, C += stride_c)
    for (int j = 0; j < n; ++j)
      for (int i = 0; i < m; ++i) {
        T sum = 0;
        for (int l = 0; l < k; ++l)
          sum += (turn_a ? A[l + std::size_t(i) * lda] : A[i + std::size_t(l) * lda]) *
                 (turn_b ? B[j + std::size_t(l) * ldb] : B[l + std::size_t(j) * ldb]);
        T& c = C[i + std::size_t(j) * ldc];
        c = *alpha * sum + (*beta == 0 ? T(0) : *beta * c);
      }
  return 0;
}

}  // namespace products

#define GEMM(name, T)                                                                                                 \
  extern "C" int name(void*, int ta, int tb, int m, int n, int k, const T* alpha, const T* A, int lda, long long sa,  \
                      const T* B, int ldb, long long sb, const T* beta, T* C, int ldc, long long sc, int batch) {     \
    return products::multiply(ta, tb, m, n, k, alpha, A, lda, sa, B, ldb, sb, beta, C, ldc, sc, batch);               \
  }
GEMM(cublasSgemmStridedBatched, float)
GEMM(cublasDgemmStridedBatched, double)

extern "C" int cublasCreate_v2(void** handle) { return *handle = &products::mode, 0; }
extern "C" int cublasSetStream_v2(void*, void*) { return 0; }
extern "C" int cublasSetMathMode(void*, int mode) { return products::mode = mode, 0; }
extern "C" int cublasSetWorkspace_v2(void*, void*, std::size_t) { return 0; }
extern "C" int math_mode() { return products::mode; }
