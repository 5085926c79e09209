#ifndef DEFIB_H
#define DEFIB_H
#endif
