// Marks of functions that run on the device; the host program reads the structs of this library without them.
#pragma once

#if defined(__CUDACC__)
#define WS_DEVICE __device__ __forceinline__
#else
#define WS_DEVICE inline
#endif
