#include "error.h"

#include <string.h>

/* Fixed, so that even a thread without memory left can say what happened. */
static _Thread_local char slot[4096];

const char *defib_last_error(void) { return slot; }

void engine_set_error(const char *message, size_t size) {
  if (message == NULL) size = 0;
  if (size >= sizeof slot) {
    size = sizeof slot - 1;
    /* Bytes 10xxxxxx go on with a character of UTF-8 that began before. */
    while (size > 0 && ((unsigned char)message[size] & 0xC0) == 0x80) size--;
  }
  if (size > 0) memcpy(slot, message, size);
  slot[size] = '\0';
}
