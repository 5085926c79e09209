/* The header by itself, as C and as C++, with every warning an error. */
#include "defib.h"

int main(void) {
  defib_options options = {sizeof(defib_options), 0, 0, NULL, NULL, NULL, NULL, NULL, 0};
  defib_array array = {sizeof(defib_array), NULL, NULL, NULL, 0, NULL, NULL, 0, 0, NULL, NULL};
  return options.size > 0 && array.size > 0 ? DEFIB_OK : DEFIB_SYSTEM;
}
