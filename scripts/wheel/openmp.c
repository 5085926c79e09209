/* What Debian's oneDNN takes from OpenMP, done by the thread that asks. Defib shares work among its own
   threads and wants one thread in a product; so the wheel needs no pool of threads beside PyTorch's. */
void GOMP_parallel(void (*work)(void *), void *data, unsigned threads, unsigned flags) {
  (void)threads;
  (void)flags;
  work(data);
}
void GOMP_barrier(void) {}
int omp_get_max_threads(void) { return 1; }
int omp_get_num_threads(void) { return 1; }
int omp_get_thread_num(void) { return 0; }
int omp_in_parallel(void) { return 0; }
void omp_set_num_threads(int threads) { (void)threads; }
