/* Eight threads call the library, in every way and again and again, with good arguments and bad ones:
   `threads CALLS MIB`. Prints wrong outcomes, and how much memory the process took on after the first
   quarter of the calls. More than MIB is a wrong outcome, too; 0 is no limit, for memory that is watched
   is kept for a while. The exit status is 1 when there was one. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "defib.h"

enum { THREADS = 8, KINDS = 10 };

static atomic_long calls;
static atomic_int failures;
static long limit;
static defib_run *shared;

static const char *text =
    "{\"format\": \"defib-run\", \"version\": 1, \"graph\": {\"inputs\": [\"x\"], \"outputs\": [\"o\"],"
    "\"parameters\": [{\"name\": \"w\", \"file\": \"weights/w.npy\"}],"
    "\"nodes\": [{\"op\": \"MatMul\", \"name\": \"o\", \"inputs\": [\"x\", \"w\"], \"outputs\": [\"o\"]}]},"
    "\"losses\": [{\"kind\": \"mse\", \"prediction\": \"o\", \"target\": \"y\"}],"
    "\"data\": {\"x\": \"data/x.npy\", \"y\": \"data/y.npy\"}, \"training\": {\"batch_size\": 2}}";

static void expect(int holds, const char *what) {
  if (holds) return;
  if (atomic_fetch_add(&failures, 1) >= 20) return;
  printf("%s (%s)\n", what, defib_last_error());
}

static int32_t stop(void *context, const char *stage, uint64_t done, uint64_t total) {
  (void)stage, (void)done, (void)total;
  return ++*(int *)context > 1;
}

static defib_array array(const char *path, const float *data, const int64_t *shape) {
  defib_array array;
  memset(&array, 0, sizeof array);
  array.size = sizeof array;
  array.path = path;
  array.data = data;
  array.dtype = "<f4";
  array.ndim = 2;
  array.shape = shape;
  return array;
}

/* Makes a run of the first arrays, lent, and of halves of the text. */
static defib_status make(size_t halves, size_t arrays, defib_run **run) {
  static const float numbers[8] = {1, -1, 0.5f, 2, 0, 3, -2, 1};
  static const int64_t x[2] = {4, 2}, w[2] = {2, 1}, y[2] = {4, 1};
  const defib_array lent[3] = {array("data/x.npy", numbers, x), array("weights/w.npy", numbers, w),
                               array("data/y.npy", numbers, y)};
  return defib_run_create(text, strlen(text) * halves / 2, lent, arrays, run);
}

/* One of the ways of calling; each makes five calls. */
static void call(int kind) {
  static const float numbers[8] = {1, -1, 0.5f, 2, 0, 3, -2, 1};
  static const int64_t x[2] = {4, 2};
  const defib_array lent = array("x", numbers, x);
  defib_run *run = NULL;
  defib_report *report = NULL;
  defib_text *made = NULL;
  defib_replay *replay = NULL;
  int told = 0;
  defib_options options;
  memset(&options, 0, sizeof options);
  options.size = sizeof options;
  options.workers = 1;
  options.context = &told;

  switch (kind) {
  case 0:
    expect(make(2, 3, &run) == DEFIB_OK, "a run");
    break;
  case 1:
    expect(make(1, 3, &run) == DEFIB_INVALID_RUN, "half a run");
    expect(strstr(defib_last_error(), "JSON") != NULL, "the message is that of this thread");
    break;
  case 2:
    expect(defib_replay_run(shared, &options, &replay) == DEFIB_OK, "a replay");
    expect(defib_replay_count(replay, DEFIB_OUTPUTS) == 1, "an output");
    break;
  case 3:
    expect(defib_vitals(shared, &options, &made) == DEFIB_OK, "vitals");
    break;
  case 4:
    options.progress = stop;
    expect(defib_replay_run(shared, &options, &replay) != DEFIB_INVALID_RUN, "a stopped replay");
    break;
  case 5:
    expect(defib_inspect_array(&lent, &options, &made) == DEFIB_OK, "an inspection");
    expect(defib_text_size(made) > 10, "its text");
    break;
  case 6:
    expect(defib_inspect("no/such.npy", &options, &made) == DEFIB_INVALID_RUN, "no file");
    expect(strstr(defib_last_error(), "no/such.npy") != NULL, "the message names the file");
    break;
  case 7:
    expect(defib_report_read(text, strlen(text), &report) == DEFIB_INVALID_ARGUMENT, "no report");
    break;
  case 8:
    expect(defib_vitals((defib_run *)&told, NULL, &made) == DEFIB_INVALID_ARGUMENT, "no handle");
    break;
  default:
    expect(make(2, 2, &run) == DEFIB_INVALID_RUN, "no y");
    break;
  }
  defib_run_free(run);
  defib_run_free(run);
  defib_replay_free(replay);
  defib_text_free(made);
  atomic_fetch_add(&calls, 5);
}

static void *work(void *first) {
  int kind = (int)(intptr_t)first;
  while (atomic_load(&calls) < limit) call(kind++ % KINDS);
  return NULL;
}

/* Runs all threads until there are so many calls. */
static void run_threads(long until) {
  pthread_t threads[THREADS];
  limit = until;
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&threads[i], NULL, work, (void *)(intptr_t)i) != 0) exit(99);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
}

/* Bytes of memory that the process holds. */
static long held(void) {
  long pages = 0, ignored = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%ld %ld", &ignored, &pages) != 2) exit(98);
  fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

int main(int argc, char **argv) {
  if (argc != 3) return 64;
  long wanted = atol(argv[1]), most = atol(argv[2]);
  expect(make(2, 3, &shared) == DEFIB_OK, "a run for all");
  run_threads(wanted / 4);
  long before = held();
  run_threads(wanted);
  long growth = held() - before;
  defib_run_free(shared);
  printf("%ld calls, %ld KiB more than after the first quarter\n", atomic_load(&calls), growth / 1024);
  expect(most == 0 || growth < most << 20, "memory grows");
  return failures != 0;
}
