/* A program in C that checks a run: check_run RUN prints the report, and ends with 1 for a fault.

   cc -I Sources/CEngine/include examples/use/check_run.c bin/libdefib.so -Wl,-rpath,$PWD/bin */

#include <stdio.h>
#include <string.h>

#include "defib.h"

static int fail(void) {
  fprintf(stderr, "check_run: %s\n", defib_last_error());
  return 2;
}

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: check_run RUN\n");
    return 64;
  }
  defib_run *run = NULL;
  defib_report *report = NULL;
  defib_text *text = NULL;
  defib_text *lines = NULL;
  if (defib_run_open(arguments[1], &run) != DEFIB_OK) return fail();
  if (defib_check(run, NULL, &report) != DEFIB_OK) return fail();
  if (defib_report_render(report, "text", &text) != DEFIB_OK) return fail();
  if (defib_report_render(report, "concise", &lines) != DEFIB_OK) return fail();
  puts(defib_text_data(text));
  int faulty = strstr(defib_text_data(lines), "error") != NULL;
  defib_text_free(lines);
  defib_text_free(text);
  defib_report_free(report);
  defib_run_free(run);
  return faulty;
}
