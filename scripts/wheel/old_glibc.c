/* glibc 2.35 gave hypot a version of its own, without the error number that nobody here reads. Binding to
   the one before keeps the floor at glibc 2.34. Linked with --wrap (scripts/build-engine). */
__asm__(".symver older_hypot, hypot@GLIBC_2.2.5");
__asm__(".symver older_hypotf, hypotf@GLIBC_2.2.5");
extern double older_hypot(double x, double y);
extern float older_hypotf(float x, float y);

__attribute__((visibility("hidden"))) double __wrap_hypot(double x, double y) {
  return older_hypot(x, y);
}
__attribute__((visibility("hidden"))) float __wrap_hypotf(float x, float y) {
  return older_hypotf(x, y);
}
