/* glibc 2.35 gave hypot a version of its own. Without it the floor is glibc 2.34; so this takes its place,
   linked with --wrap (scripts/build-engine). It may not call hypot, in no version: --wrap would lead that
   call back here, and it would never end. Numbers of 80 bits neither overflow nor vanish. */
__attribute__((visibility("hidden"))) double __wrap_hypot(double x, double y) {
  if (__builtin_isinf(x) || __builtin_isinf(y)) return __builtin_inf();
  long double a = x, b = y;
  return (double)__builtin_sqrtl(a * a + b * b);
}
__attribute__((visibility("hidden"))) float __wrap_hypotf(float x, float y) {
  return (float)__wrap_hypot(x, y);
}
