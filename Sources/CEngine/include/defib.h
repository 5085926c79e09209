/* defib.h - the C interface of Defib, and its contract.

   A run (graph, weights, data, training settings) goes in; a report, a replay or the vitals come
   out. Every function may be called from any thread. A handle is immutable once made, so several
   threads may read one handle at a time; each handle is ended once, by its own _free, which
   accepts NULL. A handle is a number in the guise of a pointer: one that was freed before or is of
   another kind gets a status, too.

   Every call that can fail returns a defib_status and writes its result through an out-pointer,
   which is set to NULL first. What went wrong is read with defib_last_error() on the same thread.
   Whatever a caller passes gets a status, never a trap. */

#ifndef DEFIB_H
#define DEFIB_H

#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#define DEFIB_NONNULL _Nonnull
#define DEFIB_NULLABLE _Nullable
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#else
#define DEFIB_NONNULL
#define DEFIB_NULLABLE
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What a call ended with. */
typedef int32_t defib_status;
enum {
  DEFIB_OK = 0,
  /* An argument is NULL, negative, too large or unknown. */
  DEFIB_INVALID_ARGUMENT = 1,
  /* The run, a file or an array could not be read: missing, damaged, or not what was promised. */
  DEFIB_INVALID_RUN = 2,
  /* The run was read, but cannot be replayed: an operator, a loss or a shape does not fit. */
  DEFIB_CANNOT_REPLAY = 3,
  /* The progress callback asked to stop. */
  DEFIB_CANCELLED = 4,
  /* Memory or another resource of the system ran out. */
  DEFIB_SYSTEM = 5
};

/* (major << 16) | minor. Within a major version names are only added. */
uint32_t defib_abi_version(void);

/* The release of the engine, such as "0.1.0"; static storage. */
const char *DEFIB_NONNULL defib_version(void);

/* The message of the last call that failed on this thread, in UTF-8; "" when there was none.
   Valid until the next call on this thread. */
const char *DEFIB_NONNULL defib_last_error(void);

/* ---- Text -------------------------------------------------------------------------------- */

/* A text owned by the library: JSON, HTML, plain; or bytes, where a function says so. */
typedef struct defib_text defib_text;

/* The bytes, in UTF-8 and ended by a 0; they live as long as the handle. NULL for NULL. */
const char *DEFIB_NULLABLE defib_text_data(const defib_text *DEFIB_NULLABLE text);
/* How many bytes, without the final 0. */
size_t defib_text_size(const defib_text *DEFIB_NULLABLE text);
void defib_text_free(defib_text *DEFIB_NULLABLE text);

/* ---- Runs -------------------------------------------------------------------------------- */

/* A run: opened and validated, nothing replayed yet. */
typedef struct defib_run defib_run;

/* Brings rows of an array that is not in memory: `count` rows, whose places are in `rows`, go to
   `target` one after the other, as float32 in C order. Called on threads of the library, by one at
   a time. Return 0; anything else means that the rows cannot be had. */
typedef int32_t (*defib_read)(void *DEFIB_NULLABLE context, const int64_t *DEFIB_NONNULL rows,
                              size_t count, float *DEFIB_NONNULL target);

/* One borrowed array of an in-memory run. It must outlive the run that it was given to. */
typedef struct defib_array {
  /* sizeof(defib_array), for versions to come. */
  size_t size;
  /* The path by which run.json names it, such as "weights/fc1.weight.npy". */
  const char *DEFIB_NULLABLE path;
  /* The element at index (0, ..., 0); may be NULL for an array without elements. */
  const void *DEFIB_NULLABLE data;
  /* NumPy's type string, such as "<f4", ">i8", "|b1". */
  const char *DEFIB_NULLABLE dtype;
  size_t ndim;
  /* ndim lengths, and ndim distances in bytes (negative ones allowed; NULL: C order). */
  const int64_t *DEFIB_NULLABLE shape;
  const int64_t *DEFIB_NULLABLE strides;
  /* Since 1.1. Not zero: the array has so many rows, of which `data` holds those from `first_row`
     on. Several entries with one path are parts of one array, and may leave gaps; a row that no
     entry holds is an error when it is read. */
  int64_t total_rows;
  int64_t first_row;
  /* Since 1.1. Where `data` is NULL: brings the rows, all of which `shape` counts. */
  defib_read DEFIB_NULLABLE read;
  void *DEFIB_NULLABLE context;
} defib_array;

/* Opens the run in the folder `path` (UTF-8). */
defib_status defib_run_open(const char *DEFIB_NULLABLE path,
                            defib_run *DEFIB_NULLABLE *DEFIB_NULLABLE run);

/* Makes a run of the text of a run.json and the `count` arrays that it names. The text is copied,
   the arrays are borrowed. */
defib_status defib_run_create(const char *DEFIB_NULLABLE json, size_t json_size,
                              const defib_array *DEFIB_NULLABLE arrays, size_t count,
                              defib_run *DEFIB_NULLABLE *DEFIB_NULLABLE run);

void defib_run_free(defib_run *DEFIB_NULLABLE run);

/* ---- Options ----------------------------------------------------------------------------- */

/* Called now and then, at least once a call, on the thread that made the call: the work is done on
   others. `done` of `total` are work units of the stage named `stage`. Return 0 to go on; anything
   else stops the call with DEFIB_CANCELLED. */
typedef int32_t (*defib_progress)(void *DEFIB_NULLABLE context, const char *DEFIB_NONNULL stage,
                                  uint64_t done, uint64_t total);

typedef struct defib_shards defib_shards;

/* What is asked of an executor: all lanes of one pass over the data. Everything in it lives until
   the executor returns. */
typedef struct defib_shard_request {
  /* sizeof(defib_shard_request), for versions to come. */
  size_t size;
  /* What the pass is called, for people. */
  const char *DEFIB_NULLABLE stage;
  /* The pass, for defib_shard_run. */
  const void *DEFIB_NULLABLE pass;
  size_t pass_size;
  /* How many lanes there are: 0 to `lanes` - 1. */
  size_t lanes;
  /* For each lane the first row of the data that it reads, and the one behind the last. */
  const int64_t *DEFIB_NULLABLE rows;
  /* The arrays of which it reads them, by the paths that run.json names. */
  const char *DEFIB_NULLABLE const *DEFIB_NULLABLE paths;
  size_t path_count;
  /* For defib_shards_deliver. */
  defib_shards *DEFIB_NULLABLE shards;
} defib_shard_request;

/* Has all lanes of a pass done by defib_shard_run, in other processes or on other machines, and
   delivers what that gave. Called on the thread that made the call, and not told of progress
   meanwhile. Return 0 when every lane is delivered; anything else stops the call with
   DEFIB_CANCELLED. */
typedef int32_t (*defib_executor)(void *DEFIB_NULLABLE context,
                                  const defib_shard_request *DEFIB_NONNULL request);

/* Zero means the default in every field. */
typedef struct defib_options {
  /* sizeof(defib_options), for versions to come; a shorter one is filled up with zeros. */
  size_t size;
  /* Threads to replay on; 0: one per core. The result does not depend on it. */
  int32_t workers;
  /* Not zero: replay the weights of before the training. Not for a check, which looks at both. */
  int32_t initial;
  defib_progress DEFIB_NULLABLE progress;
  void *DEFIB_NULLABLE context;
  /* Settings of the check as JSON text, {"select": [...], "ignore": [...], "set":
     {"rule.option": number}, "cure": true, "effort": number}; NULL: none. Other calls do not look at
     them. "cure", since 1.4, looks for what cures the run; "effort", since 1.6, is how much trials of the
     training may compute, as a factor of the usual. */
  const char *DEFIB_NULLABLE settings;
  /* Since 1.1. Does the passes over the data, for a check and for vitals; the result does not depend
     on it. NULL: threads of this process. Other calls do not look at it. */
  defib_executor DEFIB_NULLABLE executor;
  void *DEFIB_NULLABLE executor_context;
  /* Since 1.2. The most bytes that a check, a replay or vitals may take, added up before anything is
     allocated; more end with DEFIB_SYSTEM. 0: three quarters of what the process may have. */
  uint64_t memory;
} defib_options;

/* ---- Opening, with options --------------------------------------------------------------- */

/* The same as defib_run_open and defib_run_create, and can be stopped by options->progress, which is
   told of no stages but "opening". Since 1.2. */
defib_status defib_run_open_with(const char *DEFIB_NULLABLE path,
                                 const defib_options *DEFIB_NULLABLE options,
                                 defib_run *DEFIB_NULLABLE *DEFIB_NULLABLE run);

defib_status defib_run_create_with(const char *DEFIB_NULLABLE json, size_t json_size,
                                   const defib_array *DEFIB_NULLABLE arrays, size_t count,
                                   const defib_options *DEFIB_NULLABLE options,
                                   defib_run *DEFIB_NULLABLE *DEFIB_NULLABLE run);

/* ---- Shards ------------------------------------------------------------------------------ */

/* Does `count` lanes of a pass from `first` on, for a call that another process has made on the same
   run: opened from the same run.json, with at least the rows that these lanes read. Gives bytes for
   defib_shards_deliver; an error that a lane ends with is inside of them. Since 1.1. */
defib_status defib_shard_run(const defib_run *DEFIB_NULLABLE run, const void *DEFIB_NULLABLE pass,
                             size_t pass_size, size_t first, size_t count,
                             const defib_options *DEFIB_NULLABLE options,
                             defib_text *DEFIB_NULLABLE *DEFIB_NULLABLE bytes);

/* Takes the bytes that defib_shard_run gave, for lanes in any order; any thread may call it until
   the executor returns. A lane that has arrived before is left out. Bytes that are damaged, or of
   another pass, are DEFIB_INVALID_ARGUMENT, and the lanes may be done again. Since 1.1. */
defib_status defib_shards_deliver(defib_shards *DEFIB_NULLABLE shards,
                                  const void *DEFIB_NULLABLE bytes, size_t size);

/* ---- The diagnosis ----------------------------------------------------------------------- */

/* Replays the run, applies the rules and finds the causes. */
typedef struct defib_report defib_report;

defib_status defib_check(const defib_run *DEFIB_NULLABLE run,
                         const defib_options *DEFIB_NULLABLE options,
                         defib_report *DEFIB_NULLABLE *DEFIB_NULLABLE report);

/* Takes a report that was rendered as "json", by this engine or another, to render it in other formats.
   Since 1.3. */
defib_status defib_report_read(const char *DEFIB_NULLABLE json, size_t json_size,
                               defib_report *DEFIB_NULLABLE *DEFIB_NULLABLE report);

/* The report as "text", as "json" (docs/report-format.md), or since 1.3 in another format of
   'defib check' (docs/cli.md). */
defib_status defib_report_render(const defib_report *DEFIB_NULLABLE report,
                                 const char *DEFIB_NULLABLE format,
                                 defib_text *DEFIB_NULLABLE *DEFIB_NULLABLE text);

/* How many arrays of weights the cure of a report has: those that one of the trainings ended with that
   prove it. 0 where no cure was asked for (settings {"cure": true}), or none helps, and for NULL. Since
   1.4. */
size_t defib_report_weight_count(const defib_report *DEFIB_NULLABLE report);

/* Describes array `index` of them; the caller sets array->size before. Path (the parameter's name), data
   and shape belong to the report; strides are NULL, for C order. Since 1.4. */
defib_status defib_report_weight(const defib_report *DEFIB_NULLABLE report, size_t index,
                                 defib_array *DEFIB_NULLABLE array);

void defib_report_free(defib_report *DEFIB_NULLABLE report);

/* ---- Replay and vitals ------------------------------------------------------------------- */

/* Outputs, losses and parameter gradients of one replay over all samples. */
typedef struct defib_replay defib_replay;

defib_status defib_replay_run(const defib_run *DEFIB_NULLABLE run,
                              const defib_options *DEFIB_NULLABLE options,
                              defib_replay *DEFIB_NULLABLE *DEFIB_NULLABLE replay);

/* Which arrays a replay holds. */
typedef int32_t defib_replay_kind;
enum {
  /* An output of the graph, float32, one row per sample. */
  DEFIB_OUTPUTS = 0,
  /* The gradient of the total loss, penalties included, for a parameter: float32, in its own
   * shape. */
  DEFIB_GRADIENTS = 1,
  /* Each loss on its own, without its weight in the total, and behind them "penalty" when the
   * training has penalties on parameters: float64, one element. */
  DEFIB_LOSSES = 2
};

/* How many arrays of that kind; 0 for NULL or an unknown kind. */
size_t defib_replay_count(const defib_replay *DEFIB_NULLABLE replay, defib_replay_kind kind);

/* Describes array `index` of that kind; the caller sets array->size before. Path (the name), data
   and shape belong to the replay; strides are NULL, for C order. */
defib_status defib_replay_array(const defib_replay *DEFIB_NULLABLE replay, defib_replay_kind kind,
                                size_t index, defib_array *DEFIB_NULLABLE array);

void defib_replay_free(defib_replay *DEFIB_NULLABLE replay);

/* The measurements of one replay alone, as JSON (docs/vitals-format.md). */
defib_status defib_vitals(const defib_run *DEFIB_NULLABLE run,
                          const defib_options *DEFIB_NULLABLE options,
                          defib_text *DEFIB_NULLABLE *DEFIB_NULLABLE vitals);

/* ---- Inspection and catalogue ------------------------------------------------------------ */

/* What the inspector shows of one .npy, .npz or .safetensors file, as JSON (docs/format-npy.md). Since 1.6
   options->settings may be {"quantiles": true}. */
defib_status defib_inspect(const char *DEFIB_NULLABLE path,
                           const defib_options *DEFIB_NULLABLE options,
                           defib_text *DEFIB_NULLABLE *DEFIB_NULLABLE inspection);

/* The same for an array in memory, whose path is what it is called; it is borrowed for the call. Since
   1.6. */
defib_status defib_inspect_array(const defib_array *DEFIB_NULLABLE array,
                                 const defib_options *DEFIB_NULLABLE options,
                                 defib_text *DEFIB_NULLABLE *DEFIB_NULLABLE inspection);

/* Every rule with its texts and thresholds, operators and losses, as JSON. */
defib_status defib_catalogue(defib_text *DEFIB_NULLABLE *DEFIB_NULLABLE catalogue);

/* ---- Commands ---------------------------------------------------------------------------- */

/* Does what the command "defib" does with these arguments, or "npyinspect" where arguments[0] ends
   in that name, and returns its exit status (docs/cli.md): 64 for arguments that are missing. It
   writes to the standard output and the standard error of the process. Since 1.5. */
int32_t defib_command_run(int32_t count,
                          const char *DEFIB_NULLABLE const *DEFIB_NULLABLE arguments);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif
