#include "defib.h"
