/* Which level of x86-64 this processor and its system offer: 4, 3, 2, or 1 for what has no SSE4.2.
   Built for the first processors of the kind, so that it can say so on any. */
int defib_cpu_level(void) {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return 4;
  if (__builtin_cpu_supports("x86-64-v3")) return 3;
  if (__builtin_cpu_supports("x86-64-v2")) return 2;
  return 1;
}
