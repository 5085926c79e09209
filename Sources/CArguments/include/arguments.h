#ifndef DEFIB_ARGUMENTS_H
#define DEFIB_ARGUMENTS_H

/* The arguments that this process was started with, its name first. Swift's CommandLine reads them from
   /proc/self/cmdline, and has none where /proc is not mounted; this is what main is given. */
int arguments_count(void);
const char *const *arguments_values(void);

#endif
