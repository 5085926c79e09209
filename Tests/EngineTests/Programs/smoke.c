/* What a caller in C does: open a run, check it, replay it; and what none should do. Prints each
   wrong outcome; its exit status is their number. */
#include <stdio.h>
#include <string.h>

#include "defib.h"

static int failures = 0;

static void expect(int32_t got, int32_t wanted, const char *what) {
  if (got == wanted) return;
  failures++;
  printf("%s: got %d, expected %d (%s)\n", what, (int)got, (int)wanted, defib_last_error());
}

static int32_t count(void *context, const char *stage, uint64_t done, uint64_t total) {
  *(int *)context += 1;
  return stage[0] == '\0' || done > total;
}

static int32_t stop(void *context, const char *stage, uint64_t done, uint64_t total) {
  (void)context, (void)stage, (void)done, (void)total;
  return 1;
}

static void use(const char *path) {
  defib_run *run = NULL;
  defib_report *report = NULL;
  defib_replay *replay = NULL;
  defib_text *text = NULL;
  int calls = 0;
  defib_options options = {sizeof options, 2, 0, count, &calls, NULL, NULL, NULL, 0};

  expect(defib_run_open(path, &run), DEFIB_OK, "open");
  expect(defib_check(run, &options, &report), DEFIB_OK, "check");
  expect(calls > 0, 1, "progress is told");
  expect(defib_report_render(report, "json", &text), DEFIB_OK, "render");
  expect((int32_t)(strlen(defib_text_data(text)) == defib_text_size(text)), 1, "size of a text");
  printf("%s", defib_text_data(text));
  defib_text_free(text);
  defib_report_free(report);

  expect(defib_replay_run(run, NULL, &replay), DEFIB_OK, "replay");
  expect((int32_t)defib_replay_count(replay, DEFIB_OUTPUTS), 1, "outputs");
  defib_array array = {sizeof array, NULL, NULL, NULL, 0, NULL, NULL, 0, 0, NULL, NULL};
  expect(defib_replay_array(replay, DEFIB_OUTPUTS, 0, &array), DEFIB_OK, "output");
  expect(array.ndim == 2 && array.shape[0] == 64 && array.shape[1] == 1, 1, "shape");
  expect(strcmp(array.dtype, "<f4") == 0 && strcmp(array.path, "out") == 0, 1, "type and name");
  defib_replay_free(replay);

  options.progress = stop;
  expect(defib_replay_run(run, &options, &replay), DEFIB_CANCELLED, "stop");
  expect(replay == NULL, 1, "no replay after stop");
  defib_run_free(run);
  /* A handle that is not alive any more. */
  expect(defib_check(run, NULL, &report), DEFIB_INVALID_ARGUMENT, "freed run");
  defib_run_free(run);
}

static void abuse(void) {
  defib_run *run = NULL;
  defib_text *text = NULL;
  defib_array array;
  memset(&array, 0xFF, sizeof array);

  expect(defib_run_open(NULL, NULL), DEFIB_INVALID_ARGUMENT, "open nothing");
  expect(defib_run_open("no/such/run", &run), DEFIB_INVALID_RUN, "open what is not there");
  expect(strstr(defib_last_error(), "no/such/run") != NULL, 1, "the message names the run");
  expect(defib_run_create(NULL, 0, NULL, 0, &run), DEFIB_INVALID_ARGUMENT, "no text");
  expect(defib_run_create("{}", SIZE_MAX, NULL, 0, &run), DEFIB_INVALID_ARGUMENT, "huge text");
  expect(defib_run_create("{}", 2, NULL, 3, &run), DEFIB_INVALID_ARGUMENT, "no arrays");
  expect(defib_run_create("{}", 2, &array, SIZE_MAX, &run), DEFIB_INVALID_ARGUMENT, "huge count");
  expect(defib_run_create("{}", 2, &array, 1, &run), DEFIB_INVALID_ARGUMENT, "garbage array");
  expect(defib_check(NULL, NULL, NULL), DEFIB_INVALID_ARGUMENT, "check nothing");
  expect(defib_report_render(NULL, NULL, NULL), DEFIB_INVALID_ARGUMENT, "render nothing");
  expect(defib_replay_run(NULL, NULL, NULL), DEFIB_INVALID_ARGUMENT, "replay nothing");
  expect((int32_t)defib_replay_count(NULL, -1), 0, "count nothing");
  expect(defib_replay_array(NULL, -1, SIZE_MAX, NULL), DEFIB_INVALID_ARGUMENT, "array of nothing");
  expect(defib_vitals(NULL, NULL, NULL), DEFIB_INVALID_ARGUMENT, "vitals of nothing");
  expect(defib_inspect(NULL, NULL, NULL), DEFIB_INVALID_ARGUMENT, "inspect nothing");
  expect(defib_inspect("no/such.npy", NULL, &text), DEFIB_INVALID_RUN, "inspect a missing file");
  expect(defib_catalogue(NULL), DEFIB_INVALID_ARGUMENT, "catalogue to nowhere");
  expect(defib_text_data(NULL) == NULL, 1, "bytes of nothing");
  expect((int32_t)defib_text_size(NULL), 0, "size of nothing");
  defib_text_free(NULL);
  defib_run_free(NULL);
  defib_report_free(NULL);
  defib_replay_free(NULL);
  defib_run_free((defib_run *)&array);
  expect(run == NULL && text == NULL, 1, "nothing comes out of a failed call");
}

int main(int argc, char **argv) {
  if (argc != 2) return 64;
  expect((int32_t)(defib_abi_version() >> 16), 1, "major version");
  expect(strlen(defib_version()) > 0, 1, "release");
  expect(defib_last_error()[0] == '\0', 1, "no error yet");
  use(argv[1]);
  abuse();
  return failures;
}
